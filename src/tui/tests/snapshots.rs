//! Each screen as files: in two sizes, both languages, with and without colour.
//!
//! A file under `snapshots/` holds one screen. Its text is the same with and without colour (the
//! test says so), and stands there once a size and language; below it the looks, with colour and
//! without: rows, then columns with their look. Read a changed file before you take it:
//! `INSTA_UPDATE=always cargo test tui::tests::snapshots` writes it anew. In CI a missing file fails.

use std::fmt::Write as _;

use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell, CellWidth as _};
use ratatui::style::Color;
use ratatui::{Frame, Terminal};
use serde_json::json;

use super::fixture::*;
use super::work::{edit_plan, ended, prepared, printed, run_plan};
use crate::check::{CheckResult, Verdict};
use crate::i18n::Lang;
use crate::tui::*;

/// The way to a screen, from the practice account's first page.
pub(super) type Way = fn(&mut Learner);

/// What an account or a check says in the learner's language.
pub(super) fn said<'a>(learner: &Learner, en: &'a str, ja: &'a str) -> &'a str {
    if learner.model.lang == Lang::Ja { ja } else { en }
}

fn at_work(size: (u16, u16), lang: Lang, theme: Theme) -> Learner {
    let mut learner = Learner { model: Model::new(theme, lang, size) };
    learner.tell(Msg::Course(Ok(course_with_japanese(SETUP_PAGE_JA))));
    learner.tell(Msg::Chosen(Some(Choice::Practice)));
    learner.tell(Msg::Account(Ok(practice())));
    learner.tell(Msg::Past(Past::default()));
    learner
}

/// A screen: its text, and its cells.
pub(crate) struct Look {
    pub(crate) lines: Vec<String>,
    pub(crate) cells: Buffer,
}

impl Look {
    /// What is drawn on a screen of that size.
    pub(crate) fn of((columns, rows): (u16, u16), draw: impl FnOnce(&mut Frame<'_>)) -> Self {
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).expect("in memory");
        terminal.draw(draw).expect("in memory");
        let cells = terminal.backend().buffer().clone();
        let line = |y| {
            let mut line = String::new();
            let mut x = 0;
            while x < columns {
                let symbol = cells[(x, y)].symbol();
                line.push_str(symbol);
                x += symbol.cell_width().max(1);
            }
            line.trim_end().to_owned()
        };
        let lines = (0..rows).map(line).collect();
        Self { lines, cells }
    }
}

/// Compares a screen with its file.
#[track_caller]
pub(super) fn looks_like(name: &str, way: Way) {
    assert_looks(name, |size, lang, colour| {
        let mut learner = at_work(size, lang, if colour { COLOUR } else { PLAIN });
        way(&mut learner);
        learner.look()
    });
}

/// Compares a screen, by size, language and whether there are colours, with its file.
#[track_caller]
pub(crate) fn assert_looks(name: &str, at: impl Fn((u16, u16), Lang, bool) -> Look) {
    let mut file = String::new();
    for size in [(80, 24), (140, 45)] {
        for lang in [Lang::En, Lang::Ja] {
            let [plain, coloured] = [false, true].map(|colour| at(size, lang, colour));
            assert_eq!(plain.lines, coloured.lines, "the words don't depend on colours");
            let (columns, rows) = size;
            let _ = writeln!(file, "\n======== {columns}x{rows}, {}", lang.tag());
            for (y, line) in plain.lines.iter().enumerate() {
                let _ = writeln!(file, "{}", format!("{y:2}│{line}").trim_end());
            }
            let _ = writeln!(file, "-------- with colour\n{}", looks(&coloured.cells));
            let _ = writeln!(file, "-------- without\n{}", looks(&plain.cells));
        }
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, file));
}

/// A row for each row that has looks, or for several with the same ones.
fn looks(cells: &Buffer) -> String {
    let columns = usize::from(cells.area.width);
    let mut rows: Vec<(usize, usize, String)> = Vec::new();
    for (y, row) in cells.content.chunks(columns).enumerate() {
        let runs = runs(row);
        match rows.last_mut() {
            Some((_, last, before)) if *last + 1 == y && *before == runs => *last = y,
            _ => rows.push((y, y, runs)),
        }
    }
    let rows = rows.into_iter().filter(|(.., runs)| !runs.is_empty());
    let shown = rows.map(|(first, last, runs)| format!("{}: {runs}", range(first, last)));
    shown.collect::<Vec<_>>().join("\n")
}

