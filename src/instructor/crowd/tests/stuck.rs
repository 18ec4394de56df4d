//! Who is stuck, and why; and clocks that are wrong.

use super::*;
use crate::progress::room::Unreadable;

fn codes(crowd: &Crowd) -> Vec<&'static str> {
    crowd.attendees()[0].stuck.iter().map(Stuck::code).collect()
}

#[test]
fn long_on_a_step_is_told_without_pauses() {
    let planned = 15;
    assert_eq!(codes(&one(at_step(44), 44, 59)), [""; 0], "not twice the plan yet");
    let crowd = one(at_step(44), 44, 62);
    let minutes = 32;
    assert_eq!(crowd.attendees()[0].stuck, [Stuck::Long { step: "1d".into(), minutes, planned }]);
    let mut paused = at_step(100);
    paused.modules.insert(1, module(State::InProgress, 3, 12, 100));
    assert_eq!(codes(&one(paused, 100, 104)), [""; 0], "an hour away is no hour of work");
    let mut done = at_step(44);
    done.modules.insert(1, module(State::Done, 5, 20, 44));
    assert_eq!(codes(&one(done, 44, 90)), [""; 0], "who is done with it isn't stuck on it");
}

#[test]
fn failures_count_where_an_attendee_has_got_to() {
    let failing = |check: &str, news: CheckNews| {
        let mut someone = at_step(40);
        someone.checks.insert(check.to_owned(), news);
        one(someone, 40, 41)
    };
    let crowd = failing("every-method-has-an-authorizer", fails(4, 3, "GET /capes", 40));
    let [reason] = &crowd.attendees()[0].stuck[..] else { panic!("one reason") };
    assert_eq!(
        reason.line(Lang::En),
        "3 times the same: GET /capes (every-method-has-an-authorizer)"
    );
    assert_eq!(
        reason.line(Lang::Ja),
        "同じ指摘が 3 回: GET /capes (every-method-has-an-authorizer)"
    );
    let crowd = failing("every-method-has-an-authorizer", fails(4, 1, "GET /capes", 40));
    assert_eq!(codes(&crowd), ["failing"]);
    assert_eq!(codes(&failing("scopes-defined", fails(4, 1, "x", 40))), ["failing"], "1b, behind");
    assert_eq!(codes(&failing("partner-registered", fails(9, 9, "x", 40))), [""; 0], "1e, ahead");
    assert_eq!(codes(&failing("web-acl-on-the-stage", fails(9, 9, "x", 40))), [""; 0], "elsewhere");
    assert_eq!(codes(&failing("scopes-defined", fails(3, 2, "x", 40))), [""; 0], "not often yet");
}

#[test]
fn help_comes_first_and_silence_last() {
    let mut someone = at_step(44);
    someone.help = Some(Help {
        step: "1d".to_owned(),
        asked: at(43),
        over: None,
        evidence: vec!["GET /capes".to_owned()],
    });
    someone.checks.insert("scopes-defined".to_owned(), fails(6, 1, "x", 44));
    let crowd = one(someone.clone(), 44, 90);
    assert_eq!(codes(&crowd), ["help", "failing", "silent"]);
    let [line] = crowd.help_queue()[..] else { panic!("one asks") };
    assert_eq!((line.minutes, line.help.evidence.len()), (47, 1));
    someone.help.as_mut().unwrap().over = Some(at(50));
    let crowd = one(someone, 50, 90);
    assert_eq!(codes(&crowd), ["failing"]);
    assert_eq!(crowd.help_queue()[0].minutes, 7, "it waited until it was over");
    assert_eq!(crowd.totals().help, 0);
}

#[test]
fn who_is_done_left_or_has_not_begun_is_not_stuck() {
    assert_eq!(codes(&one(item(1), 0, 300)), [""; 0], "not begun");
    let mut all = at_step(44);
    for column in &one(item(1), 0, 0).outline().columns {
        all.modules.insert(column.number, module(State::Done, column.required, 9, 44));
    }
    all.checks.insert("scopes-defined".to_owned(), fails(9, 9, "x", 44));
    assert_eq!(codes(&one(all, 44, 300)), [""; 0], "done");
    for body in [Body::Left, Body::Unreadable(Unreadable::Foreign)] {
        let mut crowd = one(at_step(44), 44, 100);
        assert_ne!(codes(&crowd), [""; 0]);
        let row = Row { account: account(1), version: 2, changed: at(100), body };
        crowd.take(vec![row], at(100));
        assert_eq!(codes(&crowd), [""; 0]);
        assert_eq!(crowd.attendees()[0].name, "Attendee 1", "known by the name from before");
        assert_eq!(crowd.funnel()[1], Funnel::default());
        assert!(crowd.failing().is_empty());
    }
}

#[test]
fn time_alone_makes_somebody_stuck() {
    let mut crowd = one(at_step(44), 44, 45);
    assert_eq!((codes(&crowd), crowd.totals().stuck), (vec![], 0));
    crowd.tick(at(62));
    assert_eq!((codes(&crowd), crowd.totals().stuck), (vec!["long"], 1));
    assert_eq!(crowd.series().last().unwrap().stuck, Some(1));
}

#[test]
fn wrong_clocks_bring_no_negative_and_no_absurd_times() {
    for (since, changed) in [
        (Timestamp::MIN, Timestamp::MIN),
        (Timestamp::MIN, Timestamp::MAX),
        (Timestamp::MAX, Timestamp::MIN),
        (Timestamp::MAX, Timestamp::MAX),
        (at(900), at(900)),
    ] {
        let mut someone = at_step(44);
        someone.here.as_mut().unwrap().since = since;
        someone.modules.insert(
            1,
            ModuleNews { minutes: u32::MAX, ..module(State::InProgress, usize::MAX, 0, 9) },
        );
        someone.help = Some(Help {
            step: "1d".to_owned(),
            asked: since,
            over: Some(changed),
            evidence: vec![],
        });
        let body = Body::Here(Box::new(someone));
        let mut crowd = Crowd::new(course());
        crowd.take(vec![Row { account: account(1), version: 1, changed, body }], at(60));
        crowd.tick(at(10));
        crowd.tick(at(70));
        let one = &crowd.attendees()[0];
        assert!(one.news <= Some(at(60)) && one.place.unwrap().since <= at(60), "{one:?}");
        assert!(one.minutes() <= LONGEST && one.steps_done() <= 6, "{one:?}");
        for why in &one.stuck {
            let (_, std::cmp::Reverse(much)) = why.severity();
            assert!(much <= LONGEST, "{why:?}");
        }
        assert!(crowd.help_queue()[0].minutes <= LONGEST);
    }
    // Ten minutes fast: what happened five minutes before the news still did.
    let mut fast = at_step(44);
    fast.here = Some(here("1d", 65));
    let crowd = one(fast, 70, 60);
    assert_eq!(crowd.attendees()[0].place.unwrap().since, at(55));
}
