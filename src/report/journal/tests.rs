//! The page of an afternoon: module 0 done, module 1 half done with a wrong turn, module 5 open
//! again, a step skipped.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};

use super::*;
use crate::check::{AccountKind, State, Verdict};
use crate::course::{Course, CourseFiles, PartId};
use crate::progress::{Entry, Learner, Log, Verified};

fn at(minute: i64) -> Timestamp {
    let begin: Timestamp = "2026-03-12T13:00:00Z".parse().unwrap();
    begin + jiff::SignedDuration::from_mins(minute)
}

fn learner() -> Learner {
    let (course, account) = ("secure-serverless".to_owned(), "000000000000".to_owned());
    Learner { course, kind: AccountKind::Practice, account }
}

fn look(lang: &str) -> Look {
    Look { lang: lang.to_owned(), zone: TimeZone::UTC, now: at(600) }
}

fn opened(step: &str) -> Entry {
    Entry::Opened { step: step.to_owned() }
}

/// A verification of steps: all required checks pass, or all fail.
fn verified(course: &Course, steps: &[&str], verdict: Verdict) -> Entry {
    let of = course.steps().filter(|(_, step)| steps.contains(&step.spec.id.as_str()));
    let checks = of.flat_map(|(_, step)| &step.checks);
    let verdicts: BTreeMap<_, _> = checks.map(|check| (check.check.clone(), verdict)).collect();
    let caller = "arn:aws:iam::000000000000:user/kim.park".to_owned();
    Entry::Verified(Verified {
        caller,
        course_sha256: String::new(),
        verdicts,
        failures: BTreeMap::new(),
    })
}

fn proves(course: &Course, minute: i64, steps: &[&str]) -> Vec<(Timestamp, Entry)> {
    let proven = steps.iter().map(|step| Entry::Proven { step: (*step).to_owned() });
    let all = std::iter::once(verified(course, steps, Verdict::Pass)).chain(proven);
    all.map(|entry| (at(minute), entry)).collect()
}

fn afternoon(course: &Course) -> Log {
    let mut entries = vec![(at(0), opened("0a")), (at(18), opened("0b"))];
    entries.extend(proves(course, 40, &["0a", "0b", "0c", "0d", "0e"]));
    let open = course.step("1d").unwrap().1.checks[0].check.clone();
    entries.extend([
        (at(42), opened("0a")),
        (at(42), opened("1a")),
        (at(50), verified(course, &["1d"], Verdict::Fail)),
        (at(51), Entry::Hint { check: open, open: 2 }),
        (at(55), verified(course, &["1d"], Verdict::Fail)),
    ]);
    entries.extend(proves(course, 60, &["1a", "1b", "1d"]));
    entries.extend([
        (at(61), Entry::Skipped { step: "1c".to_owned() }),
        (at(62), opened("5a")),
        (at(65), Entry::HelpAsked { step: "5a".to_owned(), evidence: vec![] }),
        (at(66), Entry::HelpOver { step: "5a".to_owned() }),
    ]);
    entries.extend(proves(course, 80, &["5a", "5b"]));
    entries.extend([
        (at(81), Entry::Revealed { module: 5, question: "anchors".to_owned() }),
        (at(110), verified(course, &["5a"], Verdict::Fail)),
    ]);
    Log { entries, unread: 0 }
}

fn page(lang: &str) -> JournalPage {
    let course = Course::embedded().unwrap();
    JournalPage::new(&course, &learner(), &afternoon(&course), look(lang))
}

#[track_caller]
fn has(text: &str, words: &str) {
    assert!(text.contains(words), "no {words:?} in\n{text}");
}

