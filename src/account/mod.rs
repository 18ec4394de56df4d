//! An AWS account as named facts: session, clients, HTTP probes. Knows no check.
//!
//! - [`Account`]: a session with one account in one region; its clients, limits and call counter
//! - [`Network`]: what sessions share: connections, and configuration that is read once
//! - [`Target`]: which account, through which address, with which stack names
//! - [`Reader`]: one run's source of facts; holds the run's secrets in memory
//! - `facts`: one file per service area; `probe`: requests to the learner's own API
//! - [`Facts`]: the interface that the engine reads through

mod call;
mod catalog;
mod expiry;
mod fact;
mod facts;
mod network;
mod policy;
mod probe;
mod reader;
mod redact;
mod role;
mod secret;
mod session;
mod target;

pub use catalog::catalog;
pub use fact::*;
pub use network::Network;
pub use policy::policy;
pub use reader::Reader;
pub use redact::redact;
pub use role::{ROLE, role_template};
pub use secret::Secret;
pub use session::Account;
pub use target::{Names, Role, Source, Target};

pub(crate) use session::check_region;
