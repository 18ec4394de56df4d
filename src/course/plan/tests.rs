//! Plans by example, and properties of all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::course::CourseFiles;

/// A step of a random course: minutes, optional, and how far back the steps are that it needs.
type Draft = (u16, bool, Vec<usize>);

/// A course of modules that are lists of steps, with some modules first.
fn course(modules: &[Vec<Draft>], first: usize) -> Course {
    let mut index = String::from(
        "id: t\ntitle: {}\nlanguages: []\npages: []\nstacks: {}\nstage: dev\ndomains: []\n",
    );
    let _ = writeln!(index, "first: {:?}", (0..first.min(modules.len())).collect::<Vec<_>>());
    index.push_str("modules:\n");
    let mut files = BTreeMap::new();
    let mut ids: Vec<String> = Vec::new();
    for (number, steps) in modules.iter().enumerate() {
        let domain = if number % 2 == 0 { "even" } else { "odd" };
        let _ = writeln!(
            index,
            "- {{ number: {number}, slug: m, title: {{}}, domain: {domain}, minutes: 30 }}"
        );
        if steps.is_empty() {
            continue;
        }
        let mut manifest = format!("module: {number}\nsteps:\n");
        for (at, (minutes, optional, back)) in steps.iter().enumerate() {
            let id = format!("{number}{}", char::from(b'a' + u8::try_from(at).unwrap()));
            let needs = back.iter().filter_map(|back| ids.iter().rev().nth(*back));
            let needs: Vec<&String> = needs.collect::<BTreeSet<_>>().into_iter().collect();
            let _ = writeln!(
                manifest,
                "- {{ id: {id}, title: {{}}, minutes: {minutes}, optional: {optional}, needs: {needs:?} }}"
            );
            ids.push(id);
        }
        files.insert(format!("modules/{number:02}-m.yaml"), manifest);
    }
    files.insert("modules/course.yaml".to_owned(), index);
    let pairs = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    Course::from_files(CourseFiles::from_pairs(pairs)).unwrap()
}

fn ids(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|&id| id.to_owned()).collect()
}

/// The course that ships.
fn shipped() -> Course {
    Course::embedded().unwrap()
}

fn proven(course: &Course, modules: &[u8]) -> BTreeSet<String> {
    let steps = course.steps().filter(|(module, _)| modules.contains(&module.entry.number));
    steps.map(|(_, step)| step.spec.id.clone()).collect()
}

fn order(plan: &Plan) -> Vec<u8> {
    plan.legs.iter().map(|leg| leg.module).collect()
}

#[test]
fn three_hours_hold_the_first_two_modules_and_as_many_others_as_fit() {
    let course = shipped();
    let plan = course.plan(&Wish { minutes: Some(180), reserve: 10, ..Wish::default() });
    assert_eq!(order(&plan)[..2], [0, 1], "0 and 1 come first");
    assert!(plan.minutes <= 170);
    let spare = plan.spare.unwrap();
    assert_eq!(plan.minutes + spare, 170, "ten minutes are kept for the end");
    assert!(plan.legs.iter().all(|leg| leg.finishes));
}

#[test]
fn what_does_not_fit_says_by_how_much() {
    let course = shipped();
    let done = proven(&course, &[0, 1]);
    let domains = ids(&["identity"]);
    let wish = Wish { done, domains, minutes: Some(60), reserve: 10, ..Wish::default() };
    let plan = course.plan(&wish);
    assert_eq!(order(&plan), [2]);
    let module = course.module(2).unwrap();
    let minutes = module.minutes_left(&wish);
    let long = course.module(3).unwrap().minutes_left(&wish);
    let short = LeftOut { module: 3, minutes: long, why: Why::ShortBy(minutes + long - 50) };
    assert_eq!(plan.left_out, [short]);
}

