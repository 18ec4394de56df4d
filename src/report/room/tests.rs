use jiff::{Timestamp, tz::TimeZone};

use super::super::journal::Look;
use super::*;
use crate::check::{CourseId, State};

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
}

fn cell(module: u8, state: State, done: usize) -> CellLine {
    let (begun, proven) = (state != State::NotStarted, None);
    CellLine { module, state, begun, done, required: 4, minutes: 9, proven }
}

fn attendee(name: &str, account: usize) -> AttendeeLine {
    AttendeeLine {
        name: name.to_owned(),
        account: format!("{account:012}"),
        roster: None,
        presence: "here".to_owned(),
        kind: None,
        step: Some("1d".to_owned()),
        since: Some(at(40)),
        news: Some(at(55)),
        stuck: Vec::new(),
        help: None,
        steps_done: 6,
        modules_done: 1,
        minutes: 18,
        hints: 2,
        modules: vec![cell(0, State::Done, 4), cell(1, State::InProgress, 2)],
        swept: None,
        trouble: None,
        disagreements: Vec::new(),
    }
}

fn module(module: u8, title: &str) -> ModuleLine {
    ModuleLine {
        module,
        slug: format!("m{module}"),
        title: title.to_owned(),
        minutes: 30,
        steps: 4,
        not_begun: 1,
        working: 2,
        done: 3,
        regressed: 1,
    }
}

/// A room with people of whom some mean no good.
fn room() -> Snapshot {
    let mut caller = attendee("=HYPERLINK(\"x\"),\"y\"", 1);
    caller.stuck = vec![StuckLine {
        reason: "same_offender".to_owned(),
        text: "-2+3 times the same".to_owned(),
    }];
    caller.help =
        Some(HelpLine { step: "1d".to_owned(), asked: at(50), over: None, evidence: vec![] });
    let point = |minute, here, modules_done| Point {
        at: at(minute),
        here,
        modules_done,
        steps_done: None,
        stuck: None,
    };
    Snapshot {
        schema: 1,
        tool: "stepproof 0".to_owned(),
        course: CourseId { id: "c".to_owned(), sha256: String::new() },
        title: "A <course>".to_owned(),
        at: at(60),
        totals: Totals { here: 2, help: 1, ..Totals::default() },
        steps: 8,
        modules: vec![module(0, "Set up & go"), module(1, "認証")],
        failing: vec![FailingLine {
            check: "every-method".to_owned(),
            step: "1d".to_owned(),
            title: "Every method".to_owned(),
            attendees: 2,
            offender: Some("GET /secret-of-somebody".to_owned()),
            times: 2,
            message: None,
        }],
        series: vec![point(0, 0, 0), point(30, 2, 1), point(60, 2, 3)],
        attendees: vec![caller, attendee("<script>青い</script>", 2)],
    }
}

fn page(lang: &str, names: bool) -> Page {
    let look = Look { lang: lang.to_owned(), zone: TimeZone::UTC, now: at(60) };
    Page { look, ends: Some(at(125)), names, every: 10 }
}

#[test]
fn the_table_has_a_line_for_each_and_no_formula() {
    let csv = csv(&room());
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(
        lines[0].ends_with(
            "m0_state,m0_done,m0_minutes,m0_proven,m1_state,m1_done,m1_minutes,m1_proven"
        )
    );
    assert!(lines[1].starts_with("\"'=HYPERLINK(\"\"x\"\"),\"\"y\"\"\",000000000001,"), "{csv}");
    assert!(lines[1].contains(",'-2+3 times the same,"), "{csv}");
    assert!(lines[2].ends_with(",done,4,9,,in_progress,2,9,"), "{csv}");
    for line in lines {
        let outside: String = line.split('"').step_by(2).collect();
        assert_eq!(outside.matches(',').count(), 23, "{line}");
    }
}

#[test]
fn what_programs_read_fits_its_schema() {
    let schema = schemars::schema_for!(Snapshot).to_value();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let room = serde_json::to_value(room()).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&room).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(room["at"], "2027-01-15T09:00:00Z");
    assert_eq!(room["attendees"][0]["stuck"][0]["reason"], "same_offender");
}

#[test]
fn nobodys_words_are_on_the_page_unless_names_are_asked_for() {
    let (bare, named) = (html(&room(), &page("en", false)), html(&room(), &page("en", true)));
    for word in ["青い", "HYPERLINK", "secret-of-somebody", "000000000001"] {
        assert!(!bare.contains(word), "{word}");
    }
    assert!(named.contains("&lt;script&gt;青い"), "{named}");
    assert!(named.contains("(!) =HYPERLINK"), "who asks for help is marked: {named}");
    assert!(named.contains("GET /secret-of-somebody"));
    for page in [bare, named] {
        assert!(!page.contains("<script"), "nothing is run");
        assert!(!page.contains("http://") && !page.contains("https://"), "nothing is loaded");
        assert!(page.contains("<meta http-equiv=\"refresh\" content=\"10\">"));
        assert!(page.contains("A &lt;course&gt;") && page.contains("Set up &amp; go"));
        assert!(page.contains("<strong>1 h 05 min</strong> left"), "{page}");
    }
}

#[test]
fn the_page_speaks_japanese() {
    let page = html(&room(), &page("ja", false));
    for word in ["<html lang=\"ja\">", "参加中", "残り時間", "不合格の多いチェック", "1 認証"]
    {
        assert!(page.contains(word), "{word}");
    }
    assert!(!page.contains("Attendees and modules"));
}

#[test]
fn nobody_and_many_have_a_page_too() {
    let mut empty = room();
    (empty.attendees, empty.totals, empty.series) = (vec![], Totals::default(), vec![]);
    let page_of_none = html(&empty, &page("en", true));
    assert!(page_of_none.contains("Nobody is in the room yet.") && !page_of_none.contains("NaN"));
    let mut many = room();
    many.attendees = (0..5_000).map(|one| attendee("x", one)).collect();
    many.totals.here = 5_000;
    let page_of_many = html(&many, &page("en", false));
    assert!(page_of_many.contains("A row for every 32 attendees"), "{page_of_many}");
    assert!(page_of_many.len() < 200_000, "{}", page_of_many.len());
    let over = Page { ends: Some(at(59)), ..page("en", false) };
    assert!(html(&room(), &over).contains("The time is over"));
}
