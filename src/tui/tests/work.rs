//! Blocks of the page that do something: shown, agreed to, done, and never without a question.

use std::path::PathBuf;
use std::time::Duration;

use super::fixture::*;
use crate::i18n::Lang;
use crate::tui::*;

const DEPLOY: &str = "aws cloudformation deploy --template-file packaged.yaml --stack-name \
                      CustomizeUnicorns --capabilities CAPABILITY_IAM\n";

fn run_job() -> Job {
    Job { step: "0a".into(), kind: JobKind::Run(DEPLOY.into()) }
}

pub(super) fn run_plan() -> RunPlan {
    RunPlan {
        step: "0a".into(),
        script: DEPLOY.into(),
        dir: "/home/me/app".into(),
        environment: vec![
            ("AWS_PROFILE".into(), None),
            ("AWS_ENDPOINT_URL".into(), Some("http://127.0.0.1:4711".into())),
            ("AWS_SECRET_ACCESS_KEY".into(), Some("practice".into())),
        ],
        missing: vec!["aws".into()],
    }
}

pub(super) fn edit_plan(before: &str) -> EditPlan {
    let diff = "--- a/template.yaml\n+++ b/template.yaml\n@@ -1 +1 @@\n-Open: true\n+Open: false\n";
    let place = ("0a".into(), "template.yaml".into(), PathBuf::from("/home/me/app/template.yaml"));
    EditPlan::change(place, before.into(), diff).unwrap()
}

fn work(msg: WorkMsg) -> Msg {
    Msg::Work(msg)
}

pub(super) fn prepared(plan: Plan) -> Msg {
    work(WorkMsg::Prepared(Ok(plan)))
}

pub(super) fn printed(number: u64, lines: &[&str]) -> Msg {
    let lines = lines.iter().map(|line| (*line).to_owned()).collect();
    work(WorkMsg::Output(number, Batch { lines, ..Batch::default() }))
}

pub(super) fn ended(number: u64, code: Option<i32>, stopped: bool) -> Msg {
    let time = Duration::from_millis(12_300);
    work(WorkMsg::Ended(number, Ok(ShellEnded { code, stopped, time })))
}

/// A learner whose command runs.
pub(super) fn running(size: (u16, u16)) -> Learner {
    let mut learner = Learner::at_work(size);
    learner.press("]x");
    learner.tell(prepared(Plan::Run(run_plan())));
    assert_eq!(learner.press("\n"), [Effect::Work(WorkEffect::Run(1, run_plan()))]);
    learner
}

#[test]
fn commands_are_shown_with_place_and_account_before_they_run() {
    let mut learner = Learner::at_work((120, 40));
    assert_eq!(learner.press("]x"), [Effect::Work(WorkEffect::Prepare(run_job()))]);
    learner.tell(prepared(Plan::Run(run_plan())));
    for text in [
        "Run these commands?",
        "In /home/me/app",
        "On practice 000000000000, us-east-1",
        "aws cloudformation deploy --template-file",
        "Not found on the PATH: aws.",
        "They get no input.",
        "(no AWS_PROFILE)",
        "AWS_ENDPOINT_URL=http://127.0.0.1:4711",
        "AWS_SECRET_ACCESS_KEY=...",
    ] {
        learner.sees(text);
    }
    assert_eq!(learner.press("c"), [Effect::Copy(DEPLOY.into())], "the commands, exactly");
    assert_eq!(learner.press("\u{1b}\n"), [], "Esc leaves it, and Enter alone runs nothing");
    learner.sees("x shows what would run here");
}

#[test]
fn long_commands_scroll_to_their_end() {
    let mut learner = Learner::at_work((60, 20));
    learner.press("]x");
    learner.tell(prepared(Plan::Run(run_plan())));
    learner.sees_not("CAPABILITY_IAM");
    for _ in 0..30 {
        learner.press("→");
    }
    learner.sees("CAPABILITY_IAM");
}

