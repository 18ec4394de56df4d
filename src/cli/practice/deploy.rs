//! Deploys a template to the practice account over HTTP, as `aws cloudformation package` and
//! `deploy` do.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use aws_sdk_cloudformation::Client as CloudFormation;
use aws_sdk_cloudformation::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_cloudformation::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_cloudformation::types::{Capability, ChangeSetStatus, ChangeSetType, Parameter, Stack};
use serde_json::Value;

use super::package;
use crate::cli::Error;
use crate::practice::template;

/// The longest template that a call may carry; a longer one goes through the bucket.
const INLINE_TEMPLATE: usize = 51_200;
/// The output that names the bucket for code and long templates.
const BUCKET: &str = "DeploymentS3Bucket";
/// The practice account deploys at once; a stack that takes longer hangs.
const LIMIT: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(50);

/// A practice account, reached as any AWS account is.
#[derive(Debug, Clone)]
pub(super) struct Client {
    endpoint: String,
    account: String,
    region: String,
    http: reqwest::Client,
    cloudformation: CloudFormation,
}

/// A template to deploy.
#[derive(Debug)]
pub(super) struct Deployment<'a> {
    /// The app directory.
    pub(super) app: &'a Path,
    /// The template's path in it.
    pub(super) template: &'a str,
    /// The stack's name.
    pub(super) stack: &'a str,
    /// The stacks one of which has an output that names the deployment bucket.
    pub(super) bucket_stacks: &'a [&'a str],
    /// Parameters to set.
    pub(super) parameters: &'a BTreeMap<String, String>,
    /// Changes to the template, by path.
    pub(super) with: &'a BTreeMap<String, Value>,
}

impl Client {
    pub(super) fn new(endpoint: &str, account: &str, region: &str) -> Self {
        let config = aws_sdk_cloudformation::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(endpoint)
            .region(Region::new(region.to_owned()))
            .credentials_provider(Credentials::new(account, "practice", None, None, "practice"))
            .build();
        // Loopback only: a proxy of the machine has no part in it.
        let http = reqwest::Client::builder().no_proxy().timeout(LIMIT).build().unwrap_or_default();
        Self {
            endpoint: endpoint.to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
            http,
            cloudformation: CloudFormation::from_conf(config),
        }
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// A signature's header for the service. The practice account reads whose it is, and verifies
    /// nothing.
    pub(super) fn signature(&self, service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/{}/{service}/aws4_request, \
             SignedHeaders=host, Signature=practice",
            self.account, self.region
        )
    }

    /// Names and states of the stacks.
    pub(super) async fn stacks(&self) -> Result<Vec<(String, String)>, Error> {
        let answer = self.cloudformation.describe_stacks().send().await;
        let answer = answer.map_err(|error| Error::unsure(words(&error)))?;
        let described = |stack: &Stack| {
            let status = stack.stack_status().map_or("", |status| status.as_str());
            (stack.stack_name().unwrap_or("").to_owned(), status.to_owned())
        };
        Ok(answer.stacks().iter().map(described).collect())
    }

    async fn stack(&self, name: &str) -> Result<Option<Stack>, String> {
        match self.cloudformation.describe_stacks().stack_name(name).send().await {
            Ok(answer) => Ok(answer.stacks().first().cloned()),
            Err(error) if error.message().is_some_and(|m| m.contains("does not exist")) => Ok(None),
            Err(error) => Err(words(&error)),
        }
    }

    /// Physical id of a stack's resource; none where there is no such stack or resource.
    pub(super) async fn resource(
        &self,
        stack: &str,
        logical: &str,
    ) -> Result<Option<String>, String> {
        let request = self.cloudformation.describe_stack_resource().stack_name(stack);
        match request.logical_resource_id(logical).send().await {
            Ok(answer) => Ok(answer
                .stack_resource_detail()
                .and_then(|detail| detail.physical_resource_id())
                .map(str::to_owned)),
            Err(error) if error.message().is_some_and(|m| m.contains("does not exist")) => Ok(None),
            Err(error) => Err(words(&error)),
        }
    }

