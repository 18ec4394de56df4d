//! User pools and their domains.

use serde_json::{Value, json};

use super::{constraint, copy, invalid, issuer, not_found, page, required, rewrite};
use crate::practice::random;
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, epoch};

pub(super) const POOL: &str = "AWS::Cognito::UserPool";
pub(super) const DOMAIN: &str = "AWS::Cognito::UserPoolDomain";

/// `AWS::Cognito::UserPool`.
#[derive(Debug)]
pub struct UserPool;
/// `AWS::Cognito::UserPoolDomain`.
#[derive(Debug)]
pub struct UserPoolDomain;

/// The pool.
pub(super) fn pool(tx: &Tx<'_>, id: &str) -> Result<Resource, Fault> {
    resource::get(tx, POOL, id)?.ok_or_else(|| not_found(format!("User pool {id} does not exist.")))
}

/// The pool's domain, if it has one.
pub(super) fn domain_of(tx: &Tx<'_>, pool: &str) -> Result<Option<Resource>, Fault> {
    let all = resource::all(tx, DOMAIN)?;
    Ok(all.into_iter().find(|domain| domain.text("UserPoolId") == pool))
}

/// Members that templates and the API call alike.
const SHARED: [&str; 18] = [
    "Policies",
    "LambdaConfig",
    "AutoVerifiedAttributes",
    "AliasAttributes",
    "UsernameAttributes",
    "SmsVerificationMessage",
    "EmailVerificationMessage",
    "EmailVerificationSubject",
    "VerificationMessageTemplate",
    "UserAttributeUpdateSettings",
    "DeviceConfiguration",
    "EmailConfiguration",
    "SmsConfiguration",
    "AdminCreateUserConfig",
    "UserPoolAddOns",
    "UsernameConfiguration",
    "AccountRecoverySetting",
    "DeletionProtection",
];

fn view(tx: &Tx<'_>, pool: &Resource) -> Result<Value, Fault> {
    let mut view = json!({
        "Id": pool.id, "Name": pool.text("UserPoolName"), "Arn": pool.attribute("Arn"),
        "CreationDate": epoch(pool.created), "LastModifiedDate": epoch(pool.changed),
        "MfaConfiguration": "OFF", "EstimatedNumberOfUsers": 0, "DeletionProtection": "INACTIVE",
        "UserPoolTier": "ESSENTIALS",
        "Policies": {"PasswordPolicy": {"MinimumLength": 8, "RequireUppercase": true,
            "RequireLowercase": true, "RequireNumbers": true, "RequireSymbols": true,
            "TemporaryPasswordValidityDays": 7}}});
    copy(&pool.properties, &mut view, &SHARED);
    copy(&pool.properties, &mut view, &["MfaConfiguration", "UserPoolTier"]);
    if let Some(tags) = pool.properties.get("UserPoolTags") {
        view["UserPoolTags"] = tags.clone();
    }
    if let Some(domain) = domain_of(tx, &pool.id)? {
        let custom = domain.properties.get("CustomDomainConfig").is_some();
        view[if custom { "CustomDomain" } else { "Domain" }] = domain.id.into();
    }
    Ok(view)
}

impl Provider for UserPool {
    fn kind(&self) -> &'static str {
        POOL
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let name = desired.name("UserPoolName", 128);
        check_name(&name)?;
        let region = tx.scope().region.clone();
        let id = format!("{region}_{}", random::letters(9));
        let mut pool = Resource::new(tx, POOL, id.clone(), desired)
            .with("Arn", tx.arn("cognito-idp", &format!("userpool/{id}")))
            .with("UserPoolId", id.clone())
            .with("ProviderName", format!("cognito-idp.{region}.amazonaws.com/{id}"))
            .with("ProviderURL", issuer(&region, &id));
        if pool.properties.is_null() {
            pool.properties = json!({});
        }
        pool.properties["UserPoolName"] = name.into();
        resource::put(tx, &pool)?;
        Ok(pool)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        let mut next = old.changed_to(tx, desired);
        if desired.text("UserPoolName").is_empty() {
            next.properties["UserPoolName"] = old.text("UserPoolName").into();
        }
        check_name(next.text("UserPoolName"))?;
        resource::put(tx, &next)?;
        Ok(Updated::InPlace)
    }

    /// A pool takes its servers and clients along, but not its domain: that must go first.
    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        if old.text("DeletionProtection") == "ACTIVE" {
            return Err(invalid(
                "The user pool cannot be deleted because deletion protection is activated. \
                 Deletion protection must be inactivated first.",
            ));
        }
        if domain_of(tx, &old.id)?.is_some() {
            return Err(invalid(
                "User pool cannot be deleted. It has a domain configured that should be deleted \
                 first.",
            ));
        }
        for kind in [super::servers::SERVER, super::clients::CLIENT] {
            for part in resource::all(tx, kind)? {
                if part.text("UserPoolId") == old.id {
                    resource::forget(tx, &part)?;
                }
            }
        }
        super::keys::forget(tx, &old.id)?;
        super::users::forget(tx, &old.id)?;
        resource::forget(tx, old)
    }
}

/// Letters, digits, space and `+=,.@-_`, at most 128.
fn check_name(name: &str) -> Result<(), Fault> {
    let allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "+=,.@-_".contains(c);
    if name.chars().count() <= 128 && name.chars().all(allowed) {
        return Ok(());
    }
    Err(constraint(
        &format!("'{name}'"),
        "poolName",
        "satisfy regular expression pattern: [\\w\\s+=,.@-]+",
    ))
}

