//! A session with one account in one region: clients, limits, call counter.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::Instant;

use super::call::{CallError, Operation, explain};
use super::expiry::Expiry;
use super::fact::{CannotLook, Reason};
use super::network::Network;
use super::target::{Source, Target};

/// Control-plane calls in flight at once in one account.
const IN_FLIGHT: usize = 4;
/// API Gateway's control plane takes 10 calls a second in an account.
const GATEWAY_CALLS_A_SECOND: usize = 10;

/// A session with one account in one region. Cheap to clone; clones share limits and counter.
#[derive(Debug, Clone)]
pub struct Account {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    target: Target,
    region: String,
    clients: Clients,
    http: reqwest::Client,
    permits: Semaphore,
    gateway_calls: Mutex<VecDeque<Instant>>,
    calls: Arc<AtomicU32>,
    /// None for a practice account, whose credentials don't expire.
    expiry: Option<Expiry>,
}

/// One typed client per service.
#[derive(Debug)]
pub(super) struct Clients {
    pub(super) accessanalyzer: aws_sdk_accessanalyzer::Client,
    pub(super) apigateway: aws_sdk_apigateway::Client,
    pub(super) cloudformation: aws_sdk_cloudformation::Client,
    pub(super) cognito: aws_sdk_cognitoidentityprovider::Client,
    pub(super) cloudtrail: aws_sdk_cloudtrail::Client,
    pub(super) dynamodb: aws_sdk_dynamodb::Client,
    pub(super) guardduty: aws_sdk_guardduty::Client,
    pub(super) iam: aws_sdk_iam::Client,
    pub(super) inspector: aws_sdk_inspector2::Client,
    pub(super) lambda: aws_sdk_lambda::Client,
    pub(super) logs: aws_sdk_cloudwatchlogs::Client,
    pub(super) rds: aws_sdk_rds::Client,
    pub(super) secretsmanager: aws_sdk_secretsmanager::Client,
    pub(super) sts: aws_sdk_sts::Client,
    pub(super) verifiedpermissions: aws_sdk_verifiedpermissions::Client,
    pub(super) wafv2: aws_sdk_wafv2::Client,
    pub(super) xray: aws_sdk_xray::Client,
}

/// A client with a retry partition of its own, so that one account's or one service's throttling
/// takes no retries from another, and with the session's call counter.
macro_rules! client {
    ($sdk:ident, $config:expr, $calls:expr) => {{
        let partition = $sdk::config::retry::RetryPartition::custom(stringify!($sdk)).build();
        let config = $sdk::config::Builder::from($config)
            .retry_partition(partition)
            .interceptor(CountAttempts($calls.clone()))
            .build();
        $sdk::Client::from_conf(config)
    }};
}

impl Account {
    /// Opens a session: loads configuration and makes clients. Sends nothing but what finding the
    /// region may need; credentials are first used by the first fact.
    ///
    /// # Errors
    /// No region is set, or its name can't be one.
    pub async fn connect(target: Target) -> Result<Self, CannotLook> {
        Self::connect_over(target, &Network::default()).await
    }

