//! Users and groups of a pool, and signing in with a password.
//!
//! Passwords are kept as salted digests. Users have no attributes beyond what they were made with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::clients::CLIENT;
use super::{issuer, keys, not_found, page, pools, required};
use crate::practice::random;
use crate::practice::resource;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, epoch};

const USERS: &str = "cognito:user";
const GROUPS: &str = "cognito:group";

#[derive(Debug, Serialize, Deserialize)]
struct User {
    name: String,
    sub: String,
    /// `FORCE_CHANGE_PASSWORD` until a permanent password is set, then `CONFIRMED`.
    status: String,
    salt: String,
    digest: String,
    attributes: Value,
    groups: Vec<String>,
    created: jiff::Timestamp,
    changed: jiff::Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
struct Group {
    name: String,
    description: String,
    precedence: Option<i64>,
    created: jiff::Timestamp,
}

fn key(pool: &str, name: &str) -> String {
    format!("{pool}/{name}")
}

fn digest(salt: &str, password: &str) -> String {
    STANDARD.encode(Sha256::digest(format!("{salt}:{password}")))
}

fn fault(code: &str, message: &str) -> Fault {
    Fault::new(400, code, message)
}

/// What the default password policy asks for.
fn check_password(password: &str) -> Result<(), Fault> {
    let has = |fits: fn(&char) -> bool| password.chars().any(|c| fits(&c));
    let problem = if password.chars().count() < 8 {
        "Password not long enough"
    } else if !has(char::is_ascii_uppercase) {
        "Password must have uppercase characters"
    } else if !has(char::is_ascii_lowercase) {
        "Password must have lowercase characters"
    } else if !has(char::is_ascii_digit) {
        "Password must have numeric characters"
    } else if !has(char::is_ascii_punctuation) {
        "Password must have symbol characters"
    } else {
        return Ok(());
    };
    let message = format!("Password did not conform with policy: {problem}");
    Err(fault("InvalidPasswordException", &message))
}

fn find(tx: &Tx<'_>, pool: &str, name: &str) -> Result<User, Fault> {
    tx.get(USERS, &key(pool, name))?
        .ok_or_else(|| fault("UserNotFoundException", "User does not exist."))
}

fn keep(tx: &Tx<'_>, pool: &str, user: &User) -> Result<(), Fault> {
    tx.put(USERS, &key(pool, &user.name), user)
}

/// The pool's id and the user that a call names.
fn named(tx: &Tx<'_>, call: &Call) -> Result<(String, User), Fault> {
    let pool = pools::pool(tx, required(call, "UserPoolId")?)?.id;
    let user = find(tx, &pool, required(call, "Username")?)?;
    Ok((pool, user))
}

fn all<T: serde::de::DeserializeOwned>(
    tx: &Tx<'_>,
    collection: &str,
    pool: &str,
) -> Result<Vec<T>, Fault> {
    let start = key(pool, "");
    let all = tx.list::<T>(collection)?.into_iter();
    Ok(all.filter(|(id, _)| id.starts_with(&start)).map(|(_, one)| one).collect())
}

/// Forgets the users and groups of a pool.
pub(super) fn forget(tx: &Tx<'_>, pool: &str) -> Result<(), Fault> {
    for collection in [USERS, GROUPS] {
        for (id, _) in tx.list::<Value>(collection)? {
            if id.starts_with(&key(pool, "")) {
                tx.delete(collection, &id)?;
            }
        }
    }
    Ok(())
}

fn view(user: &User, attributes: &str) -> Value {
    let mut all = vec![json!({"Name": "sub", "Value": user.sub})];
    all.extend(user.attributes.as_array().cloned().unwrap_or_default());
    json!({"Username": user.name, attributes: all, "Enabled": true, "UserStatus": user.status,
        "UserCreateDate": epoch(user.created), "UserLastModifiedDate": epoch(user.changed)})
}

fn group_view(group: &Group, pool: &str) -> Value {
    json!({"GroupName": group.name, "UserPoolId": pool, "Description": group.description,
        "Precedence": group.precedence, "CreationDate": epoch(group.created),
        "LastModifiedDate": epoch(group.created)})
}

pub(super) fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    let pool = pools::pool(tx, required(call, "UserPoolId")?)?.id;
    let name = required(call, "Username")?;
    if tx.get::<User>(USERS, &key(&pool, name))?.is_some() {
        return Err(fault("UsernameExistsException", "User account already exists"));
    }
    let password = match call.text("TemporaryPassword") {
        "" => random::letters(20),
        given => {
            check_password(given)?;
            given.to_owned()
        }
    };
    let salt = random::hex(32);
    let user = User {
        name: name.to_owned(),
        sub: random::uuid(),
        status: "FORCE_CHANGE_PASSWORD".to_owned(),
        digest: digest(&salt, &password),
        salt,
        attributes: call.input.get("UserAttributes").cloned().unwrap_or_else(|| json!([])),
        groups: Vec::new(),
        created: tx.now(),
        changed: tx.now(),
    };
    keep(tx, &pool, &user)?;
    Ok(Reply::ok(json!({"User": view(&user, "Attributes")})))
}

