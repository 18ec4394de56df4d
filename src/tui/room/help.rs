//! Help from the instructor: asked for on the step that is read, with what the learner agrees to
//! show of it, and taken back.

use crate::account::redact;
use crate::check::{CheckResult, Verdict};
use crate::i18n::fill;
use crate::progress::HelpRequest;
use crate::progress::room::shown_evidence;
use crate::tui::backend::{Entry, Trouble};
use crate::tui::model::{Model, Sheet, SheetKind};
use crate::tui::msg::Effect;
use crate::tui::standing::StepStatus;
use crate::tui::theme::Theme;
use crate::tui::update::{complain, notify};

use super::{RoomTrouble, is_in_room};

/// A request for help before it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpPlan {
    /// The step that it is about.
    pub step: String,
    /// What fails, exactly as the room would be told.
    pub evidence: Vec<String>,
    /// Whether that is shown to the instructor.
    pub shown: bool,
}

/// Shows what the instructor would see of a request for help; or of the one that was made.
pub(in crate::tui) fn ask_or_take_back(model: &mut Model) -> Vec<Effect> {
    let words = model.words();
    if !is_in_room(model) {
        notify(model, words.room_none.to_owned());
    } else if model.past.help.is_some() {
        model.sheet = Some(Sheet::new(SheetKind::HelpOpen));
    } else if model.room.news.trouble == Some(RoomTrouble::Closed) {
        notify(model, words.room_closed.to_owned());
    } else if let Some(trouble) = model.journal_trouble.clone() {
        // What isn't recorded can't be told.
        complain(model, &Trouble::new(fill(words.journal_trouble, &[&trouble]), ""));
    } else if let Some(step) = model.step().map(|step| step.spec.id.clone()) {
        let evidence = evidence(model, &step);
        let shown = !evidence.is_empty();
        let plan = HelpPlan { step, evidence, shown };
        model.sheet = Some(Sheet::new(SheetKind::Help(plan)));
    } else {
        notify(model, words.why_no_step.to_owned());
    }
    Vec::new()
}

/// What doesn't pass of a step, as the proof says it: messages, offenders, what was looked at.
fn evidence(model: &Model, step: &str) -> Vec<String> {
    let results = model.results.get(step).map_or(&[][..], Vec::as_slice);
    let open = results.iter().filter(|result| result.verdict != Verdict::Pass);
    let lines: Vec<String> = open.flat_map(|result| lines(model, result)).collect();
    shown_evidence(&lines)
}

fn lines(model: &Model, result: &CheckResult) -> Vec<String> {
    let word = Theme::word(StepStatus::Judged(result.verdict), model.words());
    let message = match result.message.trim() {
        "" => result.check.as_str(),
        message => message,
    };
    let mut lines = vec![format!("{word}: {message}")];
    lines.extend(result.offenders.iter().map(|offender| format!("- {offender}")));
    lines.extend(result.evidence.iter().map(|(label, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{label}: {value}")
    }));
    // Evidence holds no secrets; should something in it look like one, it stays here.
    lines.iter().map(|line| redact(line, &[]).into_owned()).collect()
}

/// Shows the evidence to the instructor, or not.
pub(in crate::tui) fn show_or_hide(plan: &HelpPlan) -> HelpPlan {
    HelpPlan { shown: !plan.shown && !plan.evidence.is_empty(), ..plan.clone() }
}

/// Asks for help as it was shown.
pub(in crate::tui) fn ask(model: &mut Model, plan: HelpPlan) -> Vec<Effect> {
    let HelpPlan { step, evidence, shown } = plan;
    let evidence = if shown { evidence } else { Vec::new() };
    let reached = !matches!(model.room.news.trouble, Some(RoomTrouble::Unreachable(_)));
    let words = model.words();
    let text = if reached { words.help_done } else { words.help_kept };
    notify(model, fill(text, &[&step]));
    let (asked, shown) = (model.time.wall, evidence.clone());
    model.past.help = Some(HelpRequest { step: step.clone(), asked, evidence: shown });
    model.room.news.told = false;
    vec![Effect::Record(Entry::HelpAsked { step, evidence })]
}

/// Takes the request for help back.
pub(in crate::tui) fn take_back(model: &mut Model) -> Vec<Effect> {
    let Some(help) = model.past.help.take() else { return Vec::new() };
    notify(model, fill(model.words().help_over, &[&help.step]));
    vec![Effect::Record(Entry::HelpOver(help.step))]
}
