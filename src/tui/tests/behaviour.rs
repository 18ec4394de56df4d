//! `update`: what keys and events do.

use super::fixture::*;
use crate::check::Verdict;
use crate::i18n::Lang;
use crate::tui::{Choice, Effect, Entry, Msg, Past, RoomEffect, Scope, Trouble, WorkEffect};

#[test]
fn the_first_start_asks_where_to_work() {
    let mut learner = Learner::new((80, 24), COLOUR);
    learner.tell(Msg::Course(Ok(course())));
    assert_eq!(learner.tell(Msg::Chosen(None)), [Effect::ListProfiles]);
    learner.tell(Msg::Profiles(vec![Some("workshop".into())]));
    learner.sees("Practice account");
    learner.sees("AWS profile workshop");
    let effects = learner.press("j\n");
    assert_eq!(effects, [Effect::OpenAccount(Choice::Profile(Some("workshop".into())))]);
}

#[test]
fn without_profiles_the_practice_account_is_one_key_away() {
    let mut learner = Learner::new((80, 24), COLOUR);
    learner.tell(Msg::Chosen(None));
    learner.tell(Msg::Profiles(Vec::new()));
    learner.sees("No AWS profiles on this machine");
    assert_eq!(learner.press("jjj\n"), [Effect::OpenAccount(Choice::Practice)]);
}

#[test]
fn a_later_start_goes_on_in_the_account_of_the_earlier_one() {
    let mut learner = Learner::new((80, 24), COLOUR);
    let effects = learner.tell(Msg::Chosen(Some(Choice::Practice)));
    assert_eq!(effects, [Effect::OpenAccount(Choice::Practice)]);
    let effects = learner.tell(Msg::Account(Ok(practice())));
    let find = Effect::Work(WorkEffect::FindApp);
    let watch = Effect::Room(RoomEffect::Watch);
    let reads = [Effect::ReadPast, Effect::ReadValues, Effect::ReadExpiry(false)];
    assert_eq!(effects, reads.into_iter().chain([find, watch]).collect::<Vec<_>>());
}

#[test]
fn v_verifies_the_step_that_is_read() {
    let mut learner = Learner::at_work((120, 40));
    assert!(learner.press("nn").contains(&Effect::Record(Entry::Opened("0b".into()))));
    assert_eq!(learner.press("v"), [Effect::Verify(1, Scope::Step("0b".into()), Lang::En)]);
    learner.sees("Checking");
    assert_eq!(learner.press("V"), [], "one run at a time");
    assert_eq!(learner.press("\u{1b}"), [Effect::Cancel]);
    learner.sees("Cancelled");
    assert_eq!(learner.press("V"), [Effect::Verify(2, Scope::Module(0), Lang::En)]);
}

#[test]
fn events_of_a_cancelled_run_change_nothing() {
    let mut learner = Learner::at_work((120, 40));
    learner.press("v\u{1b}v");
    let trouble = Trouble::new("too slow", "");
    learner.tell(Msg::Verified(1, Err(trouble)));
    learner.sees_not("too slow");
    assert!(learner.model.run.is_some());
}

#[test]
fn a_failed_step_names_offenders_and_offers_hints() {
    let mut learner = Learner::at_work((140, 45));
    let open = ["GET /capes", "DELETE /customizations/{id}"];
    let failed = result("stack-is-there", Verdict::Fail, "There is no stack.", &open);
    learner.verifies("v", vec![("0a", failed)]);
    learner.sees("not yet: There is no stack.");
    learner.sees("- DELETE /customizations/{id}");
    learner.sees("hint 1 of 2: press h");
    let hint = |open| Entry::Hint { check: "stack-is-there".into(), step: "0a".into(), open };
    assert_eq!(learner.press("h"), [Effect::Record(hint(1))]);
    learner.sees("Look at CloudFormation.");
    learner.sees_not("sam deploy");
    assert_eq!(learner.press("h"), [Effect::Record(hint(2))]);
    learner.sees("Run sam deploy.");
    assert_eq!(learner.press("h"), []);
}

#[test]
fn what_keeps_several_checks_from_looking_is_said_once() {
    let mut learner = Learner::at_work((140, 45));
    let expired = |name| result(name, Verdict::CannotTell, "No network.", &[]);
    let checks = ["stack-is-there", "bucket-is-there"].map(|name| ("0a", expired(name)));
    learner.verifies("v", checks.to_vec());
    assert_eq!(learner.screen().matches("No network.").count(), 1);
}

#[test]
fn proof_opens_what_was_locked() {
    let mut learner = Learner::at_work((140, 45));
    learner.sees("after 0");
    let pass = |check| result(check, Verdict::Pass, "Done.", &[]);
    learner.verifies("A", vec![("0a", pass("stack-is-there")), ("0b", pass("api-answers"))]);
    learner.sees("Proven: 2 of 2 checks.");
    learner.sees_not("after 0");
    learner.press("\tjj");
    learner.sees_not("The stack is there.");
}

