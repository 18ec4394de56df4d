//! A room with a few people in it, and an instructor in front of it: keys in, cells out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::{SignedDuration, Timestamp};

use crate::check::{
    AccountKind, CheckResult, CourseId, ModuleResult, Report, Score, State, StepResult, Verdict,
};
use crate::course::Course;
use crate::i18n::Lang;
use crate::instructor::crowd::Crowd;
use crate::instructor::dashboard::*;
use crate::progress::room::{
    Body, Changes, CheckNews, Cursor, Help, Here, Item, ModuleNews, Name, Row, Unreadable,
};
use crate::report::grade::{Outcome, Record};
use crate::tui::tests::snapshots::Look;
use crate::tui::{KeyMap, Theme, Time};

pub(super) const PLAIN: Theme = Theme { colour: false, ascii: false, hyperlinks: false };
pub(super) const COLOUR: Theme = Theme { colour: true, ascii: false, hyperlinks: false };
pub(super) const ASCII: Theme = Theme { colour: false, ascii: true, hyperlinks: false };

/// The check that fails for the first attendee.
pub(super) const CHECK: &str = "every-method-has-an-authorizer";

/// An instructor at a terminal.
pub(super) struct Instructor {
    pub(super) model: Model,
}

/// A minute of the event, which began at nine.
pub(super) fn minute(minute: i64) -> Timestamp {
    let nine: Timestamp = "2026-11-28T09:00:00Z".parse().expect("a time");
    nine + SignedDuration::from_mins(minute)
}

/// An attendee's account.
pub(super) fn account(number: usize) -> String {
    format!("1111{number:08}")
}

/// What an attendee let the room know, who is at a step.
pub(super) fn item(number: usize, name: &str, step: &str, since: i64) -> Item {
    Item {
        name: Name { name: name.into(), joined: minute(0) },
        account: account(number),
        kind: AccountKind::Aws,
        course: course().index.id.clone(),
        here: Some(Here { step: step.into(), since: minute(since) }),
        modules: BTreeMap::new(),
        checks: BTreeMap::new(),
        help: None,
    }
}

pub(super) fn news(state: State, done: usize, minutes: u32, at: i64) -> ModuleNews {
    ModuleNews { state, done, minutes, at: minute(at) }
}

pub(super) fn row(version: u64, item: Item, at: i64) -> Row {
    let account = item.account.clone();
    Row { account, version, changed: minute(at), body: Body::Here(Box::new(item)) }
}

pub(super) fn course() -> Arc<Course> {
    static COURSE: std::sync::LazyLock<Arc<Course>> =
        std::sync::LazyLock::new(|| Arc::new(Course::embedded().expect("the embedded course")));
    Arc::clone(&COURSE)
}

/// A few attendees, each with something else to be seen.
pub(super) fn people() -> Vec<Row> {
    let mut kai = item(1, "Kai", "1d", 60);
    kai.modules.insert(0, news(State::Done, 5, 40, 40));
    kai.modules.insert(1, news(State::InProgress, 3, 50, 95));
    let mut fails = CheckNews::new(minute(95));
    fails.verdict = Some(Verdict::Fail);
    (fails.failed, fails.failed_ever, fails.same, fails.hints) = (5, 6, 4, 2);
    fails.message = "Still open to anyone.".into();
    fails.offenders = vec!["GET /capes".into(), "GET /socks".into()];
    kai.checks.insert(CHECK.into(), fails);
    let mut hanako = item(2, "山田 花子", "5a", 92);
    hanako.modules.insert(0, news(State::Done, 5, 35, 38));
    hanako.modules.insert(1, news(State::Done, 6, 40, 80));
    hanako.help = Some(Help {
        step: "5a".into(),
        asked: minute(96),
        over: None,
        evidence: vec!["POST /customizations takes {\"name\": \"' OR 1=1\"}".into()],
    });
    let mut done = item(3, "Ola", "12a", 99);
    for module in &course().modules {
        let required = module.steps.iter().filter(|step| !step.spec.optional).count();
        done.modules.insert(module.entry.number, news(State::Done, required, 15, 98));
    }
    let mut back = item(4, "Μαρία", "0c", 97);
    back.modules.insert(0, news(State::Regressed, 4, 30, 97));
    let left = Row { account: account(5), version: 3, changed: minute(20), body: Body::Left };
    let newer = Body::Unreadable(Unreadable::Newer { format: 9 });
    let newer = Row { account: account(6), version: 1, changed: minute(50), body: newer };
    let rows = [(kai, 95), (hanako, 96), (done, 99), (back, 97)];
    rows.into_iter().map(|(item, at)| row(1, item, at)).chain([left, newer]).collect()
}

