//! The CloudFormation template of a room's table: who may write what.
//!
//! The partition key is the account's number, so that one condition keeps each attendee to their
//! own partition. What is for all lies in the partition `everyone`, which they may only read.

use serde_json::{Value, json};

use super::address::{Code, Place, is_account};

/// The partition that every attendee may read and none may write.
pub(super) const EVERYONE: &str = "everyone";
/// DynamoDB's limit for a resource policy, in bytes with white space.
const LONGEST_POLICY: usize = 20 * 1024;
/// IAM's limit for the policy that says who may take a role, without white space.
const LONGEST_TRUST: usize = 2048;

/// Who may join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guests {
    /// These accounts.
    Accounts(Vec<String>),
    /// All accounts of an AWS organization.
    Organization(String),
}

/// How attendees reach the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The table's own policy lets their accounts in.
    Policy,
    /// They take a role in the table's account, for where a table's policy can't be used.
    Role,
}

/// A room's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The room's name, which the code holds.
    pub room: String,
    /// Who may join.
    pub guests: Guests,
    /// How they reach it.
    pub access: Access,
}

/// A policy would be longer than AWS takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{accounts} accounts are too many for one policy: it takes about {most}")]
pub struct TooMany {
    /// How many there are.
    pub accounts: usize,
    /// About how many fit.
    pub most: usize,
}

impl Guests {
    /// Accounts, each once.
    pub fn accounts(accounts: impl IntoIterator<Item = String>) -> Self {
        let mut accounts: Vec<String> =
            accounts.into_iter().filter(|text| is_account(text)).collect();
        accounts.sort_unstable();
        accounts.dedup();
        Self::Accounts(accounts)
    }

    /// The condition that lets them in and nobody else. Values without wildcards and variables:
    /// otherwise the policy would count as public and be refused.
    fn condition(&self) -> Value {
        match self {
            Self::Accounts(accounts) => json!({ "aws:PrincipalAccount": accounts }),
            Self::Organization(id) => json!({ "aws:PrincipalOrgID": id }),
        }
    }

    /// `lists` is how often the policy names them all.
    fn fit(&self, policy: &Value, lists: usize, longest: usize) -> Result<(), TooMany> {
        let length = policy.to_string().len();
        match self {
            Self::Accounts(accounts) if length > longest => {
                let each = lists * "\"111122223333\",".len();
                let rest = length.saturating_sub(accounts.len() * each);
                let most = longest.saturating_sub(rest) / each;
                Err(TooMany { accounts: accounts.len(), most })
            }
            _ => Ok(()),
        }
    }
}

/// The name of a room's table, and of its role.
pub(super) fn table_name(room: &str) -> String {
    format!("stepproof-room-{room}")
}

impl Table {
    /// The table's name.
    pub fn name(&self) -> String {
        table_name(&self.room)
    }

    /// The template, as JSON.
    ///
    /// # Errors
    /// There are more accounts than a policy takes.
    pub fn template(&self) -> Result<String, TooMany> {
        let mut resources = json!({ "Room": self.table()? });
        if self.access == Access::Role {
            resources["AttendeeRole"] = self.role()?;
        }
        let place = Place {
            account: "${AWS::AccountId}".to_owned(),
            region: "${AWS::Region}".to_owned(),
            role: self.access == Access::Role,
        };
        let code = Code { room: self.room.clone(), table: Some(place) };
        let template = json!({
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": "A stepproof room: attendees' progress. Delete the stack after the event.",
            "Resources": resources,
            "Outputs": {
                "Code": { "Value": { "Fn::Sub": code.to_string() } },
            },
        });
        Ok(format!("{template:#}"))
    }

    /// Billed by use; encrypted with DynamoDB's own key, because a table under the AWS managed key
    /// can't be shared.
    fn table(&self) -> Result<Value, TooMany> {
        let mut properties = json!({
            "TableName": self.name(),
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                { "AttributeName": "account", "AttributeType": "S" },
                { "AttributeName": "what", "AttributeType": "S" },
                { "AttributeName": "shard", "AttributeType": "S" },
                { "AttributeName": "changed", "AttributeType": "N" },
            ],
            "KeySchema": [
                { "AttributeName": "account", "KeyType": "HASH" },
                { "AttributeName": "what", "KeyType": "RANGE" },
            ],
            // By change time; in shards by the account's last digit, because one partition of an
            // index doesn't take a large event's writes.
            "GlobalSecondaryIndexes": [{
                "IndexName": "changes",
                "KeySchema": [
                    { "AttributeName": "shard", "KeyType": "HASH" },
                    { "AttributeName": "changed", "KeyType": "RANGE" },
                ],
                // Not what was said: that would be written three times. Readers fetch it.
                "Projection": { "ProjectionType": "INCLUDE", "NonKeyAttributes": ["version"] },
            }],
            "TimeToLiveSpecification": { "AttributeName": "expires", "Enabled": true },
        });
        if self.access == Access::Policy {
            let policy = self.policy(&json!("*"), "${aws:PrincipalAccount}", &arn(&self.name()));
            self.guests.fit(&policy, 2, LONGEST_POLICY)?;
            properties["ResourcePolicy"] = json!({ "PolicyDocument": policy });
        }
        Ok(
            json!({ "Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Delete", "Properties": properties }),
        )
    }

    /// `own` is the variable that holds the attendee's account. `LeadingKeys` is absent from a Scan,
    /// and `ForAllValues` holds where its key is absent: hence no Scan, and `Null`.
    fn policy(&self, principal: &Value, own: &str, resource: &Value) -> Value {
        let statement = |sid: &str, actions: &[&str], partition: &str| {
            let mut conditions = json!({
                "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [partition] },
                "Null": { "dynamodb:LeadingKeys": "false" },
            });
            let mut statement = json!({
                "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource,
            });
            if !principal.is_null() {
                conditions["StringEquals"] = self.guests.condition();
                statement["Principal"] = principal.clone();
            }
            statement["Condition"] = conditions;
            statement
        };
        let read = ["dynamodb:GetItem", "dynamodb:Query"];
        json!({
            "Version": "2012-10-17",
            "Statement": [
                statement("OwnPartition", &[read[0], read[1], "dynamodb:PutItem"], own),
                statement("ReadWhatIsForAll", &read, EVERYONE),
            ],
        })
    }

    /// One role for all. A session says in a tag which account it is for, and gets it only for the
    /// account that asks.
    fn role(&self) -> Result<Value, TooMany> {
        let mut who = self.guests.condition();
        who["aws:RequestTag/account"] = json!("${aws:PrincipalAccount}");
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "AWS": "*" },
                "Action": ["sts:AssumeRole", "sts:TagSession"],
                "Condition": { "StringEquals": who },
            }],
        });
        self.guests.fit(&trust, 1, LONGEST_TRUST)?;
        let table = json!({ "Fn::GetAtt": ["Room", "Arn"] });
        let policy = self.policy(&Value::Null, "${aws:PrincipalTag/account}", &table);
        Ok(json!({
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": self.name(),
                "AssumeRolePolicyDocument": trust,
                "Policies": [{ "PolicyName": "OwnPartition", "PolicyDocument": policy }],
            },
        }))
    }
}

/// A table's policy can't refer to the table itself.
fn arn(table: &str) -> Value {
    let text = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/";
    json!({ "Fn::Sub": format!("{text}{table}") })
}
