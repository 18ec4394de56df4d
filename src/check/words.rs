//! The engine's own sentences, in English and Japanese.

use std::time::Duration;

use crate::account::{CannotLook, FactError, Reason};
use crate::check::Verdict;

/// Looked, and the thing isn't there.
pub(super) fn missing(lang: &str, what: &str) -> String {
    if lang == "ja" {
        format!("{what} がありません。")
    } else {
        format!("There is no {what}.")
    }
}

/// Could not look: what happened, and what to do.
pub fn cannot_look(lang: &str, trouble: &CannotLook) -> String {
    let mut message = trouble.message.clone();
    if let Reason::AccessDenied { action } = &trouble.reason
        && !message.contains(action.as_str())
    {
        message = format!("{message} ({action})");
    }
    if lang == "ja" {
        return format!("{} {}({message})", reason_ja(&trouble.reason), remedy_ja(&trouble.reason));
    }
    let stop = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{message}{stop} {}", trouble.remedy)
}

fn reason_ja(reason: &Reason) -> String {
    match reason {
        Reason::NoCredentials => "認証情報が見つからないため、確認できません。".to_owned(),
        Reason::BadCredentials => "認証情報が無効か期限切れのため、確認できません。".to_owned(),
        Reason::AccessDenied { action } => {
            format!("{action} の権限がないため、確認できません。")
        }
        Reason::Throttled => "リクエストが制限されたため、確認できません。".to_owned(),
        Reason::WrongAccount => "別のアカウントにつながるため、確認できません。".to_owned(),
        Reason::Region => "このリージョンでは確認できません。".to_owned(),
        Reason::Timeout => "応答がないため、確認できません。".to_owned(),
        Reason::Network => "接続できないため、確認できません。".to_owned(),
        Reason::Service => "サービスのエラーのため、確認できません。".to_owned(),
        Reason::NotProbed => "API へのリクエストを送っていないため、確認できません。".to_owned(),
        Reason::Cancelled => "中止されたため、確認していません。".to_owned(),
        Reason::Elsewhere => "別の場所に記録されているため、確認できません。".to_owned(),
        Reason::Course => "コースの誤りのため、確認できません。".to_owned(),
        Reason::Defect => "stepproof の不具合のため、確認できません。".to_owned(),
    }
}

fn remedy_ja(reason: &Reason) -> &'static str {
    match reason {
        Reason::NoCredentials | Reason::BadCredentials => {
            "認証情報を更新してから、もう一度実行してください。"
        }
        Reason::AccessDenied { .. } => {
            "`stepproof policy` のポリシーを使うロールで、もう一度実行してください。"
        }
        Reason::Throttled | Reason::Timeout | Reason::Service => {
            "少し待ってから、もう一度実行してください。"
        }
        Reason::WrongAccount => "プロファイルまたはロールを確認してください。",
        Reason::Region => "--region でワークショップのリージョンを指定してください。",
        Reason::Network => "ネットワークを確認してから、もう一度実行してください。",
        Reason::NotProbed => "プローブを有効にして、もう一度実行してください。",
        Reason::Cancelled => "もう一度実行してください。",
        Reason::Elsewhere => "モジュールのページの説明に従ってください。",
        Reason::Course => "コースの作成者に知らせてください。",
        Reason::Defect => "stepproof の開発者に報告してください。",
    }
}

/// The course itself is wrong.
pub(super) fn course_error(lang: &str, check: &str, detail: &str) -> String {
    if lang == "ja" {
        format!(
            "コースの誤りのため、確認できません。コースの作成者に知らせてください。({check}: {detail})"
        )
    } else {
        format!(
            "Could not judge: {check}: {detail}. Run `stepproof course lint`, or tell the course's author."
        )
    }
}

/// A step that comes first isn't proven.
pub(super) fn blocked(lang: &str, step: &str, because: Verdict) -> String {
    let ja = lang == "ja";
    match because {
        Verdict::Skipped if ja => format!(
            "ステップ {step} をスキップしたため、判定できません。先に {step} を行ってください。"
        ),
        Verdict::Skipped => format!("Needs step {step}, which you skipped. Do {step} first."),
        Verdict::Waiting if ja => format!("ステップ {step} の反映を待っています。"),
        Verdict::Waiting => format!("Waits for step {step}, which doesn't show yet."),
        Verdict::CannotTell if ja => {
            format!("ステップ {step} を確認できないため、判定できません。")
        }
        Verdict::CannotTell => format!("Needs step {step}, which could not be looked at."),
        _ if ja => format!("先にステップ {step} を完了してください。"),
        _ => format!("Do step {step} first: it isn't proven yet."),
    }
}

/// The settle window is open for so many seconds more.
pub(super) fn waiting(lang: &str, seconds: u64) -> String {
    let (minutes, rest) = (seconds / 60, seconds % 60);
    match (lang, minutes) {
        ("ja", 0) => format!("変更の反映を待っています。残り約 {rest} 秒です。"),
        ("ja", _) => format!("変更の反映を待っています。残り約 {minutes} 分 {rest} 秒です。"),
        (_, 0) => format!("A change takes a while to show: up to {rest} s more."),
        _ => format!("A change takes a while to show: up to {minutes} min {rest} s more."),
    }
}

/// What was changed lies in this computer's future.
pub(super) fn clock_behind(lang: &str, ahead: Duration) -> String {
    let minutes = ahead.as_secs().div_ceil(60);
    if lang == "ja" {
        format!(
            "このコンピューターの時計は AWS より約 {minutes} 分遅れています。時刻を合わせてください。"
        )
    } else {
        format!("This computer's clock is about {minutes} min behind AWS: set it.")
    }
}

/// The learner skipped the step.
pub(super) fn skipped(lang: &str) -> String {
    if lang == "ja" { "スキップしました。" } else { "You skipped this step." }.to_owned()
}

/// The check holds, and the course has no sentence about it: its name, as words.
pub(super) fn pass(lang: &str, check: &str) -> String {
    let name = check.replace('-', " ");
    if lang == "ja" {
        format!("{name}: 確認できました。")
    } else {
        format!("Proven: {name}.")
    }
}

/// It fails, and the course's own sentence about it can't be shown.
pub(super) fn unshown(lang: &str, check: &str) -> String {
    if lang == "ja" {
        format!("{check} はまだ満たされていません。(コースのメッセージを表示できません)")
    } else {
        format!("{check} doesn't hold yet. (The course's own message can't be shown.)")
    }
}

/// Why a fact has no value, for messages.
pub(super) fn fact_error(lang: &str, error: &FactError) -> String {
    match error {
        FactError::Missing { what } => missing(lang, what),
        FactError::CannotLook(trouble) => cannot_look(lang, trouble),
    }
}
