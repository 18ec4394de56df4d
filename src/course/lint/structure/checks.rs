//! Checks: their steps, texts, hint ladders and breaks.

use super::{Known, actions, is_slug, meant, text};
use crate::course::lint::{File, Linter, PartFiles};
use crate::course::model::{CheckFile, CheckSpec, CourseIndex};

pub(super) fn check(
    linter: &mut Linter<'_>,
    index: &CourseIndex,
    part: &PartFiles<'_>,
    file: &File<'_, CheckFile>,
    known: &Known<'_>,
) {
    let own: Vec<&str> =
        part.manifest.iter().flat_map(|m| &m.value.steps).map(|s| s.id.as_str()).collect();
    for (n, check) in file.value.0.iter().enumerate() {
        let n = n.to_string();
        let at = |field| [n.as_str(), field];
        if !is_slug(&check.check) {
            linter.out.push(file.at(
                &at("check"),
                format!("`{}` is no name of a check", check.check),
                "use a-z, 0-9 and -",
            ));
        }
        if !own.contains(&check.step.as_str()) {
            let message = format!("{} has no step `{}`", part.name(), check.step);
            let remedy = meant(&check.step, own.iter().copied(), "name a step of its manifest");
            linter.out.push(file.at(&at("step"), message, remedy));
        }
        if check.offenders.is_none() && check.expect.is_none() {
            let message = format!("`{}` has neither `offenders` nor `expect`", check.check);
            linter.out.push(file.at(
                &at("check"),
                message,
                "say what must come out empty, or true",
            ));
        }
        if check.each.is_some() && check.offenders.is_none() {
            linter.out.push(file.at_key(&at("each"), "`each` without `offenders`", "take it out"));
        }
        text(linter, file, &at("fail"), &check.fail, &index.languages);
        if let Some(pass) = &check.pass {
            text(linter, file, &at("pass"), pass, &index.languages);
        }
        for (i, case) in check.cases.iter().enumerate() {
            text(
                linter,
                file,
                &[&n, "cases", &i.to_string(), "fail"],
                &case.fail,
                &index.languages,
            );
        }
        hints(linter, file, index, &n, check);
        breaks(linter, file, index, &n, check, known);
    }
}

fn hints(
    linter: &mut Linter<'_>,
    file: &File<'_, CheckFile>,
    index: &CourseIndex,
    n: &str,
    check: &CheckSpec,
) {
    let rungs = check.hints.get("en").map_or(0, Vec::len);
    for language in &index.languages {
        match check.hints.get(language) {
            None => {
                let remedy = format!("add `{language}:` with {rungs} hints");
                linter.out.push(file.at(
                    &[n, "hints"],
                    format!("no hints in `{language}`"),
                    remedy,
                ));
            }
            Some(list) if list.is_empty() => {
                linter.out.push(file.at(
                    &[n, "hints", language],
                    "no hint",
                    "say where, what, and the command",
                ));
            }
            Some(list) if list.len() != rungs && rungs > 0 => {
                let message = format!("{} hints in `{language}`, {rungs} in `en`", list.len());
                linter.out.push(file.at(
                    &[n, "hints", language],
                    message,
                    "give every language the same ladder",
                ));
            }
            Some(list) => {
                for i in
                    list.iter().enumerate().filter(|(_, hint)| hint.trim().is_empty()).map(|e| e.0)
                {
                    linter.out.push(file.at(
                        &[n, "hints", language, &i.to_string()],
                        "an empty hint",
                        "write it, or take it out",
                    ));
                }
            }
        }
    }
    for language in check.hints.keys().filter(|l| !index.languages.contains(l)) {
        let message = format!("`{language}` is no language of this course");
        linter.out.push(file.at_key(
            &[n, "hints", language],
            message,
            "add it to `languages` in modules/course.yaml",
        ));
    }
}

fn breaks(
    linter: &mut Linter<'_>,
    file: &File<'_, CheckFile>,
    index: &CourseIndex,
    n: &str,
    check: &CheckSpec,
    known: &Known<'_>,
) {
    if check.breaks.is_empty() {
        let message =
            format!("nothing breaks `{}`: a check that can't fail proves nothing", check.check);
        linter.out.push(file.at(
            &[n, "breaks"],
            message,
            "add a change to the solved account that must turn it red",
        ));
    }
    for (i, change) in check.breaks.iter().enumerate() {
        let i = i.to_string();
        if change.actions.is_empty() {
            linter.out.push(file.at(
                &[n, "breaks", &i, "do"],
                "a break that does nothing",
                "add an action",
            ));
        }
        actions(linter, file, index, &[n, "breaks", &i, "do"], &change.actions);
        for (j, also) in change.also.iter().enumerate() {
            let at = [n, "breaks", &i, "also", &j.to_string()];
            if *also == check.check {
                linter.out.push(file.at(
                    &at,
                    "a check turns red by its own break anyway",
                    "take it out",
                ));
            } else if !known.checks.contains(also.as_str()) {
                let remedy =
                    meant(also, known.checks.iter().copied(), "name a check of the course");
                linter.out.push(file.at(&at, format!("there is no check `{also}`"), remedy));
            }
        }
    }
}
