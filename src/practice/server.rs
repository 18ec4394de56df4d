//! The server: HTTP on loopback in front of the store.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::faults::{self, Effect, Faults, Instead};
use super::log::Log;
use super::store::Store;
use super::wire::{Fault, HttpRequest, HttpResponse, Sending};
use super::{auth, control, gateway, pages, protocol, random, services};

/// Largest body, in bytes: a function's package has at most 250 MB unzipped.
const LARGEST_BODY: usize = 256 * 1024 * 1024;

/// What a network answers that wants a sign-in first.
const ELSEWHERE: &str = "<html><title>Welcome</title><p>Accept the terms to go online.</html>";

/// How long open connections may take to finish when the server stops.
const FAREWELL: Duration = Duration::from_secs(2);

/// What to serve, and where.
#[derive(Debug)]
pub struct Options {
    /// The accounts' state.
    pub store: Store,
    /// Port on 127.0.0.1; 0 for a free one.
    pub port: u16,
    /// Faults in force from the start.
    pub faults: Vec<faults::Spec>,
}

/// A server that answers until it is stopped or dropped.
#[derive(Debug)]
pub struct Running {
    /// The port on 127.0.0.1.
    pub port: u16,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// What every request shares.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) store: Store,
    pub(super) faults: Faults,
    pub(super) log: Log,
    pub(super) endpoint: String,
}

/// Starts to serve.
///
/// # Errors
/// The port can't be had.
pub async fn serve(options: Options) -> std::io::Result<Running> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let listener = TcpListener::bind(address).await?;
    let port = listener.local_addr()?.port();
    let shared = Arc::new(Shared {
        store: options.store,
        faults: Faults::new(options.faults),
        log: Log::default(),
        endpoint: format!("http://127.0.0.1:{port}"),
    });
    let (stop, mut stopped) = watch::channel(false);
    let router = Router::new().fallback(answer).with_state(shared);
    let task = tokio::spawn(async move {
        let mut farewell = stopped.clone();
        let server = axum::serve(listener, router).with_graceful_shutdown(async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        });
        tokio::select! {
            _ = server => {}
            () = async {
                let _ = farewell.wait_for(|stop| *stop).await;
                tokio::time::sleep(FAREWELL).await;
            } => {}
        }
    });
    Ok(Running { port, stop, task })
}

impl Running {
    /// `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Lets open requests finish, then stops.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        let _ = (&mut self.task).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        self.task.abort();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let response = match read(request, &shared.endpoint).await {
        Ok(request) => respond(shared, request).await,
        Err(response) => response,
    };
    into_axum(response)
}

