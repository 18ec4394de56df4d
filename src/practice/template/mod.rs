//! CloudFormation templates: reading them, the intrinsic functions, the SAM transform.
//!
//! - [`parse`]: JSON or YAML with short tags to the long form
//! - [`patch`]: sets or removes one place of a template, named by its path
//! - [`parameters`]: the values that a deployment gives to a template's parameters
//! - [`functions`]: the shapes of intrinsic functions
//! - [`evaluate`]: what functions and conditions come to
//! - [`sam`]: the part of the SAM transform that the course and the public workshop use
//! - [`validate`]: what CloudFormation refuses before it makes anything; the order of making

pub mod evaluate;
pub mod functions;
pub mod parameters;
mod patch;
pub mod sam;
pub mod validate;
mod yaml;

pub use patch::{PatchError, patch};

use serde_json::Value;

use super::wire::Fault;

/// Why a template can't be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{language} not well-formed. (line {line}, column {column}): {message}")]
pub struct ParseError {
    /// `YAML` or `JSON`.
    pub language: &'static str,
    /// What is wrong there.
    pub message: String,
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
}

/// Reads a template in JSON or YAML. Short tags come out in their long form (`!Ref x` as
/// `{"Ref": "x"}`), keys keep their order, dates stay text.
pub fn parse(text: &str) -> Result<Value, ParseError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.trim_start().starts_with('{') {
        return yaml::parse(text);
    }
    // YAML's flow style starts with a brace as well, and may hold what JSON may not.
    serde_json::from_str(text).or_else(|error| {
        yaml::parse(text).map_err(|_| ParseError {
            language: "JSON",
            message: error.to_string(),
            line: error.line(),
            column: error.column(),
        })
    })
}

/// A template that CloudFormation refuses.
pub(crate) fn refuse(message: impl Into<String>) -> Fault {
    Fault::new(400, "ValidationError", message)
}
