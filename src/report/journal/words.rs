//! The journal's own words, in English and Japanese. A missing one doesn't compile.

use super::super::svg::Sign;
use super::events::{Happened, Outcome};
use super::model::{Look, Note};
use super::steps::StepState;
use crate::i18n::fill;

page_words! {
    journal: "Workshop journal", "ワークショップの学習記録";
    claim: "This is your own record, not a proof. What proves is `stepproof verify`: it reads the account.",
        "これはご自身の記録であり、証明ではありません。証明するのは、アカウントを読み取る `stepproof verify` です。";
    written: "Written {} by {}", "作成: {}（{}）";
    times_in: "times in {}", "時刻は {}";
    of: "{} of {}", "{} / {}";
    steps_proven: "steps proven", "確認済みのステップ";
    modules_done: "modules done", "完了したモジュール";
    time_worked: "worked", "作業時間";
    hints_used: "hints used", "使ったヒント";
    progress: "Progress by domain", "分野ごとの進捗";
    domain: "Domain", "分野";
    module: "Module", "モジュール";
    steps: "Steps", "ステップ";
    state: "State", "状態";
    time_line: "Time line", "タイムライン";
    time_line_about: "{}. {} modules, {} events.", "{}。モジュール {} 個、記録 {} 件。";
    all_events: "All {} events", "すべての記録（{} 件）";
    sessions_left_out: "{} shorter sessions are not drawn; their events are in the list.",
        "短いセッション {} 回は図にしていません。記録は一覧にあります。";
    when: "When", "日時";
    what: "What", "できごと";
    time: "Time by module", "モジュールごとの時間";
    time_about: "Time that the journal can tell. Breaks of more than half an hour don't count.",
        "記録から分かる時間です。30 分を超える中断は含みません。";
    time_of: "{} of {} planned", "{} / 予定 {}";
    planned: "planned", "予定";
    did: "What I did", "取り組んだこと";
    before: "Before", "対策前";
    after: "After", "対策後";
    not_stopped: "Not stopped yet: the module isn't proven.", "まだ防げていません。このモジュールは確認済みではありません。";
    open_again: "It was stopped. A later check failed.", "一度は防げましたが、その後の確認で失敗しています。";
    check_failed: "a check failed {}", "{} にチェックが失敗";
    proven_at: "proven {}", "{} に確認済み";
    step: "Step", "ステップ";
    tries: "Failed checks", "失敗した確認";
    hints: "Hints", "ヒント";
    extra: "extra", "任意";
    regressed: "No longer proven", "再確認が必要なステップ";
    regressed_line: "At {} these checks failed: {}", "{} に次のチェックが失敗しました: {}";
    regressed_next: "Often a later deployment replaced what was changed by hand. `stepproof verify` says how it is now.",
        "手作業の変更が、後のデプロイで置き換えられたのかもしれません。現在の状態は `stepproof verify` で分かります。";
    skipped: "Skipped", "スキップしたステップ";
    skipped_line: "skipped {}, {} min planned", "{} にスキップ、予定 {} 分";
    would_bring: "It would have brought:", "得られたはずのこと:";
    untouched: "Not begun", "まだ取り組んでいないモジュール";
    untouched_about: "What an attacker still does there.", "攻撃者がまだできることです。";
    questions: "Questions to think about", "振り返りの質問";
    answer: "Answer", "答え";
    other_answers: "Answers to the other questions", "そのほかの質問の答え";
    production: "What production would need", "本番環境で必要なこと";
    minutes: "{} min", "{} 分";
    nothing: "Nothing is recorded yet.", "まだ何も記録されていません。";
    // Events
    e_opened: "opened {}", "{} を開いた";
    e_proven: "proven: {}", "確認済み: {}";
    e_regressed: "no longer proven: {}", "再確認が必要: {}";
    e_verified: "checked {}: {} of {} checks pass", "{} を確認: {} / {} 件のチェックに合格";
    e_steps: "{} steps", "{} ステップ";
    e_times: "{} ({} times)", "{}（{} 回）";
    e_hint: "hint {} for {}", "ヒント {}（{}）";
    e_skipped: "skipped {}", "{} をスキップ";
    e_resumed: "took up {} again", "{} を再開";
    e_help: "asked for help at {}", "{} で助けを求めた";
    e_help_over: "no longer needed help at {}", "{} の助けが不要になった";
    e_revealed: "revealed answer {}", "答え {} を表示";
    e_ran: "{} ran {}: {}", "{} {} を実行: {}";
    e_exit: "exit code {}", "終了コード {}";
    e_stopped: "stopped", "停止した";
    e_signal: "ended by a signal", "シグナルで終了";
    e_changed: "{} applied a change to {}", "{} {} に変更を適用";
    e_undone: "{} took a change to {} back", "{} {} への変更を元に戻した";
    e_imported: "{} events imported from another journal", "別の学習記録から {} 件を取り込み";
    // Signs of the time line
    l_opened: "opened", "開いた";
    l_proven: "proven", "確認済み";
    l_verified: "checked, not proven yet", "確認したが未達成";
    l_regressed: "no longer proven", "再確認が必要";
    l_hint: "hint", "ヒント";
    l_skipped: "skipped", "スキップ";
    l_help: "help asked", "助けを求めた";
    l_work: "worked on", "作業中";
    // States of steps
    s_proven: "proven", "確認済み";
    s_regressed: "no longer proven", "再確認が必要";
    s_skipped: "skipped", "スキップ";
    s_tried: "not proven yet", "未達成";
    s_opened: "opened", "開いた";
    s_untouched: "not begun", "未着手";
    // What the reader should know
    n_clock: "The clock went back while you worked. The order of events is right; some times may not be.",
        "作業中に時計が戻りました。記録の順序は正しいですが、一部の時刻は正しくない可能性があります。";
    n_future: "Some times lie in the future: a clock was wrong.", "未来の時刻があります。時計がずれていたようです。";
    n_unread: "Written by a newer stepproof, and not shown here: {} events.",
        "新しいバージョンの stepproof が書いた記録は表示していません: {} 件";
    n_other: "Of steps that this version of the course doesn't have, and not shown here: {} events.",
        "このバージョンのコースにないステップの記録は表示していません: {} 件";
    n_cleanup: "The clean-up isn't proven: what the course made may still cost money.",
        "クリーンアップが確認されていません。コースで作成したものに、まだ料金がかかる可能性があります。";
    n_imported: "Imported from another journal: {} events.", "別の学習記録から取り込んだもの: {} 件";
}

