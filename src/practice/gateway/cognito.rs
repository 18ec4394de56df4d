//! The addresses of Cognito: token endpoints and public keys.

use serde_json::json;

use crate::practice::services::cognito::{keys, token};
use crate::practice::store::Tx;
use crate::practice::wire::{Fault, HttpRequest, HttpResponse};

/// A token from a domain's endpoint.
pub(super) fn token(
    tx: &Tx<'_>,
    domain: &str,
    request: &HttpRequest,
) -> Result<HttpResponse, Fault> {
    match tx.find("AWS::Cognito::UserPoolDomain", domain)? {
        Some(scope) => token::answer(&tx.within(scope), domain, request),
        // On AWS the name wouldn't resolve.
        None => Ok(HttpResponse::json(
            404,
            &json!({"message": format!("no user pool has the domain {domain}")}),
        )),
    }
}

/// A pool's keys or discovery document.
pub(super) fn document(
    tx: &Tx<'_>,
    pool: &str,
    document: &str,
    request: &HttpRequest,
) -> Result<HttpResponse, Fault> {
    let missing = || Ok(HttpResponse::json(404, &json!({"message": "Not Found"})));
    let Some(scope) = tx.find("AWS::Cognito::UserPool", pool)? else { return missing() };
    let home = tx.within(scope);
    let value = match document {
        "jwks.json" => keys::jwks(&home, pool)?,
        "openid-configuration" => token::configuration(&home, pool, &request.endpoint)?,
        _ => return missing(),
    };
    Ok(HttpResponse::json(200, &value))
}
