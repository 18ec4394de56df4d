//! Objects of the account's buckets, as other services read them.

use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// The object's bytes, or none.
pub fn read(tx: &Tx<'_>, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, Fault> {
    tx.global().blob(&format!("s3-object/{bucket}"), key)
}
