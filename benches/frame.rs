//! Frames of the attendee's interface: the longest page at 120×40, wrapped, drawn, and from a key
//! to the frame. The figures to reach are p99 1 ms a frame and 2 ms from key to frame.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use stepproof::course::{Course, Part, PartId};
use stepproof::i18n::Lang;
use stepproof::markdown::{Labels, highlight, layout, parse};
use stepproof::tui::{Action, Effect, Model, Msg, Theme, draw, update};

const SIZE: (u16, u16) = (120, 40);

/// The part with the longest page, and that page.
fn longest(course: &Course) -> (PartId, String) {
    let values = course.values(&BTreeMap::new());
    let done = std::collections::BTreeSet::new();
    let page = |part: Part<'_>| {
        let page = course.render(part.id, "en", &values, &done).ok().flatten()?;
        let text: String = page.sections.iter().map(|s| s.markdown.as_str()).collect();
        Some((part.id, text))
    };
    course
        .parts()
        .filter_map(page)
        .max_by_key(|(_, text)| text.len())
        .expect("the course has pages")
}

fn model(course: &Arc<Course>, part: PartId) -> Model {
    let theme = Theme { colour: true, ascii: false, hyperlinks: true };
    let mut model = Model::new(theme, Lang::En, SIZE);
    let _ = update(&mut model, Msg::Course(Ok(Arc::clone(course))));
    let listed = model.listed().iter().position(|&listed| listed == part).unwrap_or(0);
    let act = |model: &mut Model, action| drop(update(model, Msg::Act(action)));
    act(&mut model, Action::PreviousPane);
    act(&mut model, Action::Top);
    for _ in 0..listed {
        act(&mut model, Action::Down);
    }
    act(&mut model, Action::Open);
    model
}

fn frames(bench: &mut Criterion) {
    let course = Arc::new(Course::embedded().expect("the embedded course"));
    let (part, text) = longest(&course);
    bench.bench_function("parse the longest page", |b| b.iter(|| parse(black_box(&text))));
    let document = parse(&text);
    let labels = Labels::default();
    bench.bench_function("wrap the longest page", |b| {
        b.iter(|| layout(black_box(&document), 48, &labels));
    });
    bench.bench_function("colour its code", |b| {
        b.iter(|| document.codes.iter().map(|code| highlight(code).len()).sum::<usize>());
    });
    let mut model = model(&course, part);
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("in memory");
    bench.bench_function("draw a frame", |b| {
        b.iter(|| {
            terminal.draw(|frame| draw(frame, black_box(&model))).expect("in memory");
        });
    });
    let mut down = true;
    bench.bench_function("key, update, draw", |b| {
        b.iter(|| {
            let action = if down { Action::PageDown } else { Action::PageUp };
            down = !down;
            drop(update(&mut model, Msg::Act(action)));
            terminal.draw(|frame| draw(frame, &model)).expect("in memory");
        });
    });
    bench.bench_function("resize, wrap again, draw", |b| {
        let mut columns = 120;
        b.iter(|| {
            columns = if columns == 120 { 119 } else { 120 };
            drop(update(&mut model, Msg::Resize(columns, 40)));
            drop(update(&mut model, Msg::Resize(SIZE.0, SIZE.1)));
            terminal.draw(|frame| draw(frame, &model)).expect("in memory");
        });
    });
}

/// The map, and a search over all pages: while a word is typed, and on a page full of results.
fn finding(bench: &mut Criterion) {
    let course = Arc::new(Course::embedded().expect("the embedded course"));
    let (module, _) = longest(&course);
    let mut model = model(&course, module);
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("in memory");
    let mut draw_it = |bench: &mut Criterion, what: &str, model: &Model| {
        bench.bench_function(what, |b| {
            b.iter(|| {
                terminal.draw(|frame| draw(frame, black_box(model))).expect("in memory");
            });
        });
    };
    drop(update(&mut model, Msg::Act(Action::Map)));
    draw_it(bench, "draw the map", &model);
    drop(update(&mut model, Msg::Act(Action::Map)));
    let asked = update(&mut model, Msg::Act(Action::Search));
    let Some(Effect::Index(request)) = asked.into_iter().next() else { return };
    bench.bench_function("read all pages for a search", |b| b.iter(|| request.build()));
    drop(update(&mut model, Msg::Index(Arc::new(request.build()))));
    let key = |code| Msg::Key(KeyEvent::new(code, KeyModifiers::NONE));
    bench.bench_function("a letter and its removal, in the search", |b| {
        b.iter(|| {
            drop(update(&mut model, key(KeyCode::Char('z'))));
            drop(update(&mut model, key(KeyCode::Backspace)));
        });
    });
    drop(update(&mut model, key(KeyCode::Char('e'))));
    draw_it(bench, "draw the list of results", &model);
    drop(update(&mut model, key(KeyCode::Enter)));
    draw_it(bench, "draw a page full of results", &model);
}

criterion_group!(benches, frames, finding);
criterion_main!(benches);