    /// Packages and deploys. Whether the stack changed.
    pub(super) async fn deploy(&self, deployment: &Deployment<'_>) -> Result<bool, String> {
        let path = deployment.app.join(deployment.template);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let mut template =
            template::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        for (place, value) in deployment.with {
            template::patch(&mut template, place, value.clone())
                .map_err(|error| format!("{}: {error}", path.display()))?;
        }
        self.package(deployment, &mut template).await?;
        let text = template.to_string();
        let previous = self.stack(deployment.stack).await?;
        let (kind, previous) = match &previous {
            Some(stack)
                if stack.stack_status().is_some_and(|s| s.as_str() == "REVIEW_IN_PROGRESS") =>
            {
                (ChangeSetType::Create, None)
            }
            Some(stack) => (ChangeSetType::Update, Some(stack)),
            None => (ChangeSetType::Create, None),
        };
        let parameters = parameters(&template, deployment.parameters, previous);
        let name = format!("stepproof-{}", crate::practice::random::uuid());
        let mut request = self
            .cloudformation
            .create_change_set()
            .stack_name(deployment.stack)
            .change_set_name(&name)
            .change_set_type(kind)
            .set_parameters(Some(parameters))
            .capabilities(Capability::CapabilityIam)
            .capabilities(Capability::CapabilityNamedIam)
            .capabilities(Capability::CapabilityAutoExpand);
        request = if text.len() > INLINE_TEMPLATE {
            let bucket = self.bucket(deployment.bucket_stacks).await?;
            let key = format!("{}.template", deployment.stack);
            self.upload(&bucket, &key, text.into_bytes()).await?;
            request.template_url(format!("{}/{bucket}/{key}", self.endpoint))
        } else {
            request.template_body(text)
        };
        let set = request.send().await.map_err(|error| words(&error))?;
        let id = set.id().unwrap_or(&name).to_owned();
        if !self.ready(deployment.stack, &id).await? {
            return Ok(false);
        }
        self.cloudformation
            .execute_change_set()
            .change_set_name(&id)
            .stack_name(deployment.stack)
            .send()
            .await
            .map_err(|error| words(&error))?;
        self.settled(deployment.stack).await?;
        Ok(true)
    }

    /// Uploads the template's local code, and names it there.
    async fn package(
        &self,
        deployment: &Deployment<'_>,
        template: &mut Value,
    ) -> Result<(), String> {
        let places = package::local_code(template);
        if places.is_empty() {
            return Ok(());
        }
        let bucket = self.bucket(deployment.bucket_stacks).await?;
        let mut keys = BTreeMap::new();
        for (pointer, dir) in places {
            if !keys.contains_key(&dir) {
                let package = package::pack(&deployment.app.join(&dir))?;
                self.upload(&bucket, &package.key, package.bytes).await?;
                keys.insert(dir.clone(), package.key);
            }
            if let Some(place) = template.pointer_mut(&pointer) {
                *place = package::uploaded(&pointer, &bucket, &keys[&dir]);
            }
        }
        Ok(())
    }

    /// The bucket that code is uploaded to: the first that a stack's output names.
    async fn bucket(&self, stacks: &[&str]) -> Result<String, String> {
        for name in stacks {
            let stack = self.stack(name).await?;
            let outputs = stack.as_ref().map(Stack::outputs).unwrap_or_default();
            let named = outputs.iter().find(|output| output.output_key() == Some(BUCKET));
            if let Some(bucket) = named.and_then(|output| output.output_value()) {
                return Ok(bucket.to_owned());
            }
        }
        Err(format!("no stack of {} has an output {BUCKET} to upload to", stacks.join(", ")))
    }

