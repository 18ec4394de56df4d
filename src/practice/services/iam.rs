//! IAM: roles and the policies on them, as templates deploy them.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::practice::random;
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, iso};

const ROLE: &str = "AWS::IAM::Role";
const MANAGED: &str = "AWS::IAM::ManagedPolicy";
/// Inline policies as resources of their own, with the property that names their roles.
const INLINE: [(&str, &str); 2] =
    [("AWS::IAM::Policy", "Roles"), ("AWS::IAM::RolePolicy", "RoleName")];

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "GetRole" => Ok(Reply::ok(json!({ "Role": role_view(&role(tx, call)?) }))),
        "ListRoles" => {
            let roles: Vec<Value> = resource::all(tx, ROLE)?.iter().map(role_view).collect();
            Ok(Reply::ok(json!({ "Roles": roles, "IsTruncated": false })))
        }
        "ListAttachedRolePolicies" => attached(tx, &role(tx, call)?),
        "ListRolePolicies" => {
            let names: Vec<String> =
                inline(tx, &role(tx, call)?)?.into_iter().map(|(name, _)| name).collect();
            Ok(Reply::ok(json!({ "PolicyNames": names, "IsTruncated": false })))
        }
        "GetRolePolicy" => role_policy(tx, call),
        "GetPolicy" => policy(tx, call.required("PolicyArn")?),
        "GetPolicyVersion" => policy_version(tx, call),
        _ => Err(call.unknown()),
    }
}

fn no_such(message: String) -> Fault {
    Fault::new(404, "NoSuchEntity", message)
}

fn role(tx: &Tx<'_>, call: &Call) -> Result<Resource, Fault> {
    let name = call.required("RoleName")?;
    resource::get(tx, ROLE, name)?
        .ok_or_else(|| no_such(format!("The role with name {name} cannot be found.")))
}

/// A policy document as IAM's answers hold it: JSON, percent-encoded.
fn encoded(document: &Value) -> String {
    utf8_percent_encode(&document.to_string(), NON_ALPHANUMERIC).to_string()
}

fn role_view(role: &Resource) -> Value {
    let property = |name: &str| role.properties.get(name).cloned();
    json!({
        "Path": property("Path").unwrap_or_else(|| json!("/")),
        "RoleName": role.id,
        "RoleId": role.attribute("RoleId"),
        "Arn": role.attribute("Arn"),
        "CreateDate": iso(role.created),
        "AssumeRolePolicyDocument": encoded(&property("AssumeRolePolicyDocument").unwrap_or_default()),
        "Description": property("Description"),
        "MaxSessionDuration": property("MaxSessionDuration").unwrap_or_else(|| json!(3600)),
        "PermissionsBoundary": property("PermissionsBoundary").map(|arn| json!({
            "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn,
        })),
    })
}

/// The texts of a list property.
fn texts(resource: &Resource, property: &str) -> Vec<String> {
    match resource.properties.get(property) {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => {
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// The ARNs of the role's managed policies.
fn attached_arns(tx: &Tx<'_>, role: &Resource) -> Result<Vec<String>, Fault> {
    let mut arns = texts(role, "ManagedPolicyArns");
    for policy in resource::all(tx, MANAGED)? {
        if texts(&policy, "Roles").contains(&role.id) && !arns.contains(&policy.id) {
            arns.push(policy.id);
        }
    }
    Ok(arns)
}

/// The documents of all the role's policies. A policy of AWS's own that isn't known here allows
/// nothing.
pub fn documents(tx: &Tx<'_>, role: &Resource) -> Result<Vec<Value>, Fault> {
    let mut all: Vec<Value> = inline(tx, role)?.into_iter().map(|(_, document)| document).collect();
    for arn in attached_arns(tx, role)? {
        match managed(tx, &arn) {
            Ok((_, document, _)) => all.push(document),
            Err(fault) if fault.status == 404 => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(all)
}

fn attached(tx: &Tx<'_>, role: &Resource) -> Answer {
    let arns = attached_arns(tx, role)?;
    let policies: Vec<Value> = arns
        .iter()
        .map(|arn| json!({ "PolicyName": arn.rsplit('/').next().unwrap_or(arn), "PolicyArn": arn }))
        .collect();
    Ok(Reply::ok(json!({ "AttachedPolicies": policies, "IsTruncated": false })))
}

/// The role's inline policies: names and documents.
fn inline(tx: &Tx<'_>, role: &Resource) -> Result<Vec<(String, Value)>, Fault> {
    let named = |policy: &Value| {
        let name = policy.get("PolicyName").and_then(Value::as_str).unwrap_or("").to_owned();
        (name, policy.get("PolicyDocument").cloned().unwrap_or_default())
    };
    let own = role.properties.get("Policies").and_then(Value::as_array);
    let mut found: Vec<(String, Value)> = own.into_iter().flatten().map(named).collect();
    for (kind, roles) in INLINE {
        for policy in resource::all(tx, kind)? {
            if texts(&policy, roles).contains(&role.id) {
                found.push(named(&policy.properties));
            }
        }
    }
    Ok(found)
}

fn role_policy(tx: &Tx<'_>, call: &Call) -> Answer {
    let role = role(tx, call)?;
    let name = call.required("PolicyName")?;
    let (_, document) = inline(tx, &role)?
        .into_iter()
        .find(|(known, _)| known == name)
        .ok_or_else(|| no_such(format!("The role policy with name {name} cannot be found.")))?;
    Ok(Reply::ok(json!({
        "RoleName": role.id, "PolicyName": name, "PolicyDocument": encoded(&document),
    })))
}

/// AWS's own policies that the course's templates name, with what they allow.
fn aws_managed(name: &str) -> Option<Value> {
    const LOGS: [&str; 3] = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
    const NETWORK: [&str; 4] = [
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:DeleteNetworkInterface",
    ];
    const TRACES: [&str; 2] = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];
    let actions: Vec<&str> = match name {
        "AdministratorAccess" => vec!["*"],
        "AmazonDynamoDBFullAccess" | "AmazonDynamoDBFullAccess_v2" => vec!["dynamodb:*"],
        "AmazonDynamoDBReadOnlyAccess" => vec!["dynamodb:Get*", "dynamodb:Query", "dynamodb:Scan"],
        "AmazonCognitoPowerUser" => vec!["cognito-idp:*"],
        "service-role/AWSLambdaRole" => vec!["lambda:InvokeFunction"],
        "service-role/AWSLambdaBasicExecutionRole" => LOGS.to_vec(),
        "service-role/AWSLambdaVPCAccessExecutionRole" => [&LOGS[..], &NETWORK[..]].concat(),
        "AWSXrayWriteOnlyAccess" | "AWSXRayDaemonWriteAccess" => TRACES.to_vec(),
        _ => return None,
    };
    Some(json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }],
    }))
}