#[test]
fn the_page_says_where_everything_stands() {
    let page = page("en");
    let state = |number| {
        let modules = page.domains.iter().flat_map(|domain| &domain.modules);
        modules
            .clone()
            .find(|line| line.id == PartId::Module(number))
            .map(|line| (line.state, line.proven))
    };
    assert_eq!(state(0), Some((State::Done, 5)));
    assert_eq!(state(1), Some((State::InProgress, 3)));
    assert_eq!(state(5), Some((State::Regressed, 1)));
    assert_eq!(state(10), Some((State::NotStarted, 0)));
    let begun: Vec<PartId> = page.parts.iter().map(|part| part.line.id).collect();
    assert_eq!(begun, [0, 1, 5].map(PartId::Module));
    let step = |id: &str| {
        page.parts.iter().flat_map(|part| &part.steps).find(|step| step.id == id).unwrap()
    };
    assert_eq!(step("1d").state, StepState::Proven);
    assert_eq!((step("1d").tries, step("1d").hints, step("1d").at), (2, 2, Some(at(60))));
    assert_eq!(step("1c").state, StepState::Skipped);
    assert_eq!(step("1e").state, StepState::Untouched);
    assert_eq!(step("5a").state, StepState::Regressed);
    assert_eq!(page.parts[1].failed_at, Some(at(50)));
    assert_eq!(page.parts[1].proven_at, None, "it isn't done");
    assert_eq!(page.parts[0].proven_at, Some(at(40)));
    assert_eq!(page.proven(), (9, page.proven().1));
    assert_eq!(page.notes, []);
}

#[test]
fn a_look_at_everything_begins_nothing() {
    let course = Course::embedded().unwrap();
    let steps: Vec<&str> = course.steps().map(|(_, step)| step.spec.id.as_str()).collect();
    let entries = vec![(at(0), opened("0a")), (at(1), verified(&course, &steps, Verdict::Fail))];
    let page = JournalPage::new(&course, &learner(), &Log { entries, unread: 0 }, look("en"));
    let begun: Vec<PartId> = page.parts.iter().map(|part| part.line.id).collect();
    assert_eq!(begun, [PartId::Module(0)]);
    assert_eq!(page.parts[0].steps[0].tries, 1, "it was open");
}

#[test]
fn what_repeats_is_told_once() {
    let page = page("en");
    let count = |wanted: fn(&Happened) -> bool| {
        page.moments.iter().filter(|moment| wanted(&moment.happened)).count()
    };
    assert_eq!(count(|h| matches!(h, Happened::Opened(step) if step == "0a")), 1);
    assert_eq!(count(|h| matches!(h, Happened::Proven(steps) if steps.len() == 5)), 1);
    assert_eq!(count(|h| matches!(h, Happened::Regressed(steps) if *steps == ["5a"])), 1);
}

#[test]
fn commands_and_changes_stand_on_the_time_line() {
    let course = Course::embedded().unwrap();
    let ran = |step: &str, code, stopped| Entry::Ran {
        step: step.to_owned(),
        command: "aws cloudformation deploy".to_owned(),
        code,
        stopped,
        millis: 9,
    };
    let changed =
        |undone| Entry::Changed { step: "1d".to_owned(), file: "template.yaml".to_owned(), undone };
    let entries = [ran("1d", Some(1), false), ran("", None, true), changed(false), changed(true)];
    let entries = (0..).map(at).zip(entries).collect();
    let log = Log { entries, unread: 0 };
    let text = markdown(&JournalPage::new(&course, &learner(), &log, look("en")));
    has(&text, "1d ran aws cloudformation deploy: exit code 1");
    has(&text, "ran aws cloudformation deploy: stopped");
    has(&text, "1d applied a change to template.yaml");
    has(&text, "1d took a change to template.yaml back");
}

