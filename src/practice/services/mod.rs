//! The services that the practice account offers: one file a service, one table here.
//!
//! A service gets its calls as [`Call`]s inside one transaction and matches on `call.operation`;
//! what it doesn't know it answers with [`Call::unknown`].

pub mod access_analyzer;
pub mod apigateway;
pub mod cloudformation;
pub mod cloudtrail;
pub mod cognito;
pub mod dynamodb;
pub mod guardduty;
pub mod iam;
pub mod inspector;
pub mod lambda;
pub mod logs;
pub mod rds;
pub mod s3;
pub mod scheduler;
pub mod secretsmanager;
pub mod sts;
pub mod verifiedpermissions;
pub mod wafv2;
pub mod xray;

use super::protocol::{Protocol, rest::Route};
use super::store::Tx;
use super::wire::{Answer, Call};

/// A service: its name, its protocol, its code.
#[derive(Debug)]
pub struct Service {
    /// Signing name, also the prefix of its IAM actions.
    pub signing: &'static str,
    /// How it speaks.
    pub protocol: Protocol,
    /// Paths of a REST service.
    pub routes: &'static [Route],
    /// Operations whose body is the caller's own payload, not members.
    pub payloads: &'static [&'static str],
    /// Answers a call.
    pub call: fn(&Tx<'_>, &Call) -> Answer,
}

const fn query(
    signing: &'static str,
    namespace: &'static str,
    call: fn(&Tx<'_>, &Call) -> Answer,
) -> Service {
    Service { signing, protocol: Protocol::Query(namespace), routes: &[], payloads: &[], call }
}

const fn json(
    signing: &'static str,
    prefix: &'static str,
    version: &'static str,
    call: fn(&Tx<'_>, &Call) -> Answer,
) -> Service {
    Service { signing, protocol: Protocol::Json(prefix, version), routes: &[], payloads: &[], call }
}

const fn rest(
    signing: &'static str,
    routes: &'static [Route],
    payloads: &'static [&'static str],
    call: fn(&Tx<'_>, &Call) -> Answer,
) -> Service {
    Service { signing, protocol: Protocol::RestJson, routes, payloads, call }
}

static SERVICES: [Service; 19] = [
    query("sts", "https://sts.amazonaws.com/doc/2011-06-15/", sts::call),
    query("iam", "https://iam.amazonaws.com/doc/2010-05-08/", iam::call),
    query(
        "cloudformation",
        "http://cloudformation.amazonaws.com/doc/2010-05-15/",
        cloudformation::call,
    ),
    query("rds", "http://rds.amazonaws.com/doc/2014-10-31/", rds::call),
    Service { signing: "s3", protocol: Protocol::S3, routes: &[], payloads: &[], call: s3::call },
    json("dynamodb", "DynamoDB_20120810", "1.0", dynamodb::call),
    json("cognito-idp", "AWSCognitoIdentityProviderService", "1.1", cognito::call),
    json("logs", "Logs_20140328", "1.1", logs::call),
    rest("lambda", lambda::ROUTES, &["Invoke"], lambda::call),
    rest(
        "apigateway",
        apigateway::routes::ROUTES,
        &["PutRestApi", "ImportRestApi"],
        apigateway::routes::call,
    ),
    rest("access-analyzer", access_analyzer::ROUTES, &[], access_analyzer::call),
    json("cloudtrail", "CloudTrail_20131101", "1.1", cloudtrail::call),
    rest("scheduler", scheduler::ROUTES, &[], scheduler::call),
    json("verifiedpermissions", "VerifiedPermissions", "1.0", verifiedpermissions::call),
    json("wafv2", "AWSWAF_20190729", "1.1", wafv2::call),
    rest("inspector2", inspector::ROUTES, &[], inspector::call),
    json("secretsmanager", "secretsmanager", "1.1", secretsmanager::call),
    rest("xray", xray::ROUTES, &[], xray::call),
    rest("guardduty", guardduty::ROUTES, &[], guardduty::call),
];

/// The service of a signature's scope.
pub fn by_signing_name(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.signing == name)
}

/// The service of an `X-Amz-Target`.
pub fn by_target_prefix(prefix: &str) -> Option<&'static Service> {
    SERVICES
        .iter()
        .find(|service| matches!(service.protocol, Protocol::Json(own, _) if own == prefix))
}

/// The service of a form, by the version of its API.
pub fn by_query_version(version: &str) -> Option<&'static Service> {
    let dated = format!("/{version}/");
    SERVICES.iter().find(
        |service| matches!(service.protocol, Protocol::Query(space) if space.ends_with(&dated)),
    )
}

/// Answers a call. What functions do by themselves is done before anybody looks at its traces.
///
/// # Errors
/// The service's fault.
pub fn answer(service: &Service, tx: &Tx<'_>, call: &Call) -> Answer {
    if ["dynamodb", "cloudtrail", "access-analyzer"].contains(&service.signing) {
        scheduler::tick(tx)?;
    }
    (service.call)(tx, call)
}

/// The IAM action that a call needs.
pub fn action(call: &Call) -> String {
    let operation = match (call.service.as_str(), call.operation.as_str()) {
        ("apigateway", _) => call.method.as_str(),
        ("s3", "ListObjectsV2" | "HeadBucket") => "ListBucket",
        ("s3", "HeadObject") => "GetObject",
        ("s3", "ListBuckets") => "ListAllMyBuckets",
        ("s3", "ListObjectVersions") => "ListBucketVersions",
        ("s3", "DeleteObjects") => "DeleteObject",
        (
            "s3",
            "CopyObject" | "CreateMultipartUpload" | "UploadPart" | "CompleteMultipartUpload",
        ) => "PutObject",
        ("lambda", "Invoke") => "InvokeFunction",
        // A batch has no action of its own.
        ("verifiedpermissions", "BatchIsAuthorized") => "IsAuthorized",
        (_, operation) => operation,
    };
    format!("{}:{operation}", call.service)
}