#[test]
fn a_command_is_followed_while_the_learner_reads_on() {
    let mut learner = running((120, 40));
    learner.sees("OUTPUT · aws cloudformation deploy");
    learner.sees("Nothing was printed yet.");
    assert!(learner.model.counts());
    learner.waits(12);
    learner.sees("runs, 12 s   Esc stops");
    learner.tell(printed(1, &["Waiting for changeset to be created..", "Successfully created"]));
    learner.sees("Successfully created");
    let before = learner.model.page.scroll;
    learner.press("jjjj");
    assert!(learner.model.page.scroll > before);
    assert_eq!(learner.press("]"), [], "other blocks can be looked at");
    learner.press("[x");
    learner.sees("Something is running.");
    learner.tell(printed(9, &["of another command"]));
    learner.sees_not("of another command");

    let entry = Entry::Ran {
        step: "0a".into(),
        command: DEPLOY.trim_end().chars().take(120).collect(),
        code: Some(0),
        stopped: false,
        millis: 12_300,
    };
    let effects = learner.tell(ended(1, Some(0), false));
    assert_eq!(effects, [Effect::Record(entry), Effect::ReadValues]);
    learner.sees("exit code 0, 12 s");
    learner.sees("Press v to check the step.");
    assert!(!learner.model.counts(), "nothing counts any more");
    learner.press("\u{1b}\u{1b}");
    learner.sees_not("OUTPUT");
    learner.press("o");
    learner.sees("Successfully created");
}

#[test]
fn a_failed_command_says_its_exit_code() {
    let mut learner = running((120, 40));
    learner.tell(ended(1, Some(254), false));
    learner.sees("ended with exit code 254 after 12 s");
    let refused = work(WorkMsg::Ended(2, Err(Refusal::NoBash)));
    learner.press("x");
    learner.tell(prepared(Plan::Run(run_plan())));
    learner.press("\n");
    learner.tell(refused);
    learner.sees("bash isn't on the PATH.");
    learner.sees("not started");
}

#[test]
fn a_hanging_command_is_stopped_ever_more_firmly() {
    let mut learner = running((120, 40));
    let stop = |stop| [Effect::Work(WorkEffect::Stop(stop))];
    assert_eq!(learner.press("\u{1b}"), stop(Stop::Ask));
    learner.sees("stopping, 0 s   Esc now");
    assert_eq!(learner.interrupts(), stop(Stop::Tell), "Ctrl-C does the same");
    assert_eq!(learner.press("\u{1b}"), stop(Stop::Kill));
    let effects = learner.tell(ended(1, None, true));
    assert!(matches!(effects[0], Effect::Record(Entry::Ran { code: None, stopped: true, .. })));
    learner.sees("What was done until then stays done.");
    assert_eq!(learner.interrupts(), [Effect::Cancel, Effect::Quit]);
}

#[test]
fn leaving_asks_before_it_ends_a_command() {
    let mut learner = running((80, 24));
    assert_eq!(learner.press("q"), []);
    learner.sees("This still runs: aws cloudformation deploy");
    assert_eq!(learner.press("\u{1b}"), [], "Esc stays");
    assert_eq!(learner.press("q\n"), [Effect::Work(WorkEffect::Stop(Stop::Ask))]);
    let effects = learner.tell(ended(1, Some(130), true));
    assert!(effects.ends_with(&[Effect::Cancel, Effect::Quit]), "{effects:?}");
    let mut learner = running((80, 24));
    let kill = Effect::Work(WorkEffect::Stop(Stop::Kill));
    assert_eq!(learner.tell(Msg::Gone), [kill, Effect::Cancel, Effect::Quit]);
}

#[test]
fn what_is_not_kept_of_the_output_is_counted() {
    let mut learner = running((120, 40));
    let lines: Vec<String> = (0..KEPT_LINES).map(|n| format!("line {n}")).collect();
    learner.tell(work(WorkMsg::Output(1, Batch { dropped: 41, lines, open: "and on".into() })));
    learner.sees("and on");
    learner.sees("line 999");
    learner.press("\t\tg");
    learner.sees("(41 earlier lines are not kept)");
    learner.sees("line 0");
    learner.tell(printed(1, &["later"]));
    learner.sees("line 1");
    learner.press("G");
    learner.sees("later");
}