impl Provider for UserPoolDomain {
    fn kind(&self) -> &'static str {
        DOMAIN
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let name = desired.text("Domain");
        let pool = pool(tx, desired.text("UserPoolId"))?;
        check_domain(name, desired.properties.get("CustomDomainConfig").is_some())?;
        if tx.find(DOMAIN, name)?.is_some() {
            return Err(invalid("Domain already associated with another user pool."));
        }
        if domain_of(tx, &pool.id)?.is_some() {
            return Err(invalid("User pool already has a domain configured."));
        }
        let front = format!("{}.cloudfront.net", random::lower(14));
        let made = Resource::new(tx, DOMAIN, name, desired).with("CloudFrontDistribution", front);
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if old.text("Domain") != desired.text("Domain")
            || old.text("UserPoolId") != desired.text("UserPoolId")
        {
            return Ok(Updated::Replace);
        }
        resource::put(tx, &old.changed_to(tx, desired))?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        resource::forget(tx, old)
    }
}

/// A prefix: lower-case letters, digits and inner hyphens, at most 63, without reserved words.
fn check_domain(name: &str, custom: bool) -> Result<(), Fault> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let inner = !name.starts_with('-') && !name.ends_with('-') && name.len() <= 63;
    if !custom && (name.is_empty() || !inner || !name.chars().all(allowed)) {
        return Err(constraint(
            &format!("'{name}'"),
            "domain",
            "satisfy regular expression pattern: ^[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?$",
        ));
    }
    if let Some(word) = ["aws", "amazon", "cognito"].iter().find(|word| name.contains(**word)) {
        return Err(invalid(format!("Domain cannot contain reserved word: {word}")));
    }
    Ok(())
}

/// An API call's members as a template would write them.
fn properties(call: &Call) -> Value {
    let mut properties = call.input.clone();
    if let Value::Object(members) = &mut properties {
        members.shift_remove("UserPoolId");
        if let Some(name) = members.shift_remove("PoolName") {
            members.insert("UserPoolName".to_owned(), name);
        }
    }
    properties
}

pub(super) fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    required(call, "PoolName")?;
    let properties = properties(call);
    let made =
        UserPool.create(tx, &Desired { properties: &properties, stack: None, logical: None })?;
    Ok(Reply::ok(json!({"UserPool": view(tx, &made)?})))
}

pub(super) fn describe(tx: &Tx<'_>, call: &Call) -> Answer {
    let pool = pool(tx, required(call, "UserPoolId")?)?;
    Ok(Reply::ok(json!({"UserPool": view(tx, &pool)?})))
}

pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    let view = |pool: &Resource| {
        json!({"Id": pool.id, "Name": pool.text("UserPoolName"), "LambdaConfig": {},
            "CreationDate": epoch(pool.created), "LastModifiedDate": epoch(pool.changed)})
    };
    page(call, "UserPools", &resource::all(tx, POOL)?.iter().map(view).collect::<Vec<_>>(), None)
}

pub(super) fn update(tx: &Tx<'_>, call: &Call) -> Answer {
    let old = pool(tx, required(call, "UserPoolId")?)?;
    let mut properties = properties(call);
    if properties.get("UserPoolName").is_none() {
        properties["UserPoolName"] = old.text("UserPoolName").into();
    }
    rewrite(tx, &old, properties)?;
    Ok(Reply::ok(json!({})))
}

pub(super) fn delete(tx: &Tx<'_>, call: &Call) -> Answer {
    UserPool.delete(tx, &pool(tx, required(call, "UserPoolId")?)?)?;
    Ok(Reply::ok(json!({})))
}

pub(super) fn create_domain(tx: &Tx<'_>, call: &Call) -> Answer {
    required(call, "Domain")?;
    required(call, "UserPoolId")?;
    let desired = Desired { properties: &call.input, stack: None, logical: None };
    UserPoolDomain.create(tx, &desired)?;
    Ok(Reply::ok(json!({})))
}

/// A domain that nobody has is no error: its description is empty.
pub(super) fn describe_domain(tx: &Tx<'_>, call: &Call) -> Answer {
    let name = required(call, "Domain")?;
    let Some(domain) = resource::get(tx, DOMAIN, name)? else {
        return Ok(Reply::ok(json!({"DomainDescription": {}})));
    };
    let region = &tx.scope().region;
    let mut view = json!({
        "UserPoolId": domain.text("UserPoolId"), "AWSAccountId": tx.scope().account,
        "Domain": domain.id, "S3Bucket": format!("aws-cognito-prod-{region}-assets"),
        "CloudFrontDistribution": domain.attribute("CloudFrontDistribution"),
        "Version": domain.created.strftime("%Y%m%d%H%M%S").to_string(), "Status": "ACTIVE",
        "CustomDomainConfig": {}, "ManagedLoginVersion": 1});
    copy(&domain.properties, &mut view, &["CustomDomainConfig", "ManagedLoginVersion"]);
    Ok(Reply::ok(json!({"DomainDescription": view})))
}

pub(super) fn delete_domain(tx: &Tx<'_>, call: &Call) -> Answer {
    let name = required(call, "Domain")?;
    let pool = pool(tx, required(call, "UserPoolId")?)?;
    let domain = resource::get(tx, DOMAIN, name)?
        .filter(|domain| domain.text("UserPoolId") == pool.id)
        .ok_or_else(|| invalid("No such domain or user pool exists."))?;
    UserPoolDomain.delete(tx, &domain)?;
    Ok(Reply::ok(json!({})))
}
