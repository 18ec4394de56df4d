//! Resources of an account: what templates deploy and API calls make are the same documents.
//! The account's configuration is these properties; read operations project them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::store::Tx;
use super::wire::Fault;

/// A resource that exists in an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// CloudFormation type: `AWS::Cognito::UserPool`.
    pub kind: String,
    /// Key of the document, unique in the account and region; see [`Resource::reference`].
    pub id: String,
    /// Properties as CloudFormation names them, intrinsics resolved.
    pub properties: Value,
    /// What `GetAtt` gives, and state that isn't a property.
    pub attributes: Map<String, Value>,
    /// Name of the stack that owns it; none when an API call made it.
    pub stack: Option<String>,
    /// Logical id in that stack.
    pub logical: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub changed: Timestamp,
}

impl Resource {
    /// What `Ref` gives and the stack shows as physical id: the attribute `Ref` where the name is
    /// unique only within its parent (a stage `dev` in its API, a resource server `WildRydes` in
    /// its pool; their [`Resource::id`] then starts with the parent's), else the id.
    pub fn reference(&self) -> &str {
        self.attributes.get("Ref").and_then(Value::as_str).unwrap_or(&self.id)
    }
}

/// What a provider is asked to make.
#[derive(Debug, Clone)]
pub struct Desired<'a> {
    /// Properties, intrinsics resolved.
    pub properties: &'a Value,
    /// Stack name; none when an API call asks.
    pub stack: Option<&'a str>,
    /// Logical id in that stack.
    pub logical: Option<&'a str>,
}

/// What came of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Updated {
    /// Changed in place.
    InPlace,
    /// Can't be changed in place: make a new one, then delete this.
    Replace,
}

/// How one type of resource is made, changed and removed. Providers write through [`Tx`]; the
/// template engine and the API operations of the same service call the same provider.
pub trait Provider: Sync {
    /// The CloudFormation type.
    fn kind(&self) -> &'static str;

    /// Makes it and stores it with [`put`]; the fault is the stack event's reason.
    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault>;

    /// Changes it in place and stores it, or asks for a replacement.
    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault>;

    /// Removes it. Removing what is gone already is no fault.
    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault>;
}

/// The resource, or none.
pub fn get(tx: &Tx<'_>, kind: &str, id: &str) -> Result<Option<Resource>, Fault> {
    tx.get(kind, id)
}

/// All resources of a type, oldest first.
pub fn all(tx: &Tx<'_>, kind: &str) -> Result<Vec<Resource>, Fault> {
    Ok(tx.list(kind)?.into_iter().map(|(_, resource)| resource).collect())
}

/// Writes the resource under its type and id.
pub fn put(tx: &Tx<'_>, resource: &Resource) -> Result<(), Fault> {
    tx.put(&resource.kind, &resource.id, resource)
}

/// Removes the resource's document.
pub fn forget(tx: &Tx<'_>, resource: &Resource) -> Result<(), Fault> {
    tx.delete(&resource.kind, &resource.id).map(|_| ())
}
