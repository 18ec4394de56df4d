//! What the course left behind in the account. Read when the clean-up is verified, and at no other
//! time. A thing is only said to be gone where the service that kept it was asked.

pub(crate) mod api;
pub(crate) mod data;
pub(crate) mod identity;
pub(crate) mod scanning;
pub(crate) mod stacks;
