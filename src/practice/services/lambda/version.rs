//! Versions and aliases, as SAM's `AutoPublishAlias` makes them: they name the function, and
//! invoking one invokes the function's newest code.

use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// The type of versions.
pub const VERSION: &str = "AWS::Lambda::Version";
/// The type of aliases.
pub const ALIAS: &str = "AWS::Lambda::Alias";

/// Makes versions.
#[derive(Debug)]
pub struct Version;

impl Provider for Version {
    fn kind(&self) -> &'static str {
        VERSION
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let function = super::find(tx, desired.text("FunctionName"))?;
        let prefix = format!("{}:", function.attribute("Arn"));
        let newest = resource::all(tx, VERSION)?
            .iter()
            .filter_map(|known| known.id.strip_prefix(&prefix)?.parse::<u32>().ok())
            .max();
        let number = newest.unwrap_or(0) + 1;
        let made = Resource::new(tx, VERSION, format!("{prefix}{number}"), desired)
            .with("Version", number.to_string())
            .with("FunctionArn", format!("{prefix}{number}"));
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if old.text("FunctionName") != desired.text("FunctionName") {
            return Ok(Updated::Replace);
        }
        resource::put(tx, &old.changed_to(tx, desired))?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        resource::forget(tx, old)
    }
}

/// Makes aliases.
#[derive(Debug)]
pub struct Alias;

impl Provider for Alias {
    fn kind(&self) -> &'static str {
        ALIAS
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let function = super::find(tx, desired.text("FunctionName"))?;
        let arn = format!("{}:{}", function.attribute("Arn"), desired.text("Name"));
        if resource::get(tx, ALIAS, &arn)?.is_some() {
            return Err(resource::exists(&arn));
        }
        let made = Resource::new(tx, ALIAS, &arn, desired).with("AliasArn", arn.as_str());
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if ["FunctionName", "Name"].iter().any(|name| old.text(name) != desired.text(name)) {
            return Ok(Updated::Replace);
        }
        resource::put(tx, &old.changed_to(tx, desired))?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        resource::forget(tx, old)
    }
}
