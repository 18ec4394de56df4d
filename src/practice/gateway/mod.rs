//! API Gateway's data plane, and the addresses that tokens and keys come from.
//!
//! A request runs through an ordered list of stages, as on AWS, then reaches its integration:
//! firewall → route → authorizer → API key and usage plan → validation → backend. The firewall sees
//! also what goes to no route. What is served is the
//! deployment that the stage names, never the draft. What comes of it, a traced stage tells X-Ray.

mod authorize;
mod cognito;
mod firewall;
mod integrate;
mod meter;
mod refuse;
mod route;
mod validate;

use serde_json::{Map, Value, json};

use crate::practice::backend::{self, Invocation};
use crate::practice::resource::Resource;
use crate::practice::services::apigateway::model::{Api, Deployment, Method, Stage};
use crate::practice::services::xray::{Journey, Visit};
use crate::practice::store::{Scope, Store, Tx};
use crate::practice::wire::{Fault, HttpRequest, HttpResponse};
use refuse::Refusal;

/// A request on its way through the stages.
struct Exchange<'t, 'a> {
    tx: &'t Tx<'a>,
    request: &'t HttpRequest,
    /// The deployment's snapshot.
    api: &'t Api,
    stage: &'t Stage,
    method: &'t Method,
    /// `/customizations/{id}`.
    resource: &'t str,
    /// The path behind the stage, percent-encoded as sent.
    path: &'t str,
    /// Values of the path's variables, decoded.
    parameters: Vec<(String, String)>,
    /// `requestContext.authorizer` for the backend.
    identity: Option<Map<String, Value>>,
    /// Value of the API key that the authorizer named.
    usage_key: Option<String>,
    /// The request's id.
    id: String,
    journey: &'t Journey<'t, 'a>,
}

impl Exchange<'_, '_> {
    /// What policies and permissions call this request:
    /// `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{verb}/{path}`.
    fn method_arn(&self) -> String {
        let path = self.path.trim_start_matches('/');
        let (api, stage) = (&self.api.id, &self.stage.stage_name);
        self.tx.arn("execute-api", &format!("{api}/{stage}/{}/{path}", self.request.method))
    }

    /// Invokes a function for this request.
    fn invoke(&self, function: &Resource, event: &Value) -> Result<Invocation, Fault> {
        let from = self.journey.elapsed();
        let result = backend::invoke(self.tx, function, event)?;
        self.journey.invoked(function, from, result.error.is_some());
        Ok(result)
    }
}

type Step = fn(&mut Exchange<'_, '_>) -> Result<(), Refusal>;

/// The stages between the route and the backend, in AWS's order.
const STAGES: [Step; 3] = [authorize::check, meter::check, validate::check];

/// Whether the request is for the data plane rather than for an AWS API: `/_api/…`,
/// `/_cognito/…`, `/{pool}/.well-known/…`, or a host such as `{api}.execute-api.localhost`.
pub fn owns(request: &HttpRequest) -> bool {
    request.path.starts_with("/_api/")
        || request.path.starts_with("/_cognito/")
        || request.path.contains("/.well-known/")
        || request.host().contains(".execute-api.")
}

/// Answers a request to the learner's API, the token endpoint or a pool's keys.
pub fn handle(store: &Store, request: &HttpRequest) -> HttpResponse {
    // Whose it is, the address tells; until then no account's documents are in sight.
    let nobody = Scope { account: String::new(), region: String::new() };
    let answer = store.transact(&nobody, |tx| match Target::of(request) {
        Target::Token(domain) => cognito::token(tx, domain, request),
        Target::Pool(pool, document) => cognito::document(tx, pool, document, request),
        Target::Api(api, stage, path) => Ok(api_call(tx, request, api, stage, path)?),
        Target::Nothing => Ok(HttpResponse::json(404, &json!({"message": "Not Found"}))),
    });
    answer.unwrap_or_else(|fault| {
        tracing::error!(%fault, "a data plane request failed");
        HttpResponse::json(500, &json!({"message": "Internal server error"}))
    })
}

/// What an address stands for.
enum Target<'a> {
    /// API id, stage, path behind the stage.
    Api(&'a str, &'a str, &'a str),
    /// Domain prefix of a token endpoint.
    Token(&'a str),
    /// User pool and document.
    Pool(&'a str, &'a str),
    Nothing,
}

impl<'a> Target<'a> {
    fn of(request: &'a HttpRequest) -> Self {
        let path = request.path.as_str();
        if let Some((api, _)) = request.host().split_once(".execute-api.") {
            let (stage, rest) = split(path.trim_start_matches('/'));
            return Self::Api(api, stage, rest);
        }
        if let Some(rest) = path.strip_prefix("/_api/") {
            let (api, rest) = split(rest);
            let (stage, rest) = split(rest.trim_start_matches('/'));
            return Self::Api(api, stage, rest);
        }
        if let Some(rest) = path.strip_prefix("/_cognito/") {
            return match split(rest) {
                (domain, "/oauth2/token") => Self::Token(domain),
                _ => Self::Nothing,
            };
        }
        match path.trim_start_matches('/').split_once("/.well-known/") {
            Some((pool, document)) => Self::Pool(pool, document),
            None => Self::Nothing,
        }
    }
}

/// The first segment, and the rest with its slash.
fn split(path: &str) -> (&str, &str) {
    path.find('/').map_or((path, ""), |at| path.split_at(at))
}

fn api_call(
    tx: &Tx<'_>,
    request: &HttpRequest,
    api: &str,
    stage: &str,
    path: &str,
) -> Result<HttpResponse, Fault> {
    let found = match tx.find("AWS::ApiGateway::RestApi", api)? {
        Some(scope) => {
            let home = tx.within(scope);
            Stage::find(&home, api, stage)?.map(|stage| (home, stage))
        }
        None => None,
    };
    let Some((tx, stage)) = found else {
        return Ok(refuse::answer(None, &Refusal::Forbidden, &crate::practice::random::uuid()));
    };
    let deployment = Deployment::load(&tx, api, &stage.deployment_id)?;
    let id = crate::practice::random::uuid();
    let visit = Visit { request, api: &deployment.api, stage: &stage, path, id: &id };
    let journey = Journey::begin(&tx, visit)?;
    let answer = serve(&tx, &visit, &journey);
    let mut response = match answer {
        Ok(response) => response,
        Err(Refusal::Fault(fault)) => return Err(fault),
        Err(refusal) => refuse::answer(Some(&deployment.api), &refusal, &id),
    };
    response.headers.push(("x-amz-apigw-id".to_owned(), id.replace('-', "")[..16].to_owned()));
    journey.end(&response)?;
    Ok(response)
}

fn serve(
    tx: &Tx<'_>,
    visit: &Visit<'_>,
    journey: &Journey<'_, '_>,
) -> Result<HttpResponse, Refusal> {
    let Visit { request, api, stage, path, id } = *visit;
    firewall::check(tx, visit)?;
    let route =
        route::find(api, &request.method, path).ok_or(Refusal::MissingAuthenticationToken)?;
    let mut exchange = Exchange {
        tx,
        request,
        api,
        stage,
        method: route.method,
        resource: &route.resource.path,
        path,
        parameters: route.parameters,
        identity: None,
        usage_key: None,
        id: id.to_owned(),
        journey,
    };
    for step in STAGES {
        step(&mut exchange)?;
    }
    integrate::answer(&exchange)
}
