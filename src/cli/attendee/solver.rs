//! Applies solutions on the practice account.

use std::path::PathBuf;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::Open;
use crate::cli::practice::act::Place;
use crate::cli::practice::app_dir::app_dir;
use crate::cli::practice::solve::{SolveError, solve as apply};
use crate::cli::{Context, session};
use crate::course::Course;
use crate::tui::Trouble;

pub(super) async fn solve(
    (context, app): (&Context, Option<PathBuf>),
    course: &Course,
    open: &Open,
    steps: &[String],
    progress: &UnboundedSender<String>,
    cancel: &CancellationToken,
) -> Result<(), Trouble> {
    let Some(server) = &open.session.server else {
        return Err(Trouble::new("This is no practice account.", ""));
    };
    let place = Place {
        endpoint: server.endpoint(),
        account: open.account.clone(),
        region: open.session.account.region().to_owned(),
        app: app.unwrap_or_else(|| app_dir(context, &open.account, course)),
        names: session::names(context, course),
    };
    let mut tell = |line: String| {
        // The interface may be gone.
        let _ = progress.send(line);
    };
    apply(&place, course, &course.files, steps, cancel, &mut tell).await.map_err(|error| {
        let remedy = match error {
            SolveError::Cancelled => "",
            _ => "Solved steps stay solved. To begin anew: stepproof practice reset",
        };
        Trouble::new(error.to_string(), remedy)
    })
}
