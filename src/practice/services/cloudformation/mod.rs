//! CloudFormation: stacks and change sets. An operation is done when its call is answered: the
//! statuses `…_IN_PROGRESS` appear in the events only.

mod change;
mod change_sets;
mod describe;
mod engine;
mod live;
mod model;
mod operations;
mod removal;
mod request;

use jiff::Timestamp;

use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault};

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateStack" => operations::create_stack(tx, call),
        "UpdateStack" => operations::update_stack(tx, call),
        "DeleteStack" => removal::delete_stack(tx, call),
        "CreateChangeSet" => change_sets::create(tx, call),
        "DescribeChangeSet" => change_sets::describe(tx, call),
        "ExecuteChangeSet" => change_sets::execute(tx, call),
        "DeleteChangeSet" => change_sets::delete(tx, call),
        "ListChangeSets" => change_sets::list(tx, call),
        "DescribeStacks" => describe::stacks(tx, call),
        "ListStacks" => describe::list_stacks(tx, call),
        "ListStackResources" => describe::list_resources(tx, call),
        "DescribeStackResources" => describe::resources(tx, call),
        "DescribeStackResource" => describe::resource(tx, call),
        "DescribeStackEvents" => describe::stack_events(tx, call),
        "GetTemplate" => describe::get_template(tx, call),
        "ValidateTemplate" | "GetTemplateSummary" => describe::summary(tx, call),
        "ListExports" => describe::exports(tx, call),
        "ListImports" => describe::imports(tx, call),
        _ => Err(call.unknown()),
    }
}

/// When a stack was last deployed; none where there is no such stack.
///
/// # Errors
/// The practice account's own.
pub fn changed(tx: &Tx<'_>, name: &str) -> Result<Option<Timestamp>, Fault> {
    Ok(model::Dates::find(tx, name)?.map(|(_, dates)| dates.deployed()))
}

#[cfg(test)]
mod tests;
