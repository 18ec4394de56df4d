//! The interface's own strings, in every language of the interface. A missing one doesn't compile.

#[macro_use]
mod words;

mod dashboard;
mod en;
mod ja;
mod time;

pub use dashboard::DashboardWords;
pub use time::clock;

/// A language of the interface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

impl Lang {
    /// From a language tag; English for any other.
    pub fn from_tag(tag: &str) -> Self {
        if tag.starts_with("ja") { Self::Ja } else { Self::En }
    }

    /// The language tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "ja",
        }
    }

    /// The next language.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::En => Self::Ja,
            Self::Ja => Self::En,
        }
    }

    /// The interface's words.
    pub fn words(self) -> &'static Words {
        match self {
            Self::En => &en::WORDS,
            Self::Ja => &ja::WORDS,
        }
    }

    /// The words of the instructor's dashboard.
    pub fn dashboard(self) -> &'static DashboardWords {
        match self {
            Self::En => &dashboard::EN,
            Self::Ja => &dashboard::JA,
        }
    }

    /// The same words for `--plain`: where the others name a key or a pane, these name a command.
    pub fn plain_words(self) -> &'static Words {
        match self {
            Self::En => &en::PLAIN,
            Self::Ja => &ja::PLAIN,
        }
    }
}

/// Replaces each `{}` of a template by the next value.
pub fn fill(template: &str, values: &[&str]) -> String {
    let mut out = String::with_capacity(template.len() + 16);
    let mut parts = template.split("{}");
    out.push_str(parts.next().unwrap_or_default());
    let mut values = values.iter();
    for part in parts {
        out.push_str(values.next().copied().unwrap_or_default());
        out.push_str(part);
    }
    out
}

/// The names in braces of a text, each with what stands before it, and the rest.
fn named(text: &str) -> (Vec<(&str, &str)>, &str) {
    let (mut found, mut rest) = (Vec::new(), text);
    let name = |part: &str| {
        let end = part.find(|c: char| !c.is_ascii_lowercase() && c != '-')?;
        (end > 0 && part[end..].starts_with('}')).then_some(end)
    };
    let mut at = 0;
    while let Some(open) = rest[at..].find('{').map(|open| at + open) {
        match name(&rest[open + 1..]) {
            Some(end) => {
                found.push((&rest[..open], &rest[open + 1..open + 1 + end]));
                rest = &rest[open + end + 2..];
                at = 0;
            }
            None => at = open + 1,
        }
    }
    (found, rest)
}

