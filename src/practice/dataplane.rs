//! What callers of the learner's API reach: the API's data plane, the token endpoint, the keys.

use super::store::Store;
use super::wire::{HttpRequest, HttpResponse};

/// Whether the request is for the data plane rather than for an AWS API: `/_api/…`,
/// `/_cognito/…`, `/{pool}/.well-known/…`, or a host such as `{api}.execute-api.localhost`.
pub fn owns(request: &HttpRequest) -> bool {
    request.path.starts_with("/_api/")
        || request.path.starts_with("/_cognito/")
        || request.path.contains("/.well-known/")
        || request.host().contains(".execute-api.")
}

/// Answers such a request.
pub fn handle(store: &Store, request: &HttpRequest) -> HttpResponse {
    super::gateway::handle(store, request)
}
