//! A demonstration: an event that never happened, as a room in memory.
//!
//! Everything that its attendees do follows from the seed and the time since the event began, so
//! that a dashboard which is opened at minute 90 shows minute 90, the same every time. What they do
//! becomes an item the same way as a learner's journal does.

mod faults;
mod people;
mod random;
mod records;
mod script;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::crowd::Outline;
use crate::check::{AccountKind, Verdict};
use crate::course::Course;
use crate::progress::room::{
    About, Body, Changes, Cursor, Item, Message, Name, Put, Room, RoomError, Row, decode, encode,
    shown_line,
};
use crate::progress::{Entry, Learner, Verified};
use faults::Fault;
use script::{Act, Kind, LASTS, Script, Stage, What, timetable};

/// The demonstration's own time: it goes as fast as its speed says.
#[derive(Debug, Clone, Copy)]
pub struct DemoClock {
    opened: Timestamp,
    began: Timestamp,
    speed: f64,
}

impl DemoClock {
    /// Of an event that is at a minute now, and goes on at a speed: 1 is as fast as time itself.
    pub fn new(now: Timestamp, minute: u32, speed: f64) -> Self {
        let since = SignedDuration::from_mins(minute.into());
        let speed = if speed.is_finite() { speed.max(0.0) } else { 1.0 };
        Self { opened: now, began: now.checked_sub(since).unwrap_or(now), speed }
    }

    /// When the event began.
    pub fn began(&self) -> Timestamp {
        self.began
    }

    /// The event's time at a real time.
    pub fn at(&self, now: Timestamp) -> Timestamp {
        let real = now.duration_since(self.opened).as_secs_f64().max(0.0);
        let passed = SignedDuration::try_from_secs_f64(real * self.speed).unwrap_or_default();
        self.opened.checked_add(passed).unwrap_or(self.opened)
    }
}

/// A room in which a demonstration takes place.
pub struct Demo {
    course: Arc<Course>,
    outline: Outline,
    faults: Vec<Vec<Fault>>,
    scripts: Vec<Script>,
    timetable: Vec<(u32, usize)>,
    began: Timestamp,
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    /// What others than the demonstration wrote.
    written: Mutex<Written>,
}

#[derive(Debug, Default)]
struct Written {
    /// Rows, each with the second of the event.
    rows: BTreeMap<String, (i64, Row)>,
    messages: Vec<Message>,
    closed: bool,
}

impl fmt::Debug for Demo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Demo").field("attendees", &self.scripts.len()).finish_non_exhaustive()
    }
}

impl Demo {
    /// An event of so many attendees that began at a time. `now` says what time it is there.
    pub fn new(
        course: Arc<Course>,
        attendees: usize,
        seed: u64,
        began: Timestamp,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        let outline = Outline::new(&course);
        let faults = faults::faults(&course, &outline);
        let stage = Stage::new(&course, &outline, faults.iter().map(Vec::len).collect());
        let scripts: Vec<Script> =
            (0..attendees).map(|one| Script::new(&stage, seed, one)).collect();
        Self {
            timetable: timetable(&scripts),
            course,
            outline,
            faults,
            scripts,
            began,
            now: Box::new(now),
            written: Mutex::default(),
        }
    }

    /// The event's roster: names and accounts, in order. The last two never come.
    pub fn roster(&self) -> Vec<(String, String)> {
        let all = 0..self.scripts.len() + usize::from(!self.scripts.is_empty()) * 2;
        all.map(|one| (people::name(one).0, account(one))).collect()
    }

    /// The second of the event.
    fn second(&self) -> i64 {
        (self.now)().duration_since(self.began).as_secs()
    }

