//! Whatever goes wrong between stepproof and an account: no verdict turns to pass or to fail. At most
//! it can't be told, or waits for one that can't; and no run takes longer than its bound.
//!
//! Each fault is tried on an account where all is solved and on one where nothing but the first
//! module is. They verify hundreds of times: CI has a step of its own for them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what broke by panicking")]

#[expect(clippy::allow_attributes, reason = "whether a part is used differs by test program")]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "each test program uses its own part")]
#[path = "../support/mod.rs"]
mod support;

mod credentials;
mod crowd;
mod matrix;
mod pages;
mod region;
mod state;
mod time;
