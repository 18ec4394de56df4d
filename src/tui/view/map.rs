//! The map: a line a module, then what is to be said of the marked one and of the plan.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::check::Verdict;
use crate::course::{Course, Lock, Module, Part, PartId, Why, Wish};
use crate::i18n::fill;
use crate::markdown::{Face, Tone, width, wrap_text};
use crate::report::{End, done_by, lock_line, plan_lines};
use crate::tui::map::{Filter, MapView};
use crate::tui::model::Model;
use crate::tui::proof::clip;
use crate::tui::standing::StepStatus;
use crate::tui::theme::Theme;

use super::paint::Painter;

/// Columns of the fields at the right, each with the space before it.
const STATE: u16 = 12;
const MINUTES: [u16; 3] = [5, 5, 6];
const UNTIL: u16 = 10;
/// Columns of sign and number.
const NUMBER: u16 = 5;
/// Fewer columns than this leave out domain, planned and spent minutes.
const WIDE: u16 = 72;

/// Where the fields of a line stand.
struct Fields {
    domain: u16,
    title: u16,
    wide: bool,
}

impl Fields {
    fn of(columns: u16) -> Self {
        let wide = columns >= WIDE;
        let minutes = if wide { MINUTES.iter().sum() } else { MINUTES[1] };
        let rest = columns.saturating_sub(NUMBER + STATE + minutes + UNTIL);
        let domain = if wide { (rest / 3).clamp(15, 24) } else { 0 };
        Self { domain, title: rest.saturating_sub(domain), wide }
    }
}

pub(super) fn map(painter: &mut Painter<'_>, model: &Model, area: Rect) {
    let (Some(map), Some(course)) = (&model.map, &model.course) else { return };
    let words = model.words();
    let done = course.modules.iter().filter(|module| model.module_done(module)).count();
    let count = fill(words.map_count, &[&done.to_string(), &course.modules.len().to_string()]);
    let filter = match map.filter {
        Filter::All => words.filter_all,
        Filter::Open => words.filter_open,
        Filter::Fits => words.filter_fits,
        Filter::Done => words.filter_done,
        Filter::Chosen => words.filter_chosen,
    };
    painter.title(area, &format!("{}: {filter}", words.map_title), &count, true);
    let wish = model.wish();
    let fields = Fields::of(area.width);
    let shown = model.mapped();
    let about = about(model, course, map, &wish, area.width.into());
    head(painter, model, &fields, Rect { y: area.y + 1, height: 1, ..area });
    let (list, low) = list_area(area, shown.len(), about.len());
    rows(painter, model, (course, map, &wish), &fields, (list, &shown));
    let gap = u16::from(list.height + low < area.height.saturating_sub(2));
    for (y, (text, face)) in (list.bottom() + gap..area.bottom()).zip(&about) {
        painter.face(area.x, y, area.width, text, *face);
    }
}

/// Where the list stands, and how many rows there are for what is to be said of it: the list goes
/// first, and the rest is for the other, a third at least.
fn list_area(area: Rect, shown: usize, about: usize) -> (Rect, u16) {
    let count = |lines: usize| u16::try_from(lines).unwrap_or(u16::MAX);
    let space = area.height.saturating_sub(2);
    let low = count(about).min(space.saturating_sub(count(shown)).max(space / 3));
    let height = space.saturating_sub(low).min(count(shown.max(1)));
    (Rect { y: area.y + 2, height, ..area }, low)
}

/// The first module that is seen in a list of some rows.
fn first_seen(shown: &[PartId], marked: PartId, height: u16) -> usize {
    let at = shown.iter().position(|&part| part == marked).unwrap_or(0);
    (at + 1).saturating_sub(height.into())
}