#[test]
fn a_block_with_an_unknown_value_names_the_step_that_brings_it() {
    let mut learner = Learner::at_work((120, 40));
    assert_eq!(learner.press("]]x"), []);
    learner.sees("Not done: api_url isn't known yet. Step 0a brings it.");
    learner.tell(Msg::Values(known_values()));
    let job = Job {
        step: "0b".into(),
        kind: JobKind::Run("curl http://127.0.0.1:4711/_api/a1/dev/capes\n".into()),
    };
    assert_eq!(learner.press("x"), [Effect::Work(WorkEffect::Prepare(job))]);
    assert_eq!(learner.press("]]x"), []);
    learner.press("]x");
    learner.sees("It isn't run from here.");
}

#[test]
fn without_a_copy_of_the_app_one_is_offered() {
    let mut learner = Learner::at_work((120, 40));
    learner.press("]x");
    let dir = PathBuf::from("/home/me/small");
    learner.tell(prepared(Plan::NoApp { job: run_job(), dir: dir.clone() }));
    learner.sees("Enter writes it to /home/me/small.");
    let write = Effect::Work(WorkEffect::WriteApp(dir.clone(), run_job()));
    assert_eq!(learner.press("\n"), [write]);
    let effects = learner.tell(work(WorkMsg::AppWritten(dir, run_job(), Ok(()))));
    assert_eq!(effects, [Effect::Work(WorkEffect::Prepare(run_job()))]);
    learner.sees("Your copy of the app is in /home/me/small.");
    learner.press("s");
    learner.sees("In /home/me/small");
}

#[test]
fn a_change_is_shown_against_the_learners_file_and_made_after_a_yes() {
    let mut learner = Learner::at_work((120, 40));
    let [Effect::Work(WorkEffect::Prepare(job))] = &learner.press("x")[..] else { panic!() };
    assert!(matches!(&job.kind, JobKind::Change { file, .. } if file == "template.yaml"));
    let plan = edit_plan("A: 1\nOpen: true\nB: 2\n");
    learner.tell(prepared(Plan::Edit(plan.clone())));
    learner.sees("Change template.yaml?");
    learner.sees("/home/me/app/template.yaml");
    learner.sees("1 │   A: 1");
    learner.sees("2 │ - Open: true");
    learner.sees("2 │ + Open: false");
    assert_eq!(learner.press("\n"), [Effect::Work(WorkEffect::Edit(plan.clone()))]);
    let effects = learner.tell(work(WorkMsg::Edited(plan, Ok(()))));
    let entry = Entry::Changed { step: "0a".into(), file: "template.yaml".into(), undone: false };
    assert_eq!(effects, [Effect::Record(entry)]);
    learner.sees("Changed template.yaml. It counts once it is deployed. U takes it back.");
    let undo = WorkEffect::PrepareUndo(Some("template.yaml".into()));
    assert_eq!(learner.press("U"), [Effect::Work(undo)]);
}

#[test]
fn a_change_that_does_not_fit_says_where_and_changes_nothing() {
    let mut learner = Learner::at_work((80, 24));
    learner.press("x");
    learner.tell(prepared(Plan::Edit(edit_plan("Open:  true\n"))));
    learner.sees("doesn't fit template.yaml as it is. Nothing was changed.");
    learner.sees("│ Open: true");
    assert_eq!(learner.press("\n"), []);
    learner.press("x");
    let mut plan = edit_plan("Open: false\n");
    learner.tell(prepared(Plan::Edit(plan.clone())));
    learner.sees("holds this already");
    assert_eq!(learner.press("\n"), []);
    let near =
        crate::course::Near { line: 7, expected: "a: 1".into(), found: Some("a:  1".into()) };
    let excerpt = vec![(6, "before".into()), (7, "a:  1".into()), (8, "after".into())];
    plan.fit = Fit::Misfit { expected: vec![], near: Some(near), excerpt };
    learner.tell(prepared(Plan::Edit(plan.clone())));
    for text in ["Line 7 differs:", "expected: a: 1", "found:    a:  1", "> 7 a:  1"] {
        learner.sees(text);
    }
    learner.sees("They differ in spaces only.");
    learner.press("\u{1b}");
    plan.fit = Fit::Ambiguous(vec![3, 19]);
    learner.tell(prepared(Plan::Edit(plan)));
    learner.sees("several places");
    learner.sees("3, 19");
}

