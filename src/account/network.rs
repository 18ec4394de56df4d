//! What sessions share: connections, with the certificates that they trust, and the configuration
//! that files and the environment hold. Credentials, retry partitions, limits and counters are each
//! session's own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector, http_client_fn};
use tokio::sync::OnceCell;

use super::fact::CannotLook;
use super::probe;
use super::target::{Role, Source, Target};

/// Region of practice accounts where nothing else is asked for.
const PRACTICE_REGION: &str = "us-east-1";

/// What sessions share. Cheap to clone; clones share the same.
#[derive(Debug, Clone)]
pub struct Network {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Of control-plane calls.
    sdk: SharedHttpClient,
    /// Of probes and package downloads.
    http: OnceLock<reqwest::Client>,
    /// Configurations by what decides them. One that is being read is waited for.
    configs: Mutex<HashMap<Origin, Arc<OnceCell<SdkConfig>>>>,
}

/// What decides which configuration the SDK finds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Origin {
    /// The practice account's server; none for AWS.
    endpoint: Option<String>,
    profile: Option<String>,
    region: Option<String>,
}

impl Default for Network {
    fn default() -> Self {
        let (http, configs) = (OnceLock::new(), Mutex::default());
        Self { shared: Arc::new(Shared { sdk: sdk_client(), http, configs }) }
    }
}

impl Network {
    /// The configuration for an account, with its credentials.
    pub(super) async fn config(&self, target: &Target) -> SdkConfig {
        let config = self.origin_config(Origin::of(target)).await;
        let provider = match &target.source {
            Source::Practice { account, .. } => Some(practice_credentials(account)),
            Source::Aws { role: Some(role), .. } => Some(Box::pin(in_role(&config, role)).await),
            Source::Aws { role: None, .. } => config.credentials_provider(),
        };
        let mut builder = config.into_builder();
        builder.set_credentials_provider(provider);
        builder.set_identity_cache(Some(IdentityCache::lazy().build()));
        builder.build()
    }

    /// The client for probes and package downloads.
    ///
    /// # Errors
    /// None can be made.
    pub(super) fn http(&self) -> Result<reqwest::Client, CannotLook> {
        if let Some(client) = self.shared.http.get() {
            return Ok(client.clone());
        }
        let client = probe::client()?;
        Ok(self.shared.http.get_or_init(|| client).clone())
    }

    async fn origin_config(&self, origin: Origin) -> SdkConfig {
        let cell = {
            let mut configs = self.shared.configs.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(configs.entry(origin.clone()).or_default())
        };
        let load = || async {
            // On the heap: it takes many kilobytes, and so would every session's future.
            let mut builder = Box::pin(load(origin)).await.into_builder();
            builder.set_http_client(Some(self.shared.sdk.clone()));
            builder.build()
        };
        cell.get_or_init(load).await.clone()
    }
}

impl Origin {
    fn of(target: &Target) -> Self {
        let (endpoint, profile) = match &target.source {
            Source::Practice { endpoint, .. } => (Some(endpoint.clone()), None),
            Source::Aws { profile, .. } => (None, profile.clone()),
        };
        Self { endpoint, profile, region: target.region.clone() }
    }
}

/// The SDK's own client, with a connector that is made when it is first needed, and once: each would
/// read the machine's certificates anew. All sessions have the same time-outs, so it serves them all.
fn sdk_client() -> SharedHttpClient {
    let connector = OnceLock::new();
    http_client_fn(move |settings, components| {
        let make = || {
            let tls = Provider::Rustls(CryptoMode::AwsLc);
            let mut builder: ConnectorBuilder<_> = Connector::builder().tls_provider(tls);
            builder.set_connector_settings(Some(settings.clone()));
            builder.set_sleep_impl(components.sleep_impl());
            builder.set_proxy_config(Some(ProxyConfig::from_env()));
            SharedHttpConnector::new(builder.build())
        };
        connector.get_or_init(make).clone()
    })
}

async fn load(origin: Origin) -> SdkConfig {
    let retry = RetryConfig::standard()
        .with_max_attempts(5)
        .with_initial_backoff(Duration::from_millis(250))
        .with_max_backoff(Duration::from_secs(4));
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(4))
        .operation_attempt_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(30))
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(retry)
        .timeout_config(timeouts);
    if let Ok(name) = AppName::new("stepproof") {
        loader = loader.app_name(name);
    }
    let mut region = origin.region;
    if let Some(endpoint) = origin.endpoint {
        // Whose credentials are used differs from account to account.
        loader = loader.endpoint_url(endpoint).no_credentials();
        region = region.or_else(|| Some(PRACTICE_REGION.to_owned()));
    } else if let Some(profile) = origin.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = region {
        loader = loader.region(Region::new(region));
    }
    loader.load().await
}

fn practice_credentials(account: &str) -> SharedCredentialsProvider {
    let credentials = Credentials::new(account, "practice", None, None, "practice account");
    SharedCredentialsProvider::new(credentials)
}

/// A role's credentials. The role is assumed when they are first used.
async fn in_role(config: &SdkConfig, role: &Role) -> SharedCredentialsProvider {
    let mut provider =
        AssumeRoleProvider::builder(&role.arn).configure(config).session_name("stepproof");
    if let Some(id) = &role.external_id {
        provider = provider.external_id(id);
    }
    SharedCredentialsProvider::new(provider.build().await)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use aws_credential_types::provider::ProvideCredentials;

    use super::*;
    use crate::account::Names;

    fn target(account: &str, region: &str) -> Target {
        let names = Names { stacks: BTreeMap::new(), stage: "dev".to_owned() };
        let target = Target::practice("http://127.0.0.1:1", account, names);
        Target { region: Some(region.to_owned()), ..target }
    }

    async fn key(config: &SdkConfig) -> String {
        let provider = config.credentials_provider().unwrap();
        provider.provide_credentials().await.unwrap().access_key_id().to_owned()
    }

    #[tokio::test]
    async fn sessions_share_what_is_read_and_keep_their_own_credentials() {
        let network = Network::default();
        let mut keys = Vec::new();
        for account in ["111111111111", "222222222222"] {
            let config = network.config(&target(account, "eu-west-1")).await;
            assert_eq!(config.region().map(Region::as_ref), Some("eu-west-1"));
            assert_eq!(config.endpoint_url(), Some("http://127.0.0.1:1"));
            keys.push(key(&config).await);
        }
        assert_eq!(keys, ["111111111111", "222222222222"]);
        let read = || network.shared.configs.lock().unwrap().len();
        assert_eq!(read(), 1, "read once for both");
        let config = network.config(&target("111111111111", "eu-west-2")).await;
        assert_eq!(config.region().map(Region::as_ref), Some("eu-west-2"));
        assert_eq!(read(), 2, "another region may have another configuration");
    }
}
