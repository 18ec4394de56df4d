//! The pane of what a command prints.

use ratatui::layout::Rect;

use crate::i18n::fill;
use crate::markdown::Tone;
use crate::tui::model::Model;
use crate::tui::shell::{Shell, ShellState};
use crate::tui::update::time;
use crate::tui::work::Stop;

use super::areas::{areas, below_title};
use super::paint::Painter;

pub(super) fn draw(painter: &mut Painter<'_>, model: &Model, area: Rect, focused: bool) {
    let Some(shell) = &model.shell else { return };
    let words = model.words();
    let state = state(model, shell);
    painter.title(area, &format!("{} · {}", words.output, shell.command), &state, focused);
    let text = below_title(area);
    if shell.output.is_empty() {
        let line = if shell.runs() { words.output_waiting } else { words.output_empty };
        painter.face(text.x, text.y, text.width, line, Tone::Dim);
        return;
    }
    let mut text = text;
    // Over the first line that is kept, where it is seen.
    let (columns, height) = (usize::from(text.width), usize::from(text.height));
    let rows = shell.visible(columns, height);
    let all = shell.output.count(columns);
    if shell.output.dropped > 0 && (shell.back + height >= all || rows.len() < height) {
        let line = fill(words.output_dropped, &[&shell.output.dropped.to_string()]);
        painter.face(text.x, text.y, text.width, &line, Tone::Dim);
        text = Rect { y: text.y + 1, height: text.height.saturating_sub(1), ..text };
    }
    let first = rows.len().saturating_sub(usize::from(text.height));
    let rows = if shell.back == 0 { &rows[first..] } else { &rows[..] };
    for (y, row) in (text.y..text.bottom()).zip(rows) {
        painter.face(text.x, y, text.width, row, Tone::Text);
    }
    painter.more(text.right(), text.y..text.bottom(), shell.back + height < all, shell.back > 0);
}

/// What is to be said of a command that runs while its pane isn't seen.
pub(super) fn unseen(model: &Model) -> Option<String> {
    let shell = model.shell.as_ref().filter(|shell| shell.runs())?;
    let seen = areas(model.size, model.focus()).is_some_and(|areas| areas.output.is_some());
    (!seen).then(|| format!("{}   {}", state(model, shell), shell.command))
}

/// How the command stands: at the right of the pane's title.
fn state(model: &Model, shell: &Shell) -> String {
    let words = model.words();
    let spent = time(shell.time(model.time.running), words);
    match &shell.state {
        ShellState::Running => fill(words.output_runs, &[&spent]),
        ShellState::Stopping(Stop::Kill) => fill(words.output_killing, &[&spent]),
        ShellState::Stopping(_) => fill(words.output_stopping, &[&spent]),
        ShellState::Refused(_) => words.output_refused.to_owned(),
        ShellState::Ended(ended) => match ended.code {
            _ if ended.stopped => fill(words.output_stopped, &[&spent]),
            Some(code) => fill(words.output_code, &[&code.to_string(), &spent]),
            None => fill(words.output_killed, &[&spent]),
        },
    }
}
