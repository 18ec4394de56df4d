//! A function at work: its variables, its database, its role, and what stops it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::access;
use super::code::Package;
use super::database::{Database, Outcome, SqlError};
use super::login;
use super::tls;
use crate::practice::resource::{self, Resource};
use crate::practice::services::secretsmanager::{self, Said};
use crate::practice::services::{cloudtrail, cognito, dynamodb, rds, verifiedpermissions};
use crate::practice::store::Tx;
use crate::practice::wire::{Call, Fault, ReplyBody};

/// A function at work.
pub(super) struct Context<'t, 'a> {
    pub(super) tx: &'t Tx<'a>,
    pub(super) function: &'t Resource,
    pub(super) package: &'t Package,
}

/// Why a function gave up.
pub(super) enum Thrown {
    /// An error that its code didn't catch: type and message.
    Error(String, String),
    /// The practice account's own trouble.
    Fault(Fault),
}

impl From<Fault> for Thrown {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<SqlError> for Thrown {
    fn from(error: SqlError) -> Self {
        Self::Error("Error".to_owned(), format!("{}: {}", error.code, error.message))
    }
}

pub(super) type Payload = Result<Value, Thrown>;
pub(super) type Query = Result<Vec<Outcome>, SqlError>;

/// Variables that name the partners' table: the starter app's, and the public workshop's.
pub(super) const PARTNER_TABLE: [&str; 2] = ["PARTNER_TABLE", "PARTNER_DDB_TABLE"];
/// Variables that name the table of what was ordered, in the same way.
pub(super) const DEMAND_TABLE: [&str; 2] = ["DEMAND_TABLE", "DEMAND_FORECAST_DDB_TABLE"];

impl Context<'_, '_> {
    pub(super) fn variable(&self, name: &str) -> &str {
        let variables = self.function.properties.pointer("/Environment/Variables");
        variables.and_then(|all| all.get(name)).and_then(Value::as_str).unwrap_or("")
    }

    /// The first of these variables that is set.
    pub(super) fn one_of(&self, names: [&str; 2]) -> &str {
        let values = names.map(|name| self.variable(name));
        values.into_iter().find(|value| !value.is_empty()).unwrap_or("")
    }

    /// The database, when the function reaches it and its code's login is valid.
    pub(super) fn database(&self) -> Result<Result<Database, SqlError>, Fault> {
        let (user, password) = match login::of(self)? {
            Ok(login) => login,
            Err(error) => return Ok(Err(error)),
        };
        Ok(match self.connect(&user, &password)? {
            Ok(cluster) => Ok(Database::open(self.tx, &cluster.id)?),
            Err(error) => Err(error),
        })
    }

    /// The cluster, when the function reaches it, both trust the connection, and it admits the login.
    pub(super) fn connect(
        &self,
        user: &str,
        password: &str,
    ) -> Result<Result<Resource, SqlError>, Fault> {
        let clusters = resource::all(self.tx, "AWS::RDS::DBCluster")?;
        let address = |cluster: &Resource| cluster.attribute("Endpoint.Address").to_owned();
        let host = self.variable("DATABASE_HOST");
        let cluster = clusters.into_iter().find(|cluster| {
            let address = address(cluster);
            !address.is_empty()
                && (address == host || (host.is_empty() && self.package.mentions(&address)))
        });
        let subnets = self.function.properties.pointer("/VpcConfig/SubnetIds");
        let inside = subnets.and_then(Value::as_array).is_some_and(|list| !list.is_empty());
        let handshake = match &cluster {
            Some(cluster) if inside => tls::handshake(self, cluster)?,
            _ => Ok(()),
        };
        if let Err(error) = handshake {
            return Ok(Err(error));
        }
        Ok(match cluster {
            None if host.is_empty() => {
                Err(SqlError::new("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:3306"))
            }
            None => Err(SqlError::new("ENOTFOUND", format!("getaddrinfo ENOTFOUND {host}"))),
            Some(_) if !inside => Err(SqlError::new("ETIMEDOUT", "connect ETIMEDOUT")),
            Some(cluster) if !rds::admits(self.tx, &cluster, user, password)? => {
                let using = if password.is_empty() { "NO" } else { "YES" };
                let text = format!(
                    "Access denied for user '{user}'@'10.0.2.17' (using password: {using})"
                );
                Err(SqlError::new("ER_ACCESS_DENIED_ERROR", text))
            }
            Some(cluster) => Ok(cluster),
        })
    }

    /// Runs one text on a connection of its own, as the code does.
    pub(super) fn query(&self, sql: &str) -> Result<Query, Fault> {
        let mut database = match self.database()? {
            Ok(database) => database,
            Err(error) => return Ok(Err(error)),
        };
        let result = database.query(sql);
        database.keep(self.tx)?;
        Ok(result)
    }

    /// Whether the function's role allows an action.
    fn allowed(&self, action: &str, on: &str) -> Result<bool, Fault> {
        let role = self.function.text("Role");
        if action.starts_with("secretsmanager:") {
            match secretsmanager::said(self.tx, on, role, action)? {
                Said::Deny => return Ok(false),
                Said::Allow => return Ok(true),
                Said::Nothing => {}
            }
        }
        access::allows(self.tx, role, action, on)
    }

    /// Calls another service with the function's role: its members, or the service's error.
    pub(super) fn call(
        &self,
        service: &str,
        operation: &str,
        on: &str,
        input: Value,
    ) -> Result<Value, Thrown> {
        let action = format!("{service}:{operation}");
        cloudtrail::record(self.tx, self.function.text("Role"), &action, on)?;
        if !self.allowed(&action, on)? {
            let role = self.function.text("Role");
            return Err(Thrown::Error(
                "AccessDeniedException".to_owned(),
                format!("{role} is not authorized to perform: {action} on resource: {on}"),
            ));
        }
        let call = Call {
            service: service.to_owned(),
            operation: operation.to_owned(),
            input,
            method: "POST".to_owned(),
            access_key: String::new(),
            body: Vec::new(),
            headers: BTreeMap::new(),
            endpoint: String::new(),
        };
        let answer = match service {
            "dynamodb" => dynamodb::call(self.tx, &call),
            "secretsmanager" => secretsmanager::call(self.tx, &call),
            "verifiedpermissions" => verifiedpermissions::call(self.tx, &call),
            _ => cognito::call(self.tx, &call),
        };
        match answer {
            Ok(reply) => match reply.body {
                ReplyBody::Members(members) => Ok(members),
                _ => Ok(Value::Null),
            },
            Err(fault) if fault.status < 500 => Err(Thrown::Error(fault.code, fault.message)),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Calls Secrets Manager about a secret.
    pub(super) fn secrets(
        &self,
        operation: &str,
        id: &str,
        mut input: Value,
    ) -> Result<Value, Thrown> {
        let arn = secretsmanager::arn_of(self.tx, id)?;
        input["SecretId"] = id.into();
        self.call("secretsmanager", operation, &arn, input)
    }

    pub(super) fn put_item(&self, table: &str, item: &Value) -> Result<(), Thrown> {
        let arn = self.tx.arn("dynamodb", &format!("table/{table}"));
        let input = json!({"TableName": table, "Item": item});
        self.call("dynamodb", "PutItem", &arn, input).map(|_| ())
    }
}
