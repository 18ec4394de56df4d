//! What the projector's page draws: the heat map, progress over time, the funnel. Every state has a
//! pattern and a sign of its own; colour says nothing that they don't.

use jiff::{SignedDuration, Timestamp};

use super::super::journal::Look;
use super::super::svg::{Drawing, WIDTH, clip, number, wide};
use super::model::{AttendeeLine, CellLine, Snapshot};
use super::words::Words;
use crate::check::State;
use crate::i18n::fill;

/// More rows nobody tells apart: then each stands for several attendees.
const MOST_ROWS: usize = 160;
/// Rows of this height have room for signs and names.
const TALL: f64 = 24.0;

/// The patterns that cells are filled with; every drawing of the page may name them.
pub(super) const PATTERNS: &str = "<svg class=\"defs\" aria-hidden=\"true\" focusable=\"false\"><defs>\
    <pattern id=\"striped\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
    <line class=\"stripe\" x1=\"2\" y1=\"0\" x2=\"2\" y2=\"8\"/></pattern>\
    <pattern id=\"crossed\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
    <path class=\"crossing\" d=\"M0 0 6 6M6 0 0 6\"/></pattern></defs></svg>";

/// Attendees × modules. Names only where they were asked for. Second: how many attendees a row
/// stands for.
pub(super) fn map(page: &Snapshot, look: &Look, words: &Words, names: bool) -> (String, usize) {
    let mut here: Vec<&AttendeeLine> =
        page.attendees.iter().filter(|one| one.presence == "here").collect();
    here.sort_by_key(|one| std::cmp::Reverse((one.steps_done, one.modules_done)));
    let each = here.len().div_ceil(MOST_ROWS).max(1);
    let rows: Vec<&AttendeeLine> = here.into_iter().step_by(each).collect();
    let names = names && each == 1;
    let height = if names || rows.len() <= 40 { TALL } else { 9.0 };
    let left = if names { 230.0 } else { 0.0 };
    let column = (WIDTH - left) / number(page.modules.len().max(1));
    let mut drawing = Drawing::new();
    for (place, module) in page.modules.iter().enumerate() {
        let x = left + (number(place) + 0.5) * column;
        drawing.text("label", "middle", x, 16.0, &module.module.to_string());
    }
    for (row, one) in rows.iter().enumerate() {
        let y = 26.0 + number(row) * height;
        if names {
            let help = one.help.as_ref().is_some_and(|help| help.over.is_none());
            let at = one.step.as_deref().unwrap_or_default();
            let sign = if help { "(!) " } else { "" };
            let name = clip(&one.name, left - 70.0 - wide(sign));
            drawing.text("label", "start", 0.0, y + 16.0, &format!("{sign}{name}"));
            drawing.text("quiet", "end", left - 12.0, y + 16.0, at);
        }
        for (place, cell) in one.modules.iter().enumerate() {
            let x = left + number(place) * column + 2.0;
            draw_cell(&mut drawing, cell, (x, y + 1.0, column - 4.0, height - 2.0));
        }
    }
    let said: Vec<String> = page
        .modules
        .iter()
        .map(|module| {
            let counts = [module.done, module.working, module.regressed, module.not_begun];
            let counts = counts.map(|count| count.to_string());
            let [done, working, regressed, open] = &counts;
            let number = module.module.to_string();
            fill(words.map_said, &[&number, &module.title, done, working, regressed, open])
        })
        .collect();
    let said = said.join(if look.is_ja() { "。" } else { ". " });
    let height = 30.0 + number(rows.len()) * height;
    (drawing.finish("map", height, words.map, &said), each)
}

/// A module's cell: empty, striped as far as it is done, full with a tick, crossed.
fn draw_cell(drawing: &mut Drawing, cell: &CellLine, (x, y, width, height): (f64, f64, f64, f64)) {
    let tall = height > 14.0;
    let (middle, low) = (x + width / 2.0, y + height / 2.0);
    match cell.state {
        State::Done => {
            drawing.rect("cell done", x, y, width, height);
            if tall {
                let tick =
                    [(middle - 6.0, low), (middle - 2.0, low + 4.0), (middle + 6.0, low - 5.0)];
                drawing.path("on", &tick);
            }
        }
        State::Regressed => {
            drawing.rect("cell regressed", x, y, width, height);
            if tall {
                drawing.path("cross", &[(middle - 5.0, low - 5.0), (middle + 5.0, low + 5.0)]);
                drawing.path("cross", &[(middle - 5.0, low + 5.0), (middle + 5.0, low - 5.0)]);
            }
        }
        State::InProgress | State::NotStarted => {
            drawing.rect("cell", x, y, width, height);
            if cell.begun {
                // What was begun shows, also before a step is done.
                let part = number(cell.done) / number(cell.required.max(1));
                drawing.rect("cell part", x, y, width * part.clamp(0.12, 1.0), height);
            }
        }
    }
}

