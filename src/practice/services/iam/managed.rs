//! Managed policies: the account's own, and those of AWS's that the course meets.

use serde_json::{Value, json};

use super::role::encoded;
use super::{MANAGED, ROLE, aws_managed, no_such, page};
use crate::practice::resource::{self, Resource};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, iso};

const AWS: &str = "arn:aws:iam::aws:policy/";

/// A managed policy.
pub(super) struct Managed {
    pub(super) name: String,
    pub(super) document: Value,
    path: String,
    version: String,
    created: String,
    /// The account's own.
    pub(super) own: Option<Resource>,
}

/// The managed policy of that ARN.
///
/// # Errors
/// `NoSuchEntity`.
pub(super) fn find(tx: &Tx<'_>, arn: &str) -> Result<Managed, Fault> {
    if let Some(path) = arn.strip_prefix(AWS)
        && let Some(document) = aws_managed::document(path)
    {
        let (path, name) = path.rsplit_once('/').unwrap_or(("", path));
        return Ok(Managed {
            name: name.to_owned(),
            document,
            path: format!("/{path}/").replace("//", "/"),
            version: "v1".to_owned(),
            created: "2015-02-06T18:39:46.000Z".to_owned(),
            own: None,
        });
    }
    let policy = resource::get(tx, MANAGED, arn)?
        .ok_or_else(|| no_such(format!("Policy {arn} was not found.")))?;
    let path = policy.text("Path");
    Ok(Managed {
        name: arn.rsplit('/').next().unwrap_or(arn).to_owned(),
        document: policy.properties.get("PolicyDocument").cloned().unwrap_or_default(),
        path: if path.is_empty() { "/" } else { path }.to_owned(),
        version: default_version(&policy),
        created: iso(policy.created),
        own: Some(policy),
    })
}

/// The id of the default version: `v1` until a new one was made.
fn default_version(policy: &Resource) -> String {
    match policy.attribute("DefaultVersionId") {
        "" => "v1".to_owned(),
        version => version.to_owned(),
    }
}

fn view(tx: &Tx<'_>, arn: &str, policy: &Managed) -> Result<Value, Fault> {
    let mut attached = 0;
    for role in resource::all(tx, ROLE)? {
        attached += usize::from(super::role::attached(tx, &role)?.iter().any(|one| one == arn));
    }
    Ok(json!({
        "PolicyName": policy.name, "Arn": arn, "Path": policy.path,
        "DefaultVersionId": policy.version, "AttachmentCount": attached,
        "PermissionsBoundaryUsageCount": 0, "IsAttachable": true, "CreateDate": policy.created,
        "UpdateDate": policy.own.as_ref().map_or(policy.created.clone(), |own| iso(own.changed)),
    }))
}

pub(super) fn policy(tx: &Tx<'_>, arn: &str) -> Answer {
    Ok(Reply::ok(json!({ "Policy": view(tx, arn, &find(tx, arn)?)? })))
}

pub(super) fn version(tx: &Tx<'_>, call: &Call) -> Answer {
    let arn = call.required("PolicyArn")?;
    let policy = find(tx, arn)?;
    let asked = call.required("VersionId")?;
    let document = if asked == policy.version {
        policy.document
    } else {
        let older = policy.own.as_ref().and_then(|own| own.attributes.get("OlderVersions"));
        older.and_then(|older| older.get(asked)).cloned().ok_or_else(|| {
            no_such(format!("Policy {arn} version {asked} does not exist or is not attachable."))
        })?
    };
    Ok(Reply::ok(json!({ "PolicyVersion": {
        "Document": encoded(&document), "VersionId": asked,
        "IsDefaultVersion": asked == policy.version, "CreateDate": policy.created,
    }})))
}

pub(super) fn versions(tx: &Tx<'_>, call: &Call) -> Answer {
    let policy = find(tx, call.required("PolicyArn")?)?;
    let older = policy.own.as_ref().and_then(|own| own.attributes.get("OlderVersions"));
    let older = older.and_then(Value::as_object).into_iter().flatten().map(|(id, _)| id.clone());
    let versions = std::iter::once(policy.version.clone()).chain(older).map(|id| {
        json!({ "VersionId": id, "IsDefaultVersion": id == policy.version,
                "CreateDate": policy.created })
    });
    page(call, "Versions", versions.collect())
}

pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut arns: Vec<String> = Vec::new();
    if call.text("Scope") != "AWS" {
        arns.extend(resource::all(tx, MANAGED)?.into_iter().map(|policy| policy.id));
    }
    if call.text("Scope") != "Local" {
        arns.extend(aws_managed::names().map(|name| format!("{AWS}{name}")));
    }
    let views = arns.iter().map(|arn| view(tx, arn, &find(tx, arn)?));
    let mut views = views.collect::<Result<Vec<Value>, Fault>>()?;
    if call.flag("OnlyAttached") {
        views.retain(|view| view["AttachmentCount"] != 0);
    }
    page(call, "Policies", views)
}

/// Makes a new version of the account's own policy and, when asked, the default one.
pub(super) fn new_version(tx: &Tx<'_>, call: &Call, document: Value) -> Answer {
    let arn = call.required("PolicyArn")?;
    let policy = find(tx, arn)?;
    let version = policy.version;
    let Some(mut own) = policy.own else {
        return Err(Fault::new(403, "AccessDenied", format!("{arn} is AWS's own policy.")));
    };
    let mut older = own.attributes.get("OlderVersions").cloned().unwrap_or_else(|| json!({}));
    let made = older.as_object().map_or(0, serde_json::Map::len) + 2;
    if made > 5 {
        return Err(Fault::new(
            409,
            "LimitExceeded",
            "A managed policy can have up to 5 versions.",
        ));
    }
    let new = format!("v{made}");
    if call.flag("SetAsDefault") {
        older[&version] = policy.document;
        own.properties["PolicyDocument"] = document;
        own.attributes.insert("DefaultVersionId".to_owned(), new.clone().into());
    } else {
        older[&new] = document;
    }
    own.attributes.insert("OlderVersions".to_owned(), older);
    own.changed = tx.now();
    resource::put(tx, &own)?;
    Ok(Reply::ok(json!({ "PolicyVersion": { "VersionId": new,
        "IsDefaultVersion": call.flag("SetAsDefault"), "CreateDate": iso(tx.now()) }})))
}

/// Refuses to delete a policy that is still on a role.
pub(super) fn unused(tx: &Tx<'_>, policy: &Resource) -> Result<(), Fault> {
    let listed = !policy.texts("Roles").is_empty();
    let mut used = listed;
    for role in resource::all(tx, ROLE)? {
        used |= super::role::attached(tx, &role)?.contains(&policy.id);
    }
    if used {
        return Err(Fault::new(
            409,
            "DeleteConflict",
            "Cannot delete a policy attached to entities.",
        ));
    }
    Ok(())
}
