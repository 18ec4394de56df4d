//! DynamoDB: tables and the simple half of their items' operations. Expressions that aren't
//! understood are refused, never ignored.

mod items;
mod table;

use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call};

pub use items::{get_item, put_item};
pub use table::{TABLE, Table};

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "DescribeTable" => table::describe(tx, call),
        "ListTables" => table::list(tx),
        "PutItem" => items::put(tx, call),
        "GetItem" => items::get(tx, call),
        "DeleteItem" => items::delete(tx, call),
        "Query" => items::query(tx, call),
        "Scan" => items::scan(tx, call),
        _ => Err(call.unknown()),
    }
}
