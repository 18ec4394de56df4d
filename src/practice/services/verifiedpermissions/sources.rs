//! Identity sources: whose tokens a store takes.

use serde_json::{Value, json};

use super::{camel, dated, invalid, merge, new_id, not_found, page, pascal, stores};
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::services::cognito;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

pub(super) const SOURCE: &str = "AWS::VerifiedPermissions::IdentitySource";
const POOL: &str = "/Configuration/CognitoUserPoolConfiguration";

/// `AWS::VerifiedPermissions::IdentitySource`.
#[derive(Debug)]
pub struct IdentitySource;

/// The store's identity sources: one at most.
pub(super) fn of(tx: &Tx<'_>, store: &str) -> Result<Vec<Resource>, Fault> {
    let mut all = resource::all(tx, SOURCE)?;
    all.retain(|source| source.text("PolicyStoreId") == store);
    Ok(all)
}

/// The user pool's id.
pub(super) fn pool(source: &Resource) -> &str {
    let arn = source.properties.pointer(&format!("{POOL}/UserPoolArn")).and_then(Value::as_str);
    arn.and_then(|arn| arn.rsplit_once("userpool/")).map_or("", |(_, pool)| pool)
}

/// The clients whose tokens it takes; empty: all.
pub(super) fn clients(source: &Resource) -> Vec<&str> {
    let list = source.properties.pointer(&format!("{POOL}/ClientIds")).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The entity type of groups, or empty.
pub(super) fn group_type(source: &Resource) -> &str {
    let kind = source.properties.pointer(&format!("{POOL}/GroupConfiguration/GroupEntityType"));
    kind.and_then(Value::as_str).unwrap_or("")
}

fn check(source: &Value) -> Result<(), Fault> {
    let arn = source.pointer(&format!("{POOL}/UserPoolArn")).and_then(Value::as_str);
    match arn {
        Some(arn) if arn.contains(":cognito-idp:") && arn.contains(":userpool/") => Ok(()),
        Some(arn) => Err(invalid(format!("{arn} is not the ARN of a user pool"))),
        None if source.pointer("/Configuration/OpenIdConnectConfiguration").is_some() => {
            Err(Fault::not_implemented("verifiedpermissions", "OpenID Connect identity sources"))
        }
        None => Err(invalid("configuration needs cognitoUserPoolConfiguration")),
    }
}

impl Provider for IdentitySource {
    fn kind(&self) -> &'static str {
        SOURCE
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let store = stores::find(tx, desired.text("PolicyStoreId"))?;
        check(desired.properties)?;
        if !of(tx, &store.id)?.is_empty() {
            return Err(Fault::new(
                400,
                "ServiceQuotaExceededException",
                "A policy store has one identity source",
            ));
        }
        let id = new_id();
        let key = format!("{}|{id}", store.id);
        let made = Resource::new(tx, SOURCE, key, desired).with("IdentitySourceId", id);
        if cognito::pool_arn(tx, pool(&made))?.is_none() {
            return Err(invalid("The user pool does not exist"));
        }
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if old.text("PolicyStoreId") != desired.text("PolicyStoreId") {
            return Ok(Updated::Replace);
        }
        check(desired.properties)?;
        resource::put(tx, &old.changed_to(tx, desired))?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        resource::forget(tx, old)
    }
}

fn named(source: &Resource) -> Value {
    let mut view = dated(source);
    merge(
        &mut view,
        json!({"policyStoreId": source.text("PolicyStoreId"),
            "identitySourceId": source.attribute("IdentitySourceId")}),
    );
    view
}

/// The entity type of the callers: as given, else `User` of the schema's first namespace.
pub(super) fn principal_type(tx: &Tx<'_>, source: &Resource) -> Result<String, Fault> {
    let given = source.text("PrincipalEntityType");
    if !given.is_empty() {
        return Ok(given.to_owned());
    }
    let store = stores::find(tx, source.text("PolicyStoreId"))?;
    let namespaces = match stores::schema_text(&store) {
        Some(text) => super::cedar::schema(text)?.1,
        None => Vec::new(),
    };
    Ok(match namespaces.first().map(String::as_str) {
        None | Some("") => "User".to_owned(),
        Some(namespace) => format!("{namespace}::User"),
    })
}

fn view(tx: &Tx<'_>, source: &Resource) -> Result<Value, Fault> {
    let mut view = named(source);
    let region = &tx.scope().region;
    let mut configuration = camel(source.properties.get("Configuration").unwrap_or(&Value::Null));
    configuration["cognitoUserPoolConfiguration"]["issuer"] =
        cognito::issuer(region, pool(source)).into();
    configuration["cognitoUserPoolConfiguration"]["clientIds"] = clients(source).into();
    let arn = configuration["cognitoUserPoolConfiguration"]["userPoolArn"].clone();
    merge(
        &mut view,
        json!({"principalEntityType": principal_type(tx, source)?,
            "details": {"clientIds": clients(source), "userPoolArn": arn,
                "openIdIssuer": "COGNITO"},
            "configuration": configuration}),
    );
    Ok(view)
}

pub(super) fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    stores::of(tx, call)?;
    let properties = pascal(&call.input);
    let desired = Desired { properties: &properties, stack: None, logical: None };
    Ok(Reply::ok(named(&IdentitySource.create(tx, &desired)?)))
}

fn find(tx: &Tx<'_>, call: &Call) -> Result<Resource, Fault> {
    let store = stores::of(tx, call)?;
    let id = call.required("identitySourceId")?;
    resource::get(tx, SOURCE, &format!("{}|{id}", store.id))?
        .ok_or_else(|| not_found("identity source", id))
}

pub(super) fn get(tx: &Tx<'_>, call: &Call) -> Answer {
    Ok(Reply::ok(view(tx, &find(tx, call)?)?))
}

pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    let store = stores::of(tx, call)?;
    let all = of(tx, &store.id)?;
    let all = all.iter().map(|source| view(tx, source)).collect::<Result<Vec<_>, _>>()?;
    page(call, "identitySources", &all, 50)
}

pub(super) fn update(tx: &Tx<'_>, call: &Call) -> Answer {
    let old = find(tx, call)?;
    let mut properties = old.properties.clone();
    merge(
        &mut properties,
        json!({"Configuration": call.input.get("updateConfiguration").map(pascal),
            "PrincipalEntityType": call.input.get("principalEntityType")}),
    );
    check(&properties)?;
    let next = Resource { properties, changed: tx.now(), ..old };
    resource::put(tx, &next)?;
    Ok(Reply::ok(named(&next)))
}

pub(super) fn delete(tx: &Tx<'_>, call: &Call) -> Answer {
    resource::forget(tx, &find(tx, call)?)?;
    Ok(Reply::ok(json!({})))
}
