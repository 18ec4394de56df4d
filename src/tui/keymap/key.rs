//! A key by its name: as files, help and footer write it.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Keys with names of their own, as they are shown.
const NAMED: &[(&str, KeyCode)] = &[
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("Space", KeyCode::Char(' ')),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
    ("Backspace", KeyCode::Backspace),
    ("Delete", KeyCode::Delete),
    ("Insert", KeyCode::Insert),
];
/// The last function key that terminals send.
const FUNCTION: u8 = 12;
/// The modifiers, in the order in which they are shown.
const MODIFIERS: &[(&str, KeyModifiers)] =
    &[("Ctrl", KeyModifiers::CONTROL), ("Alt", KeyModifiers::ALT), ("Shift", KeyModifiers::SHIFT)];

/// A key that can be pressed in a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// Why a name is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is no such key.
    #[error("there is no key `{0}`")]
    Unknown(String),
    /// Terminals send something else for it.
    #[error("a terminal sends {1} for `{0}`")]
    SentAs(String, &'static str),
    /// Terminals don't send it.
    #[error("a terminal doesn't send `{0}`")]
    Unsent(String),
}

impl Key {
    /// Ctrl-C, which always stops or leaves.
    pub(super) const CTRL_C: Self =
        Self { code: KeyCode::Char('c'), modifiers: KeyModifiers::CONTROL };

    /// A key by its name: `v`, `V`, `Ctrl-S`, `Shift-Tab`, `PgDn`, `F5`. Names and modifiers may be
    /// written in any case; a letter's case is the letter.
    ///
    /// # Errors
    /// Why there is no such key.
    pub fn parse(name: &str) -> Result<Self, KeyError> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = name;
        // A last `-` is the key itself.
        while let Some((head, tail)) = rest.split_once('-').filter(|(_, tail)| !tail.is_empty()) {
            let found = MODIFIERS.iter().find(|(name, _)| name.eq_ignore_ascii_case(head));
            let Some((_, modifier)) = found else { break };
            modifiers |= *modifier;
            rest = tail;
        }
        let code = code_of(rest).ok_or_else(|| KeyError::Unknown(name.to_owned()))?;
        let key = Self { code, modifiers };
        key.check(name)?;
        Ok(key.normal())
    }

    /// What terminals can't tell from another key, or don't send.
    fn check(self, name: &str) -> Result<(), KeyError> {
        let KeyCode::Char(letter) = self.code else { return Ok(()) };
        let sent_as = |key| Err(KeyError::SentAs(name.to_owned(), key));
        if self.modifiers.contains(KeyModifiers::SHIFT) && letter != ' ' {
            return sent_as("the capital letter or the other sign on it");
        }
        if !self.modifiers.contains(KeyModifiers::CONTROL) {
            return Ok(());
        }
        match letter.to_ascii_lowercase() {
            'i' => sent_as("Tab"),
            'm' => sent_as("Enter"),
            '[' => sent_as("Esc"),
            'a'..='z' | ' ' => Ok(()),
            _ => Err(KeyError::Unsent(name.to_owned())),
        }
    }

    /// The key of an event.
    pub(crate) fn of(event: &KeyEvent) -> Self {
        let known = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT;
        Self { code: event.code, modifiers: event.modifiers & known }.normal()
    }

    /// The one form of keys that terminals report in several.
    fn normal(self) -> Self {
        let Self { mut code, mut modifiers } = self;
        match code {
            KeyCode::Char(letter) if letter != ' ' => {
                modifiers.remove(KeyModifiers::SHIFT);
                if modifiers.contains(KeyModifiers::CONTROL) {
                    code = KeyCode::Char(letter.to_ascii_lowercase());
                }
            }
            KeyCode::BackTab => {
                code = KeyCode::Tab;
                modifiers.insert(KeyModifiers::SHIFT);
            }
            _ => {}
        }
        Self { code, modifiers }
    }

    /// The same key without Shift; none where it has none, or is another key with it.
    pub(super) fn without_shift(self) -> Option<Self> {
        let shift = self.modifiers.contains(KeyModifiers::SHIFT) && self.code != KeyCode::Tab;
        shift.then(|| Self { modifiers: self.modifiers - KeyModifiers::SHIFT, ..self })
    }

    /// Whether a text field takes it: a letter or sign.
    pub(crate) fn is_text(self) -> bool {
        let held = self.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        matches!(self.code, KeyCode::Char(_)) && !held
    }
}

