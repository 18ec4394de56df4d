//! Requests to the learner's own API: to the address that the stack's output names and to nothing
//! else, bounded in number and size, with time-outs, following no redirect, changing nothing.

pub(super) mod calls;
pub(super) mod firewall;
pub(super) mod keys;
pub(super) mod orders;
pub(super) mod outcome;
pub(super) mod ownership;
pub(super) mod tokens;
pub(super) mod traced;

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Method, RequestBuilder, redirect};

use super::fact::{CannotLook, FactError, Known, Reason};
use super::facts::cloudformation::AppStack;
use super::reader::{Reader, known};
use super::secret::Secret;
use calls::Call;
use outcome::Answer;

/// API Gateway gives up after 29 s and answers by itself: who waits longer hears what became of the
/// request behind it.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is read of an answer.
const MOST_BYTES: usize = 64 * 1024;
/// How long a throttled request waits: the lowest rate that a plan may have here is one a second.
const PAUSE: Duration = Duration::from_millis(1100);
/// How often a throttled request is sent again.
const RETRIES: usize = 3;
/// How the user agent begins.
const AGENT: &str = "stepproof/";
/// The header of API keys.
const KEY: &str = "x-api-key";
/// A body that no application can parse, so that a request that gets through writes nothing.
const NO_JSON: &str = "stepproof: not JSON, on purpose";

