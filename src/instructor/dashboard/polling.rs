//! Asking the room what is new, and what is known when it can't be asked.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use super::model::Model;
use super::msg::Effect;
use super::view::said;
use crate::i18n::fill;
use crate::progress::room::{About, Changes, Cursor, RoomError};

/// Between two questions.
const EVERY: Duration = Duration::from_secs(2);
/// After trouble, a room is left in peace for longer.
const AFTER_TROUBLE: Duration = Duration::from_secs(5);
/// Between two versions of the page for the projector.
const PAGE: Duration = Duration::from_secs(5);

/// The room's state, as far as it can be asked.
#[derive(Debug, Default)]
pub struct Polling {
    /// Up to where changes were seen.
    cursor: Cursor,
    /// A question waits for its answer.
    asking: bool,
    /// When to ask next, by the interface's clock.
    due: Duration,
    /// Why the last question had no answer.
    pub trouble: Option<RoomError>,
    /// The rows that were told: version and time, by account.
    seen: HashMap<String, (u64, Timestamp)>,
    /// When the room answered last.
    pub heard: Option<Timestamp>,
    /// What the room is for, once it has said so.
    pub about: Option<About>,
    /// Whether the room takes no more: somebody wanted to say something, and couldn't.
    pub closed: bool,
}

/// Asks the room, and writes the page, where that is due.
pub(super) fn ask(model: &mut Model) -> Vec<Effect> {
    let now = model.time.running;
    let mut effects = Vec::new();
    let polling = &mut model.polling;
    if model.room.is_some() && !polling.asking && polling.due <= now {
        polling.asking = true;
        if polling.about.is_none() {
            effects.push(Effect::About);
        }
        effects.push(Effect::Changes(polling.cursor));
    }
    let knows = is_known(model);
    if let Some(page) = model.page.as_mut().filter(|page| knows && page.stale && page.due <= now) {
        (page.stale, page.due) = (false, now + PAGE);
        effects.push(Effect::Page(super::page_text(model)));
    }
    effects
}

/// Whether there is something to be shown: no page says that nobody is there before that is known.
fn is_known(model: &Model) -> bool {
    model.room.is_none() || model.polling.heard.is_some()
}

/// How long until something is due.
pub(super) fn pause(model: &Model) -> Duration {
    let now = model.time.running;
    let polling = &model.polling;
    let asks = (model.room.is_some() && !polling.asking).then_some(polling.due);
    let writes = model.page.filter(|page| is_known(model) && page.stale).map(|page| page.due);
    let next = asks.into_iter().chain(writes).min();
    next.map_or(Duration::MAX, |due| due.saturating_sub(now))
}

/// Takes what the room is for. A room of another course is told of; it holds nobody's news for this
/// one.
pub(super) fn about(model: &mut Model, about: Result<About, RoomError>) -> Vec<Effect> {
    // Trouble is told with the changes, which are asked for at the same time.
    let Ok(about) = about else { return Vec::new() };
    if about.course != model.course.index.id {
        let text = fill(model.words().other_course, &[&about.course]);
        super::update::warn(model, text);
    }
    model.ends = model.ends.or(about.ends);
    model.polling.about = Some(about);
    model.dirty = true;
    Vec::new()
}

/// Takes what changed.
pub(super) fn changes(model: &mut Model, changes: Result<Changes, RoomError>) -> Vec<Effect> {
    let now = model.time.running;
    model.polling.asking = false;
    match changes {
        Ok(Changes { mut rows, next }) => {
            let first = model.polling.heard.is_none();
            let polling = &mut model.polling;
            // A room may tell again what it told before: that is no news, and nothing is drawn for it.
            rows.retain(|row| {
                let now = (row.version, row.changed);
                polling.seen.insert(row.account.clone(), now) != Some(now)
            });
            (polling.cursor, polling.due) = (next, now + EVERY);
            let recovered = polling.trouble.take().is_some();
            polling.heard = Some(model.time.wall);
            if first || recovered || !rows.is_empty() {
                model.crowd.take(rows, model.time.wall);
                changed(model);
            }
        }
        Err(trouble) => {
            model.polling.due = now + AFTER_TROUBLE;
            if model.polling.trouble.as_ref() != Some(&trouble) {
                model.polling.trouble = Some(trouble);
                model.dirty = true;
            }
        }
    }
    Vec::new()
}

/// Everything that shows the crowd has to be shown anew.
pub(super) fn changed(model: &mut Model) {
    model.dirty = true;
    model.list.stale = true;
    if let Some(page) = &mut model.page {
        page.stale = true;
    }
}

/// What is to be said of the room's state, as long as there is something.
pub(super) fn state(model: &Model) -> Option<String> {
    let (words, polling) = (model.words(), &model.polling);
    if let Some(trouble) = &polling.trouble {
        let what = said::room_trouble(words, trouble);
        let since = polling.heard.map(|heard| {
            let minutes = crate::instructor::crowd::minutes_since(heard, model.time.wall);
            fill(words.as_of, &[&model.time.shown(heard), &minutes.to_string()])
        });
        return Some(said::sentences(&what, since.as_deref().unwrap_or("")));
    }
    let expired = polling.about.as_ref().filter(|about| about.expires <= model.time.wall);
    if expired.is_some() {
        return Some(words.room_expired.to_owned());
    }
    polling.closed.then(|| words.room_closed.to_owned())
}
