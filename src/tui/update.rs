//! `update`: the only way that the state changes. Pure: what has to be done outside comes back as
//! effects.

mod evidence;
mod run;
mod settle;
mod sheet;
mod shell;
mod work;

use std::sync::Arc;

use crossterm::event::{KeyEvent, KeyEventKind};

use crate::check::CheckResult;
use crate::course::{Course, PartId, Values};
use crate::i18n::fill;
use crate::markdown::Labels;

use super::actions::act;
use super::ask;
use super::backend::{AccountInfo, Choice, Entry, Past, Trouble};
use super::clipboard::CopyRoute;
use super::model::{Account, Chooser, Model, Notice};
use super::msg::{Effect, Msg};
use super::page::Viewport;
use super::room::{RoomEffect, RoomView};
use super::time::Time;
use super::view::areas;
use super::work::WorkEffect;
use super::{clock, map, mouse, palette, place, questions, room, search};

pub(super) use evidence::{can_explain, open_evidence};
pub(super) use sheet::act_in_sheet;
pub(super) use shell::{end_shell, time, toggle_output};
pub(super) use work::{Kind, marked_kind, path_line, perform, undo};

/// The effects that a start asks for, after the first frame.
pub fn start() -> Vec<Effect> {
    vec![Effect::LoadCourse, Effect::ReadEnds]
}

/// Takes one event.
#[must_use]
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Key(key) => press(model, &key),
        Msg::Paste(text) => paste(model, &text),
        Msg::Mouse(event) => mouse::take(model, event),
        Msg::Ends(ends) => clock::ends(model, ends),
        Msg::Expiry(at, again) => clock::expiry(model, at, again),
        Msg::Spent(spent) => map::spent(model, spent),
        Msg::Index(index) => search::read(model, index),
        Msg::Act(action) => {
            model.dirty = true;
            act(model, action)
        }
        Msg::Ask(asked) => ask::take(model, asked),
        Msg::Resize(columns, rows) => resize(model, (columns, rows)),
        Msg::Course(course) => course_read(model, course),
        Msg::Chosen(choice) => chosen(model, choice),
        Msg::Profiles(profiles) => profiles_listed(model, profiles),
        Msg::Account(account) => account_opened(model, account),
        Msg::Values(values) => values_read(model, values),
        Msg::Past(past) => past_read(model, past),
        Msg::Journal(trouble) => not_recorded(model, &trouble),
        Msg::Progress(number, progress) => run::progressed(model, number, progress),
        Msg::Verified(number, outcome) => run::verified(model, number, outcome),
        Msg::Solving(number, detail) => run::solving(model, number, detail),
        Msg::Solved(number, outcome) => run::solved(model, number, outcome),
        Msg::Work(msg) => work::answered(model, msg),
        Msg::Room(msg) => room::answered(model, msg),
        Msg::Time(time) => tell_time(model, time),
        Msg::Gone => {
            let stop = WorkEffect::Stop(super::work::Stop::Kill);
            vec![Effect::Work(stop), Effect::Cancel, Effect::Quit]
        }
        Msg::Copied(lines, route) => copied(model, lines, route),
    }
}

fn tell_time(model: &mut Model, time: Time) -> Vec<Effect> {
    let before = room::seen(model);
    let mut effects = clock::tick(model, time.zoned());
    effects.extend(settle::tell_time(model, time));
    room::tick(model);
    model.dirty |= before != room::seen(model);
    effects
}

/// Says that something couldn't be written to the journal: in full until the next key, and then as
/// a line that stays.
fn not_recorded(model: &mut Model, trouble: &Trouble) -> Vec<Effect> {
    let text = one_line(trouble);
    if model.journal_trouble.as_ref() != Some(&text) {
        let unrecorded = fill(model.words().journal_trouble, &[&text]);
        model.journal_trouble = Some(text);
        model.notice = Some(Notice { trouble: true, text: unrecorded });
        model.dirty = true;
    }
    Vec::new()
}

fn copied(model: &mut Model, lines: usize, route: CopyRoute) -> Vec<Effect> {
    let words = model.words();
    if let Some(address) = model.copying.take() {
        let way = match route {
            CopyRoute::Terminal => "OSC 52",
            CopyRoute::Tool(name) => name,
        };
        notify(model, fill(words.link_copied, &[&address, way]));
        return Vec::new();
    }
    let count = if lines == 1 { words.line } else { words.lines };
    let lines = fill(count, &[&lines.to_string()]);
    let text = match route {
        CopyRoute::Terminal => fill(words.copied_osc, &[&lines]),
        CopyRoute::Tool(name) => fill(words.copied, &[&lines, name]),
    };
    notify(model, text);
    Vec::new()
}

