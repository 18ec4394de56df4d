use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::*;
use crate::account::{FactKind, FactSpec, Known, Names, Reading};
use crate::check::Verdict;
use crate::course::CourseFiles;

const INDEX: &str = "
id: t
title: { en: T, ja: T }
languages: [en, ja]
pages: [en]
stacks: { app: App }
stage: dev
first: [0]
domains: [{ id: d, title: { en: D, ja: D } }]
modules: [{ number: 0, slug: zero, title: { en: Z, ja: Z }, domain: d, minutes: 1 }]
";
const MANIFEST: &str = "
module: 0
steps: [{ id: 0a, title: { en: A, ja: A }, minutes: 1 }]
";
const CHECKS: &str = "
- check: closed
  step: 0a
  facts: [door]
  expect: door.closed
  fail: { en: Open., ja: 開 }
  hints: { en: [x], ja: [x] }
  breaks: []
";

fn sweep(jobs: usize) -> Sweep {
    let files = [
        ("modules/course.yaml", INDEX),
        ("modules/00-zero.yaml", MANIFEST),
        ("checks/00-zero.yaml", CHECKS),
    ];
    let course = Course::from_files(CourseFiles::from_pairs(files)).unwrap();
    Sweep {
        asked: Asked::all(&course),
        course: Arc::new(course),
        lang: "en".to_owned(),
        jobs,
        account_timeout: Duration::from_secs(3),
        fact_timeout: Duration::from_mins(1),
    }
}

/// What an account does when it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Solved,
    Open,
    Denied,
    NoRole,
    Elsewhere,
    Hangs,
    Panics,
}

/// Accounts by number, and how many are read at the same time.
struct Street {
    acts: BTreeMap<String, Act>,
    inside: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    opened: AtomicUsize,
}

impl Street {
    fn new(acts: &[Act]) -> Arc<Self> {
        let acts = acts.iter().enumerate().map(|(at, act)| (number(at), *act)).collect();
        let (inside, most) = (Arc::default(), Arc::default());
        Arc::new(Self { acts, inside, most, opened: AtomicUsize::new(0) })
    }
}

impl Door for Street {
    fn open<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Opened, CannotLook>> {
        Box::pin(async move {
            let Source::Practice { account, .. } = &target.source else { return Err(defect()) };
            self.opened.fetch_add(1, Ordering::SeqCst);
            let act = self.acts[account];
            if act == Act::NoRole {
                return Err(denied("sts:AssumeRole"));
            }
            let now = self.inside.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            let specs = vec![spec(CALLER), spec("door")];
            let inside = Arc::clone(&self.inside);
            let house = House { account: account.clone(), act, specs, inside };
            Ok(Opened { facts: Arc::new(house), region: "us-east-1".to_owned() })
        })
    }
}

/// One account's facts.
struct House {
    account: String,
    act: Act,
    specs: Vec<FactSpec>,
    inside: Arc<AtomicUsize>,
}

impl Drop for House {
    fn drop(&mut self) {
        self.inside.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Facts for House {
    fn catalog(&self) -> &[FactSpec] {
        &self.specs
    }

    fn read<'a>(&'a self, name: &'a str, _: &'a Known) -> Reading<'a> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            if name == CALLER {
                let elsewhere = self.act == Act::Elsewhere;
                let account = if elsewhere { "999999999999" } else { &self.account };
                return Ok(json!({ "account": account, "arn": "arn:aws:iam::role/grader" }));
            }
            match self.act {
                Act::Denied => Err(FactError::CannotLook(denied("lambda:GetFunction"))),
                Act::Hangs => std::future::pending().await,
                act => Ok(json!({ "closed": act != Act::Open })),
            }
        })
    }

    fn api_calls(&self) -> u32 {
        assert!(self.act != Act::Panics, "a defect in an account");
        1
    }
}

fn spec(name: &'static str) -> FactSpec {
    FactSpec {
        name,
        doc: "canned",
        kind: FactKind::Config,
        actions: &[],
        needs: &[],
        schema: || schemars::schema_for!(Value),
    }
}

fn denied(action: &str) -> CannotLook {
    CannotLook {
        reason: Reason::AccessDenied { action: action.to_owned() },
        message: "The caller may not do this.".to_owned(),
        remedy: "Allow it.".to_owned(),
    }
}

fn number(at: usize) -> String {
    format!("{at:012}")
}

fn places(count: usize) -> Vec<Arc<Place>> {
    let place = |at| {
        let stacks = BTreeMap::from([("app".to_owned(), "App".to_owned())]);
        let names = Names { stacks, stage: "dev".to_owned() };
        let target = Target::practice("http://127.0.0.1:1", &number(at), names);
        Arc::new(Place { name: format!("learner {at}"), account: number(at), target })
    };
    (0..count).map(place).collect()
}

