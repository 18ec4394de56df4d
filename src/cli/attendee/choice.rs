//! Which account the learner works in: by flag, by what was chosen earlier, and what there is to
//! choose from.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::cli::{Context, profiles};
use crate::tui::Choice;

/// `STEPPROOF_HOME/choice.json`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Remembered {
    Practice,
    Profile(String),
    Environment,
}

fn path(context: &Context) -> PathBuf {
    context.home.join("choice.json")
}

/// The account that a flag names, or the one chosen at an earlier start.
pub(in crate::cli) fn chosen(context: &Context) -> Option<Choice> {
    if context.global.practice {
        return Some(Choice::Practice);
    }
    if let Some(profile) = &context.global.profile {
        return Some(Choice::Profile(Some(profile.clone())));
    }
    // What can't be read is asked again.
    let text = std::fs::read_to_string(path(context)).ok()?;
    match serde_json::from_str(&text).ok()? {
        Remembered::Practice => Some(Choice::Practice),
        Remembered::Profile(name) => Some(Choice::Profile(Some(name))),
        Remembered::Environment => has_credentials().then_some(Choice::Profile(None)),
    }
}

/// Remembers a choice for later starts. Where that isn't possible, the next start asks again.
pub(super) fn remember(context: &Context, choice: &Choice) {
    let remembered = match choice {
        Choice::Practice => Remembered::Practice,
        Choice::Profile(Some(name)) => Remembered::Profile(name.clone()),
        Choice::Profile(None) => Remembered::Environment,
    };
    let Ok(text) = serde_json::to_string(&remembered) else { return };
    if context.make_home().is_ok() {
        let _ = std::fs::write(path(context), text);
    }
}

/// AWS profiles by name, after the environment's own credentials where it holds some.
pub(super) fn profiles() -> Vec<Option<String>> {
    let own = has_credentials().then_some(None);
    own.into_iter().chain(profiles::names().into_iter().map(Some)).collect()
}

/// Credentials in the environment that aren't a practice account's.
fn has_credentials() -> bool {
    let id = std::env::var("AWS_ACCESS_KEY_ID").unwrap_or_default();
    let practice = id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
    !id.is_empty() && !practice
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_remembered_and_a_flag_goes_first() {
        let home = tempfile::tempdir().unwrap();
        let mut context = Context {
            global: crate::cli::Global::default(),
            home: home.path().join("data"),
            lang: "en".into(),
        };
        assert_eq!(chosen(&context), None);
        remember(&context, &Choice::Profile(Some("workshop".into())));
        assert_eq!(chosen(&context), Some(Choice::Profile(Some("workshop".into()))));
        context.global.practice = true;
        assert_eq!(chosen(&context), Some(Choice::Practice));
        context.global.practice = false;
        std::fs::write(path(&context), "not json").unwrap();
        assert_eq!(chosen(&context), None);
    }
}
