//! `AWS::Serverless::Function`: the function, its role, its alias and what its events need.

use serde_json::{Map, Value, json};

use super::{Item, Outcome, Sam, events, hash, policies, s3_object, tag_list};

const PASSED: [&str; 23] = [
    "FunctionName",
    "Handler",
    "Runtime",
    "Description",
    "MemorySize",
    "Timeout",
    "VpcConfig",
    "Role",
    "Environment",
    "KmsKeyArn",
    "ReservedConcurrentExecutions",
    "Layers",
    "FileSystemConfigs",
    "ImageConfig",
    "PackageType",
    "Architectures",
    "SnapStart",
    "EphemeralStorage",
    "CodeSigningConfigArn",
    "RuntimeManagementConfig",
    "LoggingConfig",
    "RecursiveLoop",
    "TenancyConfig",
];
const TRANSLATED: [&str; 14] = [
    "CodeUri",
    "InlineCode",
    "Policies",
    "AssumeRolePolicyDocument",
    "RolePath",
    "PermissionsBoundary",
    "Events",
    "Tags",
    "PropagateTags",
    "Tracing",
    "DeadLetterQueue",
    "AutoPublishAlias",
    "VersionDescription",
    "AutoPublishAliasAllProperties",
];
const NOT_OFFERED: [&str; 7] = [
    "ImageUri",
    "DeploymentPreference",
    "EventInvokeConfig",
    "ProvisionedConcurrencyConfig",
    "FunctionUrlConfig",
    "AutoPublishCodeSha256",
    "DurableConfig",
];

pub(super) fn transform(sam: &Sam<'_>, item: &Item<'_>) -> Outcome<Map<String, Value>> {
    item.only(&PASSED, &TRANSLATED, &NOT_OFFERED)?;
    let mut made = Map::new();
    let code = code(item)?;
    let mut properties = Map::from_iter([("Code".to_owned(), code.clone())]);
    properties.extend(item.pass(&PASSED));
    let mut tags = vec![json!({"Key": "lambda:createdBy", "Value": "SAM"})];
    tags.extend(tag_list(item.get("Tags")));
    properties.insert("Tags".to_owned(), tags.clone().into());
    if is_traced(sam, item) {
        properties.insert("TracingConfig".to_owned(), json!({"Mode": item.properties["Tracing"]}));
    }
    if let Some(queue) = item.get("DeadLetterQueue") {
        let target = queue
            .get("TargetArn")
            .ok_or("'DeadLetterQueue' requires Type and TargetArn properties to be specified.")?;
        properties.insert("DeadLetterConfig".to_owned(), json!({"TargetArn": target}));
    }
    let own_role = !properties.contains_key("Role");
    if own_role {
        properties
            .insert("Role".to_owned(), json!({"Fn::GetAtt": [format!("{}Role", item.id), "Arn"]}));
    }
    made.insert(item.id.to_owned(), item.main("AWS::Lambda::Function", properties));
    if own_role {
        made.insert(format!("{}Role", item.id), role(sam, item, tags)?);
    }
    let target = publish(sam, item, &code, &mut made)?;
    events::transform(sam, item, &target, &mut made)?;
    Ok(made)
}

fn code(item: &Item<'_>) -> Outcome<Value> {
    match (item.get("InlineCode"), item.get("CodeUri")) {
        (Some(text), _) => Ok(json!({"ZipFile": text})),
        (None, Some(uri)) => s3_object(uri, "CodeUri", ["S3Bucket", "S3Key", "S3ObjectVersion"]),
        (None, None) => Err("'InlineCode' or 'CodeUri' must be set".to_owned()),
    }
}

fn is_traced(sam: &Sam<'_>, item: &Item<'_>) -> bool {
    item.get("Tracing").is_some_and(|tracing| sam.with_parameters(tracing) != "Disabled")
}

fn role(sam: &Sam<'_>, item: &Item<'_>, tags: Vec<Value>) -> Outcome<Value> {
    let mut arns = vec![Value::from(policies::managed("AWSLambdaBasicExecutionRole"))];
    if is_traced(sam, item) {
        arns.push(policies::managed("AWSXrayWriteOnlyAccess").into());
    }
    if item.get("VpcConfig").is_some() {
        arns.push(policies::managed("AWSLambdaVPCAccessExecutionRole").into());
    }
    let mut documents = Vec::new();
    if let Some(queue) = item.get("DeadLetterQueue") {
        let action = if queue["Type"] == "SNS" { "sns:Publish" } else { "sqs:SendMessage" };
        documents.push(json!({"PolicyName": "DeadLetterQueuePolicy", "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Action": action, "Resource": queue["TargetArn"], "Effect": "Allow"}]}}));
    }
    policies::add(
        sam,
        item.get("Policies"),
        &format!("{}Role", item.id),
        &mut arns,
        &mut documents,
    )?;
    let mut properties = Map::new();
    properties.insert(
        "AssumeRolePolicyDocument".to_owned(),
        item.get("AssumeRolePolicyDocument")
            .cloned()
            .unwrap_or_else(|| assumed_by("lambda.amazonaws.com")),
    );
    properties.insert("ManagedPolicyArns".to_owned(), arns.into());
    if !documents.is_empty() {
        properties.insert("Policies".to_owned(), documents.into());
    }
    if let Some(path) = item.get("RolePath") {
        properties.insert("Path".to_owned(), path.clone());
    }
    properties.extend(item.pass(&["PermissionsBoundary"]));
    properties.insert("Tags".to_owned(), tags.into());
    Ok(item.beside("AWS::IAM::Role", properties))
}

/// The trust policy for a service.
pub(super) fn assumed_by(service: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": [service]}}]})
}

/// Publishes a version behind an alias if asked to; what events then invoke.
fn publish(
    sam: &Sam<'_>,
    item: &Item<'_>,
    code: &Value,
    made: &mut Map<String, Value>,
) -> Outcome<events::Target> {
    let Some(alias) = item.get("AutoPublishAlias") else {
        return Ok(events::Target {
            name: json!({"Ref": item.id}),
            arn: json!({"Fn::GetAtt": [item.id, "Arn"]}),
        });
    };
    let alias = sam.with_parameters(alias);
    let name = alias
        .as_str()
        .ok_or("'AutoPublishAlias' must be a string or a Ref to a template parameter")?;
    let mut hashed = sam.with_parameters(code);
    for key in ["Environment", "MemorySize"] {
        match (key, item.get(key)) {
            ("Environment", Some(Value::Object(environment))) => {
                if let Some(hashed) = hashed.as_object_mut() {
                    hashed.extend(environment.clone());
                }
            }
            (_, Some(value)) => hashed[key] = value.clone(),
            (_, None) => {}
        }
    }
    let version = format!("{}Version{}", item.id, hash(&hashed, 10));
    let mut properties = json!({"FunctionName": {"Ref": item.id}});
    if let Some(description) = item.get("VersionDescription") {
        properties["Description"] = description.clone();
    }
    let mut resource = item.beside("AWS::Lambda::Version", properties);
    if resource.get("DeletionPolicy").is_none() {
        resource["DeletionPolicy"] = "Retain".into();
    }
    made.insert(version.clone(), resource);
    let alias_id = format!("{}Alias{}", item.id, name);
    made.insert(
        alias_id.clone(),
        item.beside(
            "AWS::Lambda::Alias",
            json!({
                "Name": name,
                "FunctionName": {"Ref": item.id},
                "FunctionVersion": {"Fn::GetAtt": [version, "Version"]},
            }),
        ),
    );
    Ok(events::Target { name: json!({"Ref": alias_id}), arn: json!({"Ref": alias_id}) })
}
