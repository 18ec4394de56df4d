//! Effects on rooms.

use tokio::sync::mpsc::unbounded_channel;

use super::Performer;
use crate::tui::msg::Msg;
use crate::tui::room::{RoomEffect, RoomMsg};

impl Performer {
    pub(super) fn room(&mut self, effect: RoomEffect) {
        let tell = |msg| Some(Msg::Room(msg));
        let backend = self.backend.clone();
        match effect {
            RoomEffect::Watch => self.watch(),
            RoomEffect::Preview(room, name) => {
                self.ask(backend.preview(room, name), move |plan| tell(RoomMsg::Previewed(plan)));
            }
            RoomEffect::Join(plan) => {
                let joined = backend.join(plan.clone());
                self.ask(joined, move |joined| tell(RoomMsg::Joined(plan, joined)));
            }
            RoomEffect::Leave => self.ask(backend.leave(), move |left| tell(RoomMsg::Left(left))),
        }
    }

    /// Follows the room of the account that is open now, and no other one's. Nothing waits for that:
    /// it goes on until the end.
    fn watch(&mut self) {
        self.watching.abort_all();
        let (news, mut told) = unbounded_channel();
        let watch = self.backend.clone().watch(news);
        self.watching.spawn(async move { drop(watch.await) });
        let sender = self.sender.clone();
        self.watching.spawn(async move {
            while let Some(news) = told.recv().await {
                if sender.send(Msg::Room(RoomMsg::News(news))).is_err() {
                    return;
                }
            }
        });
    }
}