#[test]
fn markdown_tells_the_afternoon() {
    let text = markdown(&page("en"));
    has(&text, "# Workshop journal: Building secure serverless applications");
    has(&text, "This is your own record, not a proof.");
    has(&text, "- practice account 000000000000");
    has(&text, "- 12 March 2026, 13:00–14:50 (times in UTC)");
    has(&text, "- steps proven: 9 of ");
    has(&text, "| Foundation | 0 Initial setup | done | 5 of 5 | 42 min of 45 min planned |");
    has(&text, "- **5a Describe an order and check every order against it**");
    has(&text, "At 14:50 these checks failed:");
    has(&text, "- **Before:** Anybody on the Internet reads orders");
    has(&text, "(a check failed 13:50)");
    has(&text, "- **After:** Not stopped yet: the module isn't proven.");
    has(&text, "- **After:** It was stopped. A later check failed.");
    has(&text, "| 1d Ask for a token on every method | proven | 14:00 | 2 | 2 |");
    has(&text, "- **1c Create a client for the administrator** (skipped 14:01");
    has(&text, "It would have brought: A client for machines may ask for the scope");
    has(&text, "## What production would need");
    has(&text, "- Secrets that change: Cognito lets a client have two secrets");
    has(&text, "- **10 AWS WAF on the API's stage** (30 min)");
    has(&text, "   **Answer:** Every text that holds a digit anywhere");
    has(&text, "- 14:00 proven: 1a, 1b, 1d");
    has(&text, "- 14:05 asked for help at 5a");
    let hidden = text.find("A list of what is forbidden is never complete").unwrap();
    assert!(hidden > text.find("## Answers to the other questions").unwrap());
    assert!(!text.contains("kim.park"), "who called is nobody's business:\n{text}");
    assert!(!text.contains(['\u{e000}', '\u{e001}']), "{text}");
}

#[test]
fn html_tells_the_same_in_both_languages() {
    let text = html(&page("en"));
    has(&text, "<html lang=\"en\">");
    has(&text, "<strong>9 of ");
    has(&text, "Anybody on the Internet reads orders");
    has(&text, "<li>Secrets that change: Cognito lets a client have two secrets");
    has(&text, "<details open><summary>Answer</summary><p>Every text that holds a digit");
    has(&text, "<details><summary>Answer</summary><p>A list of what is forbidden");
    has(&text, "14:00 proven: 1a, 1b, 1d</title>");
    let text = html(&page("ja"));
    has(&text, "<html lang=\"ja\">");
    has(&text, "安全なサーバーレスアプリケーションの構築");
    has(&text, "2026年3月12日 13:00–14:50");
    has(&text, "練習用アカウント 000000000000");
    has(&text, "インターネット上の誰もが");
    has(&text, "スキップしたステップ");
    for english in ["Before", "Skipped", "What I did", "Questions"] {
        assert!(!text.contains(english), "{english}");
    }
}

/// The three kinds of pictures, each with a name and a description.
#[test]
fn pictures_have_words() {
    let text = html(&page("en"));
    assert_eq!(text.matches("<svg role=\"img\"").count(), 3);
    for id in ["domains", "session1", "times"] {
        has(&text, &format!("aria-labelledby=\"{id}-t {id}-d\""));
        has(&text, &format!("<title id=\"{id}-t\">"));
    }
    has(
        &text,
        "Identity: 1 Authentication and authorization with Amazon Cognito and a Lambda authorizer \
         in progress, 3 of 6.",
    );
    has(&text, "12 March 2026, 13:00–14:50. 3 modules,");
}

