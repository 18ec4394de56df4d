//! Whether the application answers as the policy store's policies say: a client reads unicorns
//! that a policy gives it, and unicorns of its company that none does.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::outcome::{Answer, message, outcome};
use super::tokens::Exchanges;
use super::{KEY, answered_at_all, api_address, exchange, patiently, unreachable};
use crate::account::fact::{FactError, Known};
use crate::account::facts::cloudformation::AppStack;
use crate::account::facts::verifiedpermissions::{Policies, Policy, PolicyStore};
use crate::account::reader::{Reader, known};
use crate::account::secret::Secret;

/// Clients that are tried.
const MOST_CLIENTS: usize = 3;
/// Unicorns of each kind that a client asks for.
const MOST_UNICORNS: usize = 2;

/// What clients got of unicorns.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Ownership {
    /// The requests.
    calls: Vec<Attempt>,
}

/// A GET /customizations/{id} with a client's token.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Attempt {
    /// The client's id.
    client: String,
    /// The unicorn's id.
    unicorn: String,
    /// A policy of the store permits this client this unicorn.
    owner: bool,
    /// The client's own list shows the unicorn: it belongs to the client's company.
    listed: bool,
    /// HTTP status.
    status: u16,
    /// The application gave the unicorn out.
    allowed: bool,
    /// The application refused it for want of a permission. A 404 counts only where the list shows
    /// the unicorn: for another company's, the application answered 404 before it asked anybody.
    refused: bool,
}

pub(crate) async fn calls(reader: &Reader, facts: &Known) -> Result<Ownership, FactError> {
    reader.may_probe()?;
    let stack: AppStack = known(facts, "app_stack")?;
    let store: PolicyStore = known(facts, "policy_store")?;
    let Policies { policies, .. } = known(facts, "policies")?;
    let exchanges: Exchanges = known(facts, "token_exchange")?;
    if store.route != "function" {
        // An API-linked store decides about methods, not about unicorns.
        return Ok(Ownership { calls: Vec::new() });
    }
    let base = api_address(reader, &stack)?;
    let clients = exchanges.partners.iter().filter(|exchange| exchange.ok).take(MOST_CLIENTS);
    let asked = clients.map(|exchange| of_client(reader, &base, &exchange.client, &policies));
    let calls = try_join_all(asked).await?.into_iter().flatten().collect();
    Ok(Ownership { calls })
}

/// Asks for a client's own unicorns, and for others', with its token.
async fn of_client(
    reader: &Reader,
    base: &str,
    client: &str,
    policies: &[Policy],
) -> Result<Vec<Attempt>, FactError> {
    let token = reader.vault().tokens.get(client).cloned();
    let (token, key) = (token.ok_or_else(|| unreachable(base))?, reader.key_for(client));
    let who = (&*token, key.as_deref());
    let get = async |path: &str| {
        let send = || get(reader, base, path, who);
        let answer = patiently(reader, send, |answer| outcome(answer) == "throttled").await?;
        answered_at_all(outcome(&answer))?;
        Ok::<_, FactError>(answer)
    };
    let (listed, get) = (&listed(&get("customizations").await?), &get);
    let asked = chosen(client, listed, policies).into_iter().map(|(unicorn, owner)| async move {
        let answer = get(&format!("customizations/{unicorn}")).await?;
        Ok::<_, FactError>(attempt(client, unicorn, owner, listed, &answer))
    });
    try_join_all(asked).await
}

/// GET with a token and an API key: the token as it is, and where that is refused, after `Bearer`.
async fn get(
    reader: &Reader,
    base: &str,
    path: &str,
    (token, key): (&Secret, Option<&Secret>),
) -> Result<Answer, FactError> {
    let send = |header: &str| {
        let request = reader.probe(Method::GET, base, path);
        let request = request.header("authorization", header);
        let request = match key {
            Some(key) => request.header(KEY, key.expose()),
            None => request,
        };
        exchange(reader, base, request)
    };
    let answer = send(token.expose()).await?;
    if outcome(&answer) != "unauthorized" {
        return Ok(answer);
    }
    send(&format!("Bearer {}", token.expose())).await
}

/// Ids that are safe to ask for: what isn't a number could be SQL.
fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 18 && text.chars().all(|c| c.is_ascii_digit())
}

