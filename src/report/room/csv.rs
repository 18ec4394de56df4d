//! The room as a table for spreadsheets (RFC 4180): a line for each attendee, columns for each
//! module, so that it is sorted and filtered as it is.

use std::fmt::Write;

use super::super::csv::{quoted, shown};
use super::model::{AttendeeLine, Snapshot};

const HEADER: &str = "name,account,roster,presence,step,since,news,stuck,reason,help_asked,steps_done,\
    modules_done,minutes,hints,swept,disagreements";

/// A line for each attendee, after a header. What isn't known is an empty field.
pub fn csv(snapshot: &Snapshot) -> String {
    let mut text = HEADER.to_owned();
    for module in &snapshot.modules {
        for column in ["state", "done", "minutes", "proven"] {
            let _ = write!(text, ",m{}_{column}", module.module);
        }
    }
    text.push_str("\r\n");
    for attendee in &snapshot.attendees {
        let fields: Vec<String> = fields(attendee).iter().map(|field| quoted(field)).collect();
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    text
}

fn fields(one: &AttendeeLine) -> Vec<String> {
    let time = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let help = one.help.as_ref().filter(|help| help.over.is_none());
    let stuck = one.stuck.first();
    let mut fields = vec![
        shown(&one.name),
        one.account.clone(),
        shown(one.roster.as_deref().unwrap_or_default()),
        one.presence.clone(),
        one.step.clone().unwrap_or_default(),
        time(one.since),
        time(one.news),
        stuck.map(|why| why.reason.clone()).unwrap_or_default(),
        stuck.map(|why| shown(&why.text)).unwrap_or_default(),
        time(help.map(|help| help.asked)),
        one.steps_done.to_string(),
        one.modules_done.to_string(),
        one.minutes.to_string(),
        one.hints.to_string(),
        time(one.swept),
        one.disagreements.len().to_string(),
    ];
    for cell in &one.modules {
        let state = serde_json::to_value(cell.state).unwrap_or_default();
        fields.push(state.as_str().unwrap_or_default().to_owned());
        fields.push(cell.done.to_string());
        fields.push(cell.minutes.to_string());
        fields.push(cell.proven.map(|proven| proven.to_string()).unwrap_or_default());
    }
    fields
}
