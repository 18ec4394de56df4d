//! A small course, accounts whose facts are given, and runs over them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::check::*;
use crate::course::{Course, CourseFiles};

pub(super) const INDEX: &str = "
id: t
title: { en: T, ja: T }
languages: [en, ja]
pages: [en]
stacks: { app: App }
stage: dev
first: [0]
domains: [{ id: d, title: { en: D, ja: D } }]
modules:
  - { number: 0, slug: zero, title: { en: Z, ja: Z }, domain: d, minutes: 1 }
  - { number: 1, slug: one, title: { en: O, ja: O }, domain: d, minutes: 1 }
  - { number: 2, slug: two, title: { en: Not written, ja: N }, domain: d, minutes: 1 }
cleanup: { slug: cleanup, title: { en: C, ja: C }, minutes: 1 }
";
pub(super) const ZERO: &str = "
module: 0
steps:
  - { id: 0a, title: { en: A, ja: A }, minutes: 1 }
  - { id: 0b, title: { en: B, ja: B }, minutes: 1, needs: [0a] }
  - { id: 0z, title: { en: Z, ja: Z }, minutes: 1, optional: true }
";
pub(super) const ONE: &str = "
module: 1
steps:
  - { id: 1a, title: { en: A, ja: A }, minutes: 1, needs: [0b] }
";
pub(super) const CHECKS_ZERO: &str = r#"
- check: stack-up
  step: 0a
  facts: [stack]
  expect: stack.status == "CREATE_COMPLETE"
  evidence: { status: stack.status }
  fail: { en: "The stack is {{ stack.status }}.", ja: "スタックは {{ stack.status }} です。" }
  hints: { en: [where, what, command], ja: [w, x, c] }
  breaks: []
- check: methods-closed
  step: 0b
  facts: [api]
  offenders: api.methods.filter(m, m.auth == "NONE")
  each: "{{ verb }} {{ path }}"
  settle: { within: 60s, since: api.deployed }
  cases:
    - { when: size(api.methods) == 0, fail: { en: "No methods.", ja: "なし" } }
  fail: { en: "Open: {{ offenders | join(', ') }}", ja: "公開: {{ offenders | join(', ') }}" }
  hints: { en: [look], ja: [見る] }
  breaks: []
- check: extra
  step: 0z
  facts: [extra]
  expect: extra.on
  fail: { en: "Off.", ja: "オフ" }
  hints: { en: [on], ja: [オン] }
  breaks: []
"#;
pub(super) const CHECKS_ONE: &str = r#"
- check: pool
  step: 1a
  facts: [pool, rests]
  expect: pool.domain != null && rests.fine
  fail: { en: "No domain.", ja: "なし" }
  hints: { en: [d], ja: [d] }
  breaks: []
"#;

pub(super) const CLEANUP: &str = "
steps:
  - { id: ca, title: { en: A, ja: A }, minutes: 1 }
  - { id: cb, title: { en: B, ja: B }, minutes: 1, optional: true, needs: [ca] }
";
pub(super) const CHECKS_CLEANUP: &str = r#"
- check: stack-gone
  step: ca
  facts: [stack]
  expect: stack.status == "DELETE_COMPLETE"
  fail: { en: "Left.", ja: "残り" }
  hints: { en: [d], ja: [d] }
  breaks: []
- check: extra-off
  step: cb
  facts: [extra]
  expect: "!extra.on"
  fail: { en: "On.", ja: "オン" }
  hints: { en: [d], ja: [d] }
  breaks: []
"#;

pub(super) fn course_with(changes: &[(&str, &str)]) -> Course {
    let mut files = BTreeMap::from([
        ("modules/course.yaml", INDEX.to_owned()),
        ("modules/00-zero.yaml", ZERO.to_owned()),
        ("modules/01-one.yaml", ONE.to_owned()),
        ("checks/00-zero.yaml", CHECKS_ZERO.to_owned()),
        ("checks/01-one.yaml", CHECKS_ONE.to_owned()),
        ("modules/cleanup.yaml", CLEANUP.to_owned()),
        ("checks/cleanup.yaml", CHECKS_CLEANUP.to_owned()),
    ]);
    for text in files.values_mut() {
        for (from, to) in changes {
            *text = text.replace(from, to);
        }
    }
    Course::from_files(CourseFiles::from_pairs(files)).unwrap_or_else(|e| panic!("{e}"))
}

pub(super) fn course() -> Course {
    course_with(&[])
}

/// What one canned fact does when it is read.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Give(Value),
    Fail(FactError),
    Panic,
    Hang,
}

