//! `Policies` of a function: names and ARNs of managed policies, policy documents, and SAM's policy
//! templates.

use serde_json::{Map, Value, json};

use super::super::functions::intrinsic;
use super::{Outcome, Sam};

/// Managed policies that live under a path.
const SERVICE_ROLES: [&str; 9] = [
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaENIManagementAccess",
    "AWSLambdaRole",
    "AmazonAPIGatewayPushToCloudWatchLogs",
    "AmazonRDSEnhancedMonitoringRole",
];
/// Managed policies that templates of serverless applications commonly name.
const MANAGED: [&str; 31] = [
    "AdministratorAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecurityAudit",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "AWSXrayWriteOnlyAccess",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayReadOnlyAccess",
    "AmazonAPIGatewayInvokeFullAccess",
    "AmazonCognitoPowerUser",
    "AmazonCognitoReadOnly",
    "AmazonDynamoDBFullAccess",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonEC2ReadOnlyAccess",
    "AmazonEventBridgeFullAccess",
    "AmazonRDSDataFullAccess",
    "AmazonRDSReadOnlyAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSNSFullAccess",
    "AmazonSQSFullAccess",
    "AmazonSSMReadOnlyAccess",
    "AmazonVerifiedPermissionsReadOnlyAccess",
    "AWSLambdaExecute",
    "AWSLambda_FullAccess",
    "AWSLambda_ReadOnlyAccess",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
    "CloudWatchLogsFullAccess",
    "SecretsManagerReadWrite",
    "AmazonAPIGatewayAdministrator",
];

/// ARN of a managed policy; an ARN, and a name that isn't known, stay as they are.
pub(super) fn managed(name: &str) -> String {
    if SERVICE_ROLES.contains(&name) {
        format!("arn:aws:iam::aws:policy/service-role/{name}")
    } else if MANAGED.contains(&name) {
        format!("arn:aws:iam::aws:policy/{name}")
    } else {
        name.to_owned()
    }
}

/// Adds the function's policies to its role: ARNs, and documents named after the role.
pub(super) fn add(
    sam: &Sam<'_>,
    policies: Option<&Value>,
    role: &str,
    arns: &mut Vec<Value>,
    documents: &mut Vec<Value>,
) -> Outcome<()> {
    let Some(policies) = policies else { return Ok(()) };
    let resolved = sam.with_parameters(policies);
    let list = match &resolved {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    for (index, policy) in list.iter().enumerate() {
        match policy {
            Value::String(name) => {
                let arn = Value::from(managed(name));
                if !arns.contains(&arn) {
                    arns.push(arn);
                }
            }
            Value::Object(map) if map.contains_key("Statement") => {
                documents.push(
                    json!({"PolicyName": format!("{role}Policy{index}"), "PolicyDocument": map}),
                );
            }
            Value::Object(map) if intrinsic(map).is_some() => arns.push(policy.clone()),
            Value::Object(map) if map.len() == 1 => {
                let document = template(map, index)?;
                documents.push(json!({"PolicyName": format!("{role}Policy{index}"), "PolicyDocument": document}));
            }
            _ => {
                return Err(format!(
                    "Policy at index {index} in the 'Policies' property is not valid"
                ));
            }
        }
    }
    Ok(())
}

/// Actions and resources of a policy template; `{}` stands for its parameter.
type Statement = (&'static [&'static str], &'static [&'static str]);

const CRUD: &[&str] = &[
    "dynamodb:GetItem",
    "dynamodb:DeleteItem",
    "dynamodb:PutItem",
    "dynamodb:Scan",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:BatchGetItem",
    "dynamodb:DescribeTable",
    "dynamodb:ConditionCheckItem",
];
const TABLE: &[&str] = &[
    "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/{}",
    "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/{}/index/*",
];
const BUCKET: &[&str] = &["arn:${AWS::Partition}:s3:::{}", "arn:${AWS::Partition}:s3:::{}/*"];
const SSM: &[&str] = &["arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/{}"];

