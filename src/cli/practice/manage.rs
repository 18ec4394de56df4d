//! `practice env`, `practice status`, `practice reset`.

use std::time::Duration;

use serde_json::{Value, json};

use super::app_dir::app_dirs;
use super::deploy::Client;
use crate::cli::agree::agreed;
use crate::cli::server::{self, Server};
use crate::cli::session::practice_account;
use crate::cli::{Context, Error, Exit, Outcome, output};

const REGION: &str = "us-east-1";

/// Arguments of `practice reset`.
#[derive(Debug, clap::Args)]
pub(super) struct ResetArgs {
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

/// The region that commands for the practice account use.
pub(super) fn region(context: &Context) -> String {
    context.global.region.clone().unwrap_or_else(|| REGION.to_owned())
}

pub(super) async fn env(context: &Context) -> Outcome {
    let Some(notice) = server::running(context).await else {
        return Err(Error::unsure("the practice account is not served").with_remedy(
            "Start it in another terminal: stepproof practice start\n\
             Then here: eval \"$(stepproof practice env)\"",
        ));
    };
    let endpoint = format!("http://127.0.0.1:{}", notice.port);
    output::data(&exports(&endpoint, &practice_account(), &region(context)))?;
    Ok(Exit::Proven)
}

/// The variables that point tools at the practice account, and those that are taken away: a profile
/// or a session token of a real account would be sent along, and a proxy would be asked for
/// loopback.
pub(in crate::cli) fn environment(
    endpoint: &str,
    account: &str,
    region: &str,
) -> Vec<(&'static str, Option<String>)> {
    let set = |value: &str| Some(value.to_owned());
    vec![
        ("AWS_PROFILE", None),
        ("AWS_DEFAULT_PROFILE", None),
        ("AWS_SESSION_TOKEN", None),
        ("AWS_ENDPOINT_URL", set(endpoint)),
        ("AWS_ACCESS_KEY_ID", set(account)),
        ("AWS_SECRET_ACCESS_KEY", set("practice")),
        ("AWS_REGION", set(region)),
        ("AWS_DEFAULT_REGION", set(region)),
        ("NO_PROXY", set("127.0.0.1,localhost")),
        ("STEPPROOF_API_URL", Some(format!("{endpoint}/_api/{{api}}/{{stage}}/"))),
        ("STEPPROOF_TOKEN_URL", Some(format!("{endpoint}/_cognito/{{domain}}/oauth2/token"))),
    ]
}

/// The same as shell commands.
fn exports(endpoint: &str, account: &str, region: &str) -> String {
    let line = |(name, value): (&str, Option<String>)| match value {
        Some(value) => format!("export {name}='{value}'"),
        None => format!("unset {name}"),
    };
    let lines: Vec<String> = environment(endpoint, account, region).into_iter().map(line).collect();
    lines.join("\n")
}

pub(super) async fn status(context: &Context) -> Outcome {
    let server = server::find_or_serve(context).await?;
    let status = control(&server, "status", None).await?;
    let served = match &server {
        Server::Other(notice) => {
            format!("Served at {}, by process {}.", server.endpoint(), notice.pid)
        }
        Server::Own(_) => "Not served. `stepproof practice start` serves it.".to_owned(),
    };
    let state = context.home.join("practice.sqlite");
    let mut lines = vec![served, format!("State: {}", state.display())];
    let accounts = status["accounts"].as_array().cloned().unwrap_or_default();
    if accounts.is_empty() {
        lines.push("No account holds anything yet.".to_owned());
    }
    for account in accounts.iter().filter_map(Value::as_str) {
        lines.push(format!("Account {account}, {}:", region(context)));
        let stacks = Client::new(&server.endpoint(), account, &region(context)).stacks().await?;
        if stacks.is_empty() {
            lines.push("  no stack".to_owned());
        }
        for (name, status) in stacks {
            lines.push(format!("  {name}  {status}"));
        }
        for app in app_dirs(context, account) {
            lines.push(format!("  its copy of the app: {}", app.display()));
        }
    }
    output::data(&output::printable(&lines.join("\n")))?;
    Ok(Exit::Proven)
}

pub(super) async fn reset(args: &ResetArgs, context: &Context) -> Outcome {
    let account = practice_account();
    let server = server::find_or_serve(context).await?;
    let stacks = Client::new(&server.endpoint(), &account, &region(context)).stacks().await?;
    let apps = app_dirs(context, &account);
    let names: Vec<&str> = stacks.iter().map(|(name, _)| name.as_str()).collect();
    let mut lost = vec![match names.as_slice() {
        [] => "everything in it (it has no stack)".to_owned(),
        names => format!("its stacks {} and everything else in it", names.join(", ")),
    }];
    lost.extend(apps.iter().map(|app| format!("its copy of the app, {}", app.display())));
    let lost = lost.join("; ");
    output::words(&output::printable(&format!("Practice account {account} loses: {lost}.")));
    if !args.yes && !agreed("Empty it?")? {
        output::words("Nothing was changed.");
        return Ok(Exit::NotProven);
    }
    control(&server, "reset", Some(json!({ "account": account }))).await?;
    for app in apps {
        std::fs::remove_dir_all(&app).map_err(|error| {
            Error::usage(format!("the account is empty, but {} stays: {error}", app.display()))
        })?;
    }
    output::words(&format!("Practice account {account} is empty. Your journal stays."));
    Ok(Exit::Proven)
}

/// Asks the server's own endpoint.
async fn control(server: &Server, what: &str, body: Option<Value>) -> Result<Value, Error> {
    let failed = |error: reqwest::Error| {
        Error::unsure(format!("the practice account doesn't answer: {error}"))
    };
    let limit = Duration::from_secs(30);
    let client = reqwest::Client::builder().no_proxy().timeout(limit).build().map_err(failed)?;
    let address = format!("{}/_practice/{what}", server.endpoint());
    let request = match body {
        Some(body) => client.post(address).json(&body),
        None => client.get(address),
    };
    let answer = request.send().await.map_err(failed)?;
    let good = answer.status().is_success();
    let answer: Value = answer.json().await.map_err(failed)?;
    if good { Ok(answer) } else { Err(Error::unsure(answer["message"].to_string())) }
}

#[cfg(test)]
mod tests {
    use super::exports;

    #[test]
    fn what_env_prints_is_shell() {
        let script = format!(
            "set -eu\n{}\nprintf '%s %s' \"$AWS_ACCESS_KEY_ID\" \"$STEPPROOF_API_URL\"",
            exports("http://127.0.0.1:1", "111122223333", "eu-west-1")
        );
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text, "111122223333 http://127.0.0.1:1/_api/{api}/{stage}/");
    }
}
