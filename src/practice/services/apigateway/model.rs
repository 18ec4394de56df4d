//! An API as the service keeps it. The draft that console and templates edit and the snapshot
//! that a deployment froze are the same type; the data plane serves snapshots alone.
//!
//! Fields are named as on the wire, so that a value serializes into its own view.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use super::deployed::{Deployment, Stage};
pub use super::parts::{Authorizer, Model, Validator, function_of_uri};
use crate::practice::random;
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// Collection of drafts, by API id.
const DRAFTS: &str = "apigateway:draft";
/// A REST API: its paths and what they rest on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Api {
    /// 10 lower-case letters and digits, unique in the whole world.
    pub id: String,
    /// Its name; several APIs may share one.
    pub name: String,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Unix time in seconds.
    pub created_date: i64,
    /// `info.version` of the imported document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// `HEADER` or `AUTHORIZER`.
    pub api_key_source: String,
    /// `EDGE`, `REGIONAL` or `PRIVATE`.
    pub endpoint_types: Vec<String>,
    /// Content types that pass undecoded.
    #[serde(default)]
    pub binary_media_types: Vec<String>,
    /// The resource policy, if any.
    #[serde(default)]
    pub policy: Option<Value>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Paths; the root is first.
    pub resources: Vec<PathResource>,
    /// Authorizers in the order of their making.
    pub authorizers: Vec<Authorizer>,
    /// Body models.
    pub models: Vec<Model>,
    /// Request validators.
    pub validators: Vec<Validator>,
    /// `x-amazon-apigateway-gateway-responses`, as imported.
    #[serde(default)]
    pub gateway_responses: Map<String, Value>,
}

/// A path of an API with its methods.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathResource {
    /// 6 to 10 lower-case letters and digits.
    pub id: String,
    /// Id of the parent; none for the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// Last segment; none for the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_part: Option<String>,
    /// `/customizations/{id}`.
    pub path: String,
    /// Methods by verb in capitals; `ANY` stands for all others.
    #[serde(default)]
    pub methods: BTreeMap<String, Method>,
}

/// A method of a path.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Method {
    /// The verb, or `ANY`.
    pub http_method: String,
    /// `NONE`, `AWS_IAM`, `CUSTOM` or `COGNITO_USER_POOLS`.
    pub authorization_type: String,
    /// The authorizer, for the last two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorizer_id: Option<String>,
    /// Scopes that a Cognito authorizer asks for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_scopes: Vec<String>,
    /// Whether an API key must come along.
    pub api_key_required: bool,
    /// The request validator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_validator_id: Option<String>,
    /// `operationId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation_name: Option<String>,
    /// Parameters by `method.request.{place}.{name}`; whether each is required.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub request_parameters: BTreeMap<String, bool>,
    /// Models by content type.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub request_models: BTreeMap<String, String>,
    /// Declared answers by status, as on the wire.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub method_responses: BTreeMap<String, Value>,
    /// What answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method_integration: Option<Integration>,
}

/// What answers a method.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Integration {
    /// `AWS_PROXY`, `MOCK`, `AWS`, `HTTP`, `HTTP_PROXY`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Verb towards the backend; always POST for functions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_method: Option<String>,
    /// `arn:aws:apigateway:{region}:lambda:path/…` for functions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Role to invoke with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials: Option<String>,
    /// `WHEN_NO_MATCH` and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passthrough_behavior: Option<String>,
    /// `CONVERT_TO_TEXT` or `CONVERT_TO_BINARY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_handling: Option<String>,
    /// At most 29000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_in_millis: Option<i64>,
    /// Parameter mappings.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub request_parameters: BTreeMap<String, String>,
    /// Templates by content type.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub request_templates: BTreeMap<String, String>,
    /// Answers by status.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub integration_responses: BTreeMap<String, IntegrationResponse>,
}

/// How an integration's answer becomes the method's.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IntegrationResponse {
    /// Status towards the caller.
    pub status_code: String,
    /// Which answers it stands for; none for all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection_pattern: Option<String>,
    /// `method.response.header.{name}` to a quoted literal or a mapping.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub response_parameters: BTreeMap<String, String>,
    /// Templates by content type; null passes the body through.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub response_templates: BTreeMap<String, Option<String>>,
    /// `CONVERT_TO_TEXT` or `CONVERT_TO_BINARY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_handling: Option<String>,
}

impl Api {
    /// An API with nothing but its root.
    pub fn new(tx: &Tx<'_>, name: &str) -> Self {
        let root =
            PathResource { id: random::lower(10), path: "/".to_owned(), ..PathResource::default() };
        Self {
            id: random::lower(10),
            name: name.to_owned(),
            created_date: tx.now().as_second(),
            api_key_source: "HEADER".to_owned(),
            endpoint_types: vec!["EDGE".to_owned()],
            resources: vec![root],
            ..Self::default()
        }
    }

    /// The draft.
    pub fn load(tx: &Tx<'_>, id: &str) -> Result<Self, Fault> {
        tx.get(DRAFTS, id)?.ok_or_else(|| {
            not_found(format!("Invalid API identifier specified {}:{id}", tx.scope().account))
        })
    }

    /// Writes the draft.
    pub fn save(&self, tx: &Tx<'_>) -> Result<(), Fault> {
        tx.put(DRAFTS, &self.id, self)
    }

    /// All drafts of the account, oldest first.
    pub fn all(tx: &Tx<'_>) -> Result<Vec<Self>, Fault> {
        Ok(tx.list(DRAFTS)?.into_iter().map(|(_, api)| api).collect())
    }

