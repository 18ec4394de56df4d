//! Applies solutions on the practice account.

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::Open;
use crate::cli::Context;
use crate::course::Course;
use crate::tui::Trouble;

#[expect(clippy::unused_async, reason = "solving is awaited")]
pub(super) async fn solve(
    _context: &Context,
    _course: &Course,
    _open: &Open,
    _steps: &[String],
    _progress: &UnboundedSender<String>,
    _cancel: &CancellationToken,
) -> Result<(), Trouble> {
    Err(Trouble::new("Solutions can't be applied from here yet.", "Use stepproof practice solve."))
}
