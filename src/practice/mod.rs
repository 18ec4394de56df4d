//! The embedded practice account: AWS's wire protocols on loopback for exactly the operations that
//! the course and its checks use. Reached over HTTP alone; nothing but `cli` and tests names it.
//!
//! One request is one transaction on the [`store`]: a handler that fails leaves nothing behind.
//!
//! - [`store`]: SQLite documents and blobs by account and region
//! - [`server`]: HTTP on loopback; [`auth`] who calls; [`faults`] on demand; `control` endpoint
//! - `pages`: lists in small pages, for tests
//! - [`protocol`]: AWS's wire protocols, into [`wire`]'s calls and back
//! - `properties`: reading members of templates and documents
//! - [`random`]: identifiers and secrets
//! - [`resource`]: deployed resources and the registry of their providers
//! - [`template`]: CloudFormation templates, their functions and the SAM transform
//! - [`wire`]: requests and answers as services see them, whatever the protocol
//! - [`services`]: one file a service, and the table of them all
//! - [`policy`]: what IAM policies come to for an action on a resource
//! - [`registry`]: which provider makes which type of resource
//! - [`gateway`]: the learner's API, the token endpoint; [`backend`]: what functions do

pub mod auth;
pub mod backend;
mod control;
pub mod faults;
pub mod gateway;
mod log;
mod pages;
pub mod policy;
mod properties;
pub mod protocol;
pub mod random;
pub mod registry;
pub mod resource;
pub mod server;
pub mod services;
pub mod store;
pub mod template;
pub mod wire;

pub use server::{Options, Running, serve};