fn code_of(name: &str) -> Option<KeyCode> {
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        let shown = !letter.is_control() && !letter.is_whitespace();
        return shown.then_some(KeyCode::Char(letter));
    }
    if let Some((_, code)) = NAMED.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
        return Some(*code);
    }
    let number = name.strip_prefix(['f', 'F'])?;
    let plain = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    let number = number.parse().ok().filter(|number| plain && (1..=FUNCTION).contains(number))?;
    Some(KeyCode::F(number))
}

impl fmt::Display for Key {
    /// The name that [`Key::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, modifier) in MODIFIERS {
            if self.modifiers.contains(*modifier) {
                write!(f, "{name}-")?;
            }
        }
        if let Some((name, _)) = NAMED.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(letter) if self.modifiers.contains(KeyModifiers::CONTROL) => {
                write!(f, "{}", letter.to_ascii_uppercase())
            }
            KeyCode::Char(letter) => write!(f, "{letter}"),
            other => write!(f, "{other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: KeyCode, modifiers: KeyModifiers) -> Key {
        Key::of(&KeyEvent::new(code, modifiers))
    }

    #[test]
    fn names_are_keys_in_any_case_and_come_back_as_they_are_shown() {
        for (name, shown) in [
            ("v", "v"),
            ("V", "V"),
            ("ctrl-s", "Ctrl-S"),
            ("CTRL-S", "Ctrl-S"),
            ("alt-x", "Alt-x"),
            ("shift-tab", "Shift-Tab"),
            ("pgdn", "PgDn"),
            ("f12", "F12"),
            ("-", "-"),
            ("alt--", "Alt--"),
            ("ctrl-alt-up", "Ctrl-Alt-Up"),
            ("日", "日"),
            ("space", "Space"),
        ] {
            let key = Key::parse(name).unwrap();
            assert_eq!(key.to_string(), shown);
            assert_eq!(Key::parse(shown), Ok(key));
        }
    }

    #[test]
    fn what_a_terminal_reports_is_the_key_of_the_name() {
        let shift = KeyModifiers::SHIFT;
        assert_eq!(of(KeyCode::Char('V'), shift), Key::parse("V").unwrap());
        assert_eq!(of(KeyCode::BackTab, shift), Key::parse("Shift-Tab").unwrap());
        assert_eq!(of(KeyCode::BackTab, KeyModifiers::NONE), Key::parse("Shift-Tab").unwrap());
        let control = KeyModifiers::CONTROL;
        assert_eq!(of(KeyCode::Char('S'), control | shift), Key::parse("Ctrl-S").unwrap());
    }

    #[test]
    fn what_no_terminal_sends_is_no_key() {
        for name in ["", "vv", "hyper-x", "f0", "f13", "f01", "ctrl-", " ", "\u{7}"] {
            assert_eq!(Key::parse(name), Err(KeyError::Unknown(name.to_owned())));
        }
        for (name, why) in [
            ("ctrl-i", "a terminal sends Tab for `ctrl-i`"),
            ("Ctrl-M", "a terminal sends Enter for `Ctrl-M`"),
            ("ctrl-1", "a terminal doesn't send `ctrl-1`"),
            (
                "shift-v",
                "a terminal sends the capital letter or the other sign on it for `shift-v`",
            ),
        ] {
            assert_eq!(Key::parse(name).unwrap_err().to_string(), why);
        }
    }
}
