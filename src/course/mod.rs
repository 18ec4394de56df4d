//! The course as data: manifests, checks and content, typed and linted.

mod model;

pub use model::*;