    /// As [`Account::connect`], over what other sessions use too.
    ///
    /// # Errors
    /// As [`Account::connect`].
    pub async fn connect_over(target: Target, network: &Network) -> Result<Self, CannotLook> {
        let (config, expiry) = noting_expiry(&target, network.config(&target).await);
        let region = config.region().map(ToString::to_string).ok_or_else(no_region)?;
        check_region(&region)?;
        let calls = Arc::new(AtomicU32::new(0));
        let clients = Clients {
            accessanalyzer: client!(aws_sdk_accessanalyzer, &config, calls),
            apigateway: client!(aws_sdk_apigateway, &config, calls),
            cloudformation: client!(aws_sdk_cloudformation, &config, calls),
            cognito: client!(aws_sdk_cognitoidentityprovider, &config, calls),
            cloudtrail: client!(aws_sdk_cloudtrail, &config, calls),
            dynamodb: client!(aws_sdk_dynamodb, &config, calls),
            guardduty: client!(aws_sdk_guardduty, &config, calls),
            iam: client!(aws_sdk_iam, &config, calls),
            inspector: client!(aws_sdk_inspector2, &config, calls),
            lambda: client!(aws_sdk_lambda, &config, calls),
            logs: client!(aws_sdk_cloudwatchlogs, &config, calls),
            rds: client!(aws_sdk_rds, &config, calls),
            secretsmanager: client!(aws_sdk_secretsmanager, &config, calls),
            sts: client!(aws_sdk_sts, &config, calls),
            verifiedpermissions: client!(aws_sdk_verifiedpermissions, &config, calls),
            wafv2: client!(aws_sdk_wafv2, &config, calls),
            xray: client!(aws_sdk_xray, &config, calls),
        };
        let inner = Inner {
            target,
            region,
            clients,
            http: network.http()?,
            permits: Semaphore::new(IN_FLIGHT),
            gateway_calls: Mutex::default(),
            calls,
            expiry,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The region that is read.
    pub fn region(&self) -> &str {
        &self.inner.region
    }

    /// What was asked for.
    pub fn target(&self) -> &Target {
        &self.inner.target
    }

    /// Whether it is an embedded practice account.
    pub fn is_practice(&self) -> bool {
        matches!(self.inner.target.source, Source::Practice { .. })
    }

    /// When the credentials expire that were used last; none where their provider doesn't say.
    pub fn credentials_expire(&self) -> Option<Timestamp> {
        self.inner.expiry.as_ref()?.last()
    }

    /// The same, after the provider was asked once more: one that renews credentials by itself
    /// gives others. Where it can't be asked, what it said last stands.
    pub async fn credentials_asked_again(&self) -> Option<Timestamp> {
        let expiry = self.inner.expiry.as_ref()?;
        let _ = expiry.provide_credentials().await;
        expiry.last()
    }

    pub(super) fn clients(&self) -> &Clients {
        &self.inner.clients
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.inner.http
    }

    /// Control-plane calls since the session began, retries included.
    pub(super) fn calls(&self) -> u32 {
        self.inner.calls.load(Ordering::Relaxed)
    }

    /// Sends one request within the account's limits. On the heap: an SDK's future takes many
    /// kilobytes, and so would every fact that awaits one.
    pub(super) fn call<'a, T, E>(
        &'a self,
        operation: Operation,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, CallError>>
    where
        T: 'a,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        Box::pin(self.send(operation, request))
    }

    async fn send<T, E>(
        &self,
        operation: Operation,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, CallError>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        // The semaphore is never closed.
        let _permit = self.inner.permits.acquire().await;
        if operation.0 == "apigateway" {
            self.pace_gateway().await;
        }
        tracing::debug!(service = operation.0, operation = operation.1, "call");
        request.await.map_err(|error| {
            let error = explain(operation, &self.inner.region, &error);
            tracing::warn!(service = operation.0, operation = operation.1, code = error.code);
            error
        })
    }

    /// Waits until one more call stays within API Gateway's limit.
    async fn pace_gateway(&self) {
        let mut sent = self.inner.gateway_calls.lock().await;
        if sent.len() >= GATEWAY_CALLS_A_SECOND
            && let Some(first) = sent.pop_front()
        {
            tokio::time::sleep_until(first + Duration::from_secs(1)).await;
        }
        sent.push_back(Instant::now());
    }
}

/// Has the expiry of an AWS account's credentials noted as they are used.
fn noting_expiry(target: &Target, config: SdkConfig) -> (SdkConfig, Option<Expiry>) {
    let provider = match &target.source {
        Source::Practice { .. } => None,
        Source::Aws { .. } => config.credentials_provider(),
    };
    let Some(expiry) = provider.map(Expiry::of) else { return (config, None) };
    let provider = SharedCredentialsProvider::new(expiry.clone());
    (config.into_builder().credentials_provider(provider).build(), Some(expiry))
}

fn no_region() -> CannotLook {
    CannotLook {
        reason: Reason::Region,
        message: "No AWS region is set.".to_owned(),
        remedy: "Give the workshop's region with --region, AWS_REGION, or in the profile."
            .to_owned(),
    }
}

/// A region's name becomes part of host names, so it must look like one: `us-east-1`.
///
/// # Errors
/// It doesn't.
pub(crate) fn check_region(region: &str) -> Result<(), CannotLook> {
    let parts: Vec<&str> = region.split('-').collect();
    let is_word = |part: &&str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let ends_in_digit = region.ends_with(|c: char| c.is_ascii_digit());
    if parts.len() >= 3 && parts.iter().all(is_word) && ends_in_digit {
        return Ok(());
    }
    Err(CannotLook {
        reason: Reason::Region,
        message: format!("`{}` is no name of an AWS region.", super::fact::clip(region, 40)),
        remedy: "Give the workshop's region, such as us-east-1, with --region or AWS_REGION."
            .to_owned(),
    })
}

/// Counts what goes over the wire, retries included.
#[derive(Debug)]
struct CountAttempts(Arc<AtomicU32>);

#[dyn_dispatch_hint]
impl Intercept for CountAttempts {
    fn name(&self) -> &'static str {
        "CountAttempts"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_names_are_told_from_other_words() {
        for good in ["us-east-1", "ap-northeast-1", "us-gov-west-1", "eusc-de-east-1"] {
            assert!(check_region(good).is_ok(), "{good}");
        }
        for bad in ["", "tokyo", "us-east", "us-east-1.evil.example", "US-EAST-1", "us--1"] {
            assert!(check_region(bad).is_err(), "{bad}");
        }
    }
}