    fn time(&self, second: u32) -> Timestamp {
        let since = SignedDuration::from_secs(second.into());
        self.began.checked_add(since).unwrap_or(self.began)
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stands at an attendee's account at a second of the event.
    fn scripted(&self, one: usize, second: i64) -> Option<Row> {
        let script = &self.scripts[one];
        let acts = script.until(u32::try_from(second).ok()?);
        let last = acts.last()?;
        let account = account(one);
        let item = || self.item(one, &account, acts);
        let body = match (script.kind, last.what) {
            (_, What::Leave) => Body::Left,
            (Kind::Newer, _) => decode(&account, r#"{"format":2,"attendee":{"avatar":"🦄"}}"#),
            (Kind::Hostile, _) => decode(&account, &encode(Some(&hostile(item())))),
            (Kind::Honest | Kind::Liar, _) => Body::Here(Box::new(item())),
        };
        let version = u64::try_from(acts.len()).unwrap_or(u64::MAX);
        Some(Row { account, version, changed: self.time(last.told), body })
    }

    fn item(&self, one: usize, account: &str, acts: &[Act]) -> Item {
        let (name, lang) = people::name(one);
        let kind = if one % 4 == 1 { AccountKind::Practice } else { AccountKind::Aws };
        let course = self.course.index.id.clone();
        let learner = Learner { course, kind, account: account.to_owned() };
        let joined = self.time(acts.first().map_or(0, |act| act.at));
        let mut entries = Vec::with_capacity(acts.len() * 2);
        for act in acts {
            let at = self.time(act.at);
            // Every second one agrees to show what fails.
            let shows = one.is_multiple_of(2);
            entries.extend(self.entries(act.what, lang, shows).map(|entry| (at, entry)));
        }
        let name = Name { name, joined };
        Item::new(&self.course, &learner, name, &entries)
    }

    /// What an act leaves in a journal.
    fn entries(&self, what: What, lang: &str, shows: bool) -> impl Iterator<Item = Entry> {
        let id = |step: usize| self.outline.steps[step].id.to_string();
        let check = |check: usize| self.outline.checks[check].name.to_string();
        let [first, second] = match what {
            What::Join | What::Leave => [None, None],
            What::Open(step) => [Some(Entry::Opened { step: id(step) }), None],
            What::Help(step, fault, found) => {
                let fault = self.faults[step].get(fault).filter(|_| shows);
                let fails = fault.map(|fault| fault.failure(lang, found));
                let evidence = fails
                    .into_iter()
                    .flat_map(|fails| std::iter::once(fails.message).chain(fails.offenders));
                [Some(Entry::HelpAsked { step: id(step), evidence: evidence.collect() }), None]
            }
            What::Pass(step) | What::Lie(step) => {
                [Some(self.verified(step, None)), Some(Entry::Proven { step: id(step) })]
            }
            What::Fail(step, fault, found) => {
                let fault = self.faults[step].get(fault);
                [Some(self.verified(step, fault.map(|fault| (fault, lang, found)))), None]
            }
            What::Hint(step, fault, open) => {
                let hint = |fault: &Fault| Entry::Hint { check: check(fault.check), open };
                [self.faults[step].get(fault).map(hint), None]
            }
        };
        first.into_iter().chain(second)
    }

    fn verified(&self, step: usize, fails: Option<(&Fault, &str, usize)>) -> Entry {
        let name = |check: usize| self.outline.checks[check].name.to_string();
        let required = &self.outline.steps[step].required;
        let mut verdicts: BTreeMap<String, Verdict> =
            required.iter().map(|check| (name(*check), Verdict::Pass)).collect();
        let mut failures = BTreeMap::new();
        if let Some((fault, lang, found)) = fails {
            verdicts.insert(name(fault.check), Verdict::Fail);
            failures.insert(name(fault.check), fault.failure(lang, found));
        }
        let (caller, course_sha256) = (String::new(), String::new());
        Entry::Verified(Verified { caller, course_sha256, verdicts, failures })
    }
}

/// The account of an attendee.
fn account(one: usize) -> String {
    format!("{:012}", 700_000_000_000_usize.saturating_add(one.saturating_mul(1_000_003)))
}

/// What somebody wrote who means no good: escape sequences, times and numbers out of this world.
fn hostile(mut item: Item) -> Item {
    item.name.name = format!("\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}evil{}", "!".repeat(500));
    item.name.joined = Timestamp::MAX;
    if let Some(here) = &mut item.here {
        here.since = Timestamp::MIN;
    }
    for news in item.modules.values_mut() {
        (news.done, news.minutes, news.at) = (usize::MAX, u32::MAX, Timestamp::MAX);
    }
    for news in item.checks.values_mut() {
        (news.verdict, news.failed, news.same) = (Some(Verdict::Fail), u32::MAX, u32::MAX);
        news.message = "=cmd|' /C calc'!A0 <script>alert(1)</script>\u{1b}[31m".repeat(9);
        news.offenders = vec!["\r\n\u{202e}<b>".to_owned(), "x".repeat(600)];
    }
    item
}

impl Room for Demo {
    fn about(&self) -> BoxFuture<'_, Result<About, RoomError>> {
        let expires = self.began.checked_add(SignedDuration::from_hours(24)).unwrap_or(self.began);
        let ends = Some(self.time(LASTS));
        let about = About { course: self.course.index.id.clone(), expires, ends };
        Box::pin(async move { Ok(about) })
    }

    fn row<'a>(&'a self, account: &'a str) -> BoxFuture<'a, Result<Option<Row>, RoomError>> {
        Box::pin(async move { Ok(self.stands(account)) })
    }

    fn put<'a>(
        &'a self,
        account: &'a str,
        seen: u64,
        item: Option<&'a Item>,
    ) -> BoxFuture<'a, Result<Put, RoomError>> {
        Box::pin(async move {
            let now = self.stands(account);
            let mut written = self.written();
            if written.closed && item.is_some() {
                return Err(RoomError::Closed);
            }
            let now = written.rows.get(account).map(|(_, row)| row.clone()).or(now);
            if now.as_ref().map_or(0, |row| row.version) != seen {
                return Ok(Put::Stale(now));
            }
            let body = decode(account, &encode(item));
            let (account, version) = (account.to_owned(), seen + 1);
            let row = Row { account: account.clone(), version, changed: (self.now)(), body };
            written.rows.insert(account, (self.second(), row));
            Ok(Put::Written)
        })
    }

    fn changes(&self, since: Cursor) -> BoxFuture<'_, Result<Changes, RoomError>> {
        Box::pin(async move {
            let second = self.second();
            let (from, to) = (since.number(), second.max(since.number()));
            let written = self.written();
            let after =
                |limit: i64| self.timetable.partition_point(|(told, _)| i64::from(*told) <= limit);
            let told: BTreeSet<usize> =
                self.timetable[after(from)..after(to)].iter().map(|(_, one)| *one).collect();
            let rows = told.into_iter().filter_map(|one| self.scripted(one, to));
            let mut rows: Vec<Row> =
                rows.filter(|row| !written.rows.contains_key(&row.account)).collect();
            // What was written within the cursor's own second may come again.
            let also = written.rows.values().filter(|(at, _)| *at >= from);
            rows.extend(also.map(|(_, row)| row.clone()));
            Ok(Changes { rows, next: Cursor::at(to) })
        })
    }

    fn post<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<(), RoomError>> {
        Box::pin(async move {
            let mut written = self.written();
            if written.closed {
                return Err(RoomError::Closed);
            }
            let text = shown_line(&message.text);
            written.messages.push(Message { text, ..message.clone() });
            Ok(())
        })
    }

    fn messages<'a>(
        &'a self,
        account: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Message>, RoomError>> {
        Box::pin(async move {
            let is_for = |message: &&Message| {
                message.expires > now && message.to.as_deref().is_none_or(|to| to == account)
            };
            Ok(self.written().messages.iter().filter(is_for).cloned().collect())
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), RoomError>> {
        Box::pin(async move {
            self.written().closed = true;
            Ok(())
        })
    }
}

impl Demo {
    /// What stands at an account now.
    fn stands(&self, account: &str) -> Option<Row> {
        if let Some((_, row)) = self.written().rows.get(account) {
            return Some(row.clone());
        }
        let one = (0..self.scripts.len()).find(|one| self::account(*one) == account)?;
        self.scripted(one, self.second())
    }
}
