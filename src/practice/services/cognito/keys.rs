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

/// A pool's key as it is kept.
#[derive(Serialize, Deserialize)]
struct Stored {
    kid: String,
    /// PKCS #8, in Base64.
    private: String,
    /// Its public part: what verifies a token needs no more. Noted when it is first needed.
    #[serde(default)]
    public: Option<Public>,
}

/// Modulus and exponent in Base64 for URLs.
#[derive(Clone, Serialize, Deserialize)]
struct Public {
    n: String,
    e: String,
}

fn broken() -> Fault {
    Fault::new(500, "InternalErrorException", "practice store: the user pool's key is unusable")
}

impl Stored {
    /// The pool's key, made now where it has none.
    fn of(tx: &Tx<'_>, pool: &str) -> Result<Self, Fault> {
        if let Some(stored) = tx.get(COLLECTION, pool)? {
            return Ok(stored);
        }
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| broken())?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| broken())?;
        let kid = STANDARD.encode(random::bytes::<32>());
        let stored = Self { kid, private: STANDARD.encode(der.as_ref()), public: None };
        tx.put(COLLECTION, pool, &stored)?;
        Ok(stored)
    }

    fn pair(&self) -> Result<RsaKeyPair, Fault> {
        let der = STANDARD.decode(&self.private).map_err(|_| broken())?;
        RsaKeyPair::from_pkcs8(&der).map_err(|_| broken())
    }

    fn public(&mut self, tx: &Tx<'_>, pool: &str) -> Result<Public, Fault> {
        if let Some(public) = &self.public {
            return Ok(public.clone());
        }
        let pair = self.pair()?;
        let public = pair.public_key();
        let public = Public {
            n: URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            e: URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
        };
        self.public = Some(public.clone());
        tx.put(COLLECTION, pool, self)?;
        Ok(public)
    }
}

/// Forgets the pool's key.
pub(super) fn forget(tx: &Tx<'_>, pool: &str) -> Result<(), Fault> {
    tx.delete(COLLECTION, pool).map(|_| ())
}

/// Signs claims as a token of the pool (RS256).
pub(super) fn sign(tx: &Tx<'_>, pool: &str, claims: &Value) -> Result<String, Fault> {
    let key = Stored::of(tx, pool)?;
    let pair = key.pair()?;
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({"kid": key.kid, "alg": "RS256"});
    let message = format!("{}.{}", part(&header), part(claims));
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
        .map_err(|_| broken())?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The claims of a token that the pool issued and that hasn't expired; none otherwise.
pub fn verify(tx: &Tx<'_>, pool: &str, token: &str) -> Result<Option<Value>, Fault> {
    let Public { n, e } = Stored::of(tx, pool)?.public(tx, pool)?;
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
    let mut key = Stored::of(tx, pool)?;
    let Public { n, e } = key.public(tx, pool)?;
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
