//! The report's own words, in English and Japanese.

use std::fmt::Write;

use super::grade::Summary;
use super::sheet::{Points, number};
use crate::check::{AccountKind, State, Verdict};

pub(super) fn is_ja(lang: &str) -> bool {
    lang == "ja"
}

pub(super) fn verdict(lang: &str, verdict: Verdict) -> &'static str {
    match (verdict, is_ja(lang)) {
        (Verdict::Pass, false) => "pass",
        (Verdict::Pass, true) => "合格",
        (Verdict::Fail, false) => "fail",
        (Verdict::Fail, true) => "不合格",
        (Verdict::Waiting, false) => "waiting",
        (Verdict::Waiting, true) => "反映待ち",
        (Verdict::Blocked, false) => "blocked",
        (Verdict::Blocked, true) => "前のステップ待ち",
        (Verdict::CannotTell, false) => "cannot tell",
        (Verdict::CannotTell, true) => "判定不能",
        (Verdict::Skipped, false) => "skipped",
        (Verdict::Skipped, true) => "スキップ",
    }
}

pub(super) fn state(lang: &str, state: State) -> &'static str {
    match (state, is_ja(lang)) {
        (State::NotStarted, false) => "not started",
        (State::NotStarted, true) => "未着手",
        (State::InProgress, false) => "in progress",
        (State::InProgress, true) => "進行中",
        (State::Done, false) => "done",
        (State::Done, true) => "完了",
        (State::Regressed, false) => "no longer proven",
        (State::Regressed, true) => "今は未達成",
    }
}

pub(super) fn account(lang: &str, kind: AccountKind, account: &str) -> String {
    let account = if account.is_empty() { "?" } else { account };
    match (kind, is_ja(lang)) {
        (AccountKind::Practice, false) => format!("practice account {account}"),
        (AccountKind::Practice, true) => format!("練習用アカウント {account}"),
        (AccountKind::Aws, false) => format!("AWS account {account}"),
        (AccountKind::Aws, true) => format!("AWS アカウント {account}"),
    }
}

pub(super) fn hint(lang: &str) -> &'static str {
    if is_ja(lang) { "ヒント: " } else { "Hint: " }
}

/// The last line: points, calls, time.
pub(super) fn score(lang: &str, earned: u32, possible: u32, calls: u32, seconds: f64) -> String {
    if is_ja(lang) {
        format!(
            "{possible} 件中 {earned} 件のチェックに合格 · API 呼び出し {calls} 回 · {seconds:.1} 秒"
        )
    } else {
        format!("{earned} of {possible} checks pass · {calls} API calls · {seconds:.1} s")
    }
}

/// What to do next: the first step that isn't done.
pub(super) fn next(lang: &str, step: &str, title: &str) -> String {
    if is_ja(lang) {
        format!("次のステップ: {step} {title}")
    } else {
        format!("Next: {step} {title}")
    }
}

/// So many required checks could not be decided.
pub(super) fn undecided(lang: &str, count: usize) -> String {
    match (is_ja(lang), count) {
        (true, _) => format!("未判定のチェック {count} 件"),
        (false, 1) => "1 check not decided".to_owned(),
        (false, _) => format!("{count} checks not decided"),
    }
}

/// The last line of a sweep: how many accounts came to what, and how long it took.
pub(super) fn summary(lang: &str, summary: Summary, seconds: f64) -> String {
    let unit = if is_ja(lang) { "秒" } else { "s" };
    format!("{} · {seconds:.1} {unit}", counts(lang, summary))
}

/// How many accounts came to what.
pub(super) fn counts(lang: &str, summary: Summary) -> String {
    let Summary { proven, not_proven, waiting, cannot_tell } = summary;
    let all = proven + not_proven + waiting + cannot_tell;
    let parts = if is_ja(lang) {
        [
            (not_proven, format!("未完了 {not_proven} 名")),
            (waiting, format!("反映待ち {waiting} 名")),
            (cannot_tell, format!("判定不能 {cannot_tell} 名")),
        ]
    } else {
        [
            (not_proven, format!("{not_proven} not yet")),
            (waiting, format!("{waiting} waiting")),
            (cannot_tell, format!("{cannot_tell} could not be told")),
        ]
    };
    let mut text = if is_ja(lang) {
        format!("{all} 名中 {proven} 名が完了")
    } else {
        format!("{proven} of {all} proven")
    };
    for (_, part) in parts.into_iter().filter(|(count, _)| *count > 0) {
        text.push_str(" · ");
        text.push_str(&part);
    }
    text
}

/// Optional work that is proven.
pub(super) fn extra(lang: &str) -> &'static str {
    if is_ja(lang) { "追加点" } else { "extra credit" }
}

/// What stands in the place of the checks of an account that could not be read.
pub(super) fn access(lang: &str) -> &'static str {
    if is_ja(lang) { "アカウントの読み取り" } else { "reading the account" }
}

/// Whether the pass mark is reached.
pub(super) fn passes(lang: &str, passes: bool) -> &'static str {
    match (is_ja(lang), passes) {
        (false, true) => "reaches the pass mark",
        (false, false) => "below the pass mark",
        (true, true) => "合格点に到達",
        (true, false) => "合格点に未到達",
    }
}

/// Points earned, of all that are possible.
pub(super) fn points(lang: &str, earned: &str, possible: &str) -> String {
    if is_ja(lang) {
        format!("{possible} 点中 {earned} 点")
    } else {
        format!("{earned} of {possible} points")
    }
}

/// So many things could not be graded.
pub(super) fn not_graded(lang: &str, count: usize) -> String {
    match (is_ja(lang), count) {
        (true, _) => format!("採点できなかった項目: {count} 件"),
        (false, 1) => "1 thing could not be graded".to_owned(),
        (false, _) => format!("{count} things could not be graded"),
    }
}

/// What a learner does when something could not be graded.
pub(super) fn tell_instructor(lang: &str) -> &'static str {
    if is_ja(lang) {
        "採点できませんでした。講師に知らせてください。"
    } else {
        "Could not grade this. Tell your instructor."
    }
}

/// One account's points, with the extra credit, and whether they are enough.
pub(super) fn points_line(lang: &str, points: &Points) -> String {
    let mut line = self::points(lang, &number(points.earned), &number(points.possible));
    let rest = [(undecided_points(lang), points.undecided), (extra(lang), points.extra)];
    for (what, some) in rest.into_iter().filter(|(_, some)| *some > 0.0) {
        let _ = write!(line, " · {what}: {}", number(some));
    }
    match points.passes {
        Some(reached) => format!("{line} · {}", passes(lang, reached)),
        None => line,
    }
}

fn undecided_points(lang: &str) -> &'static str {
    if is_ja(lang) { "未判定" } else { "not decided" }
}
