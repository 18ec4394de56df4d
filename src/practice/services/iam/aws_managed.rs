//! The managed policies of AWS's own that the course meets, with what they allow as AWS documents it.

use serde_json::{Value, json};

const LOGS: [&str; 3] = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
const NETWORK: [&str; 6] = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
];
const TRACES: [&str; 5] = [
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:GetSamplingStatisticSummaries",
];
/// AWS's policies of one statement that allows some actions on everything: path and name, actions.
const ALLOWING: [(&str, &[&str]); 21] = [
    ("AdministratorAccess", &["*"]),
    (
        "IAMFullAccess",
        &[
            "iam:*",
            "organizations:DescribeAccount",
            "organizations:DescribeOrganization",
            "organizations:DescribeOrganizationalUnit",
            "organizations:DescribePolicy",
            "organizations:ListChildren",
            "organizations:ListParents",
            "organizations:ListPoliciesForTarget",
            "organizations:ListRoots",
            "organizations:ListPolicies",
            "organizations:ListTargetsForPolicy",
        ],
    ),
    (
        "IAMReadOnlyAccess",
        &[
            "iam:GenerateCredentialReport",
            "iam:GenerateServiceLastAccessedDetails",
            "iam:Get*",
            "iam:List*",
            "iam:SimulateCustomPolicy",
            "iam:SimulatePrincipalPolicy",
        ],
    ),
    (
        "ReadOnlyAccess",
        &[
            "cloudformation:Describe*",
            "cloudformation:Get*",
            "cloudformation:List*",
            "cloudtrail:Describe*",
            "cloudtrail:Get*",
            "dynamodb:BatchGet*",
            "dynamodb:Describe*",
            "dynamodb:Get*",
            "dynamodb:List*",
            "dynamodb:Query",
            "dynamodb:Scan",
            "ec2:Describe*",
            "iam:Get*",
            "iam:List*",
            "lambda:Get*",
            "lambda:List*",
            "logs:Describe*",
            "logs:Get*",
            "rds:Describe*",
            "s3:Get*",
            "s3:List*",
        ],
    ),
    (
        "AmazonDynamoDBFullAccess",
        &[
            "dynamodb:*",
            "dax:*",
            "application-autoscaling:*",
            "cloudwatch:*",
            "datapipeline:*",
            "iam:GetRole",
            "iam:ListRoles",
            "kms:DescribeKey",
            "kms:ListAliases",
            "sns:*",
            "lambda:*",
            "resource-groups:*",
            "tag:GetResources",
            "kinesis:*",
        ],
    ),
    ("AmazonDynamoDBFullAccess_v2", &["dynamodb:*", "dax:*"]),
    (
        "AmazonDynamoDBReadOnlyAccess",
        &[
            "dynamodb:BatchGetItem",
            "dynamodb:Describe*",
            "dynamodb:List*",
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:PartiQLSelect",
        ],
    ),
    ("AmazonS3FullAccess", &["s3:*", "s3-object-lambda:*"]),
    (
        "AmazonS3ReadOnlyAccess",
        &["s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*"],
    ),
    ("AmazonEC2FullAccess", &["ec2:*", "elasticloadbalancing:*", "cloudwatch:*", "autoscaling:*"]),
    (
        "AmazonVPCFullAccess",
        &[
            "ec2:*NetworkInterface*",
            "ec2:*Subnet*",
            "ec2:*Vpc*",
            "ec2:Describe*",
            "ec2:*SecurityGroup*",
            "ec2:*Route*",
        ],
    ),
    (
        "AmazonRDSFullAccess",
        &[
            "rds:*",
            "application-autoscaling:*",
            "cloudwatch:*",
            "ec2:Describe*",
            "sns:ListSubscriptions",
            "sns:ListTopics",
            "sns:Publish",
            "logs:Describe*",
            "logs:GetLogEvents",
        ],
    ),
    (
        "AmazonCognitoPowerUser",
        &[
            "cognito-identity:*",
            "cognito-idp:*",
            "cognito-sync:*",
            "iam:ListRoles",
            "iam:ListOpenIdConnectProviders",
            "iam:GetRole",
            "sns:ListPlatformApplications",
        ],
    ),
    (
        "AWSLambda_FullAccess",
        &[
            "cloudformation:DescribeStacks",
            "cloudformation:ListStackResources",
            "cloudwatch:ListMetrics",
            "cloudwatch:GetMetricData",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "kms:ListAliases",
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
            "iam:ListRoles",
            "lambda:*",
            "logs:DescribeLogGroups",
            "states:DescribeStateMachine",
            "states:ListStateMachines",
            "tag:GetResources",
            "xray:GetTraceSummaries",
            "xray:BatchGetTraces",
        ],
    ),
    ("CloudWatchLogsFullAccess", &["logs:*", "cloudwatch:GenerateQuery"]),
    (
        "CloudWatchFullAccess",
        &[
            "autoscaling:Describe*",
            "cloudwatch:*",
            "logs:*",
            "sns:*",
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
            "iam:GetRole",
        ],
    ),
    ("AWSXrayWriteOnlyAccess", &TRACES),
    ("AWSXRayDaemonWriteAccess", &TRACES),
    ("service-role/AWSLambdaRole", &["lambda:InvokeFunction"]),
    ("service-role/AWSLambdaBasicExecutionRole", &LOGS),
    (
        "service-role/AWSLambdaDynamoDBExecutionRole",
        &[
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
    ),
];

/// Their paths and names.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let more = ["PowerUserAccess", "service-role/AWSLambdaVPCAccessExecutionRole"];
    ALLOWING.iter().map(|(name, _)| *name).chain(more)
}

/// The document of the one of that path and name.
pub(super) fn document(path: &str) -> Option<Value> {
    let statements = match path {
        "PowerUserAccess" => json!([
            {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"],
             "Resource": "*"},
            {"Effect": "Allow", "Resource": "*", "Action": ["account:GetAccountInformation",
             "account:GetPrimaryEmail", "account:ListRegions", "iam:CreateServiceLinkedRole",
             "iam:DeleteServiceLinkedRole", "iam:ListRoles", "organizations:DescribeOrganization"]},
        ]),
        "service-role/AWSLambdaVPCAccessExecutionRole" => {
            let actions = [&LOGS[..], &NETWORK].concat();
            json!([{"Effect": "Allow", "Action": actions, "Resource": "*"}])
        }
        _ => {
            let (_, actions) = ALLOWING.iter().find(|(name, _)| *name == path)?;
            json!([{"Effect": "Allow", "Action": actions, "Resource": "*"}])
        }
    };
    Some(json!({ "Version": "2012-10-17", "Statement": statements }))
}
