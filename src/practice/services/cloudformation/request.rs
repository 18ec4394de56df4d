//! From a call to what it asks to deploy: the template from the call or from S3, its parameters,
//! the transform, what CloudFormation refuses, and the capabilities that it needs.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::model::{Request, Stack};
use crate::practice::registry;
use crate::practice::services::s3;
use crate::practice::store::Tx;
use crate::practice::template::parameters::{self, Given};
use crate::practice::template::{parse, refuse, sam, validate};
use crate::practice::wire::{Call, Fault};

/// Largest `TemplateBody`, in bytes.
const BODY_LIMIT: usize = 51_200;
/// Largest template in S3, in bytes.
const URL_LIMIT: usize = 1_048_576;
const IAM_TYPES: [(&str, &str); 6] = [
    ("AWS::IAM::Role", "RoleName"),
    ("AWS::IAM::User", "UserName"),
    ("AWS::IAM::Group", "GroupName"),
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName"),
    ("AWS::IAM::InstanceProfile", "InstanceProfileName"),
    ("AWS::IAM::Policy", ""),
];

/// The template that a call names, as text; none if it names none.
pub(super) fn text(tx: &Tx<'_>, call: &Call) -> Result<Option<String>, Fault> {
    match (call.text("TemplateBody"), call.text("TemplateURL")) {
        ("", "") => Ok(None),
        (body, "") if body.len() > BODY_LIMIT => Err(refuse(
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200",
        )),
        (body, "") => Ok(Some(body.to_owned())),
        ("", url) => from_s3(tx, url).map(Some),
        _ => Err(refuse("TemplateBody and TemplateURL can't both be given")),
    }
}

fn from_s3(tx: &Tx<'_>, url: &str) -> Result<String, Fault> {
    let (bucket, key) =
        location(url).ok_or_else(|| refuse("TemplateURL must be a supported URL."))?;
    let object = s3::object(tx, &bucket, &key)
        .map_err(|_| refuse("S3 error: Access Denied\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"))?;
    if object.len() > URL_LIMIT {
        return Err(refuse(format!("Template may not exceed {URL_LIMIT} bytes in size.")));
    }
    String::from_utf8(object)
        .map_err(|_| refuse("Template format error: the template is not UTF-8 text"))
}

/// Bucket and key of a path-style or virtual-host-style address.
fn location(url: &str) -> Option<(String, String)> {
    let rest = url.split_once("://")?.1;
    let (host, path) = rest.split_once('/')?;
    let path = path.split('?').next().unwrap_or_default();
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let virtual_bucket = host.split_once(".s3.").or_else(|| host.split_once(".s3-"));
    let (bucket, key) = match virtual_bucket {
        Some((bucket, _)) => (bucket.to_owned(), decode(path)),
        None => path.split_once('/').map(|(bucket, key)| (bucket.to_owned(), decode(key)))?,
    };
    (!bucket.is_empty() && !key.is_empty()).then_some((bucket, key))
}

/// Reads a template and checks its form.
pub(super) fn read(text: &str) -> Result<Value, Fault> {
    let template =
        parse(text).map_err(|error| refuse(format!("Template format error: {error}")))?;
    validate::form(&template)?;
    sam::is_asked_for(&template)?;
    Ok(template)
}

/// A template ready to be deployed, or why its change set fails.
pub(super) struct Prepared {
    pub(super) request: Request,
    /// What is wrong with a template that a transform makes: its faults come late, as a change
    /// set's status.
    pub(super) fault: Option<Fault>,
}

/// Reads the call's template, or the stack's own with `UsePreviousTemplate`, and all that goes
/// with it.
pub(super) fn prepare(tx: &Tx<'_>, call: &Call, stack: Option<&Stack>) -> Result<Prepared, Fault> {
    let original = match text(tx, call)? {
        Some(text) => text,
        None if call.flag("UsePreviousTemplate") => {
            stack.map(|stack| stack.original.clone()).unwrap_or_default()
        }
        None => return Err(refuse("Either Template URL or Template Body must be specified.")),
    };
    let template = read(&original)?;
    let none = BTreeMap::new();
    let previous = stack.map_or(&none, |stack| &stack.parameters);
    let parameters = parameters::resolve(&template, &given(call), previous)?;
    let transformed = sam::is_asked_for(&template)?;
    let mut request = Request {
        original,
        processed: Value::Null,
        parameters,
        tags: list(call, "Tags"),
        capabilities: call.texts("Capabilities"),
        role: Some(call.text("RoleARN").to_owned()).filter(|role| !role.is_empty()),
        disable_rollback: call.flag("DisableRollback")
            || call.text("OnStackFailure") == "DO_NOTHING"
            || call.text("OnFailure") == "DO_NOTHING",
    };
    let outcome = process(&template, &request, transformed);
    let fault = match outcome {
        Ok(processed) => {
            request.processed = processed;
            allowed(&request).err()
        }
        Err(fault) => Some(fault),
    };
    match fault {
        Some(fault) if !transformed => Err(fault),
        fault => Ok(Prepared { request, fault }),
    }
}

