//! With which user and password a function's code logs in: from a secret, from a text in the code,
//! or from a variable.

use serde_json::{Value, json};

use super::context::{Context, Thrown};
use super::database::SqlError;
use crate::practice::properties::text;
use crate::practice::wire::Fault;

type Login = (String, String);

/// The login of the function's code, or the error that fetching it ends with.
pub(super) fn of(context: &Context<'_, '_>) -> Result<Result<Login, SqlError>, Fault> {
    let handler = context.function.text("Handler");
    // As a member of a command, as a method, or as a path of Lambda's extension for secrets.
    let fetches = ["etSecretValue", "secretsmanager/get"];
    if fetches.iter().any(|word| context.package.reaches(handler, word)) {
        return fetched(context, handler);
    }
    let written = |name: &str| context.package.after(handler, name).map(str::to_owned);
    let variables = context.function.properties.pointer("/Environment/Variables");
    let variable = |word: &str| {
        let all = variables.and_then(Value::as_object).into_iter().flatten();
        let mut named = all.filter(|(name, _)| name.to_ascii_uppercase().contains(word));
        named.find_map(|(_, value)| value.as_str()).map(str::to_owned)
    };
    let password = written("password:").or_else(|| variable("PASSWORD")).unwrap_or_default();
    Ok(Ok((written("user:").unwrap_or_else(|| "admin".to_owned()), password)))
}

fn fetched(context: &Context<'_, '_>, handler: &str) -> Result<Result<Login, SqlError>, Fault> {
    let id = match context.variable("SECRET_NAME") {
        "" => context.package.after(handler, "SecretId:").unwrap_or_default(),
        name => name,
    };
    match secret(context, id, json!({})) {
        Ok(login) => Ok(Ok(login)),
        Err(Thrown::Fault(fault)) => Err(fault),
        Err(Thrown::Error(kind, message)) => {
            Ok(Err(SqlError::new("SECRETS_MANAGER", format!("{kind}: {message}"))))
        }
    }
}

/// User and password of a version of a secret.
pub(super) fn secret(context: &Context<'_, '_>, id: &str, version: Value) -> Result<Login, Thrown> {
    let answer = context.secrets("GetSecretValue", id, version)?;
    let value: Value = serde_json::from_str(text(&answer, "SecretString")).map_err(|_| {
        Thrown::Error("SyntaxError".to_owned(), "The secret's value is not valid JSON".to_owned())
    })?;
    Ok((text(&value, "username").to_owned(), text(&value, "password").to_owned()))
}
