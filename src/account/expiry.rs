//! When the session's credentials expire, as far as their provider says.
//!
//! A provider is asked for credentials as seldom as the SDK asks it: it may want a key touched or a
//! page opened. So the SDK's own requests pass through here, and what they bring is noted.

use std::sync::{Arc, Mutex, PoisonError};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{
    ProvideCredentials, Result as Provided, SharedCredentialsProvider, future,
};
use jiff::Timestamp;

/// Notes the expiry of what a provider gives.
#[derive(Debug, Clone)]
pub(super) struct Expiry {
    provider: SharedCredentialsProvider,
    last: Arc<Mutex<Option<Timestamp>>>,
}

impl Expiry {
    pub(super) fn of(provider: SharedCredentialsProvider) -> Self {
        Self { provider, last: Arc::default() }
    }

    /// When the credentials that were last given expire; none while unknown.
    pub(super) fn last(&self) -> Option<Timestamp> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn provide(&self) -> Provided {
        let credentials = self.provider.provide_credentials().await?;
        let said = credentials.expiry().and_then(|at| Timestamp::try_from(at).ok());
        let expiry = said.or_else(|| of_environment(&credentials));
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = expiry;
        Ok(credentials)
    }
}

impl ProvideCredentials for Expiry {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.provide())
    }
}

/// `aws configure export-credentials` says beside the credentials when they expire; the SDK
/// doesn't look.
fn of_environment(credentials: &Credentials) -> Option<Timestamp> {
    let id = std::env::var("AWS_ACCESS_KEY_ID").ok()?;
    let until = std::env::var("AWS_CREDENTIAL_EXPIRATION").ok()?;
    let until = until.parse::<Timestamp>().ok()?;
    (id == credentials.access_key_id()).then_some(until)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn credentials(expiry: Option<SystemTime>) -> Credentials {
        Credentials::new("AKIDEXAMPLE", "secret", None, expiry, "test")
    }

    async fn noted(expiry: Option<SystemTime>) -> Option<Timestamp> {
        let noted = Expiry::of(SharedCredentialsProvider::new(credentials(expiry)));
        assert_eq!(noted.last(), None, "nothing was asked for yet");
        noted.provide_credentials().await.unwrap();
        noted.last()
    }

    #[tokio::test]
    async fn what_the_provider_says_of_its_credentials_is_noted() {
        let until: Timestamp = "2026-11-28T11:40:00Z".parse().unwrap();
        assert_eq!(noted(SystemTime::try_from(until).ok()).await, Some(until));
        assert_eq!(noted(None).await, None);
    }
}
