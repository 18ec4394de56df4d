//! Reaching a room's table.

use super::Who;
use crate::cli::attendee::chosen;
use crate::cli::{Context, Error, profiles};
use crate::progress::room::{Code, DynamoRoom, Login, Place};
use crate::tui::Choice;

/// A room's table: attendees come through its role, where it has one.
pub(super) async fn reach(
    code: &Code,
    place: &Place,
    who: Who,
    context: &Context,
) -> Result<DynamoRoom, Error> {
    let config = login(who, context)?.config(place).await;
    match who {
        Who::Attendee if place.role => Ok(DynamoRoom::through_role(code, place, &config).await?),
        Who::Attendee | Who::Instructor => Ok(DynamoRoom::with(code, place, &config)),
    }
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