/// Who was in the room, and how many modules were done, from the first to the last sample.
pub(super) fn over_time(page: &Snapshot, look: &Look, words: &Words) -> Option<String> {
    const TOP: f64 = 34.0;
    const LOW: f64 = 250.0;
    let (first, last) = (page.series.first()?, page.series.last()?);
    let seconds = last.at.duration_since(first.at).as_secs_f64();
    if seconds < 60.0 {
        return None;
    }
    let x =
        |at: Timestamp| 12.0 + at.duration_since(first.at).as_secs_f64() / seconds * (WIDTH - 24.0);
    let mut drawing = Drawing::new();
    axis(&mut drawing, look, (first.at, last.at), x, LOW);
    let mut curve = |class: &str, count: &dyn Fn(&super::model::Point) -> usize| {
        let most = number(page.series.iter().map(count).max().unwrap_or(0).max(1));
        let place = |point: &super::model::Point| {
            (x(point.at), LOW - number(count(point)) / most * (LOW - TOP))
        };
        drawing.path(class, &page.series.iter().map(place).collect::<Vec<_>>());
    };
    curve("curve here", &|point| point.here);
    curve("curve", &|point| point.modules_done);
    drawing.line("curve", 12.0, 11.0, 52.0, 11.0);
    let done = format!("{} {}", last.modules_done, words.modules_done);
    drawing.text("label", "start", 60.0, 16.0, &done);
    drawing.line("curve here", WIDTH / 2.0, 11.0, WIDTH / 2.0 + 40.0, 11.0);
    let here = format!("{} {}", last.here, words.here);
    drawing.text("label", "start", WIDTH / 2.0 + 48.0, 16.0, &here);
    let said = |point: &super::model::Point| {
        let (here, done) = (point.here.to_string(), point.modules_done.to_string());
        fill(words.time_said, &[&look.clock(point.at), &here, &done])
    };
    let said = format!("{}. {}", said(first), said(last));
    Some(drawing.finish("time", LOW + 28.0, words.time, &said))
}

/// Lines at round local times, eight at most.
fn axis(
    drawing: &mut Drawing,
    look: &Look,
    (from, to): (Timestamp, Timestamp),
    x: impl Fn(Timestamp) -> f64,
    low: f64,
) {
    drawing.line("rule", 0.0, low, WIDTH, low);
    for at in super::super::svg::round_times(&look.zone, from, to) {
        let place = x(at);
        drawing.line("grid", place, 30.0, place, low);
        drawing.text(
            "small",
            "middle",
            place.clamp(18.0, WIDTH - 18.0),
            low + 18.0,
            &look.clock(at),
        );
    }
}

/// How many attendees stand where in each module.
pub(super) fn funnel(page: &Snapshot, words: &Words) -> String {
    const ROW: f64 = 46.0;
    let mut drawing = Drawing::new();
    let mut said = Vec::new();
    for (row, module) in page.modules.iter().enumerate() {
        let y = number(row) * ROW;
        let parts = [
            ("cell done", module.done, words.s_done),
            ("cell part", module.working, words.s_working),
            ("cell regressed", module.regressed, words.s_regressed),
            ("cell", module.not_begun, words.s_open),
        ];
        let all = number(parts.iter().map(|(_, count, _)| *count).sum::<usize>().max(1));
        let counts: Vec<String> = parts[..3]
            .iter()
            .filter(|(_, count, _)| *count > 0)
            .map(|(_, count, name)| format!("{count} {name}"))
            .collect();
        let counts = counts.join(" · ");
        let name = format!("{} {}", module.module, module.title);
        let room = WIDTH - wide(&counts) - 16.0;
        drawing.text("label", "start", 0.0, y + 15.0, &clip(&name, room));
        drawing.text("quiet", "end", WIDTH, y + 15.0, &counts);
        let mut x = 1.0;
        for (class, count, _) in parts {
            let width = number(count) / all * (WIDTH - 2.0);
            if width > 0.0 {
                drawing.rect(class, x, y + 22.0, width, 14.0);
                x += width;
            }
        }
        said.push(format!("{name}: {counts}"));
    }
    drawing.finish("funnel", number(page.modules.len()) * ROW, words.funnel, &said.join(". "))
}

/// What is left of the event: nothing once it is over, a day at most.
pub(super) fn left(ends: Timestamp, now: Timestamp) -> Option<u32> {
    let left = ends.duration_since(now).min(SignedDuration::from_hours(24));
    // A minute that has begun counts: at its end nothing is left.
    u32::try_from((left.as_secs() + 59) / 60).ok().filter(|minutes| *minutes > 0)
}
