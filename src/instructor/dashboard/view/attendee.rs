//! One attendee: where they are, what keeps them, and what they claim beside what was proven.

use super::map::Signs;
use super::{claims, said};
use crate::check::{AccountKind, State, Verdict};
use crate::i18n::fill;
use crate::instructor::crowd::{Attendee, Claim, minutes_since};
use crate::instructor::dashboard::model::Model;
use crate::markdown::{Face, Row, Span, Tone};
use crate::tui::kit::{Rows, bold};

/// The page's rows for some columns of text.
pub(super) fn rows(model: &Model, columns: usize) -> Vec<Row> {
    let mut page = Rows { rows: Vec::new(), columns };
    let Some(one) = model.marked() else {
        page.text(model.words().none_marked, Tone::Text);
        return page.rows;
    };
    who(model, one, &mut page);
    stuck(model, one, &mut page);
    help(model, one, &mut page);
    failing(model, one, &mut page);
    modules(model, one, &mut page);
    page.rows
}

fn who(model: &Model, one: &Attendee, page: &mut Rows) {
    let words = model.words();
    let kind = match one.kind {
        Some(AccountKind::Practice) => model.common().practice,
        Some(AccountKind::Aws) => "AWS",
        None => "",
    };
    page.text(&format!("{}  {kind} {}", one.name, one.account), bold(Tone::Text));
    if let Some(roster) = one.roster.as_ref().filter(|roster| **roster != one.name) {
        page.text(&fill(words.on_roster_as, &[roster]), Tone::Text);
    }
    if let Some(why) = said::presence(words, one.presence) {
        page.text(why, bold(Tone::Warning));
    }
    if let Some(place) = one.place {
        let step = said::step(model, said::step_id(model.crowd.outline(), place.step));
        let minutes = minutes_since(place.since, model.time.wall);
        let since = model.time.shown(place.since);
        page.text(&fill(words.is_at, &[&step, &since, &model.common().span(minutes)]), Tone::Text);
    }
    let mut facts = Vec::new();
    if let Some(news) = one.news {
        facts.push(fill(words.last_news, &[&model.time.shown(news)]));
    }
    facts.push(fill(words.worked, &[&model.common().span(one.minutes())]));
    facts.push(fill(words.hints_open, &[&one.hints().to_string()]));
    page.text(&facts.join(model.common().comma), Tone::Text);
}

fn stuck(model: &Model, one: &Attendee, page: &mut Rows) {
    if one.stuck.is_empty() {
        return;
    }
    page.heading(model.words().heading_stuck);
    let sign = Span::new(format!("{} ", Signs::of(model.theme).stuck), bold(Tone::Warning));
    for reason in &one.stuck {
        page.hanging(&sign, &reason.line(model.lang), Tone::Text);
    }
}

fn help(model: &Model, one: &Attendee, page: &mut Rows) {
    let words = model.words();
    let Some(help) = &one.help else { return };
    page.heading(words.heading_help);
    let (step, asked) = (said::step(model, &help.step), model.time.shown(help.asked));
    let text = if let Some(over) = help.over {
        fill(words.help_over, &[&step, &asked, &model.time.shown(over)])
    } else {
        let minutes = minutes_since(help.asked, model.time.wall);
        fill(words.help_waits, &[&step, &asked, &model.common().span(minutes)])
    };
    page.text(&text, Tone::Text);
    if model.is_attended(one) {
        page.text(words.sign_attended, Tone::Notice);
    }
    for line in &help.evidence {
        page.hanging(&Span::new("  - ", Tone::Dim), line, Tone::Text);
    }
}

/// What fails now, the latest first: messages and what is wrong.
fn failing(model: &Model, one: &Attendee, page: &mut Rows) {
    let words = model.words();
    let mut fails: Vec<&Claim> = one.claims.iter().filter(|claim| claim.fails()).collect();
    if fails.is_empty() {
        return;
    }
    fails.sort_by_key(|claim| std::cmp::Reverse(claim.at));
    page.heading(words.heading_failing);
    let sign = Span::new(format!("{} ", Signs::of(model.theme).regressed), bold(Tone::Warning));
    let outline = model.crowd.outline();
    for claim in fails {
        let check = &outline.checks[claim.check];
        let step = said::step_id(outline, check.step);
        let (times, hints) = (claim.failed.to_string(), claim.hints.to_string());
        let at = model.time.shown(claim.at);
        let text = fill(words.check_fails, &[step, &check.name, &times, &at, &hints]);
        page.hanging(&sign, &text, bold(Tone::Text));
        let Some(what) = &claim.said else { continue };
        if !what.message.is_empty() {
            page.hanging(&Span::new("    ", Tone::Text), &what.message, Tone::Text);
        }
        for offender in &what.offenders {
            page.hanging(&Span::new("    - ", Tone::Dim), offender, Tone::Text);
        }
    }
}

