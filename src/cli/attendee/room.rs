//! The learner's room, as the interface needs it.

use std::sync::{Arc, PoisonError};

use tokio::sync::mpsc::UnboundedSender;

use super::{Record, Rest};
use crate::cli::room::{self, Desk, Entrance, NotLeft};
use crate::progress::Journal;
use crate::tui::{JoinPlan, Leave, RoomNews, Rooms, Trouble, Work};

impl Rest {
    /// The open account's journal.
    fn record(&self) -> Result<Record, Trouble> {
        self.opened()?.journal.clone()
    }

    /// Visits the room again and again, and each time that something is recorded.
    async fn visit(&self, news: UnboundedSender<RoomNews>) -> Result<(), Trouble> {
        let Record { journal, learner } = self.record()?;
        let mut desk = Desk::new(&self.context, self.course_read()?, journal, learner);
        let (mut said, mut recorded) = (None, true);
        loop {
            let now = desk.visit(recorded).await;
            // After a record also what is the same: it is known by then.
            if (recorded || said.as_ref() != Some(&now)) && news.send(now.clone()).is_err() {
                return Ok(());
            }
            said = Some(now);
            recorded = match desk.pause() {
                None => {
                    self.news.notified().await;
                    true
                }
                Some(pause) => tokio::time::timeout(pause, self.news.notified()).await.is_ok(),
            };
        }
    }

    async fn look_at(&self, room: &str, name: String) -> Result<JoinPlan, Trouble> {
        let record = self.record()?;
        let entries = record.run(Journal::entries).await?;
        let (course, whose) = (self.course_read()?, (&record.learner, entries.as_slice()));
        let found = Entrance::find(&self.context, &course, whose, room, name.clone()).await?;
        let sent = found.sent()?.lines().map(str::to_owned).collect();
        let room = found.short_name();
        *self.entrance.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        Ok(JoinPlan { room, name, sent })
    }

    async fn enter(&self, plan: JoinPlan) -> Result<(), Trouble> {
        let found = self.entrance.lock().unwrap_or_else(PoisonError::into_inner).take();
        let shown = |found: &Entrance| {
            found.sent().is_ok_and(|sent| sent.lines().eq(plan.sent.iter().map(String::as_str)))
        };
        let found = found.filter(shown);
        let found = found.ok_or_else(|| Trouble::new("Nothing was sent.", "Join once more."))?;
        found.enter(&self.context, &self.record()?.learner).await?;
        self.news.notify_one();
        Ok(())
    }

    async fn go(&self) -> Result<Leave, Trouble> {
        let left = room::leave(&self.context, &self.record()?.learner).await;
        self.news.notify_one();
        match left {
            Ok(()) | Err(NotLeft::Nowhere) => Ok(Leave::Done),
            Err(NotLeft::Untold(_)) => Ok(Leave::Later),
        }
    }
}

impl Rooms for Rest {
    fn watch(self: Arc<Self>, news: UnboundedSender<RoomNews>) -> Work<()> {
        Box::pin(async move { self.visit(news).await })
    }

    fn preview(self: Arc<Self>, room: String, name: String) -> Work<JoinPlan> {
        Box::pin(async move { self.look_at(&room, name).await })
    }

    fn join(self: Arc<Self>, plan: JoinPlan) -> Work<()> {
        Box::pin(async move { self.enter(plan).await })
    }

    fn leave(self: Arc<Self>) -> Work<Leave> {
        Box::pin(async move { self.go().await })
    }
}