/// The request with its whole body.
async fn read(request: Request, endpoint: &str) -> Result<HttpRequest, HttpResponse> {
    let (parts, body) = request.into_parts();
    let mut read = HttpRequest {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or("").to_owned(),
        endpoint: endpoint.to_owned(),
        ..HttpRequest::default()
    };
    for (name, value) in &parts.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        read.headers
            .entry(name.as_str().to_owned())
            .and_modify(|all| {
                all.push_str(", ");
                all.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    let Ok(bytes) = to_bytes(body, LARGEST_BODY).await else {
        let fault = Fault::new(
            413,
            "EntityTooLarge",
            format!("The body is cut off, or larger than {LARGEST_BODY} bytes"),
        );
        let spoken = protocol::guessed_protocol(&read);
        return Err(protocol::failure(spoken, &fault, &random::uuid()));
    };
    read.body = bytes.into();
    Ok(read)
}

async fn respond(shared: Arc<Shared>, request: HttpRequest) -> HttpResponse {
    if control::owns(&request) {
        return blocking(move || control::handle(&shared, &request)).await;
    }
    if gateway::owns(&request) {
        let token = request.path.starts_with("/_cognito/");
        let action = if token { faults::TOKEN } else { faults::INVOKE };
        let effect = shared.faults.strike("", "", action);
        return under(
            effect,
            gateway_failure,
            blocking(move || gateway::handle(&shared.store, &request)),
        )
        .await;
    }
    if services::lambda::owns(&request) {
        let effect = shared.faults.strike("", "", faults::DOWNLOAD);
        let answer = blocking(move || services::lambda::download(&shared.store, &request));
        return under(effect, gateway_failure, answer).await;
    }
    call(shared, request).await
}

/// A fault as API Gateway words what isn't AWS's API.
fn gateway_failure(fault: &Fault) -> HttpResponse {
    HttpResponse::json(fault.status, &serde_json::json!({ "message": fault.message }))
}

/// What is answered under a fault. `answer` isn't asked for where another takes its place.
async fn under(
    effect: Effect,
    fail: impl Fn(&Fault) -> HttpResponse,
    answer: impl Future<Output = HttpResponse>,
) -> HttpResponse {
    if !effect.delay.is_zero() {
        tokio::time::sleep(effect.delay).await;
    }
    let sending = match effect.instead {
        Some(Instead::Fault(fault)) => return fail(&fault),
        Some(Instead::Malformed) => return HttpResponse::new(200, "text/html", ELSEWHERE),
        Some(Instead::Hang) => return std::future::pending().await,
        Some(Instead::Reset) => Sending::Half,
        Some(Instead::Trickle) => Sending::Slow,
        None => Sending::Whole,
    };
    HttpResponse { sending, ..answer.await }
}

/// Answers an AWS API call.
async fn call(shared: Arc<Shared>, request: HttpRequest) -> HttpResponse {
    let fail = |protocol, fault: &Fault| protocol::failure(protocol, fault, &random::uuid());
    let known = auth::caller(&request)
        .and_then(|caller| Ok((protocol::service(&request, &caller)?, caller)));
    let (service, caller) = match known {
        Ok(known) => known,
        Err(fault) => return fail(protocol::guessed_protocol(&request), &fault),
    };
    let decoded = auth::resolve_session(&shared.store, caller)
        .and_then(|caller| Ok((protocol::decode(service, &request, &caller)?, caller)));
    let (call, caller) = match decoded {
        Ok(decoded) => decoded,
        Err(fault) => return fail(service.protocol, &fault),
    };
    let account = &caller.scope.account;
    let identity = services::sts::caller_arn(account);
    let action = services::action(&call);
    shared.log.note(account, &action, &request.path);
    let effect = shared.faults.strike(account, &identity, &action);
    let items = effect.items;
    let answer = blocking(move || {
        let answer = shared.store.transact(&caller.scope, |tx| match items {
            Some(items) => pages::answer(service, tx, &call, items),
            None => services::answer(service, tx, &call),
        });
        protocol::encode(service, &call.operation, answer)
    });
    under(effect, |fault| fail(service.protocol, fault), answer).await
}

/// Runs `work` off the runtime's threads. Work that panics is a defect of ours and answers 500.
async fn blocking(work: impl FnOnce() -> HttpResponse + Send + 'static) -> HttpResponse {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a request failed");
        HttpResponse::json(500, &serde_json::json!({ "message": "internal error" }))
    })
}

fn into_axum(answer: HttpResponse) -> Response {
    let mut response = Response::new(body(answer.body, answer.sending));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        // What can't be a header (a line end in an object's metadata) is left out.
        if let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name), HeaderValue::from_bytes(value.as_bytes()))
        {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// A body that breaks off ends in the middle, and its connection with it.
fn body(mut bytes: Vec<u8>, sending: Sending) -> Body {
    match sending {
        Sending::Whole => Body::from(bytes),
        Sending::Half => {
            bytes.truncate(bytes.len() / 2);
            let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
            Body::from_stream(stream::iter([Ok(bytes), Err(broken)]))
        }
        Sending::Slow => {
            let one = |byte| async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok::<_, std::io::Error>(vec![byte])
            };
            Body::from_stream(stream::iter(bytes).then(one))
        }
    }
}