#[test]
fn the_module_that_is_worked_on_goes_on_and_what_is_begun_is_finished_before_the_rest() {
    let course = shipped();
    let mut done = proven(&course, &[0, 1]);
    done.extend(ids(&["5a"]));
    let wish = Wish { done: done.clone(), here: Some(4), minutes: Some(90), ..Wish::default() };
    assert_eq!(order(&course.plan(&wish))[..2], [4, 5]);
    let next = course.next_step(&wish).unwrap();
    assert_eq!((next.step.spec.id.as_str(), next.because, next.fits), ("4a", Because::Order, true));
    let wish = Wish { here: Some(5), ..wish };
    let next = course.next_step(&wish).unwrap();
    assert_eq!(next.step.spec.id, "5b");
    assert!(matches!(next.because, Because::Begun { done: 1, .. }), "{:?}", next.because);
}

#[test]
fn a_chosen_domain_brings_what_it_needs_of_others() {
    let steps = |needs: &[usize]| vec![(10, false, needs.to_vec())];
    // 0a; 1a needs 0a; 2a needs 1a.
    let course = course(&[steps(&[]), steps(&[0]), steps(&[0])], 0);
    let wish = Wish { done: ids(&["0a"]), domains: ids(&["even"]), ..Wish::default() };
    let plan = course.plan(&wish);
    assert_eq!(order(&plan), [1, 2]);
    assert_eq!(course.next_step(&wish).unwrap().because, Because::NeededBy("2a".to_owned()));
    assert_eq!(course.locked(course.module(2).unwrap(), &wish), Some(Lock::Step("1a".to_owned())));
    assert_eq!(course.locked(course.module(1).unwrap(), &wish), None);
}

#[test]
fn when_nothing_can_be_finished_any_more_the_next_step_is_named_and_said_not_to_fit() {
    let course = shipped();
    let wish = Wish { minutes: Some(12), reserve: 10, ..Wish::default() };
    assert!(course.plan(&wish).legs.is_empty());
    let next = course.next_step(&wish).unwrap();
    assert_eq!((next.step.spec.id.as_str(), next.fits), ("0a", false));
    assert_eq!(next.because, Because::ComesFirst);
}

#[test]
fn when_all_is_done_there_is_no_next_step() {
    let course = shipped();
    let done = course.steps().map(|(_, step)| step.spec.id.clone()).collect();
    let wish = Wish { done, ..Wish::default() };
    assert!(course.next_step(&wish).is_none());
    assert!(course.plan(&wish).legs.is_empty());
}

#[test]
fn a_skipped_step_is_planned_only_where_others_need_it() {
    let course =
        course(&[vec![(5, false, vec![]), (5, false, vec![])], vec![(5, false, vec![0])]], 1);
    let wish = Wish { skipped: ids(&["0a", "0b"]), ..Wish::default() };
    let plan = course.plan(&wish);
    let steps: Vec<&String> = plan.legs.iter().flat_map(|leg| &leg.steps).collect();
    assert_eq!(steps, ["0b", "1a"], "1a needs 0b");
}

#[test]
fn optional_steps_fill_the_time_to_spare() {
    let course = course(&[vec![(20, false, vec![]), (10, true, vec![0]), (30, true, vec![])]], 0);
    let plan = course.plan(&Wish { minutes: Some(40), reserve: 5, ..Wish::default() });
    assert_eq!(plan.extra, ["0b"]);
    assert_eq!((plan.minutes, plan.spare), (20, Some(15)));
}

fn random() -> impl Strategy<Value = (Course, Wish)> {
    let step = (1_u16..40, prop::bool::weighted(0.2), prop::collection::vec(0_usize..8, 0..3));
    let module = prop::collection::vec(step, 0..5);
    let courses = (prop::collection::vec(module, 1..9), 0_usize..3);
    let wishes = (any::<u64>(), any::<u64>(), prop::option::of(0_u32..300), 0_u32..30);
    let choice = (0_u8..4, prop::option::of(0_u8..9));
    (courses, wishes, choice).prop_map(|((modules, first), wish, (domains, here))| {
        let course = course(&modules, first);
        let (done, skipped, minutes, reserve) = wish;
        let some = |bits: u64| {
            let steps = course.steps().enumerate().filter(|(at, _)| bits >> (at % 64) & 1 == 1);
            steps.map(|(_, (_, step))| step.spec.id.clone()).collect::<BTreeSet<String>>()
        };
        let done = some(done & done.rotate_left(7));
        let skipped = some(skipped & skipped.rotate_left(9) & skipped.rotate_left(17));
        let domains = match domains {
            0 => ids(&["even"]),
            1 => ids(&["odd"]),
            _ => BTreeSet::new(),
        };
        (course, Wish { done, skipped, domains, here, minutes, reserve })
    })
}