/// Ids in a list of customizations, in its order.
fn listed(answer: &Answer) -> Vec<String> {
    let Answer { status: 200, json: Some(Value::Array(rows)), .. } = answer else {
        return Vec::new();
    };
    let id = |row: &Value| match row.get("ID")? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    };
    rows.iter().filter_map(id).filter(|id| is_id(id)).collect()
}

/// The newest unicorns that a policy gives to the client, and the newest that none does: of its
/// own list first, else of the store's other policies.
fn chosen(client: &str, listed: &[String], policies: &[Policy]) -> Vec<(String, bool)> {
    let of_unicorn = |policy: &&Policy| {
        policy.permits
            && policy.principal_type == "WildRydes::User"
            && policy.resource_type == "WildRydes::Unicorn"
            && is_id(&policy.resource)
            && (policy.actions.is_empty() || policy.actions.iter().any(|a| a == "GetUnicorn"))
    };
    let named: Vec<&Policy> = policies.iter().filter(of_unicorn).collect();
    let owned: BTreeSet<&str> = named
        .iter()
        .filter(|policy| policy.principal == client)
        .map(|policy| policy.resource.as_str())
        .collect();
    let own = listed.iter().rev().map(String::as_str).filter(|id| owned.contains(id));
    let foreign = named.iter().rev().map(|policy| policy.resource.as_str());
    let others: Vec<&str> = listed.iter().rev().map(String::as_str).chain(foreign).collect();
    let mut seen = BTreeSet::new();
    let others = others.into_iter().filter(|id| !owned.contains(id) && seen.insert(*id));
    let own = own.take(MOST_UNICORNS).map(|id| (id.to_owned(), true));
    own.chain(others.take(MOST_UNICORNS).map(|id| (id.to_owned(), false))).collect()
}

fn attempt(
    client: &str,
    unicorn: String,
    owner: bool,
    listed: &[String],
    answer: &Answer,
) -> Attempt {
    let listed = listed.contains(&unicorn);
    let (status, json) = (answer.status, answer.json.as_ref());
    let from_app = outcome(answer) == "app_error";
    // The public workshop's function answers 500 with the body "Unauthorized".
    let says_no = message(json).contains("Unauthorized")
        || json.and_then(Value::as_str).is_some_and(|text| text.contains("Unauthorized"));
    Attempt {
        client: client.to_owned(),
        unicorn,
        owner,
        listed,
        status,
        allowed: status == 200,
        refused: from_app
            && match status {
                403 => true,
                404 => listed,
                500 => says_no,
                _ => false,
            },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(principal: &str, resource: &str) -> Policy {
        serde_json::from_value(json!({"id": "p", "linked": true, "template": "t", "permits": true,
            "principal_type": "WildRydes::User", "principal": principal,
            "resource_type": "WildRydes::Unicorn", "resource": resource, "actions": [],
            "created": null}))
        .expect("a policy")
    }

    fn answer(status: u16, body: Value) -> Answer {
        Answer { status, error_type: String::new(), json: Some(body) }
    }

    #[test]
    fn own_and_other_unicorns_are_asked_for_and_nothing_that_could_be_sql() {
        let listed = ["1", "2", "3"].map(str::to_owned);
        let policies = [policy("me", "3"), policy("you", "9"), policy("you", "1; DROP TABLE x")];
        let asked = chosen("me", &listed, &policies);
        let wanted = [("3", true), ("2", false), ("1", false)];
        assert_eq!(asked, wanted.map(|(id, owner)| (id.to_owned(), owner)));
        assert_eq!(chosen("me", &[], &policies), [("9".to_owned(), false)]);
    }

    #[test]
    fn a_404_proves_nothing_about_another_companys_unicorn() {
        let body = || json!({"message": "No such customization"});
        let listed = ["1".to_owned()];
        assert!(attempt("me", "1".to_owned(), false, &listed, &answer(404, body())).refused);
        assert!(!attempt("me", "2".to_owned(), false, &listed, &answer(404, body())).refused);
        let own = answer(403, json!({"message": "Not your unicorn"}));
        assert!(attempt("me", "2".to_owned(), false, &listed, &own).refused);
        let gateway = answer(403, json!({"message": "Forbidden"}));
        assert!(!attempt("me", "1".to_owned(), false, &listed, &gateway).refused);
        let public = answer(500, json!("Unauthorized"));
        assert!(attempt("me", "1".to_owned(), false, &listed, &public).refused);
        let broken = answer(500, json!({"message": "Error customizing unicorn"}));
        assert!(!attempt("me", "1".to_owned(), false, &listed, &broken).refused);
    }
}
