//! The interface's language, and pages that aren't written in it.

use crate::i18n::fill;

use super::model::Model;
use super::msg::Effect;
use super::update::{notify, render_page};

/// Whether what is read isn't written in the interface's language: the open page, or this section.
pub(super) fn falls_back(model: &Model) -> bool {
    is_untranslated(model) || model.page.reads_foreign()
}

/// Whether the open page isn't written in the interface's language.
fn is_untranslated(model: &Model) -> bool {
    let part = model.open_part();
    part.is_some_and(|part| !part.pages.is_empty() && !part.pages.contains_key(model.lang.tag()))
}

/// Shows everything in the next language, at the same place; says why not where the terminal can't.
pub(super) fn next_language(model: &mut Model) -> Vec<Effect> {
    if model.theme.ascii {
        notify(model, model.words().ascii_only.to_owned());
        return Vec::new();
    }
    model.lang = model.lang.next();
    model.notice = None;
    let effects = render_page(model, true);
    let foreign = model.page.foreign().join(", ");
    if is_untranslated(model) {
        notify(model, model.words().other_language_page.to_owned());
    } else if !foreign.is_empty() {
        notify(model, fill(model.words().other_language_steps, &[&foreign]));
    }
    effects
}