/// The module or clean-up at a row of the screen.
pub(super) fn part_at(model: &Model, area: Rect, y: u16) -> Option<PartId> {
    let (map, course) = (model.map.as_ref()?, model.course.as_ref()?);
    let shown = model.mapped();
    let about = about(model, course, map, &model.wish(), area.width.into());
    let (list, _) = list_area(area, shown.len(), about.len());
    let row = y.checked_sub(list.y).filter(|_| y < list.bottom())?;
    shown.get(first_seen(&shown, map.marked, list.height) + usize::from(row)).copied()
}

fn head(painter: &mut Painter<'_>, model: &Model, fields: &Fields, row: Rect) {
    let words = model.words();
    let domain = if fields.wide { words.map_domain } else { "" };
    let ends = if model.clock.left().is_some() { words.map_until } else { "" };
    let texts = Texts {
        domain: domain.to_owned(),
        number: String::new(),
        title: words.map_module.to_owned(),
        state: words.map_state.to_owned(),
        minutes: [words.map_minutes, words.map_left, words.map_spent].map(str::to_owned),
        until: ends.to_owned(),
    };
    line(painter, fields, row, &texts, painter.theme.face(Tone::Dim.into()));
}

/// A line's texts.
struct Texts {
    domain: String,
    number: String,
    title: String,
    state: String,
    minutes: [String; 3],
    until: String,
}

fn line(
    painter: &mut Painter<'_>,
    fields: &Fields,
    row: Rect,
    texts: &Texts,
    style: ratatui::style::Style,
) {
    let mut x = row.x;
    let mut left = |painter: &mut Painter<'_>, columns: u16, text: &str| {
        let text = clip(text, usize::from(columns.saturating_sub(1)));
        painter.text(x, row.y, columns, &text, style);
        x += columns;
        x
    };
    left(painter, fields.domain, &texts.domain);
    left(painter, NUMBER, &texts.number);
    left(painter, fields.title, &texts.title);
    let mut x = left(painter, STATE, &texts.state);
    let mut right = |painter: &mut Painter<'_>, columns: u16, text: &str| {
        let used = u16::try_from(width(text)).unwrap_or(columns).min(columns);
        painter.text(x + columns - used, row.y, used, text, style);
        x += columns;
    };
    let [planned, left, spent] = &texts.minutes;
    if fields.wide {
        right(painter, MINUTES[0], planned);
    }
    right(painter, MINUTES[1], left);
    if fields.wide {
        right(painter, MINUTES[2], spent);
    }
    right(painter, UNTIL, &texts.until);
}

fn rows(
    painter: &mut Painter<'_>,
    model: &Model,
    (course, map, wish): (&Course, &MapView, &Wish),
    fields: &Fields,
    (area, shown): (Rect, &[PartId]),
) {
    if shown.is_empty() {
        painter.face(area.x, area.y, area.width, model.words().map_nothing, Tone::Text);
        return;
    }
    let first = first_seen(shown, map.marked, area.height);
    let mut above = None;
    for (y, id) in (area.y..area.bottom()).zip(shown.iter().skip(first)) {
        let Some(part) = course.part(*id) else { continue };
        let module = module_of(course, *id);
        let domain = module.map(|module| &module.entry.domain);
        let texts = match module {
            Some(module) => module_texts(model, (course, map, wish), module, above != domain),
            None => cleanup_texts(model, part),
        };
        above = domain;
        let row = Rect { y, height: 1, ..area };
        let now = part.is_written() && module.is_none_or(|module| model.goals.have(module));
        let open = *id == model.part;
        let tone = if now { Tone::Text } else { Tone::Dim };
        let mut style = painter.theme.face(Face { tone, bold: open, ..Face::default() });
        if *id == map.marked {
            style = style.add_modifier(Modifier::REVERSED);
            painter.text(row.x, y, row.width, &" ".repeat(row.width.into()), style);
        }
        line(painter, fields, row, &texts, style);
        sign(painter, model, part, row.x + fields.domain, y, *id == map.marked);
    }
}

