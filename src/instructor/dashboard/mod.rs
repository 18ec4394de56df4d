//! The instructor's dashboard.
//!
//! Built as the attendee's interface is, and of its parts: one state ([`Model`]), one closed list of
//! events ([`Msg`]), one pure function between them ([`update()`]), whose effects a runtime does as
//! tasks. Views turn the state into cells and do nothing else. The rest of the program stands behind
//! [`Backend`].

mod action;
mod backend;
mod list;
mod model;
mod mouse;
mod msg;
mod palette;
mod polling;
mod prompt;
mod runtime;
mod sweeping;
#[cfg(test)]
mod tests;
mod update;
mod view;

pub use action::{Action, Bindings, ENTRIES};
pub use backend::{Backend, Proving, Whom};
pub use list::List;
pub use model::*;
pub use msg::{Effect, Msg};
pub use palette::Palette;
pub use polling::Polling;
pub use prompt::{Prompt, Purpose};
pub use runtime::{run, run_without_screen};
pub use sweeping::{Progress, Sweeping};
pub use update::{settle, update};
pub use view::draw;

use std::path::Path;

use super::crowd::Crowd;
use crate::i18n::Lang;
use crate::report::journal::Look;
use crate::report::{self, room};

/// After how many seconds the page for the projector renews itself.
const PAGE_SECONDS: u32 = 5;

/// What is known of a room as a file, in the form that its name asks for.
///
/// # Errors
/// The name asks for none that there is.
pub fn export(crowd: &Crowd, path: &Path, lang: Lang) -> Result<String, String> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    match ending.map(str::to_ascii_lowercase).as_deref() {
        Some("csv") => Ok(room::csv(&crowd.snapshot(lang))),
        Some("json") => report::json(&crowd.snapshot(lang)).map_err(|error| error.to_string()),
        _ => Err(lang.dashboard().export_kinds.to_owned()),
    }
}

/// The page for the projector, as the crowd is now.
fn page_text(model: &Model) -> String {
    let (lang, time) = (model.lang, &model.time);
    let look = Look { lang: lang.tag().to_owned(), zone: time.zone.clone(), now: time.wall };
    let names = model.page.is_some_and(|page| page.names);
    let page = room::Page { look, ends: model.ends, names, every: PAGE_SECONDS };
    room::html(&model.crowd.snapshot(lang), &page)
}
