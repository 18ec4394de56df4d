//! The evidence view: which check it shows.

use crate::check::{CheckResult, Verdict};

use super::notify;
use crate::tui::model::{Model, Sheet, SheetKind};
use crate::tui::msg::Effect;

/// The check of the step that is read whose evidence is asked for first: one that doesn't pass,
/// else the first that was looked at.
fn first(model: &Model) -> Option<(String, String)> {
    let step = model.step()?;
    let results = model.results.get(&step.spec.id)?;
    let open = |result: &&CheckResult| result.verdict != Verdict::Pass;
    let result = results.iter().find(open).or_else(|| results.first())?;
    Some((step.spec.id.clone(), result.check.clone()))
}

/// Whether there is evidence to show.
pub(in crate::tui) fn can_explain(model: &Model) -> bool {
    first(model).is_some()
}

/// Shows what the verdict on the step that is read rests on.
pub(in crate::tui) fn open_evidence(model: &mut Model) -> Vec<Effect> {
    let Some((step, check)) = first(model) else {
        notify(model, model.words().not_checked.to_owned());
        return Vec::new();
    };
    let kind = SheetKind::Evidence { step, check };
    model.sheet = Some(Sheet::new(kind));
    Vec::new()
}

/// The check after or before one of a step.
pub(super) fn beside(model: &Model, step: &str, check: &str, forward: bool) -> Option<String> {
    let results = model.results.get(step)?;
    let here = results.iter().position(|result| result.check == check)?;
    let at = if forward { here + 1 } else { here.checked_sub(1)? };
    results.get(at).map(|result| result.check.clone())
}