pub(super) fn set_password(tx: &Tx<'_>, call: &Call) -> Answer {
    let (pool, mut user) = named(tx, call)?;
    let password = required(call, "Password")?;
    check_password(password)?;
    user.digest = digest(&user.salt, password);
    let permanent = call.flag("Permanent");
    let status = if permanent { "CONFIRMED" } else { "FORCE_CHANGE_PASSWORD" };
    status.clone_into(&mut user.status);
    user.changed = tx.now();
    keep(tx, &pool, &user)?;
    Ok(Reply::ok(json!({})))
}

pub(super) fn get(tx: &Tx<'_>, call: &Call) -> Answer {
    let (_, user) = named(tx, call)?;
    Ok(Reply::ok(view(&user, "UserAttributes")))
}

pub(super) fn delete(tx: &Tx<'_>, call: &Call) -> Answer {
    let (pool, user) = named(tx, call)?;
    tx.delete(USERS, &key(&pool, &user.name))?;
    Ok(Reply::ok(json!({})))
}

/// Filters aren't offered: refused rather than ignored.
pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    if !call.text("Filter").is_empty() {
        return Err(Fault::not_implemented("cognito-idp", "ListUsers with a filter"));
    }
    let pool = pools::pool(tx, required(call, "UserPoolId")?)?.id;
    let users: Vec<User> = all(tx, USERS, &pool)?;
    let mut input = call.clone();
    // The service calls them otherwise here.
    for (from, to) in [("Limit", "MaxResults"), ("PaginationToken", "NextToken")] {
        if let Some(value) = call.input.get(from) {
            input.input[to] = value.clone();
        }
    }
    let users: Vec<Value> = users.iter().map(|user| view(user, "Attributes")).collect();
    let mut reply = page(&input, "Users", &users, Some(60))?;
    if let crate::practice::wire::ReplyBody::Members(members) = &mut reply.body
        && let Some(token) = members.get("NextToken").cloned()
    {
        members["PaginationToken"] = token;
    }
    Ok(reply)
}

pub(super) fn create_group(tx: &Tx<'_>, call: &Call) -> Answer {
    let pool = pools::pool(tx, required(call, "UserPoolId")?)?.id;
    let name = required(call, "GroupName")?;
    if tx.get::<Group>(GROUPS, &key(&pool, name))?.is_some() {
        let message = "A group with the name already exists.";
        return Err(fault("GroupExistsException", message));
    }
    let group = Group {
        name: name.to_owned(),
        description: call.text("Description").to_owned(),
        precedence: call.number("Precedence"),
        created: tx.now(),
    };
    tx.put(GROUPS, &key(&pool, name), &group)?;
    Ok(Reply::ok(json!({"Group": group_view(&group, &pool)})))
}

pub(super) fn list_groups(tx: &Tx<'_>, call: &Call) -> Answer {
    let pool = pools::pool(tx, required(call, "UserPoolId")?)?.id;
    let groups: Vec<Group> = all(tx, GROUPS, &pool)?;
    let groups: Vec<Value> = groups.iter().map(|group| group_view(group, &pool)).collect();
    page(call, "Groups", &groups, Some(60))
}

pub(super) fn delete_group(tx: &Tx<'_>, call: &Call) -> Answer {
    let pool = pools::pool(tx, required(call, "UserPoolId")?)?.id;
    let name = required(call, "GroupName")?;
    if !tx.delete(GROUPS, &key(&pool, name))? {
        return Err(not_found("Group not found."));
    }
    for mut user in all::<User>(tx, USERS, &pool)? {
        user.groups.retain(|group| group != name);
        keep(tx, &pool, &user)?;
    }
    Ok(Reply::ok(json!({})))
}

