//! Looks: sixteen colours at most, readable on light and dark, and nothing by colour alone.

use ratatui::style::{Color, Modifier, Style};

use crate::check::Verdict;
use crate::i18n::Words;
use crate::markdown::{Face, Labels, Tone};

use super::standing::StepStatus;

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Colours; off under NO_COLOR.
    pub colour: bool,
    /// ASCII only, where the locale isn't UTF-8.
    pub ascii: bool,
    /// Links the terminal can open (OSC 8).
    pub hyperlinks: bool,
}

impl Theme {
    /// From the environment: NO_COLOR, TERM, and the locale.
    pub fn from_env() -> Self {
        let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let term = var("TERM").unwrap_or_default();
        let plain = matches!(term.as_str(), "dumb" | "linux" | "vt100" | "vt220");
        let locale = var("LC_ALL").or_else(|| var("LC_CTYPE")).or_else(|| var("LANG"));
        let utf8 = locale.is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        Self {
            colour: var("NO_COLOR").is_none() && term != "dumb",
            ascii: !utf8,
            hyperlinks: !plain,
        }
    }

    /// A span's style.
    pub fn face(self, face: Face) -> Style {
        let mut style = self.tone(face.tone);
        if face.bold {
            style = style.add_modifier(Modifier::BOLD);
        }
        if face.italic {
            style = style.add_modifier(Modifier::ITALIC);
        }
        if face.strike {
            style = style.add_modifier(Modifier::CROSSED_OUT);
        }
        style
    }

    fn tone(self, tone: Tone) -> Style {
        let plain = Style::new();
        let code = |color| if self.colour { plain.fg(color) } else { plain };
        match tone {
            Tone::Text => plain,
            Tone::Dim => plain.add_modifier(Modifier::DIM),
            Tone::Heading | Tone::Code | Tone::Name | Tone::Notice => code(Color::Cyan),
            Tone::Link => plain.add_modifier(Modifier::UNDERLINED),
            Tone::Placeholder => code(Color::Magenta).add_modifier(Modifier::BOLD),
            Tone::Warning | Tone::Removed => code(Color::Red),
            Tone::Added | Tone::Literal => code(Color::Green),
            Tone::Keyword | Tone::Number => code(Color::Magenta),
            Tone::Comment => {
                if self.colour {
                    plain.add_modifier(Modifier::DIM)
                } else {
                    plain
                }
            }
        }
    }

    /// A verdict's tone.
    pub fn verdict_tone(status: StepStatus) -> Tone {
        match status {
            StepStatus::Judged(Verdict::Pass) | StepStatus::ProvenBefore => Tone::Added,
            StepStatus::Judged(Verdict::Fail) | StepStatus::Regressed => Tone::Warning,
            StepStatus::Judged(Verdict::Waiting | Verdict::CannotTell) => Tone::Placeholder,
            StepStatus::Judged(Verdict::Blocked | Verdict::Skipped) | StepStatus::Unknown => {
                Tone::Dim
            }
        }
    }

    /// A verdict's sign, one column.
    pub fn sign(self, status: StepStatus) -> &'static str {
        let (sign, ascii) = match status {
            StepStatus::Judged(Verdict::Pass) | StepStatus::ProvenBefore => ("✓", "+"),
            StepStatus::Judged(Verdict::Fail) | StepStatus::Regressed => ("✗", "x"),
            StepStatus::Judged(Verdict::Waiting) => ("~", "~"),
            StepStatus::Judged(Verdict::CannotTell) => ("?", "?"),
            StepStatus::Judged(Verdict::Blocked) => ("-", "-"),
            StepStatus::Judged(Verdict::Skipped) => ("»", ">"),
            StepStatus::Unknown => (" ", " "),
        };
        if self.ascii { ascii } else { sign }
    }

    /// A verdict's word.
    pub fn word(status: StepStatus, words: &Words) -> &'static str {
        match status {
            StepStatus::Judged(Verdict::Pass) => words.pass,
            StepStatus::Judged(Verdict::Fail) => words.fail,
            StepStatus::Judged(Verdict::Waiting) => words.waiting,
            StepStatus::Judged(Verdict::Blocked) => words.blocked,
            StepStatus::Judged(Verdict::CannotTell) => words.cannot_tell,
            StepStatus::Judged(Verdict::Skipped) => words.skipped,
            StepStatus::Unknown => words.unknown,
            StepStatus::ProvenBefore => words.proven_before,
            StepStatus::Regressed => words.regressed,
        }
    }

    /// The words and signs that layout adds to pages.
    pub fn labels(self, words: &Words) -> Labels {
        let alerts =
            [words.m_note, words.m_tip, words.m_important, words.m_warning, words.m_caution];
        let labels = Labels {
            alerts,
            links: words.m_links,
            shell: words.m_shell,
            change: words.m_change,
            ..Labels::default()
        };
        if !self.ascii {
            return labels;
        }
        Labels {
            line: "-",
            bar: "|",
            corners: ["+", "+"],
            cross: "+",
            bullets: ["*", "-"],
            ..labels
        }
    }
}