pub(super) struct Canned {
    pub(super) specs: Vec<FactSpec>,
    acts: BTreeMap<String, Act>,
    pub(super) reads: AtomicU32,
}

impl Facts for Canned {
    fn catalog(&self) -> &[FactSpec] {
        &self.specs
    }

    fn read<'a>(&'a self, name: &'a str, known: &'a Known) -> Reading<'a> {
        Box::pin(async move {
            self.reads.fetch_add(1, Ordering::SeqCst);
            if name == "rests" {
                assert!(known.contains_key("pool"), "a fact gets what it rests on");
            }
            match self.acts[name].clone() {
                Act::Give(value) => Ok(value),
                Act::Fail(error) => Err(error),
                Act::Panic => panic!("a defect in a fact"),
                Act::Hang => std::future::pending().await,
            }
        })
    }

    fn api_calls(&self) -> u32 {
        self.reads.load(Ordering::SeqCst)
    }
}

pub(super) fn spec(name: &'static str, needs: &'static [&'static str]) -> FactSpec {
    FactSpec {
        name,
        doc: "canned",
        kind: FactKind::Config,
        actions: &[],
        needs,
        schema: || schemars::schema_for!(Value),
    }
}

pub(super) fn give(value: Value) -> Act {
    Act::Give(value)
}

pub(super) fn denied(action: &str) -> Act {
    Act::Fail(FactError::CannotLook(CannotLook {
        reason: Reason::AccessDenied { action: action.to_owned() },
        message: "The caller may not do this.".to_owned(),
        remedy: "Use a role with the policy of `stepproof policy`.".to_owned(),
    }))
}

pub(super) fn missing(what: &str) -> Act {
    Act::Fail(FactError::Missing { what: what.to_owned() })
}

/// An account in which every check passes, with some facts replaced.
pub(super) fn account(changes: &[(&str, Act)]) -> Arc<Canned> {
    let method = |auth: &str| json!({"verb": "GET", "path": "/socks", "auth": auth});
    let mut acts = BTreeMap::from([
        ("stack".to_owned(), give(json!({"status": "CREATE_COMPLETE"}))),
        ("api".to_owned(), give(json!({"methods": [method("CUSTOM")], "deployed": null}))),
        ("extra".to_owned(), give(json!({"on": true}))),
        ("pool".to_owned(), give(json!({"domain": "d"}))),
        ("rests".to_owned(), give(json!({"fine": true}))),
        ("unused".to_owned(), Act::Panic),
    ]);
    acts.extend(changes.iter().map(|(name, act)| ((*name).to_owned(), act.clone())));
    let specs = vec![
        spec("stack", &[]),
        spec("api", &[]),
        spec("extra", &[]),
        spec("pool", &[]),
        spec("rests", &["pool"]),
        spec("unused", &[]),
    ];
    Arc::new(Canned { specs, acts, reads: AtomicU32::new(0) })
}

pub(super) fn open_method() -> Value {
    json!({"methods": [{"verb": "GET", "path": "/capes", "auth": "NONE"}], "deployed": null})
}

pub(super) fn now() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().unwrap()
}

pub(super) fn request(course: &Course, steps: &[&str]) -> VerifyRequest {
    let steps: Vec<String> = steps.iter().map(|s| (*s).to_owned()).collect();
    let asked = Asked::select(course, &[], &steps).unwrap();
    let mut request =
        VerifyRequest::new(asked, "000000000000", "arn:x", AccountKind::Practice, "us-east-1");
    request.clock = Arc::new(now);
    request.fact_timeout = Duration::from_millis(50);
    request
}

pub(super) async fn run(
    course: &Course,
    account: Arc<Canned>,
    steps: &[&str],
    history: &History,
) -> Report {
    let (events, _) = mpsc::unbounded_channel();
    let cancel = CancellationToken::new();
    verify(request(course, steps), account, course, history, events, cancel).await
}

pub(super) async fn simple(changes: &[(&str, Act)]) -> Report {
    run(&course(), account(changes), &[], &History::default()).await
}

pub(super) fn result<'a>(report: &'a Report, check: &str) -> &'a CheckResult {
    let mut all = report.steps().flat_map(|s| &s.checks);
    all.find(|c| c.check == check).unwrap_or_else(|| panic!("{check} has no result"))
}

pub(super) fn verdict(report: &Report, check: &str) -> Verdict {
    result(report, check).verdict
}

pub(super) fn state(report: &Report, step: &str) -> State {
    report.steps().find(|s| s.step == step).unwrap().state
}
