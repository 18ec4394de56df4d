//! `--plain`: lines in, lines out, over the same state.

use std::sync::Arc;

use super::fixture::*;
use crate::check::{CheckResult, Verdict};
use crate::course::Course;
use crate::i18n::Lang;
use crate::tui::plain::session::Session;
use crate::tui::{Choice, Effect, Entry, Msg, Past, Progress, Scope, Time, Trouble};

/// A learner who reads and writes lines.
pub(super) struct Reader {
    pub(super) session: Session,
}

impl Reader {
    fn new(lang: Lang) -> Self {
        Self { session: Session::new(lang, None) }
    }

    /// In the practice account, at the first step.
    pub(super) fn at_work() -> Self {
        let mut reader = Self::on(&course());
        reader.settles();
        reader
    }

    fn on(course: &Arc<Course>) -> Self {
        let mut reader = Self::new(Lang::En);
        reader.tell(Msg::Course(Ok(Arc::clone(course))));
        reader.tell(Msg::Chosen(Some(Choice::Practice)));
        reader.tell(Msg::Account(Ok(practice())));
        reader.tell(Msg::Past(Past::default()));
        reader
    }

    pub(super) fn tell(&mut self, msg: Msg) -> Vec<Effect> {
        self.session.take(msg)
    }

    /// A line, and what it asks to be done.
    pub(super) fn types(&mut self, line: &str) -> Vec<Effect> {
        self.session.line(line)
    }

