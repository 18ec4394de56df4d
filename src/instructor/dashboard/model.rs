//! The dashboard's whole state.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::action::Bindings;
use super::list::List;
use super::palette::Palette;
use super::polling::Polling;
use super::prompt::Prompt;
use super::sweeping::Sweeping;
use crate::course::Course;
use crate::i18n::{DashboardWords, Lang, Words};
use crate::instructor::crowd::{Attendee, Crowd};
use crate::instructor::demo::DemoClock;
use crate::progress::room::Message;
use crate::tui::{Notice, Theme, Time};

/// The dashboard's state. Changed by [`super::update()`] alone.
#[derive(Debug)]
pub struct Model {
    /// Colours and signs.
    pub theme: Theme,
    /// The interface's language.
    pub lang: Lang,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Which key does what.
    pub keys: Bindings,
    /// The course.
    pub course: Arc<Course>,
    /// How the room is called; none where there is a roster alone.
    pub room: Option<String>,
    /// Accounts on the roster; none where there is no roster.
    pub roster: Option<BTreeSet<String>>,
    /// What is known of everybody.
    pub crowd: Crowd,
    /// The time.
    pub time: Time,
    /// When the event ends.
    pub ends: Option<Timestamp>,
    /// What the body shows.
    pub screen: Screen,
    /// Where the open attendee was opened from.
    pub from: Screen,
    /// The attendees of the map.
    pub list: List,
    /// The help queue's marked line, and the claims'.
    pub marks: [usize; 2],
    /// The open attendee, by their place in the crowd.
    pub opened: Option<usize>,
    /// Rows that the attendee's page is scrolled by, and the room's.
    pub scrolls: [usize; 2],
    /// A text that is looked for on the map.
    pub search: String,
    /// What is being typed.
    pub prompt: Option<Prompt>,
    /// What stands over the body.
    pub sheet: Option<Sheet>,
    /// Rows that it is scrolled by.
    pub sheet_scroll: usize,
    /// The palette, while it is open.
    pub palette: Option<Palette>,
    /// One line above the footer.
    pub notice: Option<Notice>,
    /// Messages that are said, the last one last.
    pub said: Vec<Message>,
    /// Requests for help that somebody is on the way to: account, and when it was asked.
    pub attended: BTreeSet<(String, Timestamp)>,
    /// The room's state, as far as it can be asked.
    pub polling: Polling,
    /// What is being proven.
    pub sweeping: Sweeping,
    /// The page for the projector; none where none is kept.
    pub page: Option<PageKept>,
    /// Whether somebody's name has letters that terminals don't agree on the columns of: frames are
    /// drawn as a whole then.
    pub joined: bool,
    /// Set when the screen no longer shows the state.
    pub dirty: bool,
}

/// What the body shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// Everybody: attendees by modules.
    Map,
    /// The room as a whole.
    Room,
    /// Who asks for help.
    Queue,
    /// Where the room and the sweep say different things.
    Claims,
    /// One attendee.
    Attendee,
}

/// What stands over the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sheet {
    /// Every key.
    Keys,
    /// A message before it is sent.
    Send(Draft),
    /// All accounts of the roster before they are read.
    ProveAll,
}

/// A message that isn't sent yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The account and name that it is for; none for all.
    pub to: Option<(String, String)>,
    /// What it says.
    pub text: String,
    /// After how many minutes it goes by itself.
    pub minutes: i64,
    /// The request for help that it answers: when that was asked.
    pub answers: Option<Timestamp>,
}

/// The page for the projector.
#[derive(Debug, Clone, Copy)]
pub struct PageKept {
    /// Whether it shows names.
    pub names: bool,
    /// When it may be written next, by the interface's clock.
    pub due: Duration,
    /// Whether it shows something else than what is known.
    pub stale: bool,
}

/// What a dashboard begins with.
#[derive(Debug)]
pub struct Setting {
    /// The course.
    pub course: Arc<Course>,
    /// How the room is called; none where there is a roster alone.
    pub room: Option<String>,
    /// Accounts on the roster; none where there is no roster.
    pub roster: Option<BTreeSet<String>>,
    /// What is known of everybody before the room is asked: who is expected.
    pub crowd: Crowd,
    /// Whether a page for the projector is kept, and whether it shows names.
    pub page: Option<bool>,
    /// When the event ends; the room may know it where this says nothing.
    pub ends: Option<Timestamp>,
    /// What the clock shows, where that isn't the time: in a demonstration.
    pub clock: Option<DemoClock>,
}

impl Model {
    /// The state before the room is asked.
    pub fn new(
        setting: Setting,
        theme: Theme,
        lang: Lang,
        size: (u16, u16),
        keys: Bindings,
    ) -> Self {
        let shown = if theme.ascii { Lang::En } else { lang };
        let said = (shown != lang).then(|| keys.common_words(shown).ascii_only.to_owned());
        let page = setting.page.map(|names| PageKept { names, due: Duration::ZERO, stale: true });
        let mut model = Self {
            theme,
            lang: shown,
            size,
            keys,
            course: setting.course,
            room: setting.room,
            roster: setting.roster,
            crowd: setting.crowd,
            time: Time::default(),
            ends: setting.ends,
            screen: Screen::Map,
            from: Screen::Map,
            list: List::default(),
            marks: [0; 2],
            opened: None,
            scrolls: [0; 2],
            search: String::new(),
            prompt: None,
            sheet: None,
            sheet_scroll: 0,
            palette: None,
            notice: said.map(|text| Notice { trouble: false, text }),
            said: Vec::new(),
            attended: BTreeSet::new(),
            polling: Polling::default(),
            sweeping: Sweeping::default(),
            page,
            joined: false,
            dirty: true,
        };
        super::list::order_anew(&mut model);
        model
    }

    /// The dashboard's words.
    pub fn words(&self) -> &'static DashboardWords {
        self.keys.words(self.lang)
    }

    /// The words that the attendee's interface has too.
    pub fn common(&self) -> &'static Words {
        self.keys.common_words(self.lang)
    }

    /// Whether somebody is on the way to an attendee's request for help.
    pub fn is_attended(&self, attendee: &Attendee) -> bool {
        attendee
            .open_help()
            .is_some_and(|help| self.attended.contains(&(attendee.account.clone(), help.asked)))
    }

    /// Minutes until the event ends; none where it isn't known.
    pub fn left(&self) -> Option<u32> {
        Some(crate::report::status::minutes_until(self.ends?, self.time.wall))
    }

    /// The attendee that keys are about: the open one, or the marked one.
    pub fn marked(&self) -> Option<&Attendee> {
        let at = match self.screen {
            Screen::Map => self.list.marked,
            Screen::Attendee => self.opened,
            Screen::Queue => self.crowd.help_queue().get(self.marks[0]).map(|line| line.attendee),
            Screen::Claims => self.crowd.disagreements().get(self.marks[1]).map(|line| line.0),
            Screen::Room => None,
        };
        self.crowd.attendees().get(at?)
    }
}