pub(super) fn add_to_group(tx: &Tx<'_>, call: &Call) -> Answer {
    let (pool, mut user) = named(tx, call)?;
    let group = required(call, "GroupName")?;
    if tx.get::<Group>(GROUPS, &key(&pool, group))?.is_none() {
        return Err(not_found("Group not found."));
    }
    if !user.groups.iter().any(|own| own == group) {
        user.groups.push(group.to_owned());
        keep(tx, &pool, &user)?;
    }
    Ok(Reply::ok(json!({})))
}

pub(super) fn remove_from_group(tx: &Tx<'_>, call: &Call) -> Answer {
    let (pool, mut user) = named(tx, call)?;
    let group = required(call, "GroupName")?;
    user.groups.retain(|own| own != group);
    keep(tx, &pool, &user)?;
    Ok(Reply::ok(json!({})))
}

pub(super) fn groups_of(tx: &Tx<'_>, call: &Call) -> Answer {
    let (pool, user) = named(tx, call)?;
    let groups: Vec<Group> = all(tx, GROUPS, &pool)?;
    let own = groups.iter().filter(|group| user.groups.contains(&group.name));
    page(call, "Groups", &own.map(|group| group_view(group, &pool)).collect::<Vec<_>>(), Some(60))
}

fn refused() -> Fault {
    fault("NotAuthorizedException", "Incorrect username or password.")
}

/// Signing in with a password. Nobody signs this call, so the client's id tells whose it is.
pub(super) fn initiate(tx: &Tx<'_>, call: &Call) -> Answer {
    let id = required(call, "ClientId")?;
    let flow = required(call, "AuthFlow")?;
    if flow != "USER_PASSWORD_AUTH" {
        let what = format!("InitiateAuth with {flow}");
        return Err(Fault::not_implemented("cognito-idp", &what));
    }
    let Some(home) = tx.find(CLIENT, id)? else {
        return Err(not_found(format!("User pool client {id} does not exist.")));
    };
    let tx = &tx.within(home);
    let client = resource::get(tx, CLIENT, id)?.ok_or_else(refused)?;
    if !client.texts("ExplicitAuthFlows").contains(&format!("ALLOW_{flow}")) {
        let message = "USER_PASSWORD_AUTH flow not enabled for this client";
        return Err(super::invalid(message));
    }
    let given = |name: &str| {
        let value = call.input.get("AuthParameters").and_then(|all| all.get(name));
        value.and_then(Value::as_str).unwrap_or("").to_owned()
    };
    if !client.attribute("ClientSecret").is_empty() {
        // A digest made with the secret isn't offered: clients of people have no secret.
        let message =
            format!("Client {id} is configured with secret but SECRET_HASH was not received");
        return Err(fault("NotAuthorizedException", &message));
    }
    let pool = client.text("UserPoolId").to_owned();
    let user = find(tx, &pool, &given("USERNAME")).map_err(|_| refused())?;
    if digest(&user.salt, &given("PASSWORD")) != user.digest {
        return Err(refused());
    }
    if user.status != "CONFIRMED" {
        return Ok(Reply::ok(json!({"ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": random::letters(64),
            "ChallengeParameters": {"USER_ID_FOR_SRP": user.name, "requiredAttributes": "[]",
                "userAttributes": "{}"}})));
    }
    Ok(Reply::ok(json!({"ChallengeParameters": {},
        "AuthenticationResult": tokens(tx, &pool, id, &user)?})))
}

fn tokens(tx: &Tx<'_>, pool: &str, client: &str, user: &User) -> Result<Value, Fault> {
    let now = tx.now().as_second();
    let claims = |kind: &str| {
        let mut claims = json!({"sub": user.sub, "iss": issuer(&tx.scope().region, pool),
            "token_use": kind, "auth_time": now, "iat": now, "exp": now + 3600,
            "jti": random::uuid(), "origin_jti": random::uuid(), "event_id": random::uuid()});
        if !user.groups.is_empty() {
            claims["cognito:groups"] = user.groups.clone().into();
        }
        claims
    };
    let mut access = claims("access");
    access["client_id"] = client.into();
    access["scope"] = "aws.cognito.signin.user.admin".into();
    access["username"] = user.name.clone().into();
    let mut identity = claims("id");
    identity["aud"] = client.into();
    identity["cognito:username"] = user.name.clone().into();
    Ok(json!({"AccessToken": keys::sign(tx, pool, &access)?, "ExpiresIn": 3600,
        "TokenType": "Bearer", "IdToken": keys::sign(tx, pool, &identity)?,
        "RefreshToken": random::letters(128)}))
}