/// A managed policy: its name, its document, when it was made.
fn managed(tx: &Tx<'_>, arn: &str) -> Result<(String, Value, String), Fault> {
    let name = arn.rsplit('/').next().unwrap_or(arn).to_owned();
    if let Some(path) = arn.strip_prefix("arn:aws:iam::aws:policy/")
        && let Some(document) = aws_managed(path)
    {
        return Ok((name, document, "2015-02-06T18:39:46.000Z".to_owned()));
    }
    let policy = resource::get(tx, MANAGED, arn)?
        .ok_or_else(|| no_such(format!("Policy {arn} was not found.")))?;
    let document = policy.properties.get("PolicyDocument").cloned().unwrap_or_default();
    Ok((name, document, iso(policy.created)))
}

fn policy(tx: &Tx<'_>, arn: &str) -> Answer {
    let (name, _, created) = managed(tx, arn)?;
    Ok(Reply::ok(json!({ "Policy": {
        "PolicyName": name, "Arn": arn, "Path": "/", "DefaultVersionId": "v1",
        "IsAttachable": true, "CreateDate": created, "UpdateDate": created,
    }})))
}

fn policy_version(tx: &Tx<'_>, call: &Call) -> Answer {
    let arn = call.required("PolicyArn")?;
    let (_, document, created) = managed(tx, arn)?;
    if call.required("VersionId")? != "v1" {
        return Err(no_such(format!("Policy {arn} has no version {}.", call.text("VersionId"))));
    }
    Ok(Reply::ok(json!({ "PolicyVersion": {
        "Document": encoded(&document), "VersionId": "v1", "IsDefaultVersion": true,
        "CreateDate": created,
    }})))
}

/// A type of IAM: which property names it, and what its id and attributes are.
#[derive(Debug)]
pub struct Entity {
    kind: &'static str,
    name: &'static str,
}

/// Makes roles.
pub static ROLES: Entity = Entity { kind: ROLE, name: "RoleName" };
/// Makes managed policies.
pub static MANAGED_POLICIES: Entity = Entity { kind: MANAGED, name: "ManagedPolicyName" };
/// Makes inline policies.
pub static POLICIES: Entity = Entity { kind: "AWS::IAM::Policy", name: "" };
/// Makes a role's inline policies.
pub static ROLE_POLICIES: Entity = Entity { kind: "AWS::IAM::RolePolicy", name: "" };

impl Entity {
    fn check(&self, desired: &Desired<'_>) -> Result<(), Fault> {
        let document = match self.kind {
            ROLE => "AssumeRolePolicyDocument",
            _ => "PolicyDocument",
        };
        let statements = desired.properties.get(document).and_then(|d| d.get("Statement"));
        if statements.is_some_and(|statements| statements.is_array() || statements.is_object()) {
            return Ok(());
        }
        // An inline policy of a role may leave its document out; nothing else may.
        let optional =
            self.kind == "AWS::IAM::RolePolicy" && desired.properties.get(document).is_none();
        if optional {
            return Ok(());
        }
        Err(Fault::new(
            400,
            "MalformedPolicyDocument",
            format!("{document} is missing or has no Statement"),
        ))
    }
}

impl Provider for Entity {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        self.check(desired)?;
        let name = match self.name {
            "" => desired.generated_name(64),
            property => desired.name(property, 64),
        };
        let path = match desired.text("Path") {
            "" => "/",
            path => path,
        };
        let (id, arn) = match self.kind {
            ROLE => (name.clone(), tx.arn("iam", &format!("role{path}{name}"))),
            MANAGED => {
                let arn = tx.arn("iam", &format!("policy{path}{name}"));
                (arn.clone(), arn)
            }
            _ => (name.clone(), String::new()),
        };
        if resource::get(tx, self.kind, &id)?.is_some() {
            return Err(resource::exists(&name));
        }
        let mut made = Resource::new(tx, self.kind, id, desired);
        match self.kind {
            ROLE => {
                let id = format!("AROA{}", random::upper(17));
                made = made.with("Arn", arn).with("RoleId", id);
            }
            MANAGED => made = made.with("PolicyArn", arn),
            _ => made = made.with("Id", name),
        }
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        self.check(desired)?;
        let renamed = [self.name, "Path"]
            .iter()
            .any(|property| !property.is_empty() && old.text(property) != desired.text(property));
        if renamed {
            return Ok(Updated::Replace);
        }
        resource::put(tx, &old.changed_to(tx, desired))?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        resource::forget(tx, old)
    }
}
