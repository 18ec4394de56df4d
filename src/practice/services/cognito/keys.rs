//! The pools' RSA keys: made when first needed, kept with the account.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::issuer;
use crate::practice::random;
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

const COLLECTION: &str = "cognito:key";

#[derive(Serialize, Deserialize)]
struct Stored {
    kid: String,
    /// PKCS #8, in Base64.
    private: String,
}

struct Key {
    kid: String,
    pair: RsaKeyPair,
}

fn broken() -> Fault {
    Fault::new(500, "InternalErrorException", "practice store: the user pool's key is unusable")
}

/// The pool's key, made now where it has none.
fn key(tx: &Tx<'_>, pool: &str) -> Result<Key, Fault> {
    let stored = if let Some(stored) = tx.get::<Stored>(COLLECTION, pool)? {
        stored
    } else {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| broken())?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| broken())?;
        let kid = STANDARD.encode(random::bytes::<32>());
        let stored = Stored { kid, private: STANDARD.encode(der.as_ref()) };
        tx.put(COLLECTION, pool, &stored)?;
        stored
    };
    let der = STANDARD.decode(&stored.private).map_err(|_| broken())?;
    let pair = RsaKeyPair::from_pkcs8(&der).map_err(|_| broken())?;
    Ok(Key { kid: stored.kid, pair })
}

impl Key {
    /// Modulus and exponent in Base64 for URLs.
    fn public(&self) -> (String, String) {
        let public = self.pair.public_key();
        (
            URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
        )
    }
}

/// Forgets the pool's key.
pub(super) fn forget(tx: &Tx<'_>, pool: &str) -> Result<(), Fault> {
    tx.delete(COLLECTION, pool).map(|_| ())
}

/// Signs claims as a token of the pool (RS256).
pub(super) fn sign(tx: &Tx<'_>, pool: &str, claims: &Value) -> Result<String, Fault> {
    let key = key(tx, pool)?;
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({"kid": key.kid, "alg": "RS256"});
    let message = format!("{}.{}", part(&header), part(claims));
    let mut signature = vec![0; key.pair.public_modulus_len()];
    key.pair
        .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
        .map_err(|_| broken())?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The claims of a token that the pool issued and that hasn't expired; none otherwise.
pub fn verify(tx: &Tx<'_>, pool: &str, token: &str) -> Result<Option<Value>, Fault> {
    let key = key(tx, pool)?;
    let (n, e) = key.public();
    let decoding = DecodingKey::from_rsa_components(&n, &e).map_err(|_| broken())?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.leeway = 0;
    validation.validate_aud = false;
    validation.set_issuer(&[issuer(&tx.scope().region, pool)]);
    validation.set_required_spec_claims(&["exp", "iss"]);
    Ok(jsonwebtoken::decode::<Value>(token, &decoding, &validation).ok().map(|data| data.claims))
}

/// The pool's public keys, as `/.well-known/jwks.json` lists them.
pub fn jwks(tx: &Tx<'_>, pool: &str) -> Result<Value, Fault> {
    let key = key(tx, pool)?;
    let (n, e) = key.public();
    Ok(
        json!({"keys": [{"alg": "RS256", "e": e, "kid": key.kid, "kty": "RSA", "n": n, "use": "sig"}]}),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::practice::store::{Scope, Store};

    #[test]
    fn only_a_pools_own_unexpired_tokens_verify() {
        let store = Store::in_memory().expect("a store");
        let scope = Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() };
        let done = store.transact(&scope, |tx| {
            let claims =
                |pool: &str, exp: i64| json!({"iss": issuer("us-east-1", pool), "exp": exp});
            let later = tx.now().as_second() + 60;
            let good = sign(tx, "p", &claims("p", later))?;
            assert!(verify(tx, "p", &good)?.is_some());
            assert_eq!(verify(tx, "q", &good)?, None, "another pool's key");
            let expired = sign(tx, "p", &claims("p", tx.now().as_second() - 1))?;
            assert_eq!(verify(tx, "p", &expired)?, None);
            let elsewhere = sign(tx, "p", &claims("q", later))?;
            assert_eq!(verify(tx, "p", &elsewhere)?, None, "another issuer");
            let endless = sign(tx, "p", &json!({"iss": issuer("us-east-1", "p")}))?;
            assert_eq!(verify(tx, "p", &endless)?, None, "no expiry");
            assert_eq!(jwks(tx, "p")?["keys"][0]["kty"], "RSA");
            Ok(())
        });
        assert_eq!(done, Ok(()));
    }
}
