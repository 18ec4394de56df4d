//! Whatever a room tells, in whatever portions: the crowd is the same, and nothing breaks.

use proptest::prelude::*;

use super::*;
use crate::progress::room::Unreadable;

/// Any item that a room lets through, sound or not.
fn any_item(number: usize) -> impl Strategy<Value = Item> {
    let time = prop_oneof![
        4 => (0_i64..300).prop_map(at),
        1 => Just(Timestamp::MIN),
        1 => Just(Timestamp::MAX),
    ];
    let state = prop_oneof![
        Just(State::NotStarted),
        Just(State::InProgress),
        Just(State::Done),
        Just(State::Regressed)
    ];
    let step = proptest::sample::select(vec!["0a", "0e", "1d", "1f", "5b", "ca", "99z"]);
    let check = proptest::sample::select(vec![
        "scopes-defined",
        "every-method-has-an-authorizer",
        "partner-registered",
        "log-groups-are-gone",
        "no-such-check",
    ]);
    let verdict = proptest::option::of(prop_oneof![Just(Verdict::Pass), Just(Verdict::Fail)]);
    let offenders = proptest::collection::vec("[ab]", 0..3);
    let news = (verdict, any::<u32>(), 0_u32..5, offenders, any::<usize>(), time.clone()).prop_map(
        |(verdict, failed, same, offenders, hints, at)| CheckNews {
            verdict,
            failed,
            message: offenders.concat(),
            offenders,
            same,
            hints,
            ..CheckNews::new(at)
        },
    );
    let module = (state, any::<usize>(), any::<u32>(), time.clone())
        .prop_map(|(state, done, minutes, at)| ModuleNews { state, done, minutes, at });
    let place = proptest::option::of((step.clone(), time.clone()));
    let help = proptest::option::of((step, time.clone(), proptest::option::of(time.clone())));
    let modules = proptest::collection::btree_map(0_u8..20, module, 0..6);
    let checks = proptest::collection::btree_map(check.prop_map(str::to_owned), news, 0..4);
    (place, help, modules, checks, time).prop_map(move |(place, help, modules, checks, joined)| {
        let mut some = item(number);
        some.name.joined = joined;
        some.here = place.map(|(step, since)| Here { step: step.to_owned(), since });
        some.help = help.map(|(step, asked, over)| Help {
            step: step.to_owned(),
            asked,
            over,
            evidence: vec![],
        });
        (some.modules, some.checks) = (modules, checks);
        some
    })
}

fn any_row() -> impl Strategy<Value = Row> {
    let unreadable = Unreadable::TooLong;
    (0_usize..6, 1_u64..4, -100_i64..400).prop_flat_map(move |(number, version, minute)| {
        let body = prop_oneof![
            6 => any_item(number).prop_map(|item| Body::Here(Box::new(item))),
            1 => Just(Body::Left),
            1 => Just(Body::Unreadable(unreadable)),
        ];
        body.prop_map(move |body| Row {
            account: account(number),
            version,
            changed: at(minute),
            body,
        })
    })
}

/// A crowd in which only those count who were taken last.
fn known(crowd: &Crowd) -> BTreeMap<String, Attendee> {
    let one = |one: &Attendee| {
        let mut one = one.clone();
        // Who can't be read keeps the name from before, which one row alone doesn't tell.
        one.call((one.presence == Presence::Here).then(|| one.name.clone()));
        (one.account.clone(), one)
    };
    crowd.attendees().iter().map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_news_in_any_portions_come_to_the_last_of_each(
        mut rows in proptest::collection::vec(any_row(), 0..40),
        portion in 1_usize..9,
    ) {
        // A room gives a row another version whenever it says something else.
        for (place, row) in rows.iter_mut().enumerate() {
            row.version = u64::try_from(place).unwrap() + 1;
        }
        let mut followed = Crowd::new(course());
        for some in rows.chunks(portion) {
            followed.take(some.to_vec(), at(200));
        }
        let mut last: BTreeMap<String, Row> = BTreeMap::new();
        last.extend(rows.into_iter().map(|row| (row.account.clone(), row)));
        let mut at_once = Crowd::new(course());
        at_once.take(last.into_values().collect(), at(200));
        prop_assert_eq!(known(&followed), known(&at_once));
        prop_assert_eq!(followed.totals(), at_once.totals());
        prop_assert_eq!(followed.funnel(), at_once.funnel());
        prop_assert_eq!(followed.failing(), at_once.failing());
        for order in Order::ALL {
            let shown = followed.listed(order, &Filter::default());
            prop_assert_eq!(shown.len(), followed.attendees().len());
        }
        let snapshot = followed.snapshot(Lang::Ja);
        prop_assert!(crate::report::room::csv(&snapshot).lines().count() > snapshot.attendees.len());
    }
}