#[test]
fn why_something_was_not_done_is_said_in_both_languages() {
    let path = || PathBuf::from("/home/me/app/template.yaml");
    let refusals = [
        Refusal::NoDirectory(path()),
        Refusal::NoFile(path()),
        Refusal::NotText(path()),
        Refusal::Outside(path()),
        Refusal::Changed(path()),
        Refusal::ChangedSince(path()),
        Refusal::CannotRead(path(), "denied".into()),
        Refusal::CannotWrite(path(), "denied".into()),
    ];
    for lang in [Lang::En, Lang::Ja] {
        let mut learner = Learner::at_work((100, 30));
        learner.model.lang = lang;
        for refusal in &refusals {
            learner.tell(work(WorkMsg::Prepared(Err(refusal.clone()))));
            learner.sees("/home/me/app/template.yaml");
            assert!(learner.model.notice.as_ref().is_some_and(|notice| notice.trouble));
        }
        learner.tell(work(WorkMsg::Prepared(Err(Refusal::NothingToUndo))));
        learner.sees(if lang == Lang::En {
            "no change to take back"
        } else {
            "元に戻せる変更"
        });
    }
}

#[test]
fn what_is_not_seen_is_not_agreed_to() {
    let mut learner = Learner::at_work((120, 40));
    learner.press("]x");
    learner.tell(prepared(Plan::Run(run_plan())));
    learner.tell(Msg::Resize(20, 5));
    assert_eq!(learner.press("\n"), []);
    learner.tell(Msg::Resize(120, 40));
    learner.sees("Run these commands?");
    learner.press("\u{1b}?");
    learner.tell(prepared(Plan::Run(run_plan())));
    learner.sees_not("Run these commands?");
    assert_eq!(learner.press("\n"), [], "what came while another window was open is dropped");
}

#[test]
fn output_has_a_place_at_every_width() {
    let mut learner = running((140, 45));
    learner.tell(printed(1, &["printed"]));
    for text in ["MODULES", "PROOF", "OUTPUT", "printed"] {
        learner.sees(text);
    }
    let mut learner = running((80, 24));
    learner.sees("OUTPUT");
    learner.sees_not("PROOF");
    learner.press("\t");
    learner.sees("PROOF");
    learner.sees_not("OUTPUT");
    learner.press("\t");
    learner.sees("OUTPUT");
    let mut learner = running((60, 20));
    learner.sees("OUTPUT");
    learner.sees_not("Deploy the stack ─");
    learner.press("\t\t");
    learner.sees("Deploy the stack");
    learner.sees("runs, 0 s");
}

#[test]
fn checking_brings_the_proof_back_from_behind_the_output() {
    let mut learner = running((80, 24));
    learner.tell(ended(1, Some(0), false));
    learner.press("v");
    learner.sees("PROOF");
    learner.sees_not("OUTPUT");
}

#[test]
fn sheets_are_complete_without_colour_and_in_ascii() {
    let plans = || {
        [
            Plan::Run(run_plan()),
            Plan::Edit(edit_plan("A: 1\nOpen: true\n")),
            Plan::Edit(edit_plan("Open: no\n")),
            Plan::NoApp { job: run_job(), dir: "/home/me/small".into() },
        ]
    };
    for plan in plans() {
        let mut plain = Learner::at_work_in((80, 24), PLAIN);
        let mut coloured = Learner::at_work_in((80, 24), COLOUR);
        let mut ascii = Learner::at_work_in((80, 24), Theme { ascii: true, ..PLAIN });
        for learner in [&mut plain, &mut coloured, &mut ascii] {
            learner.tell(prepared(plan.clone()));
        }
        assert_eq!(plain.screen(), coloured.screen());
        assert!(ascii.screen().is_ascii(), "{}", ascii.screen());
    }
}