fn process(template: &Value, request: &Request, transformed: bool) -> Result<Value, Fault> {
    let processed = if transformed {
        sam::transform(template, &parameters::values(template, &request.parameters))?
    } else {
        template.clone()
    };
    let unknown: Vec<_> = validate::resources(&processed)?
        .values()
        .filter_map(|resource| resource["Type"].as_str())
        .filter(|kind| registry::provider(kind).is_none())
        .collect();
    if !unknown.is_empty() {
        return Err(refuse(format!(
            "Template format error: Unrecognized resource types: [{}]",
            unknown.join(", ")
        )));
    }
    validate::references_resolve(&processed)?;
    validate::order(&processed)?;
    Ok(processed)
}

/// Whether the call acknowledges the IAM resources of the template.
fn allowed(request: &Request) -> Result<(), Fault> {
    let (needed, _) = capabilities(&request.processed);
    let granted = match needed {
        None => true,
        Some("CAPABILITY_IAM") => request
            .capabilities
            .iter()
            .any(|given| given == "CAPABILITY_IAM" || given == "CAPABILITY_NAMED_IAM"),
        Some(needed) => request.capabilities.iter().any(|given| given == needed),
    };
    if granted {
        return Ok(());
    }
    Err(insufficient(needed.unwrap_or_default()))
}

/// The fault for a capability that the call doesn't acknowledge.
pub(super) fn insufficient(needed: &str) -> Fault {
    Fault::new(
        400,
        "InsufficientCapabilitiesException",
        format!("Requires capabilities : [{needed}]"),
    )
}

/// The capability that a template needs, and the types that need it.
pub(super) fn capabilities(template: &Value) -> (Option<&'static str>, Vec<String>) {
    let mut types = Vec::new();
    let mut named = false;
    for resource in template["Resources"].as_object().into_iter().flat_map(Map::values) {
        let kind = resource["Type"].as_str().unwrap_or_default();
        let implied = match kind {
            // SAM makes a role for a function without one.
            "AWS::Serverless::Function" if resource["Properties"].get("Role").is_none() => {
                "AWS::IAM::Role"
            }
            other => other,
        };
        let Some((_, name)) = IAM_TYPES.iter().find(|(iam, _)| *iam == implied) else { continue };
        named |= resource["Properties"].get(*name).is_some();
        if !types.iter().any(|known| known == implied) {
            types.push(implied.to_owned());
        }
    }
    match (types.is_empty(), named) {
        (true, _) => (None, types),
        (false, false) => (Some("CAPABILITY_IAM"), types),
        (false, true) => (Some("CAPABILITY_NAMED_IAM"), types),
    }
}

/// The parameters that a call gives.
fn given(call: &Call) -> BTreeMap<String, Given> {
    list(call, "Parameters")
        .iter()
        .filter_map(|parameter| {
            let name = parameter["ParameterKey"].as_str()?.to_owned();
            let previous =
                parameter["UsePreviousValue"] == "true" || parameter["UsePreviousValue"] == true;
            let value = match parameter["ParameterValue"].as_str() {
                _ if previous => Given::Previous,
                text => Given::Text(text.unwrap_or_default().to_owned()),
            };
            Some((name, value))
        })
        .collect()
}

/// A list member of the call.
pub(super) fn list(call: &Call, member: &str) -> Vec<Value> {
    call.input.get(member).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// A template's parameters, as summaries show them.
pub(super) fn declared(template: &Value) -> Vec<Value> {
    template["Parameters"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, declaration)| {
            json!({
                "ParameterKey": name,
                "DefaultValue": declaration.get("Default").and_then(crate::practice::template::functions::as_text),
                "ParameterType": declaration["Type"],
                "NoEcho": parameters::is_secret(template, name),
                "Description": declaration["Description"],
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::location;

    #[test]
    fn reads_both_styles_of_address() {
        let wanted = Some(("bucket".to_owned(), "a b/t.yaml".to_owned()));
        assert_eq!(location("http://127.0.0.1:4599/bucket/a%20b/t.yaml"), wanted);
        assert_eq!(
            location("https://s3.eu-west-1.amazonaws.com/bucket/a%20b/t.yaml?versionId=1"),
            wanted
        );
        assert_eq!(location("https://bucket.s3.us-east-1.amazonaws.com/a%20b/t.yaml"), wanted);
        assert_eq!(location("bucket/key"), None);
        assert_eq!(location("https://s3.amazonaws.com/bucket"), None);
    }
}