/// The words of a language.
pub(super) fn words(look: &Look) -> &'static Words {
    if look.is_ja() { &JA } else { &EN }
}

impl Words {
    pub(super) fn step_state(&self, state: StepState) -> &'static str {
        match state {
            StepState::Proven => self.s_proven,
            StepState::Regressed => self.s_regressed,
            StepState::Skipped => self.s_skipped,
            StepState::Tried => self.s_tried,
            StepState::Opened => self.s_opened,
            StepState::Untouched => self.s_untouched,
        }
    }

    pub(super) fn sign(&self, sign: Sign) -> &'static str {
        match sign {
            Sign::Opened => self.l_opened,
            Sign::Failed => self.l_verified,
            Sign::Proven => self.l_proven,
            Sign::Regressed => self.l_regressed,
            Sign::Hint => self.l_hint,
            Sign::Skipped => self.l_skipped,
            Sign::Help => self.l_help,
        }
    }

    pub(super) fn of(&self, part: usize, all: usize) -> String {
        fill(self.of, &[&part.to_string(), &all.to_string()])
    }

    pub(super) fn note(&self, note: Note) -> String {
        let counted = |text: &str, count: usize| fill(text, &[&count.to_string()]);
        match note {
            Note::ClockBack => self.n_clock.to_owned(),
            Note::Future => self.n_future.to_owned(),
            Note::Unread(count) => counted(self.n_unread, count),
            Note::OtherCourse(count) => counted(self.n_other, count),
            Note::Imported(count) => counted(self.n_imported, count),
            Note::NotCleanedUp => self.n_cleanup.to_owned(),
        }
    }

    /// An event in a few words.
    pub(super) fn happened(&self, happened: &Happened) -> String {
        match happened {
            Happened::Opened(step) => fill(self.e_opened, &[step]),
            Happened::Proven(steps) => fill(self.e_proven, &[&self.names(steps)]),
            Happened::Regressed(steps) => fill(self.e_regressed, &[&self.names(steps)]),
            Happened::Verified { passed, all, steps, times } => {
                let (passed, all) = (passed.to_string(), all.to_string());
                let once = fill(self.e_verified, &[&self.names(steps), &passed, &all]);
                if *times > 1 { fill(self.e_times, &[&once, &times.to_string()]) } else { once }
            }
            Happened::Hint(step, open) => fill(self.e_hint, &[&open.to_string(), step]),
            Happened::Skipped(step) => fill(self.e_skipped, &[step]),
            Happened::Resumed(step) => fill(self.e_resumed, &[step]),
            Happened::HelpAsked(step) => fill(self.e_help, &[step]),
            Happened::HelpOver(step) => fill(self.e_help_over, &[step]),
            Happened::Revealed(place) => fill(self.e_revealed, &[&place.to_string()]),
            Happened::Ran { step, command, outcome } => {
                let outcome = match outcome {
                    Outcome::Exit(code) => fill(self.e_exit, &[&code.to_string()]),
                    Outcome::Stopped => self.e_stopped.to_owned(),
                    Outcome::Signal => self.e_signal.to_owned(),
                };
                fill(self.e_ran, &[step, command, &outcome]).trim_start().to_owned()
            }
            Happened::Changed { step, file, undone } => {
                let text = if *undone { self.e_undone } else { self.e_changed };
                fill(text, &[step, file]).trim_start().to_owned()
            }
            Happened::Imported(events) => fill(self.e_imported, &[&events.to_string()]),
        }
    }

    /// Steps by name, or by number where they are many.
    fn names(&self, steps: &[String]) -> String {
        if steps.len() > 8 {
            return fill(self.e_steps, &[&steps.len().to_string()]);
        }
        steps.join(", ")
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
