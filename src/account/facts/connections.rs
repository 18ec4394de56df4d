//! How the functions that ask the database connect to it: those of the application, and the one that
//! makes the tables.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cloudformation::Stack;
use super::dependencies::grouped;
use super::lambda;
use super::logins::ASKING;
use super::packages::{Packages, archive};
use super::tls::{self, Tls};
use crate::account::fact::{CannotLook, FactError, Known, Reason};
use crate::account::reader::{Reader, known};

/// The database stack's output that names the function, and its logical id there.
const SETUP: &str = "DatabaseSetupFunction";

/// How the functions that ask the database connect to it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Connections {
    /// The functions, those that connect in the same way together.
    groups: Vec<Group>,
}

/// Functions that connect in the same way.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Group {
    /// Logical ids of the functions.
    functions: Vec<String>,
    /// When the last of them was changed, RFC 3339.
    changed: Option<String>,
    /// How their code connects.
    tls: Tls,
}

pub(crate) async fn connections(reader: &Reader, facts: &Known) -> Result<Connections, FactError> {
    let mut packages: Packages = known(facts, "packages")?;
    packages.packages.retain(|package| ASKING.contains(&package.logical.as_str()));
    let stack: Stack = known(facts, "database_stack")?;
    let mut groups: Vec<Group> = grouped(&packages, |package| vec![package.tls.clone()])
        .into_iter()
        .flat_map(|(ways, functions, changed)| {
            ways.into_iter().map(move |tls| Group {
                functions: functions.clone(),
                changed: changed.clone(),
                tls,
            })
        })
        .collect();
    if let Some(setup) = setup(reader, &stack).await? {
        match groups.iter_mut().find(|group| group.tls == setup.tls) {
            Some(group) => group.functions.extend(setup.functions),
            None => groups.push(setup),
        }
    }
    match groups.iter().find_map(|group| Some((group, group.tls.unseen.as_deref()?))) {
        Some((group, why)) => Err(FactError::CannotLook(CannotLook {
            reason: Reason::Service,
            message: format!("The package of {} {why}.", group.functions.join(", ")),
            remedy:
                "Put the authorities into a .pem file of the package, name it in the code, and \
                     deploy the driver in node_modules."
                    .to_owned(),
        })),
        None => Ok(Connections { groups }),
    }
}

/// The function that makes the tables; none where its stack names none, or it is gone.
async fn setup(reader: &Reader, stack: &Stack) -> Result<Option<Group>, FactError> {
    let Some(name) = stack.outputs.get(SETUP).filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let Some(function) = lambda::function(reader, SETUP, name).await? else { return Ok(None) };
    let archive = archive(reader, &function).await?;
    let tls = tls::code(&archive, &function, reader.account.region());
    Ok(Some(Group { functions: vec![function.logical], changed: function.changed, tls }))
}
