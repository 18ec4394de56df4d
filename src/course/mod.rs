//! The course as data: manifests, checks and content, typed and linted.
//!
//! - [`Course::embedded`], [`Course::load`]: the files, parsed into types
//! - [`Page`]: instructions; [`Course::render`] fills in the account's values
//! - [`stamp`]: says from which text of its source a translated page was made
//! - [`Diagnostic`]: what is wrong with a file, where, and what to do

mod diagnostic;
mod expression;
mod files;
mod lint;
mod load;
mod model;
mod order;
mod page;
mod part;
mod patch;
mod plan;
mod translation;
mod values;

pub use diagnostic::{CourseError, Diagnostic};
pub use expression::{EvalError, Expression, Variable};
pub use files::CourseFiles;
pub use lint::{Catalogue, is_slug, lint, schemas};
pub use model::*;
pub use order::ModuleNeeds;
pub use page::{
    Block, BlockKind, Page, RenderedPage, Section, SectionKind, UNKNOWN_CLOSE, UNKNOWN_OPEN, blocks,
};
pub use part::{Cleanup, CleanupEntry, Part, PartId};
pub use patch::{Change, ChangedLine, Near, PatchError, apply_diff, changes, patch};
pub use plan::{Because, LeftOut, Leg, Lock, Next, Plan, Why, Wish};
pub use translation::{Stamped, stamp};
pub use values::{ValueState, Values, is_safe};

pub(crate) use diagnostic::visible;
pub(crate) use lint::nearest;
pub(crate) use load::parse_text as parse_yaml;
