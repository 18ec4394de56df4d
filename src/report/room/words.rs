//! The projector page's own words.

use super::super::journal::Look;
use crate::check::State;
use crate::i18n::fill;

page_words! {
    room: "Our room", "みんなの進み具合";
    updated: "As of {}. This page renews itself.", "{} 時点。このページは自動で更新されます。";
    here: "in the room", "参加中";
    modules_done: "modules done", "完了したモジュール";
    steps_done: "steps done", "完了したステップ";
    help: "wait for help", "質問の対応待ち";
    left: "left", "残り時間";
    ended: "The time is over", "終了時刻です";
    nobody: "Nobody is in the room yet.", "まだ誰も参加していません。";
    claims: "What the room says, not what was proven.", "参加者からの報告であり、検証の結果ではありません。";
    map: "Attendees and modules", "参加者とモジュール";
    map_about: "A row for each attendee, the furthest first.", "1 行が参加者 1 名。進んでいる順です。";
    map_sampled: "A row for every {} attendees, the furthest first.", "1 行が参加者 {} 名分。進んでいる順です。";
    map_said: "{} {}: {} done, {} working, {} no longer proven, {} not begun",
        "{} {}: 完了 {}、作業中 {}、再確認が必要 {}、未着手 {}";
    time: "Progress over time", "時間ごとの進み具合";
    time_said: "{}: {} in the room, {} modules done", "{}: 参加中 {} 名、完了したモジュール {} 個";
    funnel: "Module by module", "モジュールごとの人数";
    failing: "Checks that fail most", "不合格の多いチェック";
    failing_about: "Many meet the same: look at these together.", "多くの人が同じところで止まっています。一緒に確認しましょう。";
    failing_none: "No check fails now.", "不合格のチェックはありません。";
    check: "Check", "チェック";
    step: "Step", "ステップ";
    attendees: "Attendees", "人数";
    s_done: "done", "完了";
    s_working: "working on it", "作業中";
    s_regressed: "no longer proven", "再確認が必要";
    s_open: "not begun", "未着手";
    asked: "asked for help", "質問中";
}

/// The words of a language.
pub(super) fn words(look: &Look) -> &'static Words {
    if look.is_ja() { &JA } else { &EN }
}

impl Words {
    /// What a module's state is called.
    pub(super) fn state(&self, state: State, begun: bool) -> &'static str {
        match state {
            State::Done => self.s_done,
            State::Regressed => self.s_regressed,
            State::InProgress | State::NotStarted if begun => self.s_working,
            State::InProgress | State::NotStarted => self.s_open,
        }
    }

    /// Fills numbers in.
    pub(super) fn counted(text: &str, counts: &[usize]) -> String {
        let counts: Vec<String> = counts.iter().map(usize::to_string).collect();
        fill(text, &counts.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_the_same_places_in_both_languages() {
        for (name, en, ja) in ALL {
            assert!(!en.is_empty() && !ja.is_empty(), "{name}");
            assert_eq!(en.matches("{}").count(), ja.matches("{}").count(), "{name}");
        }
    }
}
