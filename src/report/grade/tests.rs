use super::super::Look;
use super::*;
use crate::check::{AccountKind, Basis, BlockedBy, ModuleResult, Reason, Score, State, StepResult};
use crate::course::Course;

fn check(verdict: Verdict, because: Option<Verdict>) -> CheckResult {
    CheckResult {
        check: "c".to_owned(),
        verdict,
        optional: false,
        course_error: false,
        message: String::new(),
        hint: String::new(),
        offenders: Vec::new(),
        evidence: serde_json::Map::new(),
        basis: Basis::default(),
        blocked_by: because.map(|because| BlockedBy { step: "0a".to_owned(), because }),
        seconds: 0.0,
    }
}

fn report(checks: Vec<CheckResult>) -> Record {
    let earned = checks.iter().filter(|check| check.verdict == Verdict::Pass).count();
    let score = Score {
        earned: u32::try_from(earned).unwrap(),
        possible: u32::try_from(checks.len()).unwrap(),
    };
    let state = if score.earned == score.possible { State::Done } else { State::InProgress };
    let steps = vec![StepResult { step: "1d".to_owned(), optional: false, state, checks }];
    let modules = vec![ModuleResult { module: 1, slug: "s".to_owned(), state, steps }];
    record(Outcome::Report(Box::new(Report {
        schema: 1,
        tool: String::new(),
        course: CourseId { id: "c".to_owned(), sha256: String::new() },
        account: "111111111111".to_owned(),
        caller: String::new(),
        kind: AccountKind::Aws,
        region: "us-east-1".to_owned(),
        started: String::new(),
        seconds: 0.5,
        api_calls: 3,
        probed: Vec::new(),
        score,
        modules,
        cleanup: None,
    })))
}

fn trouble() -> Record {
    let cannot = CannotLook {
        reason: Reason::AccessDenied { action: "sts:AssumeRole".to_owned() },
        message: "The role can't be assumed.".to_owned(),
        remedy: "Check the role.".to_owned(),
    };
    record(Outcome::Trouble(Trouble::of("en", &cannot)))
}

fn record(outcome: Outcome) -> Record {
    Record {
        name: "佐藤 花子".to_owned(),
        account: "111111111111".to_owned(),
        stacks: BTreeMap::from([("app".to_owned(), "Mine".to_owned())]),
        stage: "dev".to_owned(),
        outcome,
    }
}

fn grades(records: &[Record]) -> Grades<'_> {
    let course = Course::embedded().unwrap();
    Grades::new(&course, String::new(), 1.0, &Weights::default(), records)
}

#[test]
fn a_record_is_final_only_when_every_required_check_is_decided() {
    let pass = || check(Verdict::Pass, None);
    for (other, verdict, is_final) in [
        (check(Verdict::Pass, None), Verdict::Pass, true),
        (check(Verdict::Fail, None), Verdict::Fail, true),
        (check(Verdict::Blocked, Some(Verdict::Fail)), Verdict::Fail, true),
        (check(Verdict::Waiting, None), Verdict::Waiting, false),
        (check(Verdict::CannotTell, None), Verdict::CannotTell, false),
        (check(Verdict::Blocked, Some(Verdict::CannotTell)), Verdict::CannotTell, false),
    ] {
        let record = report(vec![pass(), other.clone()]);
        assert_eq!((record.verdict(), record.is_final()), (verdict, is_final), "{other:?}");
    }
    let both = report(vec![check(Verdict::Fail, None), check(Verdict::CannotTell, None)]);
    assert_eq!((both.verdict(), both.is_final()), (Verdict::Fail, false), "the rest isn't known");
    assert_eq!((trouble().verdict(), trouble().is_final()), (Verdict::CannotTell, false));
}

#[test]
fn the_exit_code_is_that_of_the_worst_account() {
    let pass = report(vec![check(Verdict::Pass, None)]);
    let fail = report(vec![check(Verdict::Fail, None)]);
    let mut course = check(Verdict::CannotTell, None);
    course.course_error = true;
    let course = report(vec![course]);
    let code = |records: &[Record]| grades(records).exit_code();
    assert_eq!(code(&[pass.clone(), pass.clone()]), 0);
    assert_eq!(code(&[pass.clone(), trouble()]), 3);
    assert_eq!(code(&[trouble(), fail.clone(), pass.clone()]), 1);
    assert_eq!(code(&[fail, course, pass]), 2);
}

#[test]
fn a_line_of_json_comes_back_as_it_was() {
    for record in [report(vec![check(Verdict::Fail, None)]), trouble()] {
        let line = serde_json::to_string(&record).unwrap();
        let back: Record = serde_json::from_str(&line).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), line);
    }
    let line = serde_json::to_value(trouble()).unwrap();
    assert_eq!(line["trouble"]["reason"], "access_denied");
    assert!(line.get("report").is_none(), "{line}");
}

#[test]
fn people_see_each_account_and_what_to_do() {
    let records = [
        report(vec![check(Verdict::Pass, None)]),
        report(vec![check(Verdict::Fail, None), check(Verdict::CannotTell, None)]),
        trouble(),
    ];
    let course = Course::embedded().unwrap();
    let shown = |lang: &str, width| {
        let look = Look { lang: lang.to_owned(), width, colour: false };
        human(&grades(&records), &course, &look)
    };
    let text = shown("en", 160);
    for expected in [
        "✔ 佐藤 花子  111111111111      1/1  pass",
        "✘ 佐藤 花子  111111111111      0/2  Next: 1d ",
        "1 check not decided",
        "? 佐藤 花子  111111111111           cannot tell",
        "The role can't be assumed. (sts:AssumeRole). Check the role.",
        "1 of 3 proven · 1 not yet · 1 could not be told",
    ] {
        assert!(text.contains(expected), "{expected} in\n{text}");
    }
    let text = shown("ja", 60);
    assert!(text.contains("3 名中 1 名が完了"), "{text}");
    for row in text.lines() {
        let width = unicode_width::UnicodeWidthStr::width(row);
        assert!(width <= 60, "{width}: {row}");
    }
}

#[test]
fn a_name_that_is_long_or_hostile_keeps_the_table() {
    let mut record = report(vec![check(Verdict::Pass, None)]);
    record.name = format!("\u{1b}[31m{}", "長い名前".repeat(10));
    let course = Course::embedded().unwrap();
    let look = Look { lang: "en".to_owned(), width: 100, colour: false };
    let records = [record];
    let text = human(&grades(&records), &course, &look);
    assert!(!text.contains('\u{1b}'), "{text:?}");
    assert!(text.contains("…  111111111111"), "{text}");
}
