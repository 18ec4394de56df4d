//! AWS Secrets Manager: the secret that holds the database's login. Its value is never asked for.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::RotationRulesType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lambda::Functions;
use super::logins::ASKING;
use super::{text, time};
use crate::account::call::Operation;
use crate::account::fact::{FactError, Known, clip};
use crate::account::reader::{Reader, known};

/// The variable that names the secret.
pub(super) const SECRET_VARIABLE: &str = "SECRET_NAME";
/// The course's name for it.
pub(super) const COURSE_NAME: &str = "secure-serverless-db-secret";
/// Other secrets that are named.
const MOST_OTHERS: usize = 5;

/// The secret that the functions ask for.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DatabaseSecret {
    /// What the functions' variable SECRET_NAME holds, or most of them; the course's name where none
    /// has it.
    asked: String,
    /// The functions' variables agree.
    agreed: bool,
    /// It exists, also when it is scheduled for deletion.
    exists: bool,
    /// Its name.
    pub(super) name: String,
    /// Its ARN.
    pub(super) arn: String,
    /// When it will be deleted, RFC 3339; null when it won't.
    deleted: Option<String>,
    /// It has a version with the label AWSCURRENT.
    current: bool,
    /// The service that manages it: `rds`, or empty.
    owner: String,
    /// Rotation is switched on.
    rotation: bool,
    /// Name of the function that rotates it; null when none does.
    rotated_by: Option<String>,
    /// Days between rotations; null where a schedule says it otherwise.
    days: Option<i64>,
    /// The schedule: `rate(30 days)`, or null.
    schedule: Option<String>,
    /// When a rotation last finished, RFC 3339; null when none did.
    last_rotated: Option<String>,
    /// The version that a rotation began and didn't finish; null where there is none.
    unfinished: Option<String>,
    /// When the secret or a version of it was last changed, RFC 3339.
    changed: Option<String>,
    /// Where it doesn't exist: names of other secrets, at most five.
    others: Vec<String>,
}

pub(crate) async fn secret(reader: &Reader, facts: &Known) -> Result<DatabaseSecret, FactError> {
    let Functions { functions } = known(facts, "functions")?;
    let mut names: BTreeMap<&String, usize> = BTreeMap::new();
    for name in functions
        .iter()
        .filter(|function| ASKING.contains(&function.logical.as_str()))
        .filter_map(|function| function.settings.get(SECRET_VARIABLE))
        .filter(|name| !name.is_empty())
    {
        *names.entry(name).or_default() += 1;
    }
    let most = names.iter().max_by_key(|(_, times)| **times);
    let asked = most.map_or_else(|| COURSE_NAME.to_owned(), |(name, _)| (*name).clone());
    let account = &reader.account;
    let request = account.clients().secretsmanager.describe_secret().secret_id(&asked).send();
    let (answer, others) =
        match account.call(Operation("secretsmanager", "DescribeSecret"), request).await {
            Ok(answer) => (Some(answer), Vec::new()),
            Err(error) if error.is(&["ResourceNotFoundException"]) => (None, others(reader).await?),
            Err(error) => return Err(error.into()),
        };
    Ok(read(&asked, names.len() <= 1, answer.as_ref(), others))
}

fn read(
    asked: &str,
    agreed: bool,
    answer: Option<&DescribeSecretOutput>,
    others: Vec<String>,
) -> DatabaseSecret {
    let of = |field: fn(&DescribeSecretOutput) -> Option<&str>| text(answer.and_then(field));
    let date = |field: fn(&DescribeSecretOutput) -> Option<&aws_smithy_types::DateTime>| {
        time(answer.and_then(field))
    };
    let stages = answer.and_then(DescribeSecretOutput::version_ids_to_stages);
    let has = |labels: &[String], label: &str| labels.iter().any(|own| own == label);
    let rules = answer.and_then(DescribeSecretOutput::rotation_rules);
    let function = of(DescribeSecretOutput::rotation_lambda_arn);
    DatabaseSecret {
        asked: clip(asked, 256),
        agreed,
        exists: answer.is_some(),
        name: of(DescribeSecretOutput::name),
        arn: of(DescribeSecretOutput::arn),
        deleted: date(DescribeSecretOutput::deleted_date),
        current: stages.is_some_and(|all| all.values().any(|labels| has(labels, "AWSCURRENT"))),
        owner: of(DescribeSecretOutput::owning_service),
        rotation: answer.and_then(DescribeSecretOutput::rotation_enabled).unwrap_or_default(),
        rotated_by: function.rsplit(':').next().filter(|name| !name.is_empty()).map(str::to_owned),
        days: rules.and_then(RotationRulesType::automatically_after_days),
        schedule: rules.and_then(|rules| rules.schedule_expression()).map(|text| clip(text, 64)),
        last_rotated: date(DescribeSecretOutput::last_rotated_date),
        unfinished: stages.and_then(unfinished),
        changed: date(DescribeSecretOutput::last_changed_date),
        others,
    }
}

/// The version that a rotation left behind: labelled as the next one, and not the current one.
fn unfinished(stages: &HashMap<String, Vec<String>>) -> Option<String> {
    let has = |labels: &[String], label: &str| labels.iter().any(|own| own == label);
    let mut left =
        stages.iter().filter(|(_, labels)| has(labels, "AWSPENDING") && !has(labels, "AWSCURRENT"));
    left.next().map(|(version, _)| clip(version, 64))
}

/// Names of some of the account's secrets: what a wrong name may have been meant to be.
async fn others(reader: &Reader) -> Result<Vec<String>, FactError> {
    let account = &reader.account;
    let mut names: Vec<String> = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let request = account.clients().secretsmanager.list_secrets().max_results(20);
        let request = request.set_next_token(next).send();
        let page = account.call(Operation("secretsmanager", "ListSecrets"), request).await?;
        let listed = page.secret_list().iter().filter_map(|secret| secret.name());
        names.extend(listed.filter(|name| !name.is_empty()).map(|name| clip(name, 128)));
        names.truncate(MOST_OTHERS);
        next = page.next_token().map(ToOwned::to_owned);
        if next.is_none() || names.len() == MOST_OTHERS {
            return Ok(names);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_is_unfinished_while_the_next_version_is_not_the_current_one() {
        let stages = |pairs: &[(&str, &[&str])]| {
            let owned = |(id, labels): &(&str, &[&str])| {
                ((*id).to_owned(), labels.iter().map(ToString::to_string).collect())
            };
            unfinished(&pairs.iter().map(owned).collect())
        };
        assert_eq!(stages(&[("a", &["AWSCURRENT"])]), None);
        // What AWS's own rotation functions leave: both labels on one version.
        assert_eq!(stages(&[("a", &["AWSPREVIOUS"]), ("b", &["AWSCURRENT", "AWSPENDING"])]), None);
        let stuck = stages(&[("a", &["AWSCURRENT"]), ("b", &["AWSPENDING"])]);
        assert_eq!(stuck.as_deref(), Some("b"));
    }
}
