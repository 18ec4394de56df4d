//! What a session says by itself: what is new in the state, and where it begins.

use crate::i18n::fill;
use crate::markdown::PlainLine;
use crate::tui::action::Action;
use crate::tui::ask::Ask;
use crate::tui::model::{Sheet, SheetKind};
use crate::tui::msg::{Effect, Msg};
use crate::tui::plain::changes::Place;
use crate::tui::plain::lists;
use crate::tui::plain::page::{self, Reading};
use crate::tui::view::sheets;

use super::Session;

impl Session {
    /// Says what is new, once nothing more is being done.
    pub(in crate::tui) fn settle(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Some(chooser) = self.said.new_chooser(&self.model) {
            self.notice();
            self.out.extend(lists::chooser(&chooser, self.model.words()));
        }
        if self.model.chooser.is_some() {
            return effects;
        }
        if !self.begun {
            return self.begin();
        }
        if self.said.account_opened(&self.model) {
            self.say(lists::account(&self.model));
        }
        match self.said.new_sheet(&self.model) {
            Some(Sheet { kind: SheetKind::Solve { steps, lines }, .. }) => {
                self.out.extend(lists::question(&steps, &lines, self.model.words()));
            }
            Some(sheet) => {
                let lines = sheets::lines(&self.model, &sheet);
                self.out.extend(lines.into_iter().map(PlainLine::new));
                let words = self.model.words();
                if self.asks_for_help() {
                    self.say(words.p_answer_help);
                } else if sheets::asks(&sheet) {
                    self.say(words.p_answer);
                } else {
                    effects.extend(self.act(Action::Close));
                }
            }
            None => {}
        }
        if let (Some(map), Some(course)) = (&self.model.map, &self.model.course) {
            self.out.extend(lists::map(&self.model, course, map));
            effects.extend(self.act(Action::Map));
        }
        if std::mem::take(&mut self.searching)
            && let Some(search) = &self.model.search
        {
            self.out.extend(lists::hits(search, self.model.words()));
        }
        self.place();
        self.notice();
        effects
    }

    /// Reads the place where it is another one than before, or says that its text has changed.
    fn place(&mut self) {
        let before = self.said.place.as_ref().map(|(place, _)| place);
        if before == Some(&Place::of(&self.model)) {
            if self.said.text_changed(&self.model) {
                self.say(self.model.words().p_changed);
                self.said.has_read(&self.model);
            }
            return;
        }
        self.introduce();
        self.read(Reading::Here);
    }

    /// Says which part is read, where it is another one than before, or in another language.
    pub(super) fn introduce(&mut self) {
        let now = Place::of(&self.model);
        let same = |(before, _): &(Place, _)| (before.part, before.lang) == (now.part, now.lang);
        if !self.said.place.as_ref().is_some_and(same) {
            self.out.extend(page::introduction(&self.model));
            self.out.push(PlainLine::default());
        }
    }

    pub(super) fn read(&mut self, reading: Reading) {
        let lines = page::read(&self.model, reading);
        self.out.extend(lines);
        if let Some(state) = page::state(&self.model).filter(|_| reading != Reading::All) {
            self.out.push(PlainLine::default());
            self.say(state);
        }
        self.behind = false;
        self.said.has_read(&self.model);
    }

    /// Says what was noticed, once.
    fn notice(&mut self) {
        let Some(notice) = self.model.notice.clone() else { return };
        let said = if notice.trouble {
            fill(self.model.words().p_trouble, &[&notice.text])
        } else {
            notice.text
        };
        self.say(said);
        drop(self.take(Msg::Ask(Ask::Heard)));
    }

    /// Where nobody answers, what can be read without an account is read.
    pub(in crate::tui) fn begin_without_account(&mut self) {
        if !self.begun {
            // Nothing is to be recorded of it either.
            drop(self.begin());
            self.say(self.model.words().p_no_account);
        }
    }

    /// Says where the learner is, and reads the step to begin with.
    fn begin(&mut self) -> Vec<Effect> {
        self.begun = true;
        let _ = self.said.account_opened(&self.model);
        self.out.extend(lists::location(&self.model, false));
        self.say(self.model.words().p_start);
        self.notice();
        // Why a module matters is read before its first work.
        let steps = self.model.open_part().map_or(&[][..], |part| part.steps);
        let fresh = !steps.iter().any(|step| self.model.is_done(step));
        let opening = self.start.is_none() && fresh;
        let next = self.start.take().or_else(|| self.next_open());
        let effects = match next {
            Some(name) => self.ask(Ask::Begin(name)),
            None => Vec::new(),
        };
        self.introduce();
        self.read(if opening { Reading::FromOpening } else { Reading::Here });
        self.notice();
        effects
    }

    /// The open module's first step that isn't done.
    fn next_open(&self) -> Option<String> {
        let mut steps = self.model.open_part()?.steps.iter();
        let open = steps.find(|step| !step.spec.optional && !self.model.is_done(step))?;
        Some(open.spec.id.clone())
    }
}
