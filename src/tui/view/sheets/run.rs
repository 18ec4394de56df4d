//! Commands before they run: what exactly, where, on which account.

use crate::i18n::fill;
use crate::markdown::{CodeBlock, Span, Tone, highlight};
use crate::tui::model::{Account, Model};
use crate::tui::update::path_line;
use crate::tui::work::RunPlan;

use super::{Rows, bold};

pub(super) fn rows(model: &Model, plan: &RunPlan, page: &mut Rows) {
    let words = model.words();
    page.text(&fill(words.in_directory, &[&path_line(&plan.dir)]), Tone::Text);
    if let Account::Open(info) = &model.account {
        let kind = if model.is_practice() { words.practice } else { "AWS" };
        let text = fill(words.run_account, &[&format!("{kind} {}", info.account), &info.region]);
        page.text(&text, bold(Tone::Text));
    }
    page.gap();
    commands(model, &plan.script, page);
    page.gap();
    if !plan.missing.is_empty() {
        let text = fill(words.run_missing, &[&plan.missing.join(", ")]);
        page.hanging(&Span::new("! ", bold(Tone::Warning)), &text, Tone::Warning);
        page.gap();
    }
    page.text(words.run_no_input, Tone::Dim);
    let set = |(name, value): &(String, Option<String>)| match value {
        // Not a name that a learner should get used to seeing in full.
        Some(_) if name.contains("SECRET") => format!("{name}=..."),
        Some(value) => format!("{name}={value}"),
        None => fill(words.run_without, &[name]),
    };
    let settings: Vec<String> = plan.environment.iter().map(set).collect();
    if !settings.is_empty() {
        page.gap();
        page.text(&fill(words.run_environment, &[&settings.join("  ")]), Tone::Dim);
    }
}

/// The commands in their colours, a row each: they are never broken.
fn commands(model: &Model, script: &str, page: &mut Rows) {
    let mut code = CodeBlock { info: "sh".into(), text: script.to_owned(), ..CodeBlock::default() };
    code.tokens = Some(highlight(&code));
    let tokens = code.tokens.as_deref().unwrap_or_default();
    let bar = if model.theme.ascii { "| " } else { "│ " };
    for (number, line) in script.lines().enumerate() {
        let mut spans = Vec::new();
        let mut at = 0;
        for token in tokens.get(number).into_iter().flatten() {
            spans.push(Span::new(tabs(&line[at..token.range.start]), Tone::Text));
            spans.push(Span::new(tabs(&line[token.range.clone()]), token.tone));
            at = token.range.end;
        }
        spans.push(Span::new(tabs(&line[at..]), Tone::Text));
        page.code(vec![Span::new(bar, Tone::Dim)], spans);
    }
}

/// Code as it is shown: tabs are four columns.
pub(super) fn tabs(code: &str) -> String {
    crate::markdown::sanitize::clean(code).replace('\t', "    ")
}
