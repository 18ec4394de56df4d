//! Reaching a room's table.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::Who;
use crate::cli::attendee::chosen;
use crate::cli::{Context, Error, profiles};
use crate::progress::room::{Code, DynamoRoom, Login, Place};
use crate::tui::Choice;

/// How long a connection serves again, its credentials too; then they are looked for anew, because
/// they may have been replaced.
const KEPT: Duration = Duration::from_mins(1);

/// Who reached which table, with which credentials.
type Key = (Code, Who, Login);

/// The tables that this process reached: the terminal interface asks often.
static REACHED: LazyLock<Mutex<Vec<(Key, Instant, DynamoRoom)>>> = LazyLock::new(Mutex::default);

/// A room's table: attendees come through its role, where it has one.
pub(super) async fn reach(
    code: &Code,
    place: &Place,
    who: Who,
    context: &Context,
) -> Result<DynamoRoom, Error> {
    let key = (code.clone(), who, login(who, context)?);
    let mut reached = REACHED.lock().await;
    reached.retain(|(_, since, _)| since.elapsed() < KEPT);
    if let Some((_, _, room)) = reached.iter().find(|(known, ..)| *known == key) {
        return Ok(room.clone());
    }
    let config = key.2.config(place).await;
    let room = match who {
        Who::Attendee if place.role => DynamoRoom::through_role(code, place, &config).await?,
        Who::Attendee | Who::Instructor => DynamoRoom::with(code, place, &config),
    };
    reached.push((key, Instant::now(), room.clone()));
    Ok(room)
}

/// Whose credentials reach a table: the profile that the learner works with, or the environment's
/// where they work in the practice account, whose own credentials lead nowhere else.
pub(super) fn login(who: Who, context: &Context) -> Result<Login, Error> {
    let profile = match chosen(context) {
        Some(Choice::Profile(profile)) if who == Who::Attendee => profile,
        _ => context.global.profile.clone(),
    };
    profiles::check(profile.as_deref())?;
    Ok(Login { profile, region: context.global.region.clone() })
}