pub(in crate::tui) fn module_of(course: &Course, id: PartId) -> Option<&Module> {
    match id {
        PartId::Module(number) => course.module(number),
        PartId::Cleanup => None,
    }
}

/// The sign of what is done, or was; over the marked line in its look.
fn sign(painter: &mut Painter<'_>, model: &Model, part: Part<'_>, x: u16, y: u16, marked: bool) {
    let (done, all) = model.done_of(part.steps);
    let status = if !regressed(model, part).is_empty() {
        StepStatus::Regressed
    } else if all > 0 && done == all {
        StepStatus::Judged(Verdict::Pass)
    } else {
        return;
    };
    let face = Face { bold: true, ..Theme::verdict_tone(status).into() };
    let style = painter.theme.face(face);
    let style = if marked { style.add_modifier(Modifier::REVERSED) } else { style };
    painter.text(x, y, 1, painter.theme.sign(status), style);
}

fn module_texts(
    model: &Model,
    (course, map, wish): (&Course, &MapView, &Wish),
    module: &Module,
    first: bool,
) -> Texts {
    let number = module.entry.number;
    let entry = course.index.domains.iter().find(|domain| domain.id == module.entry.domain);
    let domain = entry.map_or("", |domain| domain.title.get(model.lang.tag()));
    let chosen = if model.goals.domains.contains(&module.entry.domain) { "*" } else { "" };
    let spent = spent(model, number.into());
    let left = module.minutes_left(wish).to_string();
    let left = if module.is_written() { left } else { String::new() };
    Texts {
        domain: if first { format!("{chosen}{domain}") } else { String::new() },
        number: format!("  {number:>2}"),
        title: module.entry.title.get(model.lang.tag()).to_owned(),
        state: state(model, course, module, wish),
        minutes: [module.entry.minutes.to_string(), left, spent],
        until: until(model, map, number),
    }
}

fn cleanup_texts(model: &Model, part: Part<'_>) -> Texts {
    let (done, all) = model.done_of(part.steps);
    let state = fill(model.words().proof_count, &[&done.to_string(), &all.to_string()]);
    let spent = spent(model, part.id);
    Texts {
        domain: if model.goals.cleanup { "*".to_owned() } else { String::new() },
        number: String::new(),
        title: part.title.get(model.lang.tag()).to_owned(),
        state: if part.is_written() { state } else { model.words().map_unwritten.to_owned() },
        minutes: [part.minutes.to_string(), String::new(), spent],
        until: String::new(),
    }
}

/// Minutes worked on a part; nothing where there are none.
fn spent(model: &Model, part: PartId) -> String {
    model.spent.get(&part).map(u32::to_string).unwrap_or_default()
}

/// How far a module is, or what it waits for.
fn state(model: &Model, course: &Course, module: &Module, wish: &Wish) -> String {
    let words = model.words();
    let (done, all) = model.done_of(&module.steps);
    if !module.is_written() {
        return words.map_unwritten.to_owned();
    }
    if !regressed(model, module.part()).is_empty() {
        return words.map_regressed.to_owned();
    }
    if model.module_done(module) {
        return words.module_state_done.to_owned();
    }
    match course.locked(module, wish).filter(|_| done == 0) {
        Some(Lock::Module(first)) => fill(words.after, &[&first.to_string()]),
        Some(Lock::Step(id)) => fill(words.after, &[&id]),
        None => fill(words.proof_count, &[&done.to_string(), &all.to_string()]),
    }
}

fn regressed<'a>(model: &Model, part: Part<'a>) -> Vec<&'a str> {
    let steps = part.steps.iter();
    let steps = steps.filter(|step| model.status(step) == StepStatus::Regressed);
    steps.map(|step| step.spec.id.as_str()).collect()
}