/// A sweep's result: steps with what they came to.
pub(super) fn record(number: usize, steps: &[(&str, Verdict)], at: i64) -> Record {
    let result = |(step, verdict): &(&str, Verdict)| {
        let (_, spec) =
            course().step(step).map(|(part, step)| (part.id, step.clone())).expect("a step");
        let checks = spec.checks.iter().map(|check| check_result(&check.check, *verdict));
        let state = if *verdict == Verdict::Pass { State::Done } else { State::InProgress };
        StepResult { step: (*step).into(), optional: false, state, checks: checks.collect() }
    };
    let course = CourseId { id: course().index.id.clone(), sha256: String::new() };
    let report = Report {
        schema: 1,
        tool: "stepproof".into(),
        course,
        account: account(number),
        caller: "arn".into(),
        kind: AccountKind::Aws,
        region: "us-east-1".into(),
        started: minute(at).to_string(),
        seconds: 0.1,
        api_calls: 1,
        probed: Vec::new(),
        score: Score { earned: 0, possible: 1 },
        modules: vec![ModuleResult {
            module: 0,
            slug: "setup".into(),
            state: State::InProgress,
            steps: steps.iter().map(result).collect(),
        }],
        cleanup: None,
    };
    Record {
        name: format!("Learner {number}"),
        account: account(number),
        stacks: BTreeMap::new(),
        stage: "dev".into(),
        outcome: Outcome::Report(Box::new(report)),
    }
}

fn check_result(check: &str, verdict: Verdict) -> CheckResult {
    serde_json::from_value(serde_json::json!({
        "check": check, "verdict": verdict, "message": "The account says so.", "hint": "",
        "offenders": [], "evidence": {}, "seconds": 0.1,
    }))
    .expect("a result")
}

impl Instructor {
    /// Before the room has answered.
    pub(super) fn new(size: (u16, u16), theme: Theme, lang: Lang) -> Self {
        let roster = [("Learner 1", account(1)), ("Learner 3", account(3)), ("Noor", account(9))];
        let mut crowd = Crowd::new(course());
        crowd.expect(roster.iter().map(|(name, account)| (*name, account.as_str())));
        let setting = Setting {
            course: course(),
            room: Some("K7QM3XPT".into()),
            roster: Some(roster.into_iter().map(|(_, account)| account).collect()),
            crowd,
            page: None,
            ends: Some(minute(180)),
            clock: None,
        };
        let model = Model::new(setting, theme, lang, size, Bindings::new(KeyMap::default()));
        let mut instructor = Self { model };
        instructor.at(100);
        instructor
    }

    /// In a room with a few people.
    pub(super) fn at_work(size: (u16, u16)) -> Self {
        Self::at_work_in(size, COLOUR, Lang::En)
    }

    pub(super) fn at_work_in(size: (u16, u16), theme: Theme, lang: Lang) -> Self {
        let mut instructor = Self::new(size, theme, lang);
        instructor.hears(people());
        instructor
    }

    /// The clock shows this minute of the event.
    pub(super) fn at(&mut self, at: i64) -> Vec<Effect> {
        let running = Duration::from_mins(u64::try_from(at).expect("a minute"));
        let wall = minute(at);
        self.tell(Msg::Time(Time { running, wall, ..self.model.time.clone() }))
    }

    /// Some seconds pass.
    pub(super) fn waits(&mut self, seconds: u32) -> Vec<Effect> {
        let time = &self.model.time;
        let running = time.running + Duration::from_secs(seconds.into());
        let wall = time.wall + SignedDuration::from_secs(seconds.into());
        self.tell(Msg::Time(Time { running, wall, ..time.clone() }))
    }

    /// The room answers.
    pub(super) fn hears(&mut self, rows: Vec<Row>) {
        let changes = Changes { rows, next: Cursor::default() };
        self.tell(Msg::Changes(Ok(changes)));
    }

    pub(super) fn tell(&mut self, msg: Msg) -> Vec<Effect> {
        let effects = update(&mut self.model, msg);
        settle(&mut self.model);
        effects
    }

    /// Presses keys by their letters; `\n`, `\t` and `\x1b` are Enter, Tab and Esc.
    pub(super) fn press(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for key in keys.chars() {
            let code = match key {
                '\n' => KeyCode::Enter,
                '\t' => KeyCode::Tab,
                '\u{1b}' => KeyCode::Esc,
                '↓' => KeyCode::Down,
                '↑' => KeyCode::Up,
                '⌫' => KeyCode::Backspace,
                other => KeyCode::Char(other),
            };
            effects.extend(self.tell(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE))));
        }
        effects
    }

    /// What is on the screen.
    pub(super) fn look(&self) -> Look {
        Look::of(self.model.size, |frame| draw(frame, &self.model))
    }

    /// What is on the screen, as lines of text.
    pub(super) fn lines(&self) -> Vec<String> {
        self.look().lines
    }

    pub(super) fn screen(&self) -> String {
        self.lines().join("\n")
    }

    #[track_caller]
    pub(super) fn sees(&self, text: &str) {
        let screen = self.screen();
        assert!(screen.contains(text), "no {text:?} in\n{screen}");
    }

    #[track_caller]
    pub(super) fn sees_not(&self, text: &str) {
        let screen = self.screen();
        assert!(!screen.contains(text), "{text:?} in\n{screen}");
    }

    /// The line of the screen with a text.
    #[track_caller]
    pub(super) fn line(&self, text: &str) -> String {
        let found = self.lines().into_iter().find(|line| line.contains(text));
        found.unwrap_or_else(|| panic!("no {text:?} in\n{}", self.screen()))
    }
}