fn with_keys(text: &'static str, key: &dyn Fn(&str) -> Option<String>) -> &'static str {
    let (found, rest) = named(text);
    if found.is_empty() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for (before, name) in found {
        out.push_str(before);
        out.push_str(key(name).as_deref().unwrap_or(name));
    }
    out.push_str(rest);
    out.leak()
}

words! {
    /// The interface's words; `{}` marks a place for a value, `{verify-step}` one for a key.
    Words
    // Choice of the account
    choose_title, choose_intro, choose_practice, choose_practice_note, choose_profile, choose_environment,
    choose_profile_note, choose_no_profiles, choose_keys,
    // Header
    practice, account_opening, account_none, other_language_page,
    other_language_steps, english_only,
    // Panes
    modules, proof, proof_count, not_written, locked, after, minutes, seconds, module_state_done, no_page,
    reading_course,
    // Verdicts
    pass, fail, waiting, blocked, cannot_tell, skipped, unknown, proven_before, regressed,
    optional, not_checked, checking, verify_first,
    // Hints
    hint, hint_more, hint_none,
    // Questions
    questions, answer, answer_hidden, answer_next, answer_none,
    // Runs
    verifying, verifying_count, cancel_key, cancelled, verified, verified_some, running,
    solving, solved, solve_own_copy, solve_title, solve_intro, solve_deploy, solve_delete,
    solve_empty, solve_each, solve_http,
    solve_file, solve_apply, solve_confirm, solve_only_practice, solve_nothing,
    // Blocks of the page that do something
    in_directory, only_shown, not_done_unknown, step_brings_it, link_copied, run_key, no_bash,
    no_directory, no_file, not_text, outside, cannot_read, cannot_write,
    app_title, app_none, app_offer, app_other, app_keys, app_written,
    run_title, run_account, run_missing, run_no_input, run_environment, run_without, run_keys,
    run_good, run_failed, run_killed, run_stopped,
    output, output_waiting, output_empty, output_none, output_dropped, output_runs,
    output_stopping, output_killing, output_refused, output_stopped, output_code, output_killed,
    leave_title, leave_runs, leave_note, leave_keys, leaving,
    edit_title, edit_note, edit_new_file, edit_there, edit_misfit, edit_nowhere, edit_line,
    edit_expected, edit_found, edit_spaces, edit_end, edit_by_hand, edit_ambiguous, edit_broken,
    edit_keys, edit_changed, edit_stale, write_title, write_replaces, write_keys, edit_written,
    undo_title, undo_note, undo_removes, undo_keys, undo_nothing, undo_stale, edit_undone,
    more_keys,
    // Verification that teaches
    waiting_left, waiting_over, settled_pass, settled_fail, settled_else, regressed_at,
    regressed_deployed, hint_where, hint_what, hint_command, evidence, evidence_offenders,
    evidence_expected, evidence_read, evidence_empty, evidence_entries, evidence_values,
    evidence_sources, evidence_probe, evidence_from, evidence_keys,
    // Copy
    line, lines, copied, copied_osc, copy_none, copy_missing,
    // Trouble
    journal_trouble, no_account_yet, other_account, busy, too_small,
    // Time
    time_left, time_ends, time_over, credentials_left, credentials_over, warn_ends, warn_soon,
    warn_over, warn_credentials, warn_credentials_over,
    // Map
    comma, map_title, map_count, map_domain, map_module, map_state, map_minutes, map_left, map_spent,
    map_until, map_regressed, map_unwritten, map_too_long, map_nothing, map_minutes_of, cleanup_offer, cleanup_kept, locked_step,
    regressed_steps, filter_all, filter_open, filter_fits, filter_done, filter_chosen,
    // Plan
    plan_title, plan_by, plan_kept, plan_kept_cleanup, plan_endless, plan_no_end, plan_none, plan_all_done, plan_extra,
    plan_short, plan_too_long, plan_unwritten, plan_domains,
    // Status and next step
    state_not_started, state_regressed, status_checked, status_never, status_no_account,
    status_pauses, next_step, next_none, next_no_fit, because_first, because_begun, because_needed,
    because_order, because_regressed,
    // Search
    search_title, search_hits, search_more, search_none, search_start, search_reading, search_keys,
    search_at,
    // Values that aren't known yet
    value_step, value_unusable, value_none, back_none,
    // Windows
    help_title, help_close,
    // Actions: help, then footer
    a_quit, a_help, a_close, a_next_pane, a_previous_pane, a_up, a_down, a_page_up, a_page_down,
    a_half_up, a_half_down, a_top, a_bottom, a_left, a_right, a_open, a_next_step,
    a_previous_step, a_next_code, a_previous_code, a_verify_step, a_verify_module, a_verify_all,
    a_hint, a_reveal, a_evidence, a_solve, a_perform, a_undo, a_output, a_interrupt, a_copy, a_language, a_account, a_suspend,
    f_quit, f_help, f_next_pane, f_open, f_next_step, f_verify_step, f_verify_module, f_hint,
    f_reveal, f_evidence, f_solve, f_run, f_apply, f_write, f_copy, f_language, f_close,
    a_map, a_filter, a_domain, a_search, a_previous_hit, a_next_value, a_previous_value, a_back,
    f_map, f_filter, f_domain, f_search, f_next_hit, f_previous_hit, f_next_value, f_back,
    // Keys, palette, mouse
    keys_intro, keys_mouse, keys_by_mouse, mouse, ascii_only,
    palette_title, palette_keys, palette_none, palette_module, palette_step,
    why_map_open, why_map_closed, why_busy, why_nothing_runs, why_no_step, why_not_marked,
    why_no_search, why_no_value, why_no_place, why_no_hint, why_practice, why_not_checked,
    why_no_output, why_not_now, a_palette, f_palette,
    // Rooms
    room_label, room_label_away, room_label_leaving, room_none, room_unreachable, room_closed,
    room_left, room_newer, room_expired, message_all, message_you, message_more, room_title,
    room_as, room_messages, room_no_messages, room_message_until, room_help, room_how_to_ask,
    room_how_to_leave, join_title, join_intro, join_code, join_name, join_looking, join_no_code,
    join_no_name, join_keys, consent_title, consent_intro, consent_note, consent_keys, joined,
    leave_room_title, leave_room_note, leave_room_keys, left_room, left_room_later,
    help_title_step, help_shown, help_not_shown, help_nothing, help_keys_shown,
    help_keys_not_shown, help_keys_nothing, help_done, help_kept, help_now, help_ago, help_unsent,
    help_open_title, help_open_shown, help_open_not_shown, help_open_keys, help_over, why_no_room,
    a_ask_help, a_room, a_leave_room, f_ask_help, p_room_needs, p_answer_help,
    // Markdown
    m_note, m_tip, m_important, m_warning, m_caution, m_links, m_shell, m_change,
    // Plain text: a page
    p_heading, p_subheading, p_named, p_end, p_quote, p_item, p_number, p_task_done, p_task_open,
    p_code, p_code_bare, p_code_change, p_code_file, p_code_run, p_code_end, p_code_missing, p_diff_before,
    p_diff_after, p_diff_at, p_diff_remove, p_diff_add, p_diff_keep, p_table, p_row, p_column,
    p_empty, p_table_end, p_link, p_link_mark, p_footnote, p_footnote_mark, p_unknown,
    // Plain text: where the learner is
    p_start, p_account, p_no_account, p_module, p_progress, p_step, p_state, p_to_verify,
    p_last_step, p_changed, p_hours, p_time_left, p_credentials, p_no_end, p_warning, p_trouble,
    // Plain text: commands
    p_prompt, p_prompt_number, p_prompt_answer, p_choose, p_answer, p_left, p_no_question,
    p_no_command, p_screen_only, p_no_place, p_no_domain, p_no_code, p_codes, p_what, p_found,
    p_found_most, p_hit, p_no_hit, p_hints_none, p_nothing, p_help, p_c_read, p_c_go, p_c_steps,
    p_c_verify, p_c_hints, p_c_where, p_c_answer,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_there_with_the_same_places_in_both_languages() {
        let dashboard = dashboard::EN.all().into_iter().zip(dashboard::JA.all());
        let all = en::WORDS.all().into_iter().zip(ja::WORDS.all()).chain(dashboard);
        for ((name, en), (_, ja)) in all {
            assert!(!en.is_empty() && !ja.is_empty(), "{name}");
            assert_eq!(en.matches("{}").count(), ja.matches("{}").count(), "{name}");
            let keys = |text| -> std::collections::BTreeSet<&str> {
                named(text).0.into_iter().map(|(_, name)| name).collect()
            };
            assert_eq!(keys(en), keys(ja), "{name}");
        }
        for lang in [Lang::En, Lang::Ja] {
            let same = lang.words().all().into_iter().zip(lang.plain_words().all());
            for ((name, words), (_, plain)) in same {
                assert_eq!(words.matches("{}").count(), plain.matches("{}").count(), "{name}");
            }
        }
    }

    #[test]
    fn keys_stand_where_they_are_named() {
        let key = |name: &str| (name == "back").then(|| "{".to_owned());
        assert_eq!(with_keys("{}: {back} or {open}, {A} {", &key), "{}: { or open, {A} {");
        assert_eq!(with_keys("{{back}", &key), "{{");
        assert_eq!(with_keys("{} of {}", &key), "{} of {}");
    }

    #[test]
    fn values_are_filled_in_order() {
        assert_eq!(fill("{} of {}", &["1", "3"]), "1 of 3");
        assert_eq!(fill("none", &["1"]), "none");
    }
}
