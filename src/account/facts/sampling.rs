//! What keeps requests out of AWS X-Ray although their stage is traced: a sampling rule, or a
//! destination that X-Ray sees a share of only.

use aws_sdk_xray::types as sdk;

use super::apigateway::{Stage, absent};
use super::text;
use crate::account::call::Operation;
use crate::account::fact::{CannotLook, FactError, Reason};
use crate::account::reader::Reader;

/// What X-Ray calls a stage of an API.
pub(in crate::account) const STAGE: &str = "AWS::ApiGateway::Stage";

/// What sampling rules look at of a GET request.
#[derive(Debug)]
struct Subject {
    service: String,
    host: String,
    path: String,
    arn: String,
}

/// The name of the sampling rule that decides about `GET {path}` of the stage, where it records
/// nothing. `service` is what X-Ray calls the stage, as far as it is known.
pub(in crate::account) async fn left_out(
    reader: &Reader,
    stage: &Stage,
    path: &str,
    service: Option<&str>,
) -> Result<Option<String>, FactError> {
    let mut rules = rules(reader).await?;
    rules.sort_by(|a, b| (a.priority(), a.rule_name()).cmp(&(b.priority(), b.rule_name())));
    let names_services = |rule: &sdk::SamplingRule| rule.service_name() != "*";
    let service = match service {
        Some(service) => service.to_owned(),
        None if rules.iter().any(names_services) => {
            format!("{}/{}", api_name(reader, stage).await?, stage.name)
        }
        None => String::new(),
    };
    let region = reader.account.region();
    let subject = Subject {
        service,
        host: format!("{}.execute-api.{region}.amazonaws.com", stage.api),
        path: format!("/{}{path}", stage.name),
        arn: format!("arn:aws:apigateway:{region}::/restapis/{}/stages/{}", stage.api, stage.name),
    };
    let decides = rules.iter().find(|rule| matches(rule, &subject));
    Ok(decides.filter(|rule| records_nothing(rule)).map(|rule| text(rule.rule_name())))
}

async fn rules(reader: &Reader) -> Result<Vec<sdk::SamplingRule>, FactError> {
    let account = &reader.account;
    let mut found = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let request = account.clients().xray.get_sampling_rules().set_next_token(token.take());
        let answer = account.call(Operation("xray", "GetSamplingRules"), request.send()).await?;
        let records = answer.sampling_rule_records().iter();
        found.extend(records.filter_map(|record| record.sampling_rule().cloned()));
        token = answer.next_token().filter(|token| !token.is_empty()).map(ToOwned::to_owned);
        if token.is_none() {
            return Ok(found);
        }
    }
}

async fn api_name(reader: &Reader, stage: &Stage) -> Result<String, FactError> {
    let account = &reader.account;
    let request = account.clients().apigateway.get_rest_api().rest_api_id(&stage.api).send();
    let answer = account
        .call(Operation("apigateway", "GetRestApi"), request)
        .await
        .map_err(|error| absent(error, &format!("API {}", stage.api)))?;
    Ok(text(answer.name()))
}

/// Whether the rule decides about the request. One that asks for headers doesn't: none are sent.
fn matches(rule: &sdk::SamplingRule, subject: &Subject) -> bool {
    rule.attributes().is_none_or(std::collections::HashMap::is_empty)
        && fits(rule.service_name(), &subject.service)
        && fits(rule.service_type(), STAGE)
        && fits(rule.host(), &subject.host)
        && fits(rule.http_method(), "GET")
        && fits(rule.url_path(), &subject.path)
        && fits(rule.resource_arn(), &subject.arn)
}

fn records_nothing(rule: &sdk::SamplingRule) -> bool {
    rule.reservoir_size() == 0 && rule.fixed_rate() <= 0.0
}

/// Whether a text fits a pattern with `*` and `?`.
fn fits(pattern: &str, text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    // After each part of the pattern: how much of the text it may have taken.
    let mut taken = vec![false; letters.len() + 1];
    taken[0] = true;
    for wanted in pattern.chars() {
        if wanted == '*' {
            let from = taken.iter().position(|taken| *taken).unwrap_or(taken.len());
            taken[from..].fill(true);
            continue;
        }
        for at in (0..letters.len()).rev() {
            taken[at + 1] = taken[at] && (wanted == '?' || wanted == letters[at]);
        }
        taken[0] = false;
    }
    taken[letters.len()]
}

/// Refuses where traces go to Amazon CloudWatch Logs: X-Ray's not showing one says nothing then.
pub(in crate::account) async fn must_be_shown(reader: &Reader) -> Result<(), FactError> {
    let account = &reader.account;
    let request = account.clients().xray.get_trace_segment_destination().send();
    let operation = Operation("xray", "GetTraceSegmentDestination");
    let answer = account.call(operation, request).await?;
    if answer.destination() != Some(&sdk::TraceSegmentDestination::CloudWatchLogs) {
        return Ok(());
    }
    let message = format!(
        "Traces go to Amazon CloudWatch Logs in region {} (Transaction Search), and X-Ray shows a share of them only.",
        account.region()
    );
    let remedy = "Let X-Ray index all of them: `aws xray update-indexing-rule --name Default --rule '{\"Probabilistic\": {\"DesiredSamplingPercentage\": 100}}'`.";
    Err(FactError::CannotLook(CannotLook {
        reason: Reason::Elsewhere,
        message,
        remedy: remedy.to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(change: impl FnOnce(&mut sdk::SamplingRule)) -> sdk::SamplingRule {
        let mut rule = sdk::SamplingRule::builder()
            .rule_name("Nothing")
            .priority(1)
            .fixed_rate(0.0)
            .reservoir_size(0)
            .resource_arn("*")
            .service_name("*")
            .service_type("*")
            .host("*")
            .http_method("*")
            .url_path("*")
            .version(1)
            .build()
            .expect("whole");
        change(&mut rule);
        rule
    }

    #[test]
    fn a_rule_decides_about_what_fits_all_of_it() {
        let subject = Subject {
            service: "CustomizeUnicorns/dev".to_owned(),
            host: "abc.execute-api.us-east-1.amazonaws.com".to_owned(),
            path: "/dev/socks".to_owned(),
            arn: "arn:aws:apigateway:us-east-1::/restapis/abc/stages/dev".to_owned(),
        };
        let decides = |change: fn(&mut sdk::SamplingRule)| matches(&rule(change), &subject);
        assert!(decides(|_| ()));
        assert!(decides(|rule| rule.service_name = "CustomizeUnicorns/*".to_owned()));
        assert!(decides(|rule| rule.url_path = "/dev/s?cks".to_owned()));
        assert!(decides(|rule| rule.host = "*.execute-api.*.amazonaws.com".to_owned()));
        assert!(!decides(|rule| rule.service_name = "CustomizeUnicorns/test".to_owned()));
        assert!(!decides(|rule| rule.service_type = "AWS::EC2::Instance".to_owned()));
        assert!(!decides(|rule| rule.http_method = "POST".to_owned()));
        assert!(!decides(|rule| {
            rule.attributes = Some([("User-Agent".to_owned(), "curl*".to_owned())].into());
        }));
    }

    #[test]
    fn a_rule_records_nothing_without_rate_and_reservoir() {
        assert!(records_nothing(&rule(|_| ())));
        assert!(!records_nothing(&rule(|rule| rule.reservoir_size = 1)));
        assert!(!records_nothing(&rule(|rule| rule.fixed_rate = 0.01)));
    }
}