fn press(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    if key.kind != KeyEventKind::Press {
        return Vec::new();
    }
    let typed = room::press(model, key).or_else(|| palette::press(model, key));
    if let Some(effects) = typed.or_else(|| search::press(model, key)) {
        return effects;
    }
    let Some(action) = model.keys.action_of(key) else { return Vec::new() };
    model.dirty = true;
    act(model, action)
}

/// Text goes where text is typed, and nowhere else.
fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if model.join.is_some() {
        room::paste(model, text)
    } else if model.palette.is_some() {
        palette::paste(model, text)
    } else {
        search::paste(model, text)
    }
}

fn resize(model: &mut Model, size: (u16, u16)) -> Vec<Effect> {
    if model.size != size {
        model.size = size;
        relayout(model);
    }
    // The terminal may have moved what stood on it, also at the same size.
    model.dirty = true;
    Vec::new()
}

/// Takes the course. The account is looked for only then: what it answers is about the course, and
/// on a busy machine it could come first.
fn course_read(model: &mut Model, course: Result<Arc<Course>, Trouble>) -> Vec<Effect> {
    let mut effects = match course {
        Ok(course) => {
            model.values = course.values(&std::collections::BTreeMap::new());
            let first = course.modules.first().map_or(0, |module| module.entry.number);
            model.course = Some(course);
            open_part(model, PartId::Module(first))
        }
        Err(trouble) => {
            complain(model, &trouble);
            Vec::new()
        }
    };
    effects.push(Effect::FindChoice);
    effects
}

fn chosen(model: &mut Model, choice: Option<Choice>) -> Vec<Effect> {
    model.dirty = true;
    match choice {
        Some(choice) => open_account(model, choice),
        None => choose_account(model),
    }
}

/// Opens the choice of the account.
pub(super) fn choose_account(model: &mut Model) -> Vec<Effect> {
    model.chooser = Some(Chooser::default());
    vec![Effect::ListProfiles]
}

/// Begins to open an account.
pub(super) fn open_account(model: &mut Model, choice: Choice) -> Vec<Effect> {
    model.chooser = None;
    model.results.clear();
    model.states.clear();
    model.waits.clear();
    model.deployed = None;
    model.past = Past::default();
    model.spent.clear();
    model.clock.forget_credentials();
    model.room = RoomView::default();
    model.map = None;
    model.account = Account::Opening(choice.clone());
    vec![Effect::OpenAccount(choice)]
}

fn profiles_listed(model: &mut Model, profiles: Vec<Option<String>>) -> Vec<Effect> {
    if let Some(chooser) = &mut model.chooser {
        chooser.profiles = Some(profiles);
        model.dirty = true;
    }
    Vec::new()
}

fn account_opened(model: &mut Model, account: Result<AccountInfo, Trouble>) -> Vec<Effect> {
    model.dirty = true;
    match account {
        Ok(info) => {
            model.account = Account::Open(info);
            let find = Effect::Work(WorkEffect::FindApp);
            let watch = Effect::Room(RoomEffect::Watch);
            vec![Effect::ReadPast, Effect::ReadValues, Effect::ReadExpiry(false), find, watch]
        }
        Err(trouble) => {
            complain(model, &trouble);
            let other = model.words().other_account;
            if let Some(notice) = &mut model.notice {
                notice.text = sentences(&notice.text, other);
            }
            model.account = Account::Failed(trouble);
            Vec::new()
        }
    }
}

fn values_read(model: &mut Model, values: Values) -> Vec<Effect> {
    if model.values == values {
        return Vec::new();
    }
    model.values = values;
    let marked = model.page.marked_unknown().is_some();
    let effects = render_page(model, true);
    if marked && model.page.marked_unknown().is_none() {
        // It is known now: what was said of it is no longer so.
        model.notice = None;
    }
    effects
}

fn past_read(model: &mut Model, past: Past) -> Vec<Effect> {
    model.journal_trouble = None;
    model.past = past;
    map::plan_anew(model);
    model.dirty = true;
    if model.page.scroll > 0 {
        return render_page(model, true);
    }
    // At the start, where the learner stopped.
    if let Some(step) = left_step(model) {
        let mut effects = render_page(model, true);
        effects.extend(place::go_to_step(model, &step));
        return effects;
    }
    match first_open_module(model) {
        Some(module) if module != model.part => open_part(model, module),
        _ => render_page(model, true),
    }
}

