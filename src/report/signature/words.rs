//! What is said of a signature, in English and Japanese.

use super::super::sheet::one_line;
use super::super::words::is_ja;

pub(super) fn good(lang: &str, signer: &str) -> String {
    let signer = one_line(signer);
    if is_ja(lang) {
        format!("署名は有効です。署名者: {signer}")
    } else {
        format!("Good signature by {signer}")
    }
}

pub(super) fn changed(lang: &str) -> &'static str {
    if is_ja(lang) {
        "署名が一致しません。署名のあとで、ファイルか署名が変更されています。\
         採点者から、もう一度両方を受け取ってください。"
    } else {
        "The signature doesn't match: the file or its signature was changed after signing. \
         Get both from the grader again."
    }
}

pub(super) fn purpose(lang: &str, purpose: &str) -> String {
    let purpose = one_line(purpose);
    if is_ja(lang) {
        format!(
            "この署名は別の用途（{purpose}）のもので、レポートの署名ではありません。\
             レポートの署名を受け取ってください。"
        )
    } else {
        format!(
            "The signature was made for something else ({purpose}), not for a report. \
             Get the report's own signature."
        )
    }
}

pub(super) fn unknown(lang: &str, key: &str) -> String {
    if is_ja(lang) {
        format!(
            "署名の鍵 {key} は、指定された署名者の鍵ではありません。\
             採点者の公開鍵かどうか、採点者に確かめてください。"
        )
    } else {
        format!(
            "The signature is by the key {key}, which is none of the signers'. \
             Ask the grader whether it is theirs."
        )
    }
}

pub(super) fn not_allowed(lang: &str, signer: &str) -> String {
    let signer = one_line(signer);
    if is_ja(lang) {
        format!(
            "{signer} は、今はレポートに署名できません。署名者のファイルの \
             namespaces、valid-after、valid-before、cert-authority を確認してください。"
        )
    } else {
        format!(
            "{signer} may not sign reports now. See namespaces, valid-after, valid-before and \
             cert-authority in the file of signers."
        )
    }
}

pub(super) fn kind(lang: &str, key: &str) -> String {
    if is_ja(lang) {
        format!(
            "この種類の鍵の署名は、ここでは確かめられません: {key}。\
             ssh-keygen -Y verify -n stepproof を使ってください。"
        )
    } else {
        format!(
            "Signatures of this kind of key can't be verified here: {key}. \
             Use ssh-keygen -Y verify -n stepproof."
        )
    }
}

pub(super) fn read_by(lang: &str, caller: &str, started: &str) -> String {
    if is_ja(lang) {
        format!("読み取り: {started}、{caller}")
    } else {
        format!("Read at {started} by {caller}")
    }
}

pub(super) fn read_at(lang: &str, started: &str) -> String {
    if is_ja(lang) { format!("読み取り: {started}") } else { format!("Read at {started}") }
}

pub(super) fn score(lang: &str, earned: u32, possible: u32) -> String {
    if is_ja(lang) {
        format!("{possible} 件中 {earned} 件のチェックに合格")
    } else {
        format!("{earned} of {possible} checks pass")
    }
}

pub(super) fn made_by(lang: &str, tool: &str) -> String {
    if is_ja(lang) { format!("作成: {tool}") } else { format!("Made by {tool}") }
}

pub(super) fn course(lang: &str, id: &str, sha256: &str, same: bool) -> String {
    match (is_ja(lang), same) {
        (false, true) => format!("Course {id}, the same as this program's"),
        (false, false) => format!("Course {id}, another version than this program's: {sha256}"),
        (true, true) => format!("コース {id}（このプログラムのものと同じ）"),
        (true, false) => format!("コース {id}（このプログラムのものとは別の版: {sha256}）"),
    }
}

/// That nothing is said of what the file holds, for people.
pub fn not_json(lang: &str) -> &'static str {
    if is_ja(lang) {
        "ファイルは JSON のレポートではありません。内容は調べていません。"
    } else {
        "The file is no report in JSON: what it says was not looked at."
    }
}