/// Modules with something to say of them, then their steps: what the room says beside what the sweep
/// read.
fn modules(model: &Model, one: &Attendee, page: &mut Rows) {
    let (words, outline) = (model.words(), model.crowd.outline());
    page.heading(words.heading_claims);
    let read = match &one.proof {
        None => words.never_swept.to_owned(),
        Some(proof) => match &proof.trouble {
            Some(trouble) => {
                fill(words.sweep_trouble, &[&model.time.shown(proof.at), &trouble.message])
            }
            None => fill(words.swept_at, &[&model.time.shown(proof.at)]),
        },
    };
    let blank = Span::new("  ", Tone::Text);
    page.beside(&blank, (words.room_says, Tone::Dim.into()), (&read, Tone::Dim.into()));
    for (column, of) in outline.columns.iter().enumerate() {
        let cell = one.cells[column];
        let proof = one.proof.as_ref().map_or((0, 0), |proof| proof.module(outline, column));
        if !cell.begun && cell.state == State::NotStarted && proof.0 == 0 {
            continue;
        }
        let title =
            model.course.module(of.number).map(|module| module.entry.title.get(model.lang.tag()));
        let (done, required) = (cell.done.to_string(), of.required.to_string());
        let minutes = model.common().span(cell.minutes);
        let state = said::state(words, cell.state);
        let left = fill(
            words.module_says,
            &[&of.number.to_string(), title.unwrap_or_default(), state, &done, &required, &minutes],
        );
        let right = match proof {
            (_, 0) => String::new(),
            (proven, judged) => {
                fill(words.module_proven, &[&proven.to_string(), &judged.to_string()])
            }
        };
        page.gap();
        let heading = bold(Tone::Text);
        page.beside(&blank, (&left, heading), (&right, heading));
        for step in of.steps.clone() {
            step_line(model, one, step, page);
        }
    }
    for one in &one.disagreements {
        let step = said::step_id(outline, one.step);
        let text = format!("{step}: {}", claims::said_and_read(model, one));
        page.gap();
        page.hanging(&Span::new("! ", bold(Tone::Warning)), &text, Tone::Text);
    }
}

/// A step, where either has something to say of it.
fn step_line(model: &Model, one: &Attendee, step: usize, page: &mut Rows) {
    let (words, outline, signs) = (model.words(), model.crowd.outline(), Signs::of(model.theme));
    let claim = one.step_claim(outline, step);
    let proof = one.proof.as_ref().and_then(|proof| proof.step(step));
    let here = one.place.is_some_and(|place| place.step == step);
    if claim.state == State::NotStarted
        && !here
        && proof.is_none_or(|proof| proof.verdict != Verdict::Pass)
    {
        return;
    }
    let fails = outline.steps[step]
        .required
        .iter()
        .any(|check| one.claim(*check).is_some_and(Claim::fails));
    let (sign, tone, state) = match claim.state {
        State::Done => (signs.done, Tone::Added, words.state_done),
        _ if fails => (signs.regressed, Tone::Warning, words.step_fails),
        State::NotStarted => (" ", Tone::Text, words.state_not_begun),
        _ => ("~", Tone::Notice, words.state_working),
    };
    let title = said::step(model, &outline.steps[step].id);
    let at = claim.at.map(|at| format!(" {}", model.time.shown(at))).unwrap_or_default();
    let left = format!("{title}: {state}{at}");
    let (right, face) = match proof {
        None => (String::new(), Face::default()),
        Some(proof) => {
            let tone = match proof.verdict {
                Verdict::Pass => Tone::Added,
                Verdict::Fail => Tone::Warning,
                _ => Tone::Placeholder,
            };
            let mut lines = vec![said::proof(words, proof.verdict).to_owned()];
            lines.extend(proof.open.iter().map(|(_, _, message)| message.clone()));
            (lines.join("\n"), tone.into())
        }
    };
    let mark = if here { ">" } else { " " };
    let lead = Span::new(format!("{mark} {sign} "), bold(tone));
    page.beside(&lead, (&left, Face::default()), (&right, face));
}
