//! Whether the course is in another region than the one that is looked at. Roles belong to no region:
//! where one of a course's stack is there and its stack isn't, the stack is somewhere else.

use aws_sdk_iam::types::Role;

use super::text;
use crate::account::call::{CallError, Operation};
use crate::account::fact::{CannotLook, FactError, Reason};
use crate::account::reader::Reader;

/// A role that one of the course's stacks made in another region: its name.
#[derive(Debug)]
pub(crate) struct Elsewhere(Option<String>);

/// Says what it means that a stack isn't in the region: that it is missing, or that nobody should
/// judge here. A caller who may not list roles hears that it is missing.
pub(super) async fn instead_of(reader: &Reader, missing: FactError, name: &str) -> FactError {
    let role = match reader.elsewhere.get_or_try_init(|| look(reader)).await {
        Ok(Elsewhere(Some(role))) => role,
        Ok(Elsewhere(None)) => return missing,
        Err(error) => match CannotLook::from(error) {
            CannotLook { reason: Reason::AccessDenied { .. }, .. } => return missing,
            cannot => return FactError::CannotLook(cannot),
        },
    };
    let region = reader.account.region();
    FactError::CannotLook(CannotLook {
        reason: Reason::Region,
        message: format!(
            "Stack {name} isn't in {region}. The account has its role {role}, so the course seems to \
             be in another region."
        ),
        remedy: "Give that region with --region, AWS_REGION, or in the roster.".to_owned(),
    })
}

async fn look(reader: &Reader) -> Result<Elsewhere, CallError> {
    let stacks: Vec<&String> = reader.account.target().names.stacks.values().collect();
    let roles = roles(reader).await?;
    let made = |stack: &&String| roles.iter().any(|role| is_of(role.role_name(), stack));
    let Some(stack) = stacks.into_iter().find(made) else { return Ok(Elsewhere(None)) };
    let account = &reader.account;
    let request = account.clients().cloudformation.describe_stacks().stack_name(stack).send();
    match account.call(Operation("cloudformation", "DescribeStacks"), request).await {
        Ok(_) => Ok(Elsewhere(None)),
        Err(error) if super::cloudformation::is_absent(&error) => {
            let role = roles.iter().find(|role| is_of(role.role_name(), stack));
            Ok(Elsewhere(role.map(|role| text(Some(role.role_name())))))
        }
        Err(error) => Err(error),
    }
}

async fn roles(reader: &Reader) -> Result<Vec<Role>, CallError> {
    let account = &reader.account;
    let mut found = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let request = account.clients().iam.list_roles().max_items(1000).set_marker(marker).send();
        let page = account.call(Operation("iam", "ListRoles"), request).await?;
        found.extend_from_slice(page.roles());
        marker = page.marker().filter(|_| page.is_truncated()).map(ToOwned::to_owned);
        if marker.is_none() {
            return Ok(found);
        }
    }
}

/// Whether CloudFormation made a role for a stack: `STACK-LogicalId-1A2B3C4D5E6F`. A longer name may
/// be another stack's.
fn is_of(role: &str, stack: &str) -> bool {
    let rest = role.strip_prefix(stack).and_then(|rest| rest.strip_prefix('-'));
    let parts = rest.and_then(|rest| rest.split_once('-'));
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
    parts.is_some_and(|(logical, random)| plain(logical) && plain(random) && random.len() >= 8)
}

#[cfg(test)]
mod tests {
    use super::is_of;

    #[test]
    fn a_role_is_a_stacks_by_its_whole_name() {
        let stack = "CustomizeUnicorns";
        assert!(is_of("CustomizeUnicorns-UnicornPartsFunctionRole-1A2B3C4D5E6F", stack));
        for other in [
            "CustomizeUnicorns-old-UnicornPartsFunctionRole-1A2B3C4D5E6F",
            "CustomizeUnicorns2-UnicornPartsFunctionRole-1A2B3C4D5E6F",
            "CustomizeUnicorns-by-hand",
            "CustomizeUnicorns",
        ] {
            assert!(!is_of(other, stack), "{other}");
        }
    }
}
