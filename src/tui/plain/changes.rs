//! What was said last, to tell what is new.

use crate::course::PartId;
use crate::i18n::{Lang, fill};
use crate::markdown::PlainLine;
use crate::progress::room::Message;
use crate::tui::model::{Account, Chooser, Model, Sheet};
use crate::tui::room::{self, RoomTrouble};

use super::page::{Reading, read};

/// The place that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) part: PartId,
    pub(super) step: Option<String>,
    pub(super) lang: Lang,
}

impl Place {
    pub(super) fn of(model: &Model) -> Self {
        Self { part: model.part, step: model.page.step.clone(), lang: model.lang }
    }
}

/// What was said last.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The place, and its text at that time.
    pub(super) place: Option<(Place, Vec<PlainLine>)>,
    /// The list of accounts, in its language.
    chooser: Option<(Chooser, Lang)>,
    /// The question, in its language.
    sheet: Option<(Sheet, Lang)>,
    account: Option<Account>,
    due: [Option<u32>; 2],
    /// The instructor's new messages.
    messages: Vec<Message>,
    room_trouble: Option<RoomTrouble>,
}

impl Said {
    /// The list of accounts, where it is open and new.
    pub(super) fn new_chooser(&mut self, model: &Model) -> Option<Chooser> {
        let listed = model.chooser.clone().filter(|chooser| chooser.profiles.is_some());
        let now = listed.map(|chooser| (chooser, model.lang));
        let new = self.chooser != now;
        self.chooser.clone_from(&now);
        now.filter(|_| new).map(|(chooser, _)| chooser)
    }

    /// What stands over the panes, where it is new.
    pub(super) fn new_sheet(&mut self, model: &Model) -> Option<Sheet> {
        let now = model.sheet.clone().map(|sheet| (sheet, model.lang));
        let new = self.sheet != now;
        self.sheet.clone_from(&now);
        now.filter(|_| new).map(|(sheet, _)| sheet)
    }

    /// Whether another account is open than before.
    pub(super) fn account_opened(&mut self, model: &Model) -> bool {
        let new = self.account.as_ref() != Some(&model.account);
        self.account = Some(model.account.clone());
        new && matches!(model.account, Account::Open(_))
    }

    /// Warnings that weren't said yet.
    pub(super) fn new_warnings(&mut self, model: &Model) -> Vec<String> {
        let before = std::mem::replace(&mut self.due, model.clock.due());
        let new = before.iter().zip(&self.due).map(|(before, due)| before != due);
        let warnings = model.clock.warnings(model.words());
        warnings.into_iter().zip(new).filter_map(|(warning, new)| warning.filter(|_| new)).collect()
    }

    /// What the instructor says, and trouble with the room, where it is new.
    pub(super) fn new_in_room(&mut self, model: &Model) -> Vec<String> {
        let words = model.words();
        let before = std::mem::replace(&mut self.messages, model.room.fresh().to_vec());
        let new = self.messages.iter().filter(|message| !before.contains(message));
        let mut said: Vec<String> = new.map(|message| room::said(message, words)).collect();
        let trouble = model.room.news.trouble.clone();
        let is_new = match (&self.room_trouble, &trouble) {
            (Some(before), Some(now)) => !before.is(now),
            (None, now) => now.is_some(),
            (Some(_), None) => false,
        };
        if let Some(trouble) = trouble.as_ref().filter(|_| is_new) {
            said.push(fill(words.p_trouble, &[&trouble.said(words)]));
        }
        self.room_trouble = trouble;
        said
    }

    /// Notes that the place has been read.
    pub(super) fn has_read(&mut self, model: &Model) {
        self.place = Some((Place::of(model), read(model, Reading::Here)));
    }

    /// Whether the place's text isn't what was read any more.
    pub(super) fn text_changed(&self, model: &Model) -> bool {
        self.place.as_ref().is_some_and(|(_, text)| *text != read(model, Reading::Here))
    }
}