    /// Removes the API with its deployments and stages.
    pub fn remove(tx: &Tx<'_>, id: &str) -> Result<(), Fault> {
        tx.delete(DRAFTS, id)?;
        for stage in Stage::of(tx, id)? {
            Stage::remove(tx, id, &stage.stage_name)?;
        }
        for deployment in Deployment::of(tx, id)? {
            Deployment::remove(tx, id, &deployment.id)?;
        }
        Ok(())
    }

    /// Id of `/`.
    pub fn root(&self) -> &str {
        self.resources.first().map_or("", |root| &root.id)
    }

    /// The path resource of that id.
    pub fn resource(&self, id: &str) -> Result<&PathResource, Fault> {
        self.resources
            .iter()
            .find(|resource| resource.id == id)
            .ok_or_else(|| not_found("Invalid Resource identifier specified"))
    }

    /// The path resource of that id, to change it.
    pub fn resource_mut(&mut self, id: &str) -> Result<&mut PathResource, Fault> {
        self.resources
            .iter_mut()
            .find(|resource| resource.id == id)
            .ok_or_else(|| not_found("Invalid Resource identifier specified"))
    }

    /// The method of that path resource.
    pub fn method(&self, resource: &str, verb: &str) -> Result<&Method, Fault> {
        self.resource(resource)?
            .methods
            .get(verb)
            .ok_or_else(|| not_found("Invalid Method identifier specified"))
    }

    /// The method of that path resource, to change it.
    pub fn method_mut(&mut self, resource: &str, verb: &str) -> Result<&mut Method, Fault> {
        self.resource_mut(resource)?
            .methods
            .get_mut(verb)
            .ok_or_else(|| not_found("Invalid Method identifier specified"))
    }

    /// The authorizer of that id.
    pub fn authorizer(&self, id: &str) -> Option<&Authorizer> {
        self.authorizers.iter().find(|authorizer| authorizer.id == id)
    }

    /// Makes the path with its parents where they don't exist; its id.
    pub fn ensure_path(&mut self, path: &str) -> String {
        let mut parent = self.root().to_owned();
        let mut so_far = String::new();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            so_far.push('/');
            so_far.push_str(part);
            parent = match self.resources.iter().find(|resource| resource.path == so_far) {
                Some(resource) => resource.id.clone(),
                None => self.add_child(parent, part, &so_far),
            };
        }
        parent
    }

    fn add_child(&mut self, parent: String, part: &str, path: &str) -> String {
        let id = random::lower(6);
        self.resources.push(PathResource {
            id: id.clone(),
            parent_id: Some(parent),
            path_part: Some(part.to_owned()),
            path: path.to_owned(),
            methods: BTreeMap::new(),
        });
        id
    }

    /// Adds one path part under a parent.
    pub fn add_resource(&mut self, parent: &str, part: &str) -> Result<&PathResource, Fault> {
        let above = self.resource(parent)?.path.clone();
        let variable = part.starts_with('{') && part.ends_with('}');
        let inner = part.trim_matches(|c| c == '{' || c == '}').trim_end_matches('+');
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
        if inner.is_empty() || !inner.chars().all(allowed) || (!variable && part.contains('{')) {
            return Err(bad_request(
                "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable \
                 and curly braces at the beginning and the end.",
            ));
        }
        let path = format!("{}/{part}", above.trim_end_matches('/'));
        if self.resources.iter().any(|resource| resource.path == path) {
            return Err(Fault::new(
                409,
                "ConflictException",
                "Another resource with the same parent already has this name: ".to_owned() + part,
            ));
        }
        let id = self.add_child(parent.to_owned(), part, &path);
        self.resource(&id)
    }

    /// What stands against deploying it.
    pub fn check_deployable(&self) -> Result<(), Fault> {
        let mut methods = self.resources.iter().flat_map(|resource| resource.methods.values());
        if methods.clone().next().is_none() {
            return Err(bad_request("The REST API doesn't contain any methods"));
        }
        if methods.any(|method| method.method_integration.is_none()) {
            return Err(bad_request("No integration defined for method"));
        }
        Ok(())
    }
}

impl Method {
    /// Refuses an authorizer that isn't there, in the service's words.
    pub fn check_authorizer(&self, api: &[Authorizer]) -> Result<(), Fault> {
        match self.authorization_type.as_str() {
            "NONE" | "AWS_IAM" => Ok(()),
            "CUSTOM" | "COGNITO_USER_POOLS" => {
                let known = self.authorizer_id.as_deref().is_some_and(|id| {
                    api.iter().any(|a| {
                        a.id == id
                            && (a.kind == "COGNITO_USER_POOLS")
                                == (self.authorization_type == "COGNITO_USER_POOLS")
                    })
                });
                if known {
                    Ok(())
                } else {
                    Err(bad_request(
                        "Invalid authorizer ID specified. Setting the authorization type to \
                         CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.",
                    ))
                }
            }
            other => Err(bad_request(format!(
                "Invalid authorization type specified: {other}. Valid values are NONE, AWS_IAM, \
                 CUSTOM, COGNITO_USER_POOLS"
            ))),
        }
    }
}

/// 404 in the service's words.
pub fn not_found(message: impl Into<String>) -> Fault {
    Fault::new(404, "NotFoundException", message)
}

/// 400 in the service's words.
pub fn bad_request(message: impl Into<String>) -> Fault {
    Fault::new(400, "BadRequestException", message)
}
