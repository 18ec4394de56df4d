//! The words of the instructor's dashboard, in every language of the interface.

mod en;
mod ja;

pub(super) use en::WORDS as EN;
pub(super) use ja::WORDS as JA;

words! {
    /// The dashboard's words; `{}` marks a place for a value, `{prove-all}` one for a key.
    DashboardWords
    // Header and tabs
    room_named, roster_alone, over, count_here, count_stuck, count_help, count_differ, tab_map,
    tab_room, tab_queue, tab_claims,
    // Orders and parts
    order_stuck, order_progress, order_name, order_account, order_news, order_where, only_all,
    only_stuck, only_help, only_disagree, only_expected, only_module,
    // Map
    head_name, head_where, head_since, head_reason, map_none, map_empty, map_unknown, map_asking,
    map_no_roster, attended, presence_expected, presence_left, presence_other, presence_newer,
    presence_long, presence_foreign,
    // Signs
    signs_title, sign_help, sign_attended, sign_stuck, sign_away, sign_unreadable, sign_not_begun,
    sign_working, sign_done, sign_regressed, sign_proven, sign_not_proven,
    // Help queue
    queue_empty, head_waits, head_step, queue_over, queue_evidence, queue_no_evidence,
    // Claims and proof
    head_differs, claims_no_roster, claims_not_swept, claims_agree, differs_not_proven,
    differs_newer, differs_not_claimed, claimed_and_read, only_read,
    // Attendee
    none_marked, on_roster_as, is_at, last_news, worked, hints_open, heading_stuck, heading_help,
    heading_failing, heading_claims, help_waits, help_over, check_fails, room_says, never_swept,
    swept_at, sweep_trouble, module_says, module_proven, state_not_begun, state_working, state_done,
    state_regressed, step_fails, proof_pass, proof_fail, proof_waiting, proof_blocked, proof_unsure,
    // Room
    heading_room, count_begun, count_expected, count_left, count_unreadable, count_modules,
    count_steps, count_swept, ends_at, heading_funnel, funnel_legend, heading_fails_most,
    fails_none, offender_most, heading_progress, progress_none, heading_said, to_all, said_line,
    // Typing
    type_search, type_narrow, type_all, type_one, type_export, type_keys, search_none,
    // Messages
    message_empty, no_room, not_here, send_all_title, send_one_title, send_lifetime, send_note,
    send_keys, sending, sent_all, sent_one, not_sent, shown_until, attend_none, attend_text,
    // Sweep
    no_roster, not_on_roster, prove_title, prove_all, prove_note, prove_keys, sweep_busy,
    sweep_runs, sweep_cancelled, sweep_done, sweep_unread,
    // Export
    export_kinds, exported,
    // The room's state
    as_of, other_course, room_closed, room_expired, trouble_missing, trouble_foreign, trouble_newer,
    trouble_busy, trouble_other,
    // Palette and mouse
    palette_attendee, by_mouse,
    // Actions: help, then footer
    a_open, a_filter, a_sort, a_sort_back, a_search, a_narrow, a_next_hit, a_previous_hit,
    a_next_module, a_previous_module, a_message_all, a_message_one, a_attend, a_map, a_room,
    a_queue, a_claims, a_prove_one, a_prove_all, a_export, a_next_screen, a_previous_screen, a_down,
    a_up, a_half_down, a_half_up, a_page_down, a_page_up, a_top, a_bottom, a_close, a_language,
    a_help, a_palette, a_suspend, a_interrupt, a_quit, f_open, f_filter, f_sort, f_search,
    f_message_all, f_message_one, f_attend, f_map, f_room, f_queue, f_claims, f_prove_one,
    f_prove_all, f_export, f_close, f_language, f_help, f_quit,
}