/// The looks of a row: `2-9 bold, 24 dim`.
fn runs(row: &[Cell]) -> String {
    let mut looks: Vec<String> = row.iter().map(look).collect();
    for x in (1..row.len()).filter(|x| row[x - 1].cell_width() > 1) {
        looks[x] = looks[x - 1].clone();
    }
    let mut start = 0;
    let mut runs = Vec::new();
    for same in looks.chunk_by(|one, next| one == next) {
        if !same[0].is_empty() {
            runs.push(format!("{} {}", range(start, start + same.len() - 1), same[0]));
        }
        start += same.len();
    }
    runs.join(", ")
}

fn range(first: usize, last: usize) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

/// A cell's look; none where it is the terminal's own.
fn look(cell: &Cell) -> String {
    let colour = |sign: &str, colour: Color| match colour {
        Color::Reset => None,
        colour => Some(format!("{sign}{}", colour.to_string().to_lowercase())),
    };
    let modifiers = cell.modifier.iter_names().map(|(name, _)| name.to_lowercase());
    let colours = [colour("", cell.fg), colour("on ", cell.bg)].into_iter().flatten();
    colours.chain(modifiers).collect::<Vec<_>>().join(" ")
}

/// A failed check with what is wrong, a check that passed, and one that couldn't look.
pub(super) fn with_verdicts(learner: &mut Learner) {
    let fail = said(learner, "There is no stack.", "スタックがありません。");
    let unsure = said(
        learner,
        "The credentials expired. Sign in again.",
        "認証情報の期限が切れました。もう一度サインインしてください。",
    );
    let gone = ["CustomizeUnicorns (us-east-1)", "GET /customizations/{id}"];
    let first = vec![
        with_basis(result("stack-is-there", Verdict::Fail, fail, &gone), &evidence()),
        result("bucket-is-there", Verdict::Pass, said(learner, "Holds.", "成立しています。"), &[]),
    ];
    learner.verifies("v", vec![("0a", first[0].clone())]);
    learner.verifies(
        "A",
        vec![
            ("0a", first[0].clone()),
            ("0b", result("api-answers", Verdict::CannotTell, unsure, &[])),
        ],
    );
    learner.model.results.insert("0a".into(), first);
}

fn with_basis(mut result: CheckResult, basis: &serde_json::Value) -> CheckResult {
    result.basis = serde_json::from_value(basis.clone()).expect("a basis");
    result
}

fn evidence() -> serde_json::Value {
    json!({
        "rules": [{
            "rule": "app_stack.status == \"CREATE_COMPLETE\"", "must": "hold", "holds": false,
            "read": { "app_stack.status": "ROLLBACK_COMPLETE" },
        }],
        "facts": [
            { "fact": "app_stack", "kind": "config", "actions": ["cloudformation:DescribeStacks"],
              "rests_on": [], "at": "2026-11-28T09:00:05.1Z", "seconds": 0.214 },
            { "fact": "calls", "kind": "probe", "actions": [], "rests_on": ["deployment"],
              "at": "2026-11-28T09:00:07Z", "seconds": 1.5 },
        ],
    })
}

#[test]
fn first_start() {
    looks_like("first_start", |learner| {
        *learner = Learner {
            model: Model::new(learner.model.theme, learner.model.lang, learner.model.size),
        };
        learner.tell(Msg::Course(Ok(course_with_japanese(SETUP_PAGE_JA))));
        learner.tell(Msg::Chosen(None));
        learner.tell(Msg::Profiles(vec![Some("workshop".into()), None]));
        learner.press("j");
    });
}

#[test]
fn page_with_verdicts_and_a_hint() {
    looks_like("page_with_verdicts_and_a_hint", |learner| {
        learner.tell(Msg::Values(known_values()));
        with_verdicts(learner);
        learner.press("h");
    });
}

#[test]
fn marked_code() {
    looks_like("marked_code", |learner| drop(learner.press("n]]")));
}

#[test]
fn map_with_a_plan() {
    looks_like("map_with_a_plan", |learner| {
        learner.at("09:00");
        learner.tell(Msg::Ends(Some(instant("10:30"))));
        with_verdicts(learner);
        learner.press("\x1bm");
        learner.tell(Msg::Spent([(0.into(), 12)].into()));
        learner.press("j");
    });
}

