//! Which account a profile led to when it was last opened, so that `status` needs no call to know
//! whose progress to show.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::context::Context;
use super::output;
use super::session::Session;
use crate::account::Source;

/// `STEPPROOF_HOME/accounts.json`: account numbers by profile; an empty name stands for the
/// environment's credentials.
fn path(context: &Context) -> PathBuf {
    context.home.join("accounts.json")
}

fn read(context: &Context) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(path(context)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// The account that a profile led to last.
pub(super) fn known(context: &Context, profile: Option<&str>) -> Option<String> {
    read(context).remove(&name(profile))
}

/// Remembers the account of an open session.
pub(super) fn remember(context: &Context, session: &Session, account: &str) {
    if let Source::Aws { profile, .. } = &session.account.target().source {
        note(context, profile.as_deref(), account);
    }
}

/// Where it can't be remembered, `status` shows a learner who hasn't begun, and says so.
fn note(context: &Context, profile: Option<&str>, account: &str) {
    let mut accounts = read(context);
    let before = accounts.insert(name(profile), account.to_owned());
    if account.is_empty() || before.as_deref() == Some(account) || context.make_home().is_err() {
        return;
    }
    if let Ok(text) = serde_json::to_string(&accounts) {
        let _ = output::file(&path(context), &text);
    }
}

fn name(profile: Option<&str>) -> String {
    let named = profile.map(str::to_owned).or_else(|| std::env::var("AWS_PROFILE").ok());
    named.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_profile_keeps_its_account() {
        let home = tempfile::tempdir().unwrap();
        let global = crate::cli::Global::default();
        let context = Context { global, home: home.path().join("data"), lang: "en".into() };
        assert_eq!(known(&context, Some("one")), None);
        note(&context, Some("one"), "111111111111");
        note(&context, Some("two"), "222222222222");
        note(&context, Some("one"), "333333333333");
        note(&context, Some("two"), "");
        assert_eq!(known(&context, Some("one")).as_deref(), Some("333333333333"));
        assert_eq!(known(&context, Some("two")).as_deref(), Some("222222222222"));
        std::fs::write(path(&context), "[").unwrap();
        assert_eq!(known(&context, Some("one")), None);
    }
}