/// Policy templates: name, parameter, statements.
static TEMPLATES: [(&str, Option<&str>, &[Statement]); 12] = [
    (
        "VPCAccessPolicy",
        None,
        &[(
            &[
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DetachNetworkInterface",
            ],
            &["*"],
        )],
    ),
    ("DynamoDBCrudPolicy", Some("TableName"), &[(CRUD, TABLE)]),
    (
        "DynamoDBReadPolicy",
        Some("TableName"),
        &[(
            &[
                "dynamodb:GetItem",
                "dynamodb:Scan",
                "dynamodb:Query",
                "dynamodb:BatchGetItem",
                "dynamodb:DescribeTable",
            ],
            TABLE,
        )],
    ),
    (
        "DynamoDBWritePolicy",
        Some("TableName"),
        &[(&["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"], TABLE)],
    ),
    (
        "S3ReadPolicy",
        Some("BucketName"),
        &[(
            &[
                "s3:GetObject",
                "s3:ListBucket",
                "s3:GetBucketLocation",
                "s3:GetObjectVersion",
                "s3:GetLifecycleConfiguration",
            ],
            BUCKET,
        )],
    ),
    (
        "S3CrudPolicy",
        Some("BucketName"),
        &[(
            &[
                "s3:GetObject",
                "s3:ListBucket",
                "s3:GetBucketLocation",
                "s3:GetObjectVersion",
                "s3:PutObject",
                "s3:PutObjectAcl",
                "s3:GetLifecycleConfiguration",
                "s3:PutLifecycleConfiguration",
                "s3:DeleteObject",
            ],
            BUCKET,
        )],
    ),
    (
        "LambdaInvokePolicy",
        Some("FunctionName"),
        &[(
            &["lambda:InvokeFunction"],
            &["arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:{}*"],
        )],
    ),
    (
        "AWSSecretsManagerGetSecretValuePolicy",
        Some("SecretArn"),
        &[(&["secretsmanager:GetSecretValue"], &["{}"])],
    ),
    ("CloudWatchPutMetricPolicy", None, &[(&["cloudwatch:PutMetricData"], &["*"])]),
    (
        "SQSSendMessagePolicy",
        Some("QueueName"),
        &[(
            &["sqs:SendMessage*"],
            &["arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:{}"],
        )],
    ),
    (
        "SNSPublishMessagePolicy",
        Some("TopicName"),
        &[(&["sns:Publish"], &["arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:{}"])],
    ),
    (
        "SSMParameterReadPolicy",
        Some("ParameterName"),
        &[
            (&["ssm:DescribeParameters"], &["*"]),
            (&["ssm:GetParameters", "ssm:GetParameter", "ssm:GetParametersByPath"], SSM),
        ],
    ),
];

fn template(map: &Map<String, Value>, index: usize) -> Outcome<Value> {
    let Some((name, given)) = map.iter().next() else { return Err("empty policy".to_owned()) };
    let Some((_, parameter, statements)) = TEMPLATES.iter().find(|(known, ..)| known == name)
    else {
        return Err(format!(
            "Policy at index {index} in the 'Policies' property is not valid: the practice account's transform doesn't know {name}"
        ));
    };
    let given = given.as_object().ok_or_else(|| {
        format!("Must specify valid parameter values for policy template '{name}'")
    })?;
    let value = match parameter {
        None => Value::Null,
        Some(parameter) => given.get(*parameter).cloned().ok_or_else(|| {
            format!("Following required parameters of policy template '{name}' don't have values: [\"{parameter}\"]")
        })?,
    };
    let variable = parameter.map(|parameter| {
        let mut letters = parameter.chars();
        letters
            .next()
            .map(|first| first.to_lowercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    });
    let resource = |pattern: &str| match &variable {
        Some(variable) if pattern.contains("{}") => {
            let text = pattern.replace("{}", &format!("${{{variable}}}"));
            json!({"Fn::Sub": [text, {variable: value}]})
        }
        _ => Value::from(pattern),
    };
    let statements: Vec<Value> = statements
        .iter()
        .map(|(actions, patterns)| {
            let resource = match patterns {
                [one] => resource(one),
                many => many.iter().map(|pattern| resource(pattern)).collect(),
            };
            json!({"Action": actions, "Effect": "Allow", "Resource": resource})
        })
        .collect();
    Ok(json!({"Statement": statements}))
}
