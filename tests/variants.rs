//! Other ways to a module's goal, which must pass, and decoys, which look like it and must fail. One
//! file a module; each test has a practice account of its own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what broke by panicking")]

#[expect(clippy::allow_attributes, reason = "whether a part is used differs by test program")]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "each test program uses its own part")]
mod support;

#[path = "variants/authentication.rs"]
mod authentication;
#[path = "variants/cleanup.rs"]
mod cleanup;
#[path = "variants/dependencies.rs"]
mod dependencies;
#[path = "variants/guardduty.rs"]
mod guardduty;
#[path = "variants/input_validation.rs"]
mod input_validation;
#[path = "variants/inspector.rs"]
mod inspector;
#[path = "variants/least_privilege.rs"]
mod least_privilege;
#[path = "variants/linked_store.rs"]
mod linked_store;
#[path = "variants/secrets_manager.rs"]
mod secrets_manager;
#[path = "variants/tls.rs"]
mod tls;
#[path = "variants/usage_plans.rs"]
mod usage_plans;
#[path = "variants/verified_permissions.rs"]
mod verified_permissions;
#[path = "variants/waf.rs"]
mod waf;
#[path = "variants/xray.rs"]
mod xray;
