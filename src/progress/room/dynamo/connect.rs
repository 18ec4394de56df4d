//! Reaching the table: with which credentials, for how long, and what time it is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use jiff::{SignedDuration, Timestamp};

use super::super::address::{Code, Place};
use super::super::template::table_name;
use super::trouble::{self, Asked};
use super::{DynamoRoom, RoomError};

/// The longest that a call may take with all its tries: nobody waits for a room for long.
pub(super) const OPERATION: Duration = Duration::from_secs(12);
/// The longest that one try may take.
const TRY: Duration = Duration::from_secs(5);

/// Whose credentials reach the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Login {
    /// The profile; none leaves the choice to the SDK's own chain.
    pub profile: Option<String>,
    /// The region of the caller's own account, where a role is asked for; none takes the
    /// profile's, or the table's.
    pub region: Option<String>,
}

impl Login {
    /// The account that the credentials are for.
    ///
    /// # Errors
    /// There are no credentials, or AWS can't be asked.
    pub async fn account(&self, place: &Place) -> Result<String, RoomError> {
        caller(&self.config(place).await, place).await
    }

    /// The SDK's configuration with them, with bounds on time and tries.
    pub async fn config(&self, place: &Place) -> SdkConfig {
        let retry = RetryConfig::standard()
            .with_max_attempts(4)
            .with_initial_backoff(Duration::from_millis(200))
            .with_max_backoff(Duration::from_secs(2));
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .operation_attempt_timeout(TRY)
            .operation_timeout(OPERATION)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .retry_config(retry)
            .timeout_config(timeouts);
        if let Ok(name) = AppName::new("stepproof") {
            loader = loader.app_name(name);
        }
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        let config = loader.load().await;
        if config.region().is_some() {
            return config;
        }
        config.into_builder().region(Region::new(place.region.clone())).build()
    }
}

impl DynamoRoom {
    /// A table, through the role that its template makes: what is in reach is what belongs to the
    /// caller's account.
    ///
    /// # Errors
    /// The caller's account can't be told.
    pub async fn through_role(
        code: &Code,
        place: &Place,
        config: &SdkConfig,
    ) -> Result<Self, RoomError> {
        let account = caller(config, place).await?;
        let name = table_name(&code.room);
        let role = format!("arn:{}:iam::{}:role/{name}", partition(&place.region), place.account);
        let provider = AssumeRoleProvider::builder(role)
            .configure(config)
            .session_name("stepproof")
            .tags([("account", account)])
            .build()
            .await;
        let provider = SharedCredentialsProvider::new(provider);
        let config = config.to_builder().credentials_provider(provider).build();
        Ok(Self::with(code, place, &config))
    }

    /// A table, with the credentials of a configuration. Nothing is sent yet.
    pub fn with(code: &Code, place: &Place, config: &SdkConfig) -> Self {
        let clock = Clock::default();
        let retries = aws_sdk_dynamodb::config::retry::RetryPartition::custom("room").build();
        let config = aws_sdk_dynamodb::config::Builder::from(config)
            .region(Region::new(place.region.clone()))
            .retry_partition(retries)
            .interceptor(clock.clone())
            .build();
        let name = table_name(&code.room);
        let Place { account, region, .. } = place;
        Self {
            client: aws_sdk_dynamodb::Client::from_conf(config),
            arn: format!("arn:{}:dynamodb:{region}:{account}:table/{name}", partition(region)),
            room: code.to_string(),
            place: place.clone(),
            clock,
            seen: Arc::default(),
        }
    }
}

/// The account of these credentials.
async fn caller(config: &SdkConfig, place: &Place) -> Result<String, RoomError> {
    let asked = Asked { action: "sts:GetCallerIdentity", place };
    let answer = aws_sdk_sts::Client::new(config).get_caller_identity().send().await;
    let answer = answer.map_err(|error| trouble::of(asked, &error))?;
    Ok(answer.account.unwrap_or_default())
}

/// The part of AWS that a region belongs to.
fn partition(region: &str) -> &'static str {
    match region.split('-').next().unwrap_or_default() {
        "cn" => "aws-cn",
        "eusc" => "aws-eusc",
        "us" if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// The table's time, as its answers say it: how far it is before this machine's, in milliseconds.
/// It is behind the true one by up to a second, and by how long an answer took.
#[derive(Debug, Clone, Default)]
pub(super) struct Clock(Arc<AtomicI64>);

impl Clock {
    pub(super) fn now(&self) -> Timestamp {
        self.of(Timestamp::now())
    }

    /// The table's time at a time of this machine.
    pub(super) fn of(&self, here: Timestamp) -> Timestamp {
        let before = SignedDuration::from_millis(self.0.load(Ordering::Relaxed));
        here.saturating_add(before).unwrap_or(here)
    }

    fn set(&self, date: &str, here: Timestamp) {
        let Ok(there) = aws_smithy_types::DateTime::from_str(date, Format::HttpDate) else {
            return;
        };
        let before = there.secs().saturating_mul(1000).saturating_sub(here.as_millisecond());
        self.0.store(before, Ordering::Relaxed);
    }
}

#[dyn_dispatch_hint]
impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "Clock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(date) = context.response().headers().get("date") {
            self.set(date, Timestamp::now());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_whose_clock_is_wrong_stamps_with_the_tables_time() {
        let clock = Clock::default();
        let there: Timestamp = "2026-11-28T10:00:00Z".parse().unwrap();
        for wrong in [-7200, 0, 3, 86_400] {
            let here = there + SignedDuration::from_secs(wrong);
            clock.set("Sat, 28 Nov 2026 10:00:00 GMT", here);
            assert_eq!(clock.of(here), there);
            clock.set("\u{1b}tomorrow", here);
            assert_eq!(clock.of(here), there, "what isn't a date says nothing");
        }
    }

    #[test]
    fn a_region_lies_in_its_own_part_of_aws() {
        let regions =
            ["us-east-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1", "il-central-1"];
        let parts = regions.map(partition);
        assert_eq!(parts, ["aws", "aws-us-gov", "aws-cn", "aws-eusc", "aws"]);
    }
}