#[test]
fn the_page_says_what_holds_for_this_learner() {
    let mut learner = Learner::at_work((140, 45));
    learner.press("\t\t");
    learner.press("j\n");
    learner.sees("Deploy first.");
    let pass = result("stack-is-there", Verdict::Pass, "Done.", &[]);
    learner.verifies("A", vec![("0a", pass)]);
    learner.sees("The stack is there.");
}

#[test]
fn a_step_that_was_proven_and_fails_now_has_regressed() {
    let mut learner = Learner::at_work((140, 45));
    let past = crate::tui::Past { proven: ["0a".to_owned()].into(), ..Default::default() };
    learner.tell(Msg::Past(past));
    learner.sees("proven before, not checked now");
    let failed = result("stack-is-there", Verdict::Fail, "Gone.", &[]);
    learner.verifies("v", vec![("0a", failed)]);
    learner.sees("was proven, failed when last checked");
}

#[test]
fn cannot_tell_is_neither_pass_nor_fail() {
    let mut learner = Learner::at_work((140, 45));
    let unsure = result("stack-is-there", Verdict::CannotTell, "The credentials expired.", &[]);
    learner.verifies("v", vec![("0a", unsure)]);
    learner.sees("? cannot tell: The credentials expired.");
    learner.sees_not("not yet");
    assert!(!learner.screen().contains('✓'));
}

#[test]
fn the_solution_is_applied_only_after_a_question_and_only_in_practice() {
    let mut learner = Learner::at_work((120, 40));
    learner.press("nn");
    assert_eq!(learner.press("s"), []);
    learner.sees("Apply the solution of 0a, 0b on the practice account?");
    learner.sees("apply the page's changes to template.yaml");
    learner.sees("deploy template.yaml as stack CustomizeUnicorns");
    assert_eq!(learner.press("\u{1b}s"), [], "Esc leaves it");
    let steps = vec!["0a".to_owned(), "0b".to_owned()];
    assert_eq!(learner.press("\n"), [Effect::Solve(1, steps)]);
    learner.tell(Msg::Solving(1, "deploying".into()));
    learner.sees("deploying");
    assert_eq!(learner.tell(Msg::Solved(1, Ok(()))), [Effect::ReadValues]);
    learner.sees("Press v to check it");

    let aws = crate::tui::AccountInfo { kind: crate::check::AccountKind::Aws, ..practice() };
    learner.tell(Msg::Account(Ok(aws)));
    assert_eq!(learner.press("s"), []);
    learner.sees("on the practice account only");
}

#[test]
fn what_a_solution_would_do_can_be_read_to_its_end() {
    let mut learner = Learner::at_work((60, 10));
    learner.press("nns");
    learner.sees("This will run:");
    learner.sees_not("nothing to apply");
    learner.press("G");
    learner.sees("nothing to apply");
    learner.sees_not("This will run:");
    learner.tell(Msg::Resize(20, 5));
    assert_eq!(learner.press("\n"), [], "what isn't seen isn't agreed to");
}

#[test]
fn c_copies_the_marked_code_block_exactly() {
    let mut learner = Learner::at_work((120, 40));
    let deploy = "aws cloudformation deploy --template-file packaged.yaml --stack-name \
                  CustomizeUnicorns --capabilities CAPABILITY_IAM\n";
    assert_eq!(learner.press("]c"), [Effect::Copy(deploy.into())]);
    let [Effect::Copy(diff)] = &learner.press("[c")[..] else { panic!() };
    assert!(diff.starts_with("--- a/template.yaml\n") && diff.ends_with("+Open: false\n"));
}

#[test]
fn a_command_with_an_unknown_value_is_not_copied() {
    let mut learner = Learner::at_work((120, 40));
    learner.press("]]");
    assert_eq!(learner.press("c"), []);
    learner.sees("Not copied: ⟨api_url: step 0a⟩ is not known yet.");
    learner.tell(Msg::Values(known_values()));
    let command = "curl http://127.0.0.1:4711/_api/a1/dev/capes\n";
    assert_eq!(learner.press("c"), [Effect::Copy(command.into())]);
}

#[test]
fn values_arrive_without_moving_the_page() {
    let mut learner = Learner::at_work((80, 24));
    learner.press("jjjjjjj");
    let before = learner.model.page.scroll;
    assert!(before > 0);
    learner.tell(Msg::Values(known_values()));
    assert_eq!(learner.model.page.scroll, before);
}

