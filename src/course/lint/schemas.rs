//! The JSON schemas of the course's files and of the report, generated from the types.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use schemars::schema_for;
use serde_json::Value;

use crate::course::model::{CheckFile, CourseIndex, Manifest};

static FILES: LazyLock<BTreeMap<&'static str, Value>> = LazyLock::new(|| {
    BTreeMap::from([
        ("course", schema_for!(CourseIndex).to_value()),
        ("module", schema_for!(Manifest).to_value()),
        ("checks", schema_for!(CheckFile).to_value()),
    ])
});

pub(super) fn by_name() -> &'static BTreeMap<&'static str, Value> {
    &FILES
}

/// The schemas of `course.yaml`, manifests and check files by name: `course`, `module`, `checks`.
/// Committed in `modules/schema/`; `stepproof course lint --write-schemas modules/schema` writes
/// them anew.
pub fn schemas() -> impl Iterator<Item = (&'static str, &'static Value)> {
    FILES.iter().map(|(name, schema)| (*name, schema))
}