/// When the plan has a module done, or that it is too long.
pub(in crate::tui) fn until(model: &Model, map: &MapView, number: u8) -> String {
    let Some(now) = model.clock.now.as_ref().filter(|_| model.clock.left().is_some()) else {
        return String::new();
    };
    let leg = map.plan.legs.iter().find(|leg| leg.module == number && leg.finishes);
    let out = map.plan.left_out.iter().find(|out| out.module == number);
    match (leg, out.map(|out| out.why)) {
        (Some(leg), _) => done_by(leg.until, now),
        (None, Some(Why::ShortBy(_))) => model.words().map_too_long.to_owned(),
        (None, _) => String::new(),
    }
}

/// What is to be said of the marked module, and the plan.
fn about(
    model: &Model,
    course: &Course,
    map: &MapView,
    wish: &Wish,
    columns: usize,
) -> Vec<(String, Face)> {
    let words = model.words();
    let bold = Face { bold: true, ..Face::default() };
    let mut lines: Vec<(String, Face)> = Vec::new();
    let mut say = |text: &str, face: Face| {
        lines.extend(wrap_text(text, columns.max(1)).into_iter().map(|line| (line, face)));
    };
    let title = |part: Part<'_>| part.title.get(model.lang.tag()).to_owned();
    match (course.part(map.marked), module_of(course, map.marked)) {
        (Some(part), Some(module)) => {
            say(&format!("{} {}", module.entry.number, title(part)), bold);
            say(&facts(model, course, module, wish), Face::default());
        }
        (Some(part), None) => {
            say(&title(part), bold);
            let text = if model.goals.cleanup { words.cleanup_kept } else { words.cleanup_offer };
            say(&fill(text, &[&words.span(part.minutes.into())]), Face::default());
        }
        (None, _) => {}
    }
    let rule = if model.theme.ascii { "-" } else { "─" };
    let title = format!("{rule} {} ", words.plan_title);
    let rest = rule.repeat(columns.saturating_sub(width(&title)));
    say(&format!("{title}{rest}"), Tone::Dim.into());
    for line in plan(model, course, map, wish) {
        say(&line, Face::default());
    }
    lines
}

/// What the plan says: the chosen domains, the order, what is left out.
pub(in crate::tui) fn plan(
    model: &Model,
    course: &Course,
    map: &MapView,
    wish: &Wish,
) -> Vec<String> {
    let words = model.words();
    let end = model.clock.now.as_ref().filter(|_| wish.minutes.is_some());
    let end = end.map(|now| End { now, reserve: wish.reserve, cleanup: model.goals.cleanup });
    let goals = &model.goals.domains;
    let chosen = course.index.domains.iter().filter(|domain| goals.contains(&domain.id));
    let names: Vec<&str> = chosen.map(|domain| domain.title.get(model.lang.tag())).collect();
    let domains = fill(words.plan_domains, &[&names.join(words.comma)]);
    let domains = (!goals.is_empty()).then_some(domains);
    domains.into_iter().chain(plan_lines(&map.plan, course, words, end)).collect()
}

/// Minutes of a module, and what it waits for.
pub(in crate::tui) fn facts(
    model: &Model,
    course: &Course,
    module: &Module,
    wish: &Wish,
) -> String {
    let words = model.words();
    if !module.is_written() {
        let minutes = fill(words.minutes, &[&module.entry.minutes.to_string()]);
        return format!("{minutes}, {}", words.not_written);
    }
    let spent = model.spent.get(&module.part().id).copied().unwrap_or(0);
    let minutes = [module.entry.minutes.into(), module.minutes_left(wish), spent];
    let [planned, left, spent] = minutes.map(|minutes| minutes.to_string());
    let mut facts = vec![fill(words.map_minutes_of, &[&planned, &left, &spent])];
    let regressed = regressed(model, module.part());
    if !regressed.is_empty() {
        facts.push(fill(words.regressed_steps, &[&regressed.join(words.comma)]));
    }
    if let Some(lock) = course.locked(module, wish).filter(|_| !model.module_done(module)) {
        facts.push(lock_line(&lock, words));
    }
    facts.join(words.comma)
}