proptest! {
    #[test]
    fn every_plan_can_be_followed_and_ends_in_time((course, wish) in random()) {
        let plan = course.plan(&wish);
        let mut done = wish.done.clone();
        let mut until = 0;
        for leg in &plan.legs {
            let mut minutes = 0;
            for id in &leg.steps {
                let (module, step) = course.module_step(id).unwrap();
                prop_assert_eq!(module.entry.number, leg.module);
                let early = step.spec.needs.iter().find(|need| !done.contains(*need));
                prop_assert_eq!(early, None, "{} comes before what it needs", id);
                for first in course.before(module.entry.number) {
                    let mut open = course.module(*first).unwrap().open(&wish);
                    let open = open.find(|step| !done.contains(&step.spec.id));
                    prop_assert!(open.is_none(), "{} comes before module {}", id, first);
                }
                prop_assert!(done.insert(id.clone()), "{} is done already", id);
                minutes += u32::from(step.spec.minutes);
            }
            until += minutes;
            prop_assert_eq!((leg.minutes, leg.until), (minutes, until));
        }
        prop_assert_eq!(plan.minutes, until);
        if let Some(minutes) = wish.minutes {
            prop_assert!(until <= minutes.saturating_sub(wish.reserve));
        }
    }

    #[test]
    fn each_chosen_module_is_finished_or_left_out_with_a_reason((course, wish) in random()) {
        let plan = course.plan(&wish);
        for module in &course.modules {
            let number = module.entry.number;
            let finished = plan.legs.iter().filter(|leg| leg.module == number && leg.finishes);
            let finished = finished.count();
            let left_out: Vec<&LeftOut> =
                plan.left_out.iter().filter(|out| out.module == number).collect();
            let open = module.open(&wish).next().is_some();
            if !is_chosen(&wish, module) {
                prop_assert!(left_out.is_empty());
            } else if !module.is_written() {
                prop_assert_eq!(left_out[0].why, Why::NotWritten);
            } else if open {
                prop_assert_eq!(finished + left_out.len(), 1, "module {}", number);
            } else {
                prop_assert_eq!(left_out.len(), 0);
            }
        }
    }

    #[test]
    fn nothing_that_is_left_out_would_fit((course, wish) in random()) {
        let plan = course.plan(&wish);
        for out in &plan.left_out {
            match (out.why, plan.spare) {
                (Why::NotWritten, _) => {}
                (Why::ShortBy(over), Some(spare)) => {
                    prop_assert!(over > 0);
                    prop_assert_eq!(out.minutes, spare + over);
                }
                (Why::ShortBy(_), None) => prop_assert!(false, "without an end all fits"),
            }
        }
    }

    #[test]
    fn the_next_step_can_be_begun((course, wish) in random()) {
        let open = course.modules.iter().any(|module| {
            is_chosen(&wish, module) && module.open(&wish).next().is_some()
        });
        let next = course.next_step(&wish);
        prop_assert_eq!(next.is_some(), open);
        if let Some(next) = next {
            prop_assert!(next.step.spec.needs.iter().all(|need| wish.done.contains(need)));
            prop_assert_eq!(next.fits, !course.plan(&wish).legs.is_empty());
        }
    }

    #[test]
    fn extra_steps_fit_and_can_be_done((course, wish) in random()) {
        let plan = course.plan(&wish);
        let minutes = |id: &String| u32::from(course.module_step(id).unwrap().1.spec.minutes);
        let total: u32 = plan.extra.iter().map(minutes).sum();
        prop_assert!(plan.extra.is_empty() || total <= plan.spare.unwrap());
        let mut done = wish.done.clone();
        done.extend(plan.legs.iter().flat_map(|leg| leg.steps.clone()));
        for id in &plan.extra {
            let (_, step) = course.module_step(id).unwrap();
            prop_assert!(step.spec.needs.iter().all(|need| done.contains(need)));
            prop_assert!(done.insert(id.clone()));
        }
    }
}