#[test]
fn the_step_follows_the_scrolling() {
    let mut learner = Learner::at_work((80, 24));
    assert_eq!(learner.model.page.step, None);
    learner.press("n");
    assert_eq!(learner.model.page.step.as_deref(), Some("0a"));
    for _ in 0..20 {
        learner.press("j");
    }
    assert_eq!(learner.model.page.step.as_deref(), Some("0b"));
    learner.press("g");
    assert_eq!(learner.model.page.step, None);
}

#[test]
fn behind_the_last_step_comes_the_look_back_and_then_where_the_plan_goes_on() {
    let pass = |check| result(check, Verdict::Pass, "Done.", &[]);
    for size in [(140, 45), (80, 24), (60, 20)] {
        let mut learner = Learner::at_work(size);
        let step = |learner: &Learner| learner.model.page.step.clone();
        learner.press("nn");
        assert_eq!(learner.press("n"), [], "a look back is no step");
        learner.sees("Look back");
        assert_eq!(step(&learner), None);
        let read = learner.model.step().map(|step| step.spec.id.clone());
        assert_eq!(read.as_deref(), Some("0b"), "the last step is the nearest");
        learner.press("p");
        assert_eq!(step(&learner).as_deref(), Some("0b"));
        // With steps open in this module, the first of them; once all are done, the next module.
        learner.press("nn");
        assert_eq!(step(&learner).as_deref(), Some("0a"));
        learner.press("b");
        learner.sees("Look back");
        learner.verifies("A", vec![("0a", pass("stack-is-there")), ("0b", pass("api-answers"))]);
        assert_eq!(learner.press("n"), [Effect::Record(Entry::Opened("1a".into()))]);
        assert_eq!(learner.model.part, 1.into());
    }
}

#[test]
fn the_next_start_goes_on_at_the_step_that_was_left() {
    let past = |here: &str, proven: &[&str]| Past {
        here: Some(here.to_owned()),
        proven: proven.iter().map(|&step| step.to_owned()).collect(),
        ..Past::default()
    };
    for (here, proven, part, step) in [
        ("1a", &[][..], 1, Some("1a")),
        ("0b", &["0a"], 0, Some("0b")),
        ("0b", &["0a", "0b"], 1, None),
        ("gone", &[], 0, None),
    ] {
        let mut learner = Learner::at_work((140, 45));
        let effects = learner.tell(Msg::Past(past(here, proven)));
        assert_eq!(learner.model.part, part.into(), "{here}");
        assert_eq!(learner.model.page.step.as_deref(), step, "{here}");
        let opened = Effect::Record(Entry::Opened(here.to_owned()));
        assert_eq!(effects.contains(&opened), step.is_some(), "{here}: {effects:?}");
    }
    // Who has begun to read meanwhile isn't taken away from there.
    let mut learner = Learner::at_work((80, 24));
    learner.press("jjj");
    learner.tell(Msg::Past(past("1a", &[])));
    assert_eq!(learner.model.part, 0.into());
}

#[test]
fn a_resize_keeps_the_place() {
    let mut learner = Learner::at_work((140, 45));
    learner.press("nn");
    learner.tell(Msg::Resize(80, 24));
    learner.sees("Call the API ─");
    assert_eq!(learner.model.page.step.as_deref(), Some("0b"));
    learner.tell(Msg::Resize(20, 5));
    learner.tell(Msg::Resize(140, 45));
    learner.sees("Call the API ─");
}

#[test]
fn trouble_is_said_in_full_with_what_to_do() {
    let mut learner = Learner::at_work((80, 24));
    learner.tell(Msg::Journal(Trouble::new("the journal is locked", "Close the other program.")));
    learner.sees("! Progress is not recorded: the journal is locked. Close the other program.");
    let trouble = Trouble::new("No connection\u{1b}[31m to AWS.", "Check the network.");
    learner.tell(Msg::Account(Err(trouble)));
    learner.sees("! No connection to AWS. Check the network.");
    learner.sees("a opens this or another account.");
    learner.sees("no account");
    let long = "The journal is on a disk that has gone away. ".repeat(4);
    learner.tell(Msg::Journal(Trouble::new(long, "Bring the disk back.")));
    learner.sees("Bring the disk back.");
}

#[test]
fn leaving_cancels_what_runs() {
    let mut learner = Learner::at_work((80, 24));
    learner.press("v");
    assert_eq!(learner.press("q"), [Effect::Cancel, Effect::Quit]);
}

#[test]
fn a_released_key_does_nothing() {
    use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
    let mut learner = Learner::at_work((80, 24));
    let mut key = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
    key.kind = KeyEventKind::Release;
    assert_eq!(learner.tell(Msg::Key(key)), []);
}

#[test]
fn what_changes_nothing_draws_nothing() {
    let mut learner = Learner::at_work((80, 24));
    learner.model.dirty = false;
    let values = learner.model.values.clone();
    learner.tell(Msg::Values(values));
    learner.press("%");
    assert!(!learner.model.dirty);
}