/// The step whose instructions were opened last, unless all of its module is done.
fn left_step(model: &Model) -> Option<String> {
    let (course, here) = (model.course.as_ref()?, model.past.here.as_ref()?);
    let (part, _) = course.step(here)?;
    let (done, all) = model.done_of(part.steps);
    (done < all).then(|| here.clone())
}

/// The first written module that isn't done.
fn first_open_module(model: &Model) -> Option<PartId> {
    let course = model.course.as_ref()?;
    let open = |module: &&crate::course::Module| module.is_written() && !model.module_done(module);
    course.modules.iter().find(open).map(|module| module.part().id)
}

/// Opens the page of a module or of the clean-up.
pub(super) fn open_part(model: &mut Model, part: PartId) -> Vec<Effect> {
    model.part = part;
    model.cursor = model.listed().iter().position(|&listed| listed == part).unwrap_or(0);
    model.proof_scroll = 0;
    let mut effects = render_page(model, false);
    let first = model.step().map(|step| step.spec.id.clone());
    if let (Some(step), Account::Open(_)) = (first, &model.account) {
        effects.push(Effect::Record(Entry::Opened(step)));
    }
    effects
}

/// Fills the account's values into the open page.
pub(super) fn render_page(model: &mut Model, keep: bool) -> Vec<Effect> {
    model.dirty = true;
    let Some(course) = model.course.clone() else { return Vec::new() };
    let done = model.done_ids();
    match course.render(model.part, model.lang.tag(), &model.values, &done) {
        Ok(Some(mut page)) => {
            let said = (model.lang, model.words());
            questions::append(&course, model.part, &model.past.revealed, said, &mut page);
            with_page(model, |view_page, view| view_page.show(&page, keep, view));
            // Other values, other text to search.
            if keep { search::read_pages(model) } else { Vec::new() }
        }
        Ok(None) => {
            model.page.clear();
            Vec::new()
        }
        Err(error) => {
            model.page.clear();
            complain(model, &Trouble::new(error.to_string(), ""));
            Vec::new()
        }
    }
}

/// Lays the page out for the present size and language.
pub(super) fn relayout(model: &mut Model) {
    with_page(model, super::page::PageView::resize);
}

/// Changes the page as its pane sees it.
pub(super) fn with_page(
    model: &mut Model,
    change: impl FnOnce(&mut super::page::PageView, &Viewport<'_>),
) {
    let labels: Labels = model.theme.labels(model.words());
    let area = areas::text_of_page(model.size, model.focus());
    let view = Viewport {
        columns: usize::from(area.0).max(1),
        height: usize::from(area.1).max(1),
        labels: &labels,
    };
    change(&mut model.page, &view);
    model.dirty = true;
}

/// Tells the learner something.
pub(super) fn notify(model: &mut Model, text: String) {
    model.notice = Some(Notice { trouble: false, text });
    model.dirty = true;
}

/// Tells the learner about trouble.
pub(super) fn complain(model: &mut Model, trouble: &Trouble) {
    model.notice = Some(Notice { trouble: true, text: one_line(trouble) });
    model.dirty = true;
}

/// Trouble as one line that may be shown.
pub(crate) fn one_line(trouble: &Trouble) -> String {
    let message = trouble.message.trim_end();
    let stop = if message.ends_with(['.', '!', '?', '。']) || trouble.remedy.is_empty() {
        ""
    } else {
        "."
    };
    let text = sentences(&format!("{message}{stop}"), &trouble.remedy);
    crate::markdown::sanitize::clean_line(text.trim())
}

/// A sentence after another one; Japanese puts no space between them.
fn sentences(first: &str, next: &str) -> String {
    let space = if first.ends_with('。') { "" } else { " " };
    format!("{first}{space}{next}")
}

/// The hints of a check in a language.
pub(super) fn hints<'a>(model: &Model, check: &'a crate::course::CheckSpec) -> &'a [String] {
    let hints = check.hints.get(model.lang.tag()).or_else(|| check.hints.get("en"));
    hints.map_or(&[], Vec::as_slice)
}

/// The step's check whose hint comes next: the first that doesn't pass and has one left.
pub(super) fn next_hint(model: &Model) -> Option<(String, String, usize)> {
    let step = model.step()?;
    let results = model.results.get(&step.spec.id);
    let passes = |name: &str| {
        let found = results.and_then(|all| all.iter().find(|r: &&CheckResult| r.check == name));
        found.is_some_and(|result| result.verdict == crate::check::Verdict::Pass)
    };
    step.checks
        .iter()
        .filter(|check| !passes(&check.check))
        .map(|check| (check, model.open_hints(&check.check)))
        .find(|(check, open)| *open < hints(model, check).len())
        .map(|(check, open)| (check.check.clone(), step.spec.id.clone(), open + 1))
}
