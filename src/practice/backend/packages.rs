//! Packages that were read before: unzipping one takes longer than what its function then does.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::code::Package;
use crate::practice::resource::Resource;
use crate::practice::services::lambda;
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// Most packages that are kept: some versions of each of the app's functions.
const MOST: usize = 48;

static KNOWN: LazyLock<Mutex<Shelf>> = LazyLock::new(Mutex::default);

/// Packages by the hashes of their archives, the last used last.
#[derive(Default)]
struct Shelf(VecDeque<(Vec<String>, Arc<Package>)>);

impl Shelf {
    fn take(&mut self, hashes: &[String]) -> Option<Arc<Package>> {
        let at = self.0.iter().position(|(kept, _)| kept == hashes)?;
        let found = self.0.remove(at)?;
        let package = Arc::clone(&found.1);
        self.0.push_back(found);
        Some(package)
    }

    fn put(&mut self, hashes: Vec<String>, package: Arc<Package>) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back((hashes, package));
    }
}

/// The function's package with what its layers bring.
pub(super) fn of(tx: &Tx<'_>, function: &Resource) -> Result<Arc<Package>, Fault> {
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let hashes = lambda::hashes(tx, function)?;
    if let Some(package) = known().take(&hashes) {
        return Ok(package);
    }
    let mut package = Package::read(&lambda::package(tx, &function.id)?.unwrap_or_default());
    for layer in lambda::layers(tx, function)? {
        package.add_layer(&layer);
    }
    let package = Arc::new(package);
    known().put(hashes, Arc::clone(&package));
    Ok(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_last_is_kept_longest() {
        let hashes = |number: usize| vec![number.to_string()];
        let mut shelf = Shelf::default();
        for number in 0..MOST {
            shelf.put(hashes(number), Arc::default());
        }
        let first = shelf.take(&hashes(0)).expect("kept");
        shelf.put(hashes(MOST), Arc::default());
        assert!(shelf.take(&hashes(1)).is_none(), "unused for longest");
        assert!(Arc::ptr_eq(&first, &shelf.take(&hashes(0)).expect("still kept")));
        assert!(shelf.take(&[]).is_none(), "no other package");
        assert_eq!(shelf.0.len(), MOST);
    }
}