    /// What is said since the last time, once nothing is being done.
    pub(super) fn settles(&mut self) -> String {
        while !self.session.settle().is_empty() {}
        let lines = self.session.take_output();
        let line =
            |line: &crate::markdown::PlainLine| format!("{}{}", " ".repeat(line.indent), line.text);
        lines.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// What a line is answered with.
    pub(super) fn hears(&mut self, line: &str) -> String {
        for effect in self.types(line) {
            if let Effect::Index(request) = effect {
                self.tell(Msg::Index(Arc::new(request.build())));
            }
        }
        self.settles()
    }

    /// A verification, from its line to its report.
    pub(super) fn verifies(&mut self, line: &str, judged: Vec<(&str, CheckResult)>) -> String {
        let effects = self.types(line);
        let [Effect::Verify(number, ..)] = effects[..] else { panic!("{effects:?}") };
        self.tell(Msg::Progress(number, Progress::Started(judged.len())));
        self.tell(Msg::Verified(number, Ok(Box::new(report(judged)))));
        self.settles()
    }
}

#[track_caller]
pub(super) fn holds(text: &str, expected: &[&str]) {
    let mut from = 0;
    for part in expected {
        let found = text[from..].find(part);
        assert!(found.is_some(), "no {part:?} (in this order) in\n{text}");
        from += found.unwrap_or(0) + part.len();
    }
}

#[test]
fn the_first_start_asks_by_number_where_to_work() {
    let mut reader = Reader::new(Lang::En);
    reader.tell(Msg::Course(Ok(course())));
    reader.tell(Msg::Chosen(None));
    reader.tell(Msg::Profiles(vec![Some("workshop".into())]));
    let said = reader.settles();
    holds(&said, &["1. Practice account.", "2. AWS profile workshop.", "a number from 1 to 2."]);
    assert_eq!(reader.session.prompt(), "Number: ");
    assert_eq!(reader.hears("verify"), "Type a number from 1 to 2.");
    assert_eq!(reader.hears("3"), "Type a number from 1 to 2.");
    let profile = Choice::Profile(Some("workshop".into()));
    assert_eq!(reader.types("2"), [Effect::OpenAccount(profile)]);
}

#[test]
fn the_start_says_where_i_am_and_reads_the_next_open_step() {
    let mut reader = Reader::on(&course());
    let said = reader.settles();
    holds(
        &said,
        &[
            "A small course\nAccount: practice 000000000000, region us-east-1.",
            "Module 0: Initial setup\n40 min, 0 of 2 steps proven.",
            "Why this matters",
            "Heading: 0a Deploy the stack",
            "Code block 1, change to template.yaml:",
            "file before: a/template.yaml",
            "at line 1:",
            "remove: Open: true",
            "add: Open: false",
            "End of code block 1.",
            "Code block 2, shell, run:\naws cloudformation deploy",
            "State of step 0a: not checked. To check it: verify.",
        ],
    );
    assert!(!said.contains("0b Call"), "{said}");
    assert_eq!(reader.session.prompt(), "0a command: ");
}

#[test]
fn steps_are_gone_through_and_modules_gone_to() {
    let mut reader = Reader::at_work();
    let said = reader.hears("next");
    holds(&said, &["Heading: 0b Call the API", "Table, rows: 1, columns: 2.", "Route: GET /capes"]);
    holds(&said, &["curl ⟨api_url: step 0a⟩capes", "Warning: It answers anyone."]);
    let end = reader.hears("next");
    holds(&end, &["Heading: Look back", "Nothing stops an attacker yet", "the last step"]);
    holds(&reader.hears("previous"), &["Heading: 0b"]);
    holds(&reader.hears("p"), &["Heading: 0a"]);
    holds(&reader.hears("go 1a"), &["Module 1: Authentication", "1a Ask for a token"]);
    holds(&reader.hears("back"), &["Module 0: Initial setup", "0a Deploy the stack"]);
    holds(&reader.hears("go 4"), &["Module 4 is not written yet."]);
    holds(&reader.hears("go 9x"), &["There is no step or module 9x."]);
    assert_eq!(reader.session.misunderstood(), 1);
}

#[test]
fn a_verification_names_offenders_and_the_next_hint() {
    let mut reader = Reader::at_work();
    let open = ["GET /capes", "DELETE /customizations/{id}"];
    let failed = result("stack-is-there", Verdict::Fail, "There is no stack.", &open);
    let said = reader.verifies("verify", vec![("0a", failed.clone())]);
    let expected = "Checking.\n0a Deploy the stack: not yet.\n  not yet: There is no stack.\n  \
                    - GET /capes\n  - DELETE /customizations/{id}\n  \
                    Hint 1 of 2 can be unlocked: hint.\n\
                    Proven: 0 of 1 checks. What is open: steps.";
    assert_eq!(said, expected);
    assert_eq!(
        reader.verifies("v", vec![("0a", failed)]),
        expected,
        "the same again is said again"
    );
    holds(&reader.hears("hints"), &["No hint of this step is unlocked."]);
    let hint = Entry::Hint { check: "stack-is-there".into(), step: "0a".into(), open: 1 };
    assert_eq!(reader.types("hint"), [Effect::Record(hint)]);
    assert_eq!(reader.settles(), "Hint 1 of 2: Look at CloudFormation.");
    reader.types("h");
    assert_eq!(reader.settles(), "Hint 2 of 2: Run sam deploy.");
    assert_eq!(reader.hears("hint"), "There is no hint to unlock here.");
    assert_eq!(reader.hears("hint"), "There is no hint to unlock here.");
    holds(&reader.hears("hints"), &["Hint 1 of 2", "Hint 2 of 2"]);
}

#[test]
fn any_step_or_module_is_verified_by_its_name_and_all_in_short() {
    let mut reader = Reader::at_work();
    assert_eq!(reader.types("verify 1a"), [Effect::Verify(1, Scope::Step("1a".into()), Lang::En)]);
    holds(&reader.hears("next"), &["Heading: 0b"]);
    assert_eq!(reader.types("cancel"), [Effect::Cancel]);
    holds(&reader.settles(), &["Cancelled."]);
    assert_eq!(reader.types("verify 0"), [Effect::Verify(2, Scope::Module(0), Lang::En)]);
    holds(&reader.hears("verify"), &["Something is running. To cancel it: cancel."]);
    reader.types("cancel");
    reader.settles();
    let pass = |check| result(check, Verdict::Pass, "Done.", &[]);
    let judged = vec![("0a", pass("stack-is-there")), ("0b", pass("api-answers"))];
    let said = reader.verifies("verify all", judged);
    holds(&said, &["Module 0: Initial setup: 2 of 2 steps proven.", "Module 1: Authentication: 0"]);
    holds(&said, &["Proven: 2 of 2 checks."]);
    holds(&reader.hears("steps"), &["0a Deploy the stack: proven.\n  proven: Done."]);
}

#[test]
fn a_code_block_is_printed_alone_and_never_with_a_value_missing() {
    let mut reader = Reader::at_work();
    let deploy = "aws cloudformation deploy --template-file packaged.yaml --stack-name \
                  CustomizeUnicorns --capabilities CAPABILITY_IAM";
    assert_eq!(reader.hears("code 2"), deploy);
    holds(&reader.hears("code 1"), &["--- a/template.yaml\n", "@@ -1 +1 @@\n-Open: true\n"]);
    assert_eq!(reader.hears("code 3"), "Not printed: api_url: step 0a is not known yet.");
    holds(&reader.hears("copy"), &["Code block 1", "Code block 2, shell, run: aws cloud"]);
    holds(&reader.hears("code 9"), &["There is no code block 9 on this page."]);
    assert_eq!(reader.hears("values"), "api_url: step 0a brings it.");
    reader.tell(Msg::Values(known_values()));
    reader.settles();
    assert_eq!(reader.hears("code 3"), "curl http://127.0.0.1:4711/_api/a1/dev/capes");
    assert_eq!(reader.hears("values"), "All values on this page are known.");
}

#[test]
fn what_changes_in_the_text_is_said_without_reading_it_all_again() {
    let mut reader = Reader::at_work();
    holds(&reader.hears("go 0b"), &["Not known yet: api_url: step 0a."]);
    reader.tell(Msg::Values(known_values()));
    let said = reader.settles();
    holds(&said, &["The text of this step has changed"]);
    assert!(!said.contains("curl"), "{said}");
    holds(&reader.hears("read"), &["curl http://127.0.0.1:4711"]);
    assert_eq!(reader.settles(), "", "said once");
}

#[test]
fn a_search_lists_what_it_finds_and_opens_it_by_number() {
    let mut reader = Reader::at_work();
    let said = reader.hears("search anyone");
    holds(
        &said,
        &["Found: 2.", "1. 0 Initial setup: ", "2. 0b Call the API: Warning It answers anyone."],
    );
    holds(&reader.hears("open 2"), &["Heading: 0b Call the API"]);
    holds(&reader.hears("back"), &["Heading: 0a"]);
    holds(&reader.hears("search attacker"), &["1. 0 Look back"]);
    holds(&reader.hears("open 1"), &["Heading: Look back", "Nothing stops"]);
    assert_eq!(reader.hears("search nowhere"), "Nothing found.");
    holds(&reader.hears("open 1"), &["There is no result 1."]);
    holds(&reader.hears("search"), &["What to search for?"]);
    holds(&reader.hears("next"), &["Heading: 0"]);
}

#[test]
fn the_map_is_a_list_with_states_and_what_fits() {
    let mut reader = Reader::on(&course_with_cleanup());
    let now = instant("10:00");
    reader.tell(Msg::Time(Time { wall: now, ..Time::default() }));
    reader.tell(Msg::Ends(Some(instant("12:14"))));
    holds(&reader.settles(), &["2 h 14 min left, until 12:14."]);
    let said = reader.hears("map");
    holds(
        &said,
        &[
            "0 of 3 modules done",
            "Heading: Base",
            "Module 0: Initial setup\n  0 of 2 steps proven.\n  40 min planned",
            "Done by: 10:",
            "Module 1: Authentication",
            "first do module 0",
            "Clean-up",
            "To keep time for it: domain cleanup.",
            "Heading: What fits",
            "In this order: 0, 1.",
        ],
    );
    holds(&reader.hears("map done"), &["No module is like this. All modules: map."]);
    holds(&reader.hears("domain code"), &["Only these domains: Code."]);
    holds(&reader.hears("domain cleanup"), &["kept in the plan"]);
    holds(
        &reader.hears("domain nothing"),
        &["There is no domain nothing. The domains: base, code"],
    );
    holds(&reader.hears("next"), &["Heading: 0b"]);
}

#[test]
fn the_time_is_said_once_when_it_is_short_and_on_request() {
    let mut reader = Reader::on(&course());
    let at = |reader: &mut Reader, time: &str| {
        let now = instant(time);
        reader.tell(Msg::Time(Time { wall: now, ..Time::default() }));
        reader.settles()
    };
    at(&mut reader, "10:00");
    reader.tell(Msg::Ends(Some(instant("11:00"))));
    reader.settles();
    let said = at(&mut reader, "10:30");
    assert_eq!(said, "Warning: 30 min left, until 11:00. What still fits: map.");
    assert_eq!(at(&mut reader, "10:31"), "");
    holds(&at(&mut reader, "10:50"), &["Warning: 10 min left"]);
    holds(&reader.hears("time"), &["Module 0", "0a Deploy the stack", "10 min left, until 11:00."]);
}

#[test]
fn a_solution_is_applied_after_yes_only() {
    let mut reader = Reader::at_work();
    reader.hears("go 0b");
    let said = reader.hears("solve");
    holds(&said, &["Apply the solution of 0a, 0b", "  deploy template.yaml", "To do it: yes."]);
    assert_eq!(reader.session.prompt(), "yes or no: ");
    assert_eq!(reader.hears("no"), "Not applied.");
    reader.hears("solve");
    holds(&reader.hears("next"), &["Not applied.", "the last step"]);
    reader.hears("solve");
    let steps = vec!["0a".to_owned(), "0b".to_owned()];
    assert_eq!(reader.types("yes"), [Effect::Solve(1, steps)]);
    reader.tell(Msg::Solving(1, "deploying".into()));
    reader.tell(Msg::Solved(1, Ok(())));
    holds(&reader.settles(), &["Applying the solution.\ndeploying\n", "To check it: verify."]);
    holds(&reader.hears("yes"), &["There is nothing to answer."]);
}

#[test]
fn the_language_switches_in_place() {
    let mut reader = Reader::on(&course_with_japanese(SETUP_PAGE_JA));
    reader.settles();
    let said = reader.hears("language");
    holds(
        &said,
        &[
            "モジュール 0: 初期設定",
            "見出し: 0a スタックをデプロイする",
            "コードブロック 1、template.yaml の変更:",
            "削除: Open: true",
            "追加: Open: false",
            "ステップ 0a の状態: 未確認。 確認するには: verify。",
        ],
    );
    holds(&reader.hears("help"), &["コマンド", "next, n, next-step: 次のステップ"]);
    holds(
        &reader.hears("n"),
        &["表、1 行 2 列。", "ルート: GET /capes", "警告: 誰にでも応答します。"],
    );
}

#[test]
fn trouble_is_said_and_another_account_can_be_opened() {
    let mut reader = Reader::new(Lang::En);
    reader.tell(Msg::Course(Ok(course())));
    reader.tell(Msg::Chosen(Some(Choice::Profile(None))));
    let trouble = Trouble::new("No connection\u{1b}[31m to AWS.", "Check the network.");
    reader.tell(Msg::Account(Err(trouble)));
    let said = reader.settles();
    holds(&said, &["no account", "Problem: No connection to AWS. Check the network."]);
    holds(&said, &["To open this or another account: account.", "Heading: 0a"]);
    assert_eq!(reader.types("account"), [Effect::ListProfiles]);
    reader.tell(Msg::Profiles(Vec::new()));
    holds(&reader.settles(), &["1. Practice account."]);
    assert_eq!(reader.types("1"), [Effect::OpenAccount(Choice::Practice)]);
    reader.tell(Msg::Account(Ok(practice())));
    assert_eq!(reader.settles(), "Account: practice 000000000000, region us-east-1.");
}

#[test]
fn what_is_no_command_is_said_and_counted() {
    let mut reader = Reader::at_work();
    holds(&reader.hears("verfy"), &["There is no command verfy. All commands: help."]);
    holds(&reader.hears("down"), &["down moves on a screen."]);
    assert_eq!(reader.hears(""), "");
    assert_eq!(reader.hears("back"), "There is no place to go back to.");
    assert_eq!(reader.session.misunderstood(), 1);
    assert_eq!(reader.types("quit"), [Effect::Cancel, Effect::Quit]);
}

#[test]
fn without_an_answer_the_page_is_read_without_an_account() {
    let mut reader = Reader::new(Lang::En);
    reader.tell(Msg::Course(Ok(course())));
    reader.tell(Msg::Chosen(None));
    reader.tell(Msg::Profiles(Vec::new()));
    reader.settles();
    reader.session.begin_without_account();
    holds(&reader.settles(), &["Heading: 0a Deploy the stack", "No account is chosen yet"]);
}
