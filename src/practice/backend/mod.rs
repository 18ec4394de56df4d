//! What functions do when they are invoked.

pub mod access;

use serde_json::Value;

use super::resource::Resource;
use super::store::Tx;
use super::wire::Fault;

/// What came of an invocation.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The function's result, or the error object when it failed.
    pub payload: Value,
    /// `Unhandled` when it failed.
    pub error: Option<&'static str>,
}

/// Invokes a function (`AWS::Lambda::Function`).
///
/// # Errors
/// The practice account's own; a function that fails is an [`Invocation`] with `error`.
pub fn invoke(_tx: &Tx<'_>, _function: &Resource, _payload: &Value) -> Result<Invocation, Fault> {
    Err(Fault::not_implemented("lambda", "Invoke"))
}
