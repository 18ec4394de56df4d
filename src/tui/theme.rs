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

#[cfg(test)]
mod tests {
    use super::*;

    const TONES: [Tone; 15] = [
        Tone::Text,
        Tone::Dim,
        Tone::Heading,
        Tone::Code,
        Tone::Link,
        Tone::Placeholder,
        Tone::Notice,
        Tone::Warning,
        Tone::Added,
        Tone::Removed,
        Tone::Keyword,
        Tone::Literal,
        Tone::Comment,
        Tone::Number,
        Tone::Name,
    ];

    #[test]
    fn colours_can_be_read_on_light_and_on_dark() {
        // Of the sixteen, those that neither a light nor a dark background swallows.
        let readable = [Color::Red, Color::Green, Color::Blue, Color::Magenta, Color::Cyan];
        let theme = Theme { colour: true, ascii: false, hyperlinks: false };
        assert_eq!(TONES.map(|tone| tone as usize), std::array::from_fn(|at| at), "all of them");
        for tone in TONES {
            let style = theme.face(tone.into());
            assert!(style.fg.is_none_or(|colour| readable.contains(&colour)), "{tone:?} {style:?}");
            assert_eq!(style.bg, None, "{tone:?}: the background is the terminal's");
        }
    }

    #[test]
    fn without_colour_there_is_none() {
        let theme = Theme { colour: false, ascii: false, hyperlinks: false };
        for tone in TONES {
            let style = theme.face(tone.into());
            assert_eq!((style.fg, style.bg), (None, None), "{tone:?}");
        }
    }

    #[test]
    fn verdicts_differ_in_their_signs_and_words() {
        use Verdict::{Blocked, CannotTell, Fail, Pass, Skipped, Waiting};
        let verdicts = [Pass, Fail, Waiting, Blocked, CannotTell, Skipped];
        let all = verdicts.map(StepStatus::Judged).into_iter().chain([StepStatus::Unknown]);
        let all: Vec<StepStatus> = all.collect();
        for ascii in [false, true] {
            let theme = Theme { colour: false, ascii, hyperlinks: false };
            let mut signs: Vec<&str> = all.iter().map(|&status| theme.sign(status)).collect();
            signs.sort_unstable();
            signs.dedup();
            assert_eq!(signs.len(), all.len(), "{signs:?}");
            assert!(!ascii || signs.concat().is_ascii());
        }
    }
}
