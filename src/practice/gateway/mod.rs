//! API Gateway's data plane.

pub mod objects;
