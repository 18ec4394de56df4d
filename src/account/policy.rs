//! The IAM policy that reading all facts needs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::fact::FactSpec;

/// Actions that need no grant.
const FREE: [&str; 1] = ["sts:GetCallerIdentity"];

/// The policy for these facts: one statement a service, actions sorted. Reading is allowed on the
/// narrowest resources that are known before the stacks exist.
pub fn policy(facts: &[FactSpec]) -> Value {
    let mut services: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for action in facts.iter().flat_map(|fact| fact.actions) {
        let service = action.split(':').next().unwrap_or_default();
        let actions = services.entry(service).or_default();
        if !FREE.contains(action) && !actions.contains(action) {
            actions.push(action);
        }
    }
    let statements: Vec<Value> = services
        .into_iter()
        .filter(|(_, actions)| !actions.is_empty())
        .map(|(service, mut actions)| {
            actions.sort_unstable();
            let sid: String = service.split('-').map(capitalized).collect();
            json!({
                "Sid": format!("Read{sid}"),
                "Effect": "Allow",
                "Action": actions,
                "Resource": resource(service),
            })
        })
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// What a service's actions may read.
fn resource(service: &str) -> Value {
    match service {
        // The list of keys, but no single one: the clean-up asks which are left, not for values.
        "apigateway" => json!([
            "arn:aws:apigateway:*::/restapis*",
            "arn:aws:apigateway:*::/usageplans*",
            "arn:aws:apigateway:*::/apikeys",
        ]),
        "dynamodb" => json!([
            "arn:aws:dynamodb:*:*:table/*-CustomizationDemandAnalytics",
            "arn:aws:dynamodb:*:*:table/*-WildRydePartners",
        ]),
        _ => json!("*"),
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::catalog;

    #[test]
    fn every_action_of_every_fact_is_allowed_once_and_nothing_else() {
        let policy = policy(catalog());
        let mut allowed: Vec<&str> = policy["Statement"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|statement| statement["Action"].as_array().unwrap())
            .map(|action| action.as_str().unwrap())
            .collect();
        let mut needed: Vec<&str> =
            catalog().iter().flat_map(|fact| fact.actions.iter().copied()).collect();
        needed.retain(|action| !FREE.contains(action));
        needed.sort_unstable();
        needed.dedup();
        allowed.sort_unstable();
        assert_eq!(allowed, needed);
    }

    #[test]
    fn only_reading_is_allowed() {
        for fact in catalog() {
            for action in fact.actions {
                let verb = action.split(':').nth(1).unwrap();
                // A question about a decision changes nothing either.
                let asks = ["IsAuthorized", "Simulate"];
                let reads = ["AdminList", "BatchGet", "Get", "List", "Describe", "Scan", "GET"];
                let reads = [&asks[..], &reads[..]].concat();
                assert!(reads.iter().any(|read| verb.starts_with(read)), "{action}");
            }
        }
    }
}
