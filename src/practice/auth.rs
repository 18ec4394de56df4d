//! Who calls: account, region and service out of a SigV4 signature. Signatures aren't verified: on
//! loopback an account is whoever says so, and a secret key is anything.

use percent_encoding::percent_decode_str;

use super::store::{Scope, Store};
use super::wire::{Fault, HttpRequest};

/// The account of access keys that aren't 12 digits, and of calls that nothing signed.
pub const DEFAULT_ACCOUNT: &str = "000000000000";
/// The region of calls that name none.
pub const DEFAULT_REGION: &str = "us-east-1";
/// Where `AssumeRole` keeps what it hands out, by access key id.
pub const SESSIONS: &str = "sts-session";

/// Who calls, as the request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The access key id; empty when nothing signed the request.
    pub access_key: String,
    /// Account and region.
    pub scope: Scope,
    /// The signing name of the service, when the request is signed.
    pub service: Option<String>,
}

/// Reads the signature in the `Authorization` header or, presigned, in the query.
///
/// # Errors
/// A signature that isn't one.
pub fn caller(request: &HttpRequest) -> Result<Caller, Fault> {
    let header = request.header("authorization");
    let credential = if let Some(rest) = header.strip_prefix("AWS4-HMAC-SHA256") {
        let part = rest
            .split(',')
            .find_map(|part| part.trim().strip_prefix("Credential="))
            .ok_or_else(|| malformed("the Authorization header has no Credential"))?;
        Some(part.to_owned())
    } else {
        request.query_value("X-Amz-Credential")
    };
    match credential {
        Some(credential) => signed(&credential),
        None => Ok(Caller {
            access_key: String::new(),
            scope: scope(DEFAULT_ACCOUNT, DEFAULT_REGION),
            service: None,
        }),
    }
}

fn signed(credential: &str) -> Result<Caller, Fault> {
    let decoded = percent_decode_str(credential).decode_utf8_lossy().into_owned();
    let parts: Vec<&str> = decoded.split('/').collect();
    let [access_key, _date, region, service, "aws4_request"] = parts.as_slice() else {
        return Err(malformed(
            "Credential must be KEY/DATE/REGION/SERVICE/aws4_request; set AWS_ACCESS_KEY_ID and \
             AWS_REGION as `stepproof practice env` prints them",
        ));
    };
    let plain = |text: &str| {
        !text.is_empty()
            && text.len() <= 40
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if !plain(region) || !plain(service) {
        return Err(malformed("Credential names no region or no service"));
    }
    Ok(Caller {
        access_key: (*access_key).to_owned(),
        scope: scope(account_of(access_key), region),
        service: Some((*service).to_owned()),
    })
}

/// The account that an access key id stands for.
pub fn account_of(access_key: &str) -> &str {
    if access_key.len() == 12 && access_key.bytes().all(|b| b.is_ascii_digit()) {
        access_key
    } else {
        DEFAULT_ACCOUNT
    }
}

/// Puts a caller that uses an assumed role's credentials into the role's account.
///
/// # Errors
/// The credentials have expired, or were never handed out.
pub fn resolve_session(store: &Store, mut caller: Caller) -> Result<Caller, Fault> {
    if !caller.access_key.starts_with("ASIA") {
        return Ok(caller);
    }
    let anywhere = caller.scope.clone();
    let found = store.transact(&anywhere, |tx| {
        let Some(home) = tx.find(SESSIONS, &caller.access_key)? else { return Ok(None) };
        let session: Option<jiff::Timestamp> =
            tx.within(home.clone()).get(SESSIONS, &caller.access_key)?;
        Ok(session.map(|expires| (home.account, expires > tx.now())))
    })?;
    match found {
        Some((account, true)) => {
            caller.scope.account = account;
            Ok(caller)
        }
        Some((_, false)) => Err(expired()),
        None => Err(unknown()),
    }
}

/// What AWS says of credentials that it never handed out, or that were taken back; protocols put
/// their own code on it.
pub fn unknown() -> Fault {
    let message = "The security token included in the request is invalid.";
    Fault::new(403, "InvalidClientTokenId", message)
}

/// What AWS says of credentials past their time; protocols put their own code on it.
pub fn expired() -> Fault {
    Fault::new(403, "ExpiredToken", "The security token included in the request is expired")
}

fn scope(account: &str, region: &str) -> Scope {
    // A client that signs for the partition's global endpoint means the default region.
    let region = if region == super::store::GLOBAL_REGION { DEFAULT_REGION } else { region };
    Scope { account: account.to_owned(), region: region.to_owned() }
}

fn malformed(message: &str) -> Fault {
    Fault::new(400, "IncompleteSignature", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_header(value: &str) -> HttpRequest {
        let mut request = HttpRequest::default();
        request.headers.insert("authorization".to_owned(), value.to_owned());
        request
    }

    #[test]
    fn a_twelve_digit_key_is_an_account_and_any_other_the_default() {
        for (key, account) in [("123456789012", "123456789012"), ("test", DEFAULT_ACCOUNT)] {
            let header = format!(
                "AWS4-HMAC-SHA256 Credential={key}/20261123/eu-west-1/lambda/aws4_request, \
                 SignedHeaders=host, Signature=00"
            );
            let caller = caller(&with_header(&header)).unwrap();
            assert_eq!(caller.scope, scope(account, "eu-west-1"));
            assert_eq!(caller.service.as_deref(), Some("lambda"));
        }
    }

    #[test]
    fn a_presigned_query_names_the_caller_too() {
        let request = HttpRequest {
            query: "X-Amz-Credential=111122223333%2F20261123%2Fus-east-1%2Fs3%2Faws4_request"
                .to_owned(),
            ..HttpRequest::default()
        };
        let caller = caller(&request).unwrap();
        assert_eq!(caller.scope.account, "111122223333");
    }

    #[test]
    fn a_broken_signature_is_refused_and_none_is_anonymous() {
        for bad in [
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA256 Credential=a/b",
            "AWS4-HMAC-SHA256 Credential=a/b/../s3/aws4_request",
            "AWS4-HMAC-SHA256 Credential=a/b//s3/aws4_request",
        ] {
            assert_eq!(caller(&with_header(bad)).unwrap_err().code, "IncompleteSignature");
        }
        assert_eq!(caller(&with_header("Bearer x")).unwrap().service, None);
    }
}
