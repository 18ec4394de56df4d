//! IAM's policy simulator: what it says of a role, of each action that it is asked about.

use aws_sdk_iam::types::EvaluationResult;

use super::missing;
use crate::account::call::Operation;
use crate::account::fact::{CannotLook, FactError, Reason};
use crate::account::reader::Reader;

/// What the simulator says of a role's actions on some resources; on all where none is named.
///
/// # Errors
/// There is no such role, or the simulator can't be asked.
pub(super) async fn evaluate(
    reader: &Reader,
    role: &str,
    actions: &[&str],
    resources: &[&str],
) -> Result<Vec<EvaluationResult>, FactError> {
    let account = &reader.account;
    let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let resources = Some(owned(resources)).filter(|named| !named.is_empty());
    let mut found = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let request = account
            .clients()
            .iam
            .simulate_principal_policy()
            .policy_source_arn(role)
            .set_action_names(Some(owned(actions)))
            .set_resource_arns(resources.clone())
            .set_marker(marker);
        let operation = Operation("iam", "SimulatePrincipalPolicy");
        let page = match account.call(operation, request.send()).await {
            Ok(page) => page,
            Err(error) if error.is(&["NoSuchEntity", "NoSuchEntityException"]) => {
                return Err(missing(format!("role {role}")));
            }
            Err(error) => return Err(error.into()),
        };
        found.extend_from_slice(page.evaluation_results());
        marker = page.marker().filter(|_| page.is_truncated()).map(ToOwned::to_owned);
        if marker.is_none() {
            return Ok(found);
        }
    }
}

/// An action that the answer leaves out is not judged.
pub(super) fn silent(action: &str) -> FactError {
    FactError::CannotLook(CannotLook {
        reason: Reason::Service,
        message: format!("IAM's policy simulator said nothing about {action}."),
        remedy: "Verify again in a minute.".to_owned(),
    })
}
