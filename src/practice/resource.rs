//! Resources of an account: what templates deploy and API calls make are the same documents.
//! The account's configuration is these properties; read operations project them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::store::Tx;
use super::wire::Fault;
use super::{properties, random};

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

impl Resource {
    /// A new resource as `desired`, made now, without attributes.
    pub fn new(tx: &Tx<'_>, kind: &str, id: impl Into<String>, desired: &Desired<'_>) -> Self {
        Self {
            kind: kind.to_owned(),
            id: id.into(),
            properties: desired.properties.clone(),
            attributes: Map::new(),
            stack: desired.stack.map(str::to_owned),
            logical: desired.logical.map(str::to_owned),
            created: tx.now(),
            changed: tx.now(),
        }
    }

    /// This resource as `desired` now, its id and attributes kept.
    #[must_use]
    pub fn changed_to(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Self {
        Self { properties: desired.properties.clone(), changed: tx.now(), ..self.clone() }
    }

    /// The resource with an attribute.
    #[must_use]
    pub fn with(mut self, attribute: &str, value: impl Into<Value>) -> Self {
        self.attributes.insert(attribute.to_owned(), value.into());
        self
    }

    /// A text property, or empty.
    pub fn text(&self, property: &str) -> &str {
        properties::text(&self.properties, property)
    }

    /// Texts of a list property, or the one text that stands in its place.
    pub fn texts(&self, property: &str) -> Vec<String> {
        properties::texts(&self.properties, property)
    }

    /// A text attribute, or empty.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).and_then(Value::as_str).unwrap_or("")
    }
}

impl Desired<'_> {
    /// A text property, or empty.
    pub fn text(&self, property: &str) -> &str {
        properties::text(self.properties, property)
    }

    /// The name that CloudFormation makes up where a template gives none:
    /// `{stack}-{logical id}-{12 random characters}`, cut to `longest` characters.
    pub fn generated_name(&self, longest: usize) -> String {
        let suffix = random::upper(12);
        let stem = match (self.stack, self.logical) {
            (Some(stack), Some(logical)) => format!("{stack}-{logical}"),
            (_, logical) => logical.unwrap_or("practice").to_owned(),
        };
        let stem: String = stem.chars().take(longest.saturating_sub(13)).collect();
        format!("{stem}-{suffix}")
    }

    /// The text property `property`, or a generated name of at most `longest` characters.
    pub fn name(&self, property: &str, longest: usize) -> String {
        match self.text(property) {
            "" => self.generated_name(longest),
            name => name.to_owned(),
        }
    }
}

/// What CloudFormation says of a name that is taken.
pub fn exists(id: &str) -> Fault {
    Fault::new(400, "AlreadyExistsException", format!("{id} already exists"))
}

/// Where resources of a type are kept: IAM and S3 know no regions.
fn home<'a>(tx: &Tx<'a>, kind: &str) -> Tx<'a> {
    if kind.starts_with("AWS::IAM::") || kind.starts_with("AWS::S3::") {
        tx.global()
    } else {
        tx.within(tx.scope().clone())
    }
}

/// The resource, or none.
pub fn get(tx: &Tx<'_>, kind: &str, id: &str) -> Result<Option<Resource>, Fault> {
    home(tx, kind).get(kind, id)
}

/// All resources of a type, oldest first.
pub fn all(tx: &Tx<'_>, kind: &str) -> Result<Vec<Resource>, Fault> {
    Ok(home(tx, kind).list(kind)?.into_iter().map(|(_, resource)| resource).collect())
}

/// Writes the resource under its type and id.
pub fn put(tx: &Tx<'_>, resource: &Resource) -> Result<(), Fault> {
    home(tx, &resource.kind).put(&resource.kind, &resource.id, resource)
}

/// Removes the resource's document.
pub fn forget(tx: &Tx<'_>, resource: &Resource) -> Result<(), Fault> {
    home(tx, &resource.kind).delete(&resource.kind, &resource.id).map(|_| ())
}
