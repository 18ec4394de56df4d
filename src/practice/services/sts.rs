//! STS: who calls, and roles to assume.

use serde_json::json;

use crate::practice::auth::SESSIONS;
use crate::practice::random;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, iso};

/// The identity of whoever calls with an account's own key.
pub fn caller_arn(account: &str) -> String {
    format!("arn:aws:iam::{account}:user/practice")
}

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "GetCallerIdentity" => {
            let account = &tx.scope().account;
            Ok(Reply::ok(json!({
                "Arn": caller_arn(account),
                "UserId": "AIDAPRACTICE000000000",
                "Account": account,
            })))
        }
        "AssumeRole" => assume_role(tx, call),
        _ => Err(call.unknown()),
    }
}

fn assume_role(tx: &Tx<'_>, call: &Call) -> Answer {
    let role = call.required("RoleArn")?;
    let session = call.required("RoleSessionName")?;
    let parts: Vec<&str> = role.splitn(6, ':').collect();
    let (account, name) = match parts.as_slice() {
        ["arn", "aws", "iam", "", account, path]
            if account.len() == 12
                && account.bytes().all(|b| b.is_ascii_digit())
                && path.starts_with("role/") =>
        {
            (*account, path.rsplit('/').next().unwrap_or(""))
        }
        _ => {
            return Err(Fault::new(400, "ValidationError", format!("{role} is invalid")));
        }
    };
    let seconds = call.number("DurationSeconds").unwrap_or(3600).clamp(900, 43_200);
    let expires = tx.now() + jiff::SignedDuration::from_secs(seconds);
    let key = format!("ASIA{}", random::upper(16));
    let mut home = tx.scope().clone();
    account.clone_into(&mut home.account);
    tx.within(home).global().put(SESSIONS, &key, &expires)?;
    Ok(Reply::ok(json!({
        "Credentials": {
            "AccessKeyId": key,
            "SecretAccessKey": random::letters(40),
            "SessionToken": random::letters(64),
            "Expiration": iso(expires),
        },
        "AssumedRoleUser": {
            "AssumedRoleId": format!("AROAPRACTICE00000000:{session}"),
            "Arn": format!("arn:aws:sts::{account}:assumed-role/{name}/{session}"),
        },
    })))
}