#[test]
fn search_with_hits() {
    looks_like("search_with_hits", |learner| {
        let word = said(learner, "deploy", "デプロイ").to_owned();
        learner.searches(&word);
        learner.press("↓");
    });
}

#[test]
fn palette() {
    looks_like("palette", |learner| {
        let word = said(learner, "step", "ステップ");
        learner.press(":");
        learner.press(word);
        learner.press("↓");
    });
}

#[test]
fn help() {
    looks_like("help", |learner| drop(learner.press("?")));
}

#[test]
fn help_at_its_end() {
    looks_like("help_at_its_end", |learner| drop(learner.press("?G")));
}

#[test]
fn solution_asked() {
    looks_like("solution_asked", |learner| drop(learner.press("nns")));
}

#[test]
fn commands_asked() {
    looks_like("commands_asked", |learner| {
        learner.press("]x");
        learner.tell(prepared(Plan::Run(run_plan())));
    });
}

#[test]
fn change_asked() {
    looks_like("change_asked", |learner| {
        learner.press("x");
        let file = "Name: unicorns\nOpen: true\nStage: dev\n";
        learner.tell(prepared(Plan::Edit(edit_plan(file))));
    });
}

#[test]
fn change_that_does_not_fit() {
    looks_like("change_that_does_not_fit", |learner| {
        learner.press("x");
        let near =
            crate::course::Near { line: 7, expected: "a: 1".into(), found: Some("a:  1".into()) };
        let excerpt = vec![(6, "before".into()), (7, "a:  1".into()), (8, "after".into())];
        let mut plan = edit_plan("Open: no\n");
        plan.fit = Fit::Misfit { expected: vec!["a: 1".into()], near: Some(near), excerpt };
        learner.tell(prepared(Plan::Edit(plan)));
    });
}

#[test]
fn evidence_of_a_check() {
    looks_like("evidence_of_a_check", |learner| {
        with_verdicts(learner);
        learner.press("e");
    });
}

#[test]
fn output_of_a_command() {
    looks_like("output_of_a_command", |learner| {
        learner.press("]x");
        learner.tell(prepared(Plan::Run(run_plan())));
        learner.press("\n");
        learner.waits(12);
        let lines = ["Waiting for changeset to be created..", "Failed to create: 権限がありません"];
        learner.tell(printed(1, &lines));
        learner.tell(ended(1, Some(254), false));
    });
}

#[test]
fn output_of_a_running_command() {
    looks_like("output_of_a_running_command", |learner| {
        learner.press("]x");
        learner.tell(prepared(Plan::Run(run_plan())));
        learner.press("\n");
        learner.tell(printed(1, &["Waiting for changeset to be created.."]));
        learner.waits(75);
    });
}

#[test]
fn questions_with_one_answer() {
    looks_like("questions_with_one_answer", |learner| drop(learner.press("rr")));
}

#[test]
fn waiting_for_a_change() {
    looks_like("waiting_for_a_change", |learner| {
        let wait = said(
            learner,
            "A change takes a while to show: up to 45 s more. There is no stack.",
            "変更の反映を待っています。残り約 45 秒です。スタックがありません。",
        );
        let basis = json!({ "settle": { "since": "2026-11-28T09:00:00Z", "seconds_left": 45 } });
        let waiting = result("stack-is-there", Verdict::Waiting, wait, &[]);
        learner.verifies("v", vec![("0a", with_basis(waiting, &basis))]);
        learner.press("\x1b");
        learner.waits(1);
    });
}

#[test]
fn trouble() {
    looks_like("trouble", |learner| {
        let message = said(learner, "No connection to AWS.", "AWS に接続できません。");
        let remedy = said(
            learner,
            "Check the network, then open the account again.",
            "ネットワークを確認し、もう一度アカウントを開いてください。",
        );
        let trouble = Trouble::new(message, remedy);
        learner.tell(Msg::Account(Err(trouble)));
    });
}

#[test]
fn leaving_while_a_command_runs() {
    looks_like("leaving_while_a_command_runs", |learner| {
        learner.press("]x");
        learner.tell(prepared(Plan::Run(run_plan())));
        learner.press("\nq");
    });
}