async fn run(sweep: &Sweep, street: &Arc<Street>) -> Vec<Arc<Record>> {
    let (events, _told) = mpsc::unbounded_channel();
    let places = places(street.acts.len());
    sweep.run(&places, Arc::clone(street) as Arc<dyn Door>, events, CancellationToken::new()).await
}

fn reason(record: &Record) -> &str {
    record.trouble().map_or("", |trouble| trouble.reason.as_str())
}

#[tokio::test]
async fn one_accounts_trouble_is_no_others() {
    let acts = [
        Act::Solved,
        Act::Hangs,
        Act::Panics,
        Act::NoRole,
        Act::Elsewhere,
        Act::Denied,
        Act::Open,
        Act::Solved,
    ];
    let records = run(&sweep(3), &Street::new(&acts)).await;
    let found: Vec<(Verdict, &str)> =
        records.iter().map(|record| (record.verdict(), reason(record))).collect();
    assert_eq!(
        found,
        [
            (Verdict::Pass, ""),
            (Verdict::CannotTell, "timeout"),
            (Verdict::CannotTell, "defect"),
            (Verdict::CannotTell, "access_denied"),
            (Verdict::CannotTell, "wrong_account"),
            (Verdict::CannotTell, ""),
            (Verdict::Fail, ""),
            (Verdict::Pass, ""),
        ]
    );
    let names: Vec<&str> = records.iter().map(|record| record.name.as_str()).collect();
    assert_eq!(names[..2], ["learner 0", "learner 1"], "in the roster's order");
    let message = &records[4].trouble().unwrap().message;
    assert!(message.contains("999999999999") && message.contains(&number(4)), "{message}");
    assert_eq!(records[5].undecided(), Some(1), "it was read, and says what is missing");
}

#[tokio::test]
async fn no_more_accounts_at_once_than_asked_for_and_no_fewer() {
    let street = Street::new(&[Act::Solved; 20]);
    let records = run(&sweep(4), &street).await;
    assert!(records.iter().all(|record| record.verdict() == Verdict::Pass));
    assert_eq!(street.most.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_cancelled_sweep_keeps_what_it_has() {
    let acts = [Act::Solved, Act::Hangs, Act::Open, Act::Solved];
    let (street, sweep, cancel) = (Street::new(&acts), sweep(1), CancellationToken::new());
    let (events, mut told) = mpsc::unbounded_channel();
    let places = places(acts.len());
    let door = Arc::clone(&street) as Arc<dyn Door>;
    let running = sweep.run(&places, door, events, cancel.clone());
    let stop = async {
        while let Some(event) = told.recv().await {
            if matches!(event, Event::Began { at: 1 }) {
                cancel.cancel();
            }
        }
    };
    let (records, ()) = tokio::join!(running, stop);
    let reasons: Vec<&str> = records.iter().map(|record| reason(record)).collect();
    assert_eq!(reasons, ["", "cancelled", "cancelled", "cancelled"]);
    assert_eq!(records[0].verdict(), Verdict::Pass);
    assert!(street.opened.load(Ordering::SeqCst) <= 2, "nothing more is begun");
    let left = async {
        while street.inside.load(Ordering::SeqCst) > 0 {
            tokio::task::yield_now().await;
        }
    };
    let left = tokio::time::timeout(Duration::from_secs(10), left).await;
    assert!(left.is_ok(), "what was begun is left");
}

#[tokio::test]
async fn an_earlier_record_answers_only_for_the_same_question() {
    let sweep = sweep(2);
    let records = run(&sweep, &Street::new(&[Act::Solved, Act::Denied, Act::NoRole])).await;
    let places = places(3);
    let answered = |record: &Record, place: &Place| sweep.is_answered_by(record, place);
    assert!(answered(&records[0], &places[0]));
    assert!(!answered(&records[1], &places[1]), "something couldn't be looked at");
    assert!(!answered(&records[2], &places[2]));
    assert!(!answered(&records[0], &places[1]), "another account");
    let mut place = (*places[0]).clone();
    place.target.region = Some("eu-west-1".to_owned());
    assert!(!answered(&records[0], &place), "another region");
    let mut place = (*places[0]).clone();
    place.target.names.stacks.insert("app".to_owned(), "Mine".to_owned());
    assert!(!answered(&records[0], &place), "another stack");
    let mut place = (*places[0]).clone();
    place.target.source = Source::Aws { profile: None, role: None };
    assert!(!answered(&records[0], &place), "another kind of account");
    let other = Sweep { asked: Asked::default(), ..sweep.clone() };
    assert!(!other.is_answered_by(&records[0], &places[0]), "other steps");
}
