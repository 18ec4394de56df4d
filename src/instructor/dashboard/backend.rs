//! What the dashboard needs from the rest of the program, behind one trait: `cli` implements it over
//! rooms and rosters, tests over a table.

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use crate::i18n::Lang;
use crate::progress::room::{About, Changes, Cursor, Message, RoomError};
use crate::report::grade::Record;
use crate::tui::Trouble;

/// What happens while accounts are proven.
#[derive(Debug, Clone)]
pub enum Proving {
    /// So many will be read.
    All(usize),
    /// One is being read.
    Began,
    /// One has a result.
    Done(Arc<Record>),
}

/// Which accounts are proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// All of the roster.
    All,
    /// One account of it.
    One(String),
}

impl Whom {
    /// Whether an account is one of them.
    pub fn holds(&self, account: &str) -> bool {
        match self {
            Self::All => true,
            Self::One(one) => one == account,
        }
    }
}

/// The rest of the program. Nothing here is called before the first frame.
pub trait Backend: Send + Sync {
    /// What the room is for.
    fn about(self: Arc<Self>) -> BoxFuture<'static, Result<About, RoomError>>;

    /// What changed in the room.
    fn changes(self: Arc<Self>, since: Cursor) -> BoxFuture<'static, Result<Changes, RoomError>>;

    /// Says something to the room.
    fn post(self: Arc<Self>, message: Message) -> BoxFuture<'static, Result<(), RoomError>>;

    /// Reads accounts and tells what came of each. What was told until it is cancelled stays.
    fn prove(
        self: Arc<Self>,
        whom: Whom,
        lang: Lang,
        events: UnboundedSender<Proving>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Result<(), Trouble>>;

    /// Writes a new file; one that is there is left alone. Gives its whole path.
    fn export(
        self: Arc<Self>,
        path: PathBuf,
        text: String,
    ) -> BoxFuture<'static, Result<PathBuf, Trouble>>;

    /// Writes the page for the projector over the one before.
    fn page(self: Arc<Self>, text: String) -> BoxFuture<'static, Result<(), Trouble>>;
}
