//! One module a service.

pub mod apigateway;
