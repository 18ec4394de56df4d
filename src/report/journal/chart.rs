//! What the page draws: progress by domain, the time line, time by module.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::super::svg::{Drawing, Sign, WIDTH, clip, number, round_times, wide};
use super::super::words as report_words;
use super::events::{Happened, Moment};
use super::model::{JournalPage, PartLine};
use super::words::Words;
use crate::check::State;
use crate::course::PartId;
use crate::i18n::fill;
use crate::progress::worked;

/// Left of the domains' modules.
const DOMAIN: f64 = 190.0;
/// Between two things.
const GAP: f64 = 12.0;
/// A lane of the time line.
const LANE: f64 = 66.0;
/// How far a sign may be moved to keep clear of the one before.
const DRIFT: f64 = 42.0;
/// Sessions that are drawn at most.
const SESSIONS: usize = 24;

/// Progress by domain: a bar for each module.
pub(super) fn domains(page: &JournalPage, words: &Words) -> String {
    const ROW: f64 = 62.0;
    let mut drawing = Drawing::new();
    let most = page.domains.iter().map(|domain| domain.modules.len()).max().unwrap_or(1);
    let column = (WIDTH - DOMAIN) / number(most.max(3));
    let mut said = Vec::new();
    for (row, domain) in page.domains.iter().enumerate() {
        let y = number(row) * ROW;
        drawing.text("label", "start", 0.0, y + 16.0, &clip(&domain.title, DOMAIN - GAP));
        for (place, line) in domain.modules.iter().enumerate() {
            let x = DOMAIN + number(place) * column;
            module_bar(&mut drawing, page, words, line, (x, y, column - GAP));
            let state = report_words::state(&page.look.lang, line.state);
            let steps = words.of(line.proven, line.steps);
            said.push(format!("{}: {} {state}, {steps}", domain.title, line.name));
        }
    }
    let height = number(page.domains.len()) * ROW;
    drawing.finish("domains", height, words.progress, &said.join(". "))
}

fn module_bar(
    drawing: &mut Drawing,
    page: &JournalPage,
    words: &Words,
    line: &PartLine,
    (x, y, width): (f64, f64, f64),
) {
    let state = report_words::state(&page.look.lang, line.state);
    let label = match line.id {
        PartId::Module(number) => format!("{number} · {state}"),
        PartId::Cleanup => state.to_owned(),
    };
    let class = if line.state == State::NotStarted { "quiet" } else { "label" };
    drawing.text(class, "start", x, y + 16.0, &label);
    drawing.text("quiet", "end", x + width, y + 16.0, &words.of(line.proven, line.steps));
    drawing.rect("track", x, y + 23.0, width, 10.0);
    let part = number(line.proven) / number(line.steps.max(1));
    let title = clip(&line.title, width * 1.1);
    drawing.text("small", "start", x, y + 48.0, &title);
    if part > 0.0 {
        let class = if line.state == State::Regressed { "fill bad" } else { "fill good" };
        drawing.rect(class, x, y + 23.0, width * part, 10.0);
    }
}

/// Time by module: planned as a frame, worked as a bar in it.
pub(super) fn times(page: &JournalPage, words: &Words) -> String {
    const ROW: f64 = 44.0;
    let mut drawing = Drawing::new();
    let planned = |minutes: u16| f64::from(minutes) * 60.0;
    let longest = page
        .parts
        .iter()
        .map(|module| planned(module.line.minutes).max(f64::from(module.spent) * 60.0));
    let scale = WIDTH / longest.fold(60.0, f64::max);
    let mut said = Vec::new();
    for (row, module) in page.parts.iter().enumerate() {
        let y = number(row) * ROW;
        let line = &module.line;
        let minutes = fill(words.minutes, &[&line.minutes.to_string()]);
        let time = fill(words.time_of, &[&page.look.duration(module.spent), &minutes]);
        let room = WIDTH - wide(&time) - GAP;
        drawing.text("label", "start", 0.0, y + 14.0, &clip(&line.name, room));
        drawing.text("quiet", "end", WIDTH, y + 14.0, &time);
        drawing.rect("frame", 1.0, y + 21.0, planned(line.minutes) * scale - 2.0, 14.0);
        let spent = f64::from(module.spent) * 60.0 * scale;
        if spent > 0.0 {
            drawing.rect("fill accent", 1.0, y + 24.0, (spent - 2.0).max(1.0), 8.0);
        }
        said.push(format!("{}: {time}", line.name));
    }
    let height = number(page.parts.len()) * ROW;
    drawing.finish("times", height, words.time, &said.join(". "))
}

/// A stretch of work without a break.
pub(super) struct Session<'a> {
    moments: Vec<&'a Moment>,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

impl<'a> Session<'a> {
    fn new(moments: Vec<&'a Moment>) -> Option<Self> {
        let (from, to) = (moments.first()?.at, moments.last()?.at);
        (from < to).then_some(Self { moments, from, to })
    }
}

/// The sessions that are drawn, and how many shorter ones are not. A single event needs no picture.
pub(super) fn sessions(page: &JournalPage) -> (Vec<Session<'_>>, usize) {
    let mut sessions: Vec<Vec<&Moment>> = Vec::new();
    for moment in page.moments.iter().filter(|moment| moment.part.is_some()) {
        match sessions.last_mut() {
            Some(session)
                if session.last().is_some_and(|last| worked(last.at, moment.at).is_some()) =>
            {
                session.push(moment);
            }
            _ => sessions.push(vec![moment]),
        }
    }
    let mut drawn: Vec<Session<'_>> = sessions.into_iter().filter_map(Session::new).collect();
    let left_out = drawn.len().saturating_sub(SESSIONS);
    if left_out > 0 {
        drawn.sort_by_key(|session| std::cmp::Reverse(session.to.duration_since(session.from)));
        drawn.truncate(SESSIONS);
        drawn.sort_by_key(|session| session.from);
    }
    (drawn, left_out)
}

