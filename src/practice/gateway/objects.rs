//! Stub.
use crate::practice::store::Tx;
use crate::practice::wire::Fault;
/// Stub.
pub fn read(_tx: &Tx<'_>, _bucket: &str, _key: &str) -> Result<Option<Vec<u8>>, Fault> {
    Ok(None)
}
