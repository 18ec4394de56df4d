//! The practice account as its callers see it: the unmodified AWS CLI, the typed SDK, HTTP.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what broke by panicking")]

#[expect(clippy::allow_attributes, reason = "whether a part is used differs by test program")]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "each test program uses its own part")]
mod support;

#[path = "practice/app.rs"]
mod app;
#[path = "practice/attack.rs"]
mod attack;
#[path = "practice/cloudformation.rs"]
mod cloudformation;
#[path = "practice/gateway.rs"]
mod gateway;
#[path = "practice/services.rs"]
mod services;
