//! What an event of three hours costs in DynamoDB's units: `cargo bench --bench room_cost`.
//!
//! The items are those that stepproof writes of a plausible journal: steps opened, two failed
//! verifications and a hint before each step passes, help asked for once a module. Written is what
//! the room would be told after each entry, if it is news. DynamoDB counts a write for each begun
//! kilobyte of the item, and two for its entry in the index, because the change time is part of the
//! key; a read for each begun four kilobytes, half of it where it needn't be the newest.
#![expect(clippy::cast_precision_loss, reason = "sums of money")]

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use stepproof::check::{AccountKind, Verdict};
use stepproof::course::{Course, Step};
use stepproof::progress::room::{Item, Name, encode};
use stepproof::progress::{Entry, Failure, Learner, Verified};

/// The event, in minutes.
const EVENT: u64 = 180;
/// Seconds between two refreshes of the dashboard, and of an attendee's messages.
const REFRESH: u64 = 2;
const LISTEN: u64 = 5;
/// What a refresh goes back by, and how often all is read: `room/dynamo/changes.rs`.
const WINDOW: u64 = 30;
const EVERYTHING: u64 = 600;
const SHARDS: u64 = 10;
/// Bytes of an item beside its body: names, keys, numbers.
const AROUND: usize =
    "account111122223333whatprogressversion1changed12345678shard1expires12345body".len();
/// Bytes of its entry in the index, which DynamoDB adds a hundred to.
const ENTRY: u64 =
    100 + "account111122223333whatprogressversion1changed12345678shard1".len() as u64;
/// US dollars for a million units on demand, us-east-1, since November 2024.
const WRITE: f64 = 0.625;
const READ: f64 = 0.125;

/// What one attendee's event comes to.
#[derive(Default)]
struct Attendee {
    entries: u64,
    /// Bytes of the item after each write.
    sizes: Vec<u64>,
}

fn main() {
    let course = Course::embedded().expect("the embedded course");
    let attendee = Attendee::new(&course);
    let last = attendee.sizes.last().copied().unwrap_or_default();
    println!(
        "An attendee's three hours: {} entries in the journal, {} writes; the item grows to {last} bytes.\n\
         The dashboard refreshes every {REFRESH} s, attendees ask for messages every {LISTEN} s.\n",
        attendee.entries,
        attendee.sizes.len()
    );
    println!(
        "| attendees | writes of items | of the index | reads of attendees | of messages | of the dashboard | US$ |"
    );
    println!("|---|---|---|---|---|---|---|");
    for people in [160, 5_000] {
        let row = attendee.units(people);
        let cost = (row[0] + row[1]) as f64 * WRITE + (row[2] + row[3] + row[4]) as f64 * READ;
        println!(
            "| {people} | {} | {} | {} | {} | {} | {:.2} |",
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            cost / 1e6
        );
    }
}

impl Attendee {
    fn new(course: &Course) -> Self {
        let learner = Learner {
            course: course.index.id.clone(),
            kind: AccountKind::Aws,
            account: "111122223333".to_owned(),
        };
        let begin = Timestamp::from_second(1_790_000_000).expect("a time");
        let name = Name { name: "佐藤 Hanako".to_owned(), joined: begin };
        let entries = journal(course, begin);
        let mut attendee = Self::default();
        let mut known = None;
        for until in 0..=entries.len() {
            let item = Item::new(course, &learner, name.clone(), &entries[..until]);
            if known.as_ref() != Some(&item) {
                attendee.sizes.push((AROUND + encode(Some(&item)).len()) as u64);
                known = Some(item);
            }
        }
        attendee.entries = entries.len() as u64;
        attendee
    }

    /// Write units of items and of the index; read units of attendees' news, of messages, and of the
    /// dashboard.
    fn units(&self, people: u64) -> [u64; 5] {
        let kilobytes = |bytes: &u64| bytes.div_ceil(1024);
        let reads = |bytes: &u64| bytes.div_ceil(4096);
        let writes = self.sizes.len() as u64;
        let seconds = EVENT * 60;
        let items = people * self.sizes.iter().map(kilobytes).sum::<u64>();
        let index = people * (2 * writes - 1);
        // Each entry reads the attendee's own item; each write also what the room is for.
        let typical = self.sizes[self.sizes.len() / 2];
        let own = people * (self.entries * reads(&typical) + writes);
        // Two partitions, half a unit each.
        let messages = people * seconds / LISTEN;
        let in_window = (people * writes * WINDOW / seconds).min(people);
        let shard = (in_window / SHARDS * ENTRY).div_ceil(4096).max(1);
        let refreshes = seconds / REFRESH;
        let index_read = refreshes * (shard * SHARDS).div_ceil(2);
        let rows_read = people * self.sizes.iter().map(reads).sum::<u64>();
        let all = (people * typical).div_ceil(4096) * (seconds / EVERYTHING);
        [items, index, own, messages, index_read + rows_read + all]
    }
}

/// The modules that three hours hold, in order.
fn journal(course: &Course, begin: Timestamp) -> Vec<(Timestamp, Entry)> {
    let mut entries = Vec::new();
    let mut minute = 0;
    for module in &course.modules {
        if minute + u64::from(module.entry.minutes) > EVENT {
            break;
        }
        let each = u64::from(module.entry.minutes) * 60 / module.steps.len().max(1) as u64;
        for (number, step) in module.steps.iter().enumerate() {
            let start = minute * 60 + number as u64 * each;
            for (part, entry) in of_step(step, number == 1).into_iter().enumerate() {
                let second = start + part as u64 * each / 8;
                let at = begin + SignedDuration::from_secs(i64::try_from(second).expect("a time"));
                entries.push((at, entry));
            }
        }
        minute += u64::from(module.entry.minutes);
    }
    entries
}

fn of_step(step: &Step, asks: bool) -> Vec<Entry> {
    let id = step.spec.id.clone();
    let mut entries = vec![Entry::Opened { step: id.clone() }, verified(step, false)];
    if let Some(check) = step.checks.first() {
        entries.push(Entry::Hint { check: check.check.clone(), open: 1 });
    }
    if asks {
        let evidence = vec!["GET /customizations has no authorizer".to_owned()];
        entries.push(Entry::HelpAsked { step: id.clone(), evidence });
    }
    entries.extend([verified(step, false), verified(step, true), Entry::Proven { step: id }]);
    entries
}

fn verified(step: &Step, passes: bool) -> Entry {
    let verdict = if passes { Verdict::Pass } else { Verdict::Fail };
    let verdicts: BTreeMap<String, Verdict> =
        step.checks.iter().map(|check| (check.check.clone(), verdict)).collect();
    let failure = || {
        Failure {
        message: "Three of the API's methods are open to everybody: GET /customizations, POST /customizations, GET /socks.".to_owned(),
        offenders: ["GET /customizations", "POST /customizations", "GET /socks"].map(str::to_owned).to_vec(),
    }
    };
    let failures = if passes {
        BTreeMap::new()
    } else {
        verdicts.keys().map(|check| (check.clone(), failure())).collect()
    };
    let caller = "arn:aws:sts::111122223333:assumed-role/Participant/me".to_owned();
    Entry::Verified(Verified { caller, course_sha256: String::new(), verdicts, failures })
}
