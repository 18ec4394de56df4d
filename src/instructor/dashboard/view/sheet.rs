//! Windows that are read, and may ask something: every key, a message before it is sent, the roster
//! before it is proven.

use ratatui::layout::Rect;

use crate::i18n::fill;
use crate::instructor::dashboard::action::ENTRIES;
use crate::instructor::dashboard::model::{Draft, Model, Sheet};
use crate::markdown::{Row, Span, Tone, width};
use crate::tui::kit::{self, Painter, Rows, bold};

/// How many rows the open sheet has, and how many are seen.
pub(in crate::instructor::dashboard) fn extent(model: &Model) -> (usize, usize) {
    let screen = Rect::new(0, 0, model.size.0, model.size.1);
    let Some(sheet) = &model.sheet else { return (0, 1) };
    let rows = rows(model, sheet, kit::columns(screen)).len();
    (rows, kit::height(screen, rows).into())
}

pub(super) fn draw(painter: &mut Painter<'_>, model: &Model, sheet: &Sheet, screen: Rect) {
    let words = model.words();
    let rows = rows(model, sheet, kit::columns(screen));
    let (title, keys) = match sheet {
        Sheet::Keys => (model.common().help_title.to_owned(), model.common().help_close),
        Sheet::Send(Draft { to: None, .. }) => {
            let here = model.crowd.totals().here.to_string();
            (fill(words.send_all_title, &[&here]), words.send_keys)
        }
        Sheet::Send(Draft { to: Some((_, name)), .. }) => {
            (fill(words.send_one_title, &[name]), words.send_keys)
        }
        Sheet::ProveAll => (words.prove_title.to_owned(), words.prove_keys),
    };
    let more = rows.len() > usize::from(kit::height(screen, rows.len()));
    let more = if more { format!("   {}", model.common().more_keys) } else { String::new() };
    kit::sheet(painter, screen, (&title, &format!("{keys}{more}")), &rows, (model.sheet_scroll, 0));
}

fn rows(model: &Model, sheet: &Sheet, columns: u16) -> Vec<Row> {
    let words = model.words();
    let mut page = Rows { rows: Vec::new(), columns: columns.into() };
    match sheet {
        Sheet::Keys => keys(model, &mut page),
        Sheet::Send(draft) => {
            page.text(&draft.text, bold(Tone::Text));
            page.gap();
            page.text(&fill(words.send_lifetime, &[&draft.minutes.to_string()]), Tone::Text);
            page.text(words.send_note, Tone::Dim);
        }
        Sheet::ProveAll => {
            let count = model.roster.as_ref().map_or(0, std::collections::BTreeSet::len);
            page.text(&fill(words.prove_all, &[&count.to_string()]), Tone::Text);
            page.gap();
            page.text(words.prove_note, Tone::Dim);
        }
    }
    page.rows
}

/// Every key, then what the map's signs mean.
fn keys(model: &Model, page: &mut Rows) {
    let words = model.words();
    let lines = ENTRIES.iter().map(|entry| (model.keys.shown(entry.action), (entry.help)(words)));
    let mouse = model.keys.mouse().then(|| (model.common().mouse.to_owned(), words.by_mouse));
    let lines: Vec<(String, &str)> = lines.chain(mouse).collect();
    list(page, &lines);
    page.heading(words.signs_title);
    let sign = |sign: &str, meaning: &'static str| (sign.to_owned(), meaning);
    let signs = super::map::Signs::of(model.theme);
    let signs = [
        sign(signs.help, words.sign_help),
        sign(signs.attended, words.sign_attended),
        sign(signs.stuck, words.sign_stuck),
        sign(signs.away, words.sign_away),
        sign(signs.unreadable, words.sign_unreadable),
        sign(signs.not_begun, words.sign_not_begun),
        sign("3", words.sign_working),
        sign(signs.done, words.sign_done),
        sign(signs.regressed, words.sign_regressed),
        sign(&signs.done.repeat(2), words.sign_proven),
        sign(&format!("{}!", signs.done), words.sign_not_proven),
    ];
    list(page, &signs);
}

fn list(page: &mut Rows, lines: &[(String, &str)]) {
    let longest = lines.iter().map(|(lead, _)| width(lead)).max().unwrap_or(0);
    for (lead, text) in lines {
        let space = " ".repeat(longest + 2 - width(lead));
        page.hanging(&Span::new(format!("{lead}{space}"), Tone::Text), text, Tone::Text);
    }
}