/// The client for probes and package downloads.
pub(super) fn client() -> Result<Client, CannotLook> {
    Client::builder()
        .user_agent(format!("{AGENT}{}", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(PATIENCE)
        .dns_resolver(LoopbackNames)
        .build()
        .map_err(|error| CannotLook {
            reason: Reason::Network,
            message: format!("No HTTP client can be made: {error}."),
            remedy: "Check the computer's TLS certificates.".to_owned(),
        })
}

/// Names under `localhost` are this computer (RFC 6761); many resolvers don't know it.
#[derive(Debug)]
struct LoopbackNames;

impl Resolve for LoopbackNames {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        Box::pin(async move {
            let found: Vec<SocketAddr> = if name == "localhost" || name.ends_with(".localhost") {
                vec![SocketAddr::from(([127, 0, 0, 1], 0))]
            } else {
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect()
            };
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Where the stack's API answers. Refuses an output that names anything but the stack's own API.
fn api_address(reader: &Reader, stack: &AppStack) -> Result<String, FactError> {
    let api = stack.require("AWS::ApiGateway::RestApi", "UnicornApi")?;
    let output = stack.stack.outputs.get("ApiURL").ok_or_else(|| FactError::Missing {
        what: format!("output ApiURL of stack {}", stack.stack.name),
    })?;
    let account = &reader.account;
    let own = format!("https://{}.execute-api.{}.amazonaws.com", api.id, account.region());
    let rest = output.strip_prefix(&own).map(|rest| rest.strip_prefix(".cn").unwrap_or(rest));
    if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        return account
            .target()
            .api_address(&api.id, account.region())
            .map_err(FactError::CannotLook);
    }
    Err(FactError::CannotLook(CannotLook {
        reason: Reason::NotProbed,
        message: format!(
            "No request was sent: the stack's output ApiURL names another address than its API {}.",
            api.id
        ),
        remedy: "Restore the output ApiURL in template.yaml and deploy.".to_owned(),
    }))
}

/// One request of a probe.
#[derive(Debug, Clone, Copy)]
struct Probe {
    /// The method as the application's definition writes it.
    verb: &'static str,
    /// The path as the definition writes it.
    path: &'static str,
}

impl Probe {
    /// The path below the stage, with an id that no row has: AUTO_INCREMENT begins at 1.
    fn below(self) -> String {
        self.path.trim_start_matches('/').replace("{id}", "0")
    }

    /// Sends it; `token` goes into the Authorization header as it is, `key` into x-api-key.
    async fn send(
        self,
        reader: &Reader,
        base: &str,
        token: Option<&str>,
        key: Option<&Secret>,
    ) -> Result<Call, FactError> {
        let method = Method::from_bytes(self.verb.as_bytes()).unwrap_or(Method::GET);
        let mut request = reader.probe(method, base, &self.below());
        if self.verb == "POST" {
            request = request.header("content-type", "application/json").body(NO_JSON);
        }
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        if let Some(key) = key {
            request = request.header(KEY, key.expose());
        }
        Ok(Call::new(self.verb, self.path, exchange(reader, base, request).await?))
    }

    /// Sends it with a token: as it is, and where that is refused, after `Bearer`. Authorizers
    /// take the one or the other.
    async fn send_once(
        self,
        reader: &Reader,
        base: &str,
        token: &Secret,
        key: Option<&Secret>,
    ) -> Result<Call, FactError> {
        let call = self.send(reader, base, Some(token.expose()), key).await?;
        if !call.is_unauthorized() {
            return Ok(call);
        }
        self.send(reader, base, Some(&format!("Bearer {}", token.expose())), key).await
    }

    /// As [`Probe::send_once`], and again where the API asks for slower calls.
    async fn send_patiently(
        self,
        reader: &Reader,
        base: &str,
        token: &Secret,
        key: Option<&Secret>,
    ) -> Result<Call, FactError> {
        let send = || self.send_once(reader, base, token, key);
        patiently(reader, send, |call| call.outcome() == "throttled").await
    }
}

/// The call, unless a limit kept it from telling anything.
fn patient(call: Call) -> Result<Call, FactError> {
    answered_at_all(call.outcome())?;
    Ok(call)
}

/// Sends a request, and again where the API asks for slower calls.
async fn patiently<T, F>(
    reader: &Reader,
    send: impl Fn() -> F,
    is_throttled: impl Fn(&T) -> bool,
) -> Result<T, FactError>
where
    F: Future<Output = Result<T, FactError>>,
{
    let mut answer = send().await?;
    if !is_throttled(&answer) {
        return Ok(answer);
    }
    // A plan may let one call a second through: those who come again together are refused together.
    let _turn = reader.turns().lock().await;
    for _ in 0..RETRIES {
        tokio::time::sleep(PAUSE).await;
        answer = send().await?;
        if !is_throttled(&answer) {
            break;
        }
    }
    Ok(answer)
}

/// A refusal by a limit tells nothing of what was asked.
fn answered_at_all(outcome: &str) -> Result<(), FactError> {
    let (message, remedy) = match outcome {
        "throttled" => {
            ("The API keeps asking for slower calls.", "Wait a minute, then verify again.")
        }
        "quota_exceeded" => (
            "The quota of the partner's API key is used up.",
            "Wait for the next period, or raise the usage plan's quota.",
        ),
        _ => return Ok(()),
    };
    Err(FactError::CannotLook(CannotLook {
        reason: Reason::NotProbed,
        message: message.to_owned(),
        remedy: remedy.to_owned(),
    }))
}

/// Sends a request and reads the answer; notes whether a firewall may have given it.
async fn exchange(
    reader: &Reader,
    base: &str,
    request: RequestBuilder,
) -> Result<Answer, FactError> {
    let answer = answer(request).await.map_err(|error| unanswered(base, &error))?;
    if outcome::outcome(&answer) == "forbidden" {
        reader.note_forbidden();
    }
    Ok(answer)
}

/// Where nothing goes. A firewall is asked before API Gateway looks for a route, so it refuses this
/// too where it refuses everything from this computer.
const NOWHERE: &str = "stepproof-asks-whether-it-is-let-in";

/// Refuses where a firewall refuses everything that this computer sends: a rule that counts requests
/// does so for minutes, and then an answer tells nothing of the API.
pub(super) async fn let_in(reader: &Reader, facts: &Known) -> Result<(), FactError> {
    let Ok(stack) = known::<AppStack>(facts, "app_stack") else { return Ok(()) };
    let base = api_address(reader, &stack)?;
    let request = reader.probe(Method::GET, &base, NOWHERE);
    let answer = answer(request).await.map_err(|error| unanswered(&base, &error))?;
    if outcome::outcome(&answer) != "forbidden" {
        return Ok(());
    }
    Err(FactError::CannotLook(CannotLook {
        reason: Reason::NotProbed,
        message: "The firewall refuses everything that this computer sends.".to_owned(),
        remedy:
            "If a rule counts requests, wait five minutes, then verify again. If it stays, find \
                 the rule or the default action that blocks, in the web ACL of the stage."
                .to_owned(),
    }))
}

/// The answer to a request. One that breaks off is none: half a list isn't a short list.
async fn answer(request: RequestBuilder) -> reqwest::Result<Answer> {
    let mut response = request.send().await?;
    let status = response.status().as_u16();
    let header = |name: &str| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
    };
    // API Gateway writes `AccessDeniedException`, sometimes with `:http://…` after it.
    let error_type = header("x-amzn-errortype")
        .map(|kind| kind.split(':').next().unwrap_or_default().to_owned())
        .unwrap_or_default();
    let mut body = Vec::new();
    let mut whole = true;
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MOST_BYTES {
            whole = false;
            break;
        }
        body.extend_from_slice(&chunk);
    }
    let json = if whole { serde_json::from_slice(&body).ok() } else { None };
    Ok(Answer { status, error_type, json })
}

/// Why there is no answer, or no whole one. Errors of the HTTP library aren't passed on: their text
/// may hold what was sent.
pub(super) fn unanswered(address: &str, error: &reqwest::Error) -> FactError {
    if !error.is_timeout() || error.is_connect() {
        return unreachable(address);
    }
    FactError::CannotLook(CannotLook {
        reason: Reason::Timeout,
        message: format!("{address} gave no whole answer in {} s.", PATIENCE.as_secs()),
        remedy: "Check the network, then verify again. Where the API stays silent, read its \
                 function's log."
            .to_owned(),
    })
}

/// No connection, or one that broke off.
fn unreachable(base: &str) -> FactError {
    FactError::CannotLook(CannotLook {
        reason: Reason::Network,
        message: format!("{base} can't be reached, or its answer broke off."),
        remedy: "Check the network, then verify again.".to_owned(),
    })
}
