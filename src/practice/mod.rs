//! The embedded practice account: AWS's wire protocols on loopback for exactly the operations that
//! the course and its checks use. Reached over HTTP alone; nothing but `cli` and tests names it.
//!
//! One request is one transaction on the [`store`]: a handler that fails leaves nothing behind.
//!
//! - [`store`]: SQLite documents and blobs by account and region
//! - [`random`]: identifiers and secrets
//! - [`resource`]: deployed resources and the registry of their providers
//! - [`template`]: CloudFormation templates, their functions and the SAM transform
//! - [`wire`]: requests and answers as services see them, whatever the protocol
//! - `services`: one file a service

pub mod gateway;
pub mod random;
pub mod resource;
pub mod services;
pub mod store;
pub mod template;
pub mod wire;