    async fn upload(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<(), String> {
        let answer = self
            .http
            .put(format!("{}/{bucket}/{key}", self.endpoint))
            .header("authorization", self.signature("s3"))
            .body(body)
            .send()
            .await
            .map_err(|error| format!("cannot upload {key}: {error}"))?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(format!("cannot upload {key} to {bucket}: HTTP {}", answer.status()))
    }

    /// Waits for the change set; whether it holds a change.
    async fn ready(&self, stack: &str, id: &str) -> Result<bool, String> {
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            let set = self
                .cloudformation
                .describe_change_set()
                .change_set_name(id)
                .stack_name(stack)
                .send()
                .await
                .map_err(|error| words(&error))?;
            let reason = set.status_reason().unwrap_or("");
            match set.status() {
                Some(ChangeSetStatus::CreateComplete) => return Ok(true),
                Some(ChangeSetStatus::Failed)
                    if reason.contains("didn't contain changes")
                        || reason.contains("No updates are to be performed") =>
                {
                    let _ = self
                        .cloudformation
                        .delete_change_set()
                        .change_set_name(id)
                        .stack_name(stack)
                        .send()
                        .await;
                    return Ok(false);
                }
                Some(ChangeSetStatus::Failed) => {
                    return Err(format!("stack {stack} can't be changed: {reason}"));
                }
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
        Err(format!("the change set of stack {stack} hangs"))
    }

    /// Waits until the stack is at rest; an error unless the change went through.
    async fn settled(&self, name: &str) -> Result<(), String> {
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            let stack = self.stack(name).await?;
            let status = stack.as_ref().and_then(Stack::stack_status).map_or("", |s| s.as_str());
            match status {
                "CREATE_COMPLETE" | "UPDATE_COMPLETE" => return Ok(()),
                status if status.ends_with("_IN_PROGRESS") => tokio::time::sleep(PAUSE).await,
                status => {
                    let why = self.reason(name).await;
                    return Err(format!("stack {name} is {status}: {why}"));
                }
            }
        }
        Err(format!("stack {name} hangs"))
    }

    /// Why the last change failed: the first event that says so.
    async fn reason(&self, stack: &str) -> String {
        let events = self.cloudformation.describe_stack_events().stack_name(stack).send().await;
        let events = events.map(|answer| answer.stack_events().to_vec()).unwrap_or_default();
        // Newest first: the first failure after the change began is the last of its run.
        let failed = events
            .iter()
            .take_while(|event| event.resource_status_reason() != Some("User Initiated"));
        let failed = failed.filter(|event| {
            event.resource_status().is_some_and(|status| status.as_str().ends_with("_FAILED"))
        });
        failed.last().map_or_else(
            || "its events don't say why".to_owned(),
            |event| {
                format!(
                    "{}: {}",
                    event.logical_resource_id().unwrap_or(""),
                    event.resource_status_reason().unwrap_or("")
                )
            },
        )
    }

    /// Deletes a stack; one that isn't there is deleted already.
    pub(super) async fn delete(&self, name: &str) -> Result<(), String> {
        let Some(stack) = self.stack(name).await? else { return Ok(()) };
        let id = stack.stack_id().unwrap_or(name).to_owned();
        let deleted = self.cloudformation.delete_stack().stack_name(&id).send().await;
        deleted.map_err(|error| words(&error))?;
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            let stack = self.stack(&id).await?;
            let status = stack
                .as_ref()
                .and_then(Stack::stack_status)
                .map(aws_sdk_cloudformation::types::StackStatus::as_str);
            match status {
                None | Some("DELETE_COMPLETE") => return Ok(()),
                Some("DELETE_FAILED") => {
                    let why = self.reason(&id).await;
                    return Err(format!("stack {name} can't be deleted: {why}"));
                }
                Some(_) => tokio::time::sleep(PAUSE).await,
            }
        }
        Err(format!("deleting stack {name} hangs"))
    }
}

/// Given values; what the stack has already for the rest.
fn parameters(
    template: &Value,
    given: &BTreeMap<String, String>,
    previous: Option<&Stack>,
) -> Vec<Parameter> {
    let declared = template["Parameters"].as_object().into_iter().flatten().map(|(name, _)| name);
    let known = |name: &str| {
        previous.is_some_and(|stack| {
            stack.parameters().iter().any(|known| known.parameter_key() == Some(name))
        })
    };
    declared
        .filter_map(|name| match given.get(name) {
            Some(value) => {
                Some(Parameter::builder().parameter_key(name).parameter_value(value).build())
            }
            None if known(name) => {
                Some(Parameter::builder().parameter_key(name).use_previous_value(true).build())
            }
            None => None,
        })
        .collect()
}

/// The service's own words, or what kept the call from it.
fn words<E>(error: &E) -> String
where
    E: ProvideErrorMetadata + std::error::Error,
{
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        _ => DisplayErrorContext(error).to_string(),
    }
}