/// Whatever a course or an imported journal says, the page loads and runs nothing.
#[test]
fn hostile_texts_stay_text() {
    let evil = "</title><script>alert(1)</script><img src=http://evil/x onerror=y>";
    let mut files: BTreeMap<String, Vec<u8>> = CourseFiles::embedded()
        .iter()
        .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()))
        .collect();
    let index = String::from_utf8(files["modules/course.yaml"].clone()).unwrap();
    let title = "Building secure serverless applications";
    let evil_yaml = format!("'{evil} | `x` \\ [y](javascript:z)'");
    files.insert("modules/course.yaml".into(), index.replace(title, &evil_yaml).into_bytes());
    let page_file = "content/en/00-initial-setup.md";
    let content = String::from_utf8(files[page_file].clone()).unwrap();
    let content =
        content.replace("A separate account for each", &format!("{evil} ![i](http://evil/i) A"));
    files.insert(page_file.into(), content.into_bytes());
    let course = Course::from_files(CourseFiles::from_pairs(files)).unwrap();
    let mut log = afternoon(&course);
    log.entries.push((at(200), opened(evil)));
    log.entries.push((at(201), Entry::Hint { check: evil.to_owned(), open: usize::MAX }));
    log.entries.push((at(202), Entry::Imported { events: usize::MAX, tool: evil.to_owned() }));
    let learner = Learner { account: evil.to_owned(), ..learner() };
    let page = JournalPage::new(&course, &learner, &log, look("en"));
    let text = html(&page);
    for tag in ["<script", "<img", "onerror=y>", "javascript:z\"", "src=\"http"] {
        assert!(!text.contains(tag), "{tag} in\n{text}");
    }
    has(&text, "&lt;script&gt;alert(1)&lt;/script&gt;");
    let text = markdown(&page);
    for tag in ["<script", "<img", "[y](javascript:z)"] {
        assert!(!text.contains(tag), "{tag} in\n{text}");
    }
    assert!(page.notes.contains(&Note::OtherCourse(2)), "{:?}", page.notes);
}

#[test]
fn odd_clocks_and_unknown_events_are_said_and_lose_nothing() {
    let course = Course::embedded().unwrap();
    let back: Vec<(Timestamp, Entry)> = vec![
        (at(0), opened("0a")),
        (at(-500_000), opened("0b")),
        (at(9_000_000), opened("0c")),
        (Timestamp::MAX, opened("0d")),
        (Timestamp::MIN, opened("0e")),
    ];
    let log = Log { entries: back, unread: 3 };
    let page = JournalPage::new(&course, &learner(), &log, look("en"));
    assert_eq!(page.notes, [Note::ClockBack, Note::Future, Note::Unread(3)]);
    assert_eq!(page.moments.len(), 5);
    let text = html(&page);
    has(&text, "The clock went back");
    has(&text, "opened 0e");
    assert!(!text.contains("NaN") && !text.contains("inf\""), "{text}");
    has(&markdown(&page), "> Written by a newer stepproof, and not shown here: 3 events.");
}

#[test]
fn an_empty_journal_says_so() {
    let course = Course::embedded().unwrap();
    for lang in ["en", "ja"] {
        let page = JournalPage::new(&course, &learner(), &Log::default(), look(lang));
        let nothing = if lang == "en" { "Nothing is recorded yet." } else { "まだ何も" };
        has(&markdown(&page), nothing);
        has(&html(&page), nothing);
    }
}

#[test]
fn many_sessions_are_drawn_up_to_a_number() {
    let course = Course::embedded().unwrap();
    let help = || Entry::HelpAsked { step: "0a".to_owned(), evidence: vec![] };
    let day = |day: i64| [(at(day * 1440), help()), (at(day * 1440 + 5 + day / 3), help())];
    let entries = (0..60).flat_map(day);
    let log = Log { entries: entries.collect(), unread: 0 };
    let page = JournalPage::new(&course, &learner(), &log, look("en"));
    let text = html(&page);
    assert_eq!(text.matches("id=\"session").count(), 24 * 2, "title and description each");
    has(&text, "36 shorter sessions are not drawn");
}

/// Our own course: an attack in words and two or three questions, unless the module is new.
#[test]
fn questions_ask_and_answer_in_both_languages() {
    let course = Course::embedded().unwrap();
    for module in course.modules.iter().filter(|module| !module.questions.is_empty()) {
        let number = module.entry.number;
        assert!(module.attack.is_some(), "module {number}");
        assert!((2..=3).contains(&module.questions.len()), "module {number}");
        for question in &module.questions {
            assert!(question.ask.get("en").ends_with('?'), "{number}: {}", question.id);
            let ja = question.ask.get("ja");
            assert!(ja.ends_with(['。', '？', '）']), "{number}: {ja}");
        }
    }
}