/// A session: a lane for each module, signs for what happened, bars for what was worked on.
pub(super) fn session(
    page: &JournalPage,
    words: &Words,
    session: &Session<'_>,
    place: usize,
) -> (String, BTreeSet<Sign>) {
    let lanes: BTreeSet<PartId> = session.moments.iter().filter_map(|moment| moment.part).collect();
    let lanes: BTreeMap<PartId, f64> =
        lanes.into_iter().enumerate().map(|(n, id)| (id, number(n) * LANE)).collect();
    let height = number(lanes.len()) * LANE + 26.0;
    let scale = Scale::new(session);
    let mut drawing = Drawing::new();
    axis(&mut drawing, page, session, &scale, height);
    for (id, y) in &lanes {
        let part = page.parts.iter().find(|part| part.line.id == *id);
        let name = part.map_or("", |part| part.line.name.as_str());
        drawing.text("label", "start", 0.0, y + 14.0, &clip(name, WIDTH));
        drawing.line("rule", 0.0, y + 36.0, WIDTH, y + 36.0);
    }
    for pair in session.moments.windows(2) {
        if let Some(y) = pair[0].part.and_then(|id| lanes.get(&id)) {
            let (from, to) = (scale.x(pair[0].at), scale.x(pair[1].at));
            drawing.rect("work", from, y + 32.0, (to - from).max(1.0), 8.0);
        }
    }
    let mut used = BTreeSet::new();
    for (id, y) in &lanes {
        let moments = session.moments.iter().filter(|moment| moment.part == Some(*id));
        used.extend(signs(&mut drawing, page, words, &scale, moments.copied(), *y));
    }
    let period = page.look.period(session.from, session.to);
    let (modules, events) = (lanes.len().to_string(), session.moments.len().to_string());
    let about = fill(words.time_line_about, &[&period, &modules, &events]);
    (drawing.finish(&format!("session{place}"), height, words.time_line, &about), used)
}

/// A lane's signs, from left to right; which of them were drawn.
fn signs<'a>(
    drawing: &mut Drawing,
    page: &JournalPage,
    words: &Words,
    scale: &Scale,
    moments: impl Iterator<Item = &'a Moment>,
    y: f64,
) -> BTreeSet<Sign> {
    let mut used = BTreeSet::new();
    let (mut last, mut named) = (f64::MIN, f64::MIN);
    for moment in moments {
        let Some(sign) = sign(&moment.happened) else { continue };
        let wanted = scale.x(moment.at);
        let mut x = wanted.max(last + 17.0).clamp(9.0, WIDTH - 9.0);
        if x - wanted > DRIFT {
            // Too much at once: the small signs give way, the others stand over each other.
            if sign == Sign::Opened {
                continue;
            }
            x = wanted.clamp(9.0, WIDTH - 9.0);
        }
        let says = format!("{} {}", page.look.clock(moment.at), words.happened(&moment.happened));
        drawing.sign(sign, x, y + 36.0, &says);
        used.insert(sign);
        last = x;
        if let Happened::Proven(steps) = &moment.happened {
            let name = match steps.as_slice() {
                [] => continue,
                [first, rest @ ..] if rest.len() > 2 => format!("{first} +{}", rest.len()),
                few => few.join(" "),
            };
            let half = wide(&name) / 2.0;
            let at = x.clamp(half, WIDTH - half);
            if at - half > named {
                drawing.text("small", "middle", at, y + 58.0, &name);
                named = at + half + 4.0;
            }
        }
    }
    used
}

fn sign(happened: &Happened) -> Option<Sign> {
    match happened {
        Happened::Opened(_) => Some(Sign::Opened),
        Happened::Proven(_) => Some(Sign::Proven),
        Happened::Regressed(_) => Some(Sign::Regressed),
        Happened::Verified { passed, all, .. } => (passed < all).then_some(Sign::Failed),
        Happened::Hint(..) => Some(Sign::Hint),
        Happened::Skipped(_) => Some(Sign::Skipped),
        Happened::HelpAsked(_) => Some(Sign::Help),
        Happened::Resumed(_)
        | Happened::HelpOver(_)
        | Happened::Revealed(_)
        | Happened::Ran { .. }
        | Happened::Changed { .. }
        | Happened::Imported(_) => None,
    }
}

/// Times to places.
struct Scale {
    from: Timestamp,
    seconds: f64,
}

impl Scale {
    fn new(session: &Session<'_>) -> Self {
        let seconds = session.to.duration_since(session.from).as_secs_f64();
        Self { from: session.from, seconds: seconds.max(1.0) }
    }

    fn x(&self, at: Timestamp) -> f64 {
        let seconds = at.duration_since(self.from).as_secs_f64();
        9.0 + seconds / self.seconds * (WIDTH - 18.0)
    }
}

/// Lines at round local times, eight at most.
fn axis(
    drawing: &mut Drawing,
    page: &JournalPage,
    session: &Session<'_>,
    scale: &Scale,
    height: f64,
) {
    drawing.line("rule", 0.0, height - 20.0, WIDTH, height - 20.0);
    for at in round_times(&page.look.zone, session.from, session.to) {
        let x = scale.x(at);
        drawing.line("grid", x, 20.0, x, height - 20.0);
        let x = x.clamp(18.0, WIDTH - 18.0);
        drawing.text("small", "middle", x, height - 5.0, &page.look.clock(at));
    }
}
