//! Expressions and templates against the facts' schemas: what they name must exist.

mod actions;

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Environment;

use actions::{actions, saves};

use super::infer::{Infer, Problem, Type};
use super::schema::{Schema, nearest};
use super::{File, Linter, PartFiles};
use crate::course::expression::{EvalError, Expression};
use crate::course::model::{CheckFile, CheckSpec, CourseIndex};
use crate::course::part::PartId;

/// What an expression must come out as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    List,
    Bool,
    Time,
    Value,
    Anything,
}

/// Names that actions may use beside the course's values and what earlier actions saved.
const ACTION_NAMES: [&str; 4] = ["endpoint", "account", "region", "stage"];

/// Checks every expression and template of the course.
pub(super) fn check(
    linter: &mut Linter<'_>,
    index: &File<'_, CourseIndex>,
    parts: &[PartFiles<'_>],
) {
    let steps: BTreeSet<&str> = parts
        .iter()
        .filter(|part| part.id != PartId::Cleanup)
        .filter_map(|part| part.manifest.as_ref())
        .flat_map(|m| m.value.steps.iter().map(|s| s.id.as_str()))
        .collect();
    for (name, spec) in &index.value.values {
        let at = |field| ["values", name.as_str(), field];
        if name == "done" || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let message = format!("`{name}` can't name a value");
            linter.out.push(index.at_key(
                &["values", name],
                message,
                "use letters, digits and _, and not `done`",
            ));
        }
        if !steps.contains(spec.step.as_str()) {
            let message = format!("there is no step `{}`", spec.step);
            linter.out.push(index.at(&at("step"), message, "name the step that brings the value"));
        }
        facts(linter, index, &at("facts"), &spec.facts);
        expression(linter, index, &at("value"), &spec.value, &spec.facts, Want::Value);
    }
    if let Some(spec) = &index.value.deployed {
        facts(linter, index, &["deployed", "facts"], &spec.facts);
        let at = ["deployed", "value"];
        expression(linter, index, &at, &spec.value, &spec.facts, Want::Value);
    }
    let mut saved = BTreeSet::new();
    for part in parts {
        for step in part.manifest.iter().flat_map(|m| &m.value.steps) {
            saved.extend(saves(&step.solve));
        }
        for check in part.checks.iter().flat_map(|c| &c.value.0) {
            check.breaks.iter().for_each(|b| saved.extend(saves(&b.actions)));
        }
    }
    let mut names: BTreeSet<&str> = index.value.values.keys().map(String::as_str).collect();
    names.extend(ACTION_NAMES);
    names.extend(saved);
    for part in parts {
        if let Some(file) = &part.manifest {
            for (n, step) in file.value.steps.iter().enumerate() {
                actions(linter, file, &["steps", &n.to_string(), "solve"], &step.solve, &names);
            }
        }
        if let Some(file) = &part.checks {
            for (n, check) in file.value.0.iter().enumerate() {
                check_one(linter, file, &n.to_string(), check, &names);
            }
        }
    }
}

/// Every fact must exist, and there must be one: a check that reads nothing can't fail.
fn facts<T>(linter: &mut Linter<'_>, file: &File<'_, T>, path: &[&str], names: &[String]) {
    if names.is_empty() {
        linter.out.push(file.at(path, "no fact", "list the facts that the expressions read"));
    }
    for (n, name) in names.iter().enumerate() {
        if linter.catalogue.get(name).is_none() {
            let remedy = nearest(name, linter.catalogue.names()).map_or_else(
                || "`stepproof facts` lists them".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let n = n.to_string();
            let at = [path, &[n.as_str()]].concat();
            linter.out.push(file.at(&at, format!("there is no fact `{name}`"), remedy));
        }
    }
}

fn check_one(
    linter: &mut Linter<'_>,
    file: &File<'_, CheckFile>,
    n: &str,
    check: &CheckSpec,
    names: &BTreeSet<&str>,
) {
    let used = &check.facts;
    facts(linter, file, &[n, "facts"], used);
    unused(linter, file, n, check);
    let mut offender = None;
    if let Some(source) = &check.offenders {
        offender = expression(linter, file, &[n, "offenders"], source, used, Want::List);
    }
    if let Some(source) = &check.expect {
        expression(linter, file, &[n, "expect"], source, used, Want::Bool);
    }
    for (label, source) in &check.evidence {
        expression(linter, file, &[n, "evidence", label], source, used, Want::Anything);
    }
    if let Some(settle) = &check.settle {
        expression(linter, file, &[n, "settle", "since"], &settle.since, used, Want::Time);
    }
    if let Some(each) = &check.each {
        let item = match &offender {
            Some(Type::List(item)) => (**item).clone(),
            _ => Type::Any,
        };
        template(linter, file, &[n, "each"], each, &|path| item_has(&item, path));
    }
    let scope: BTreeMap<&str, Schema<'_>> = used
        .iter()
        .filter_map(|f| Some((f.as_str(), Schema::new(linter.catalogue.get(f)?))))
        .collect();
    let in_scope = |path: &[&str]| match path {
        ["offenders", ..] | [] => true,
        [fact, rest @ ..] => scope.get(fact).is_some_and(|schema| Type::of(*schema).has(rest)),
    };
    for (field, texts) in [("pass", check.pass.as_ref()), ("fail", Some(&check.fail))] {
        for (language, text) in texts.into_iter().flat_map(|texts| &texts.0) {
            template(linter, file, &[n, field, language], text, &in_scope);
        }
    }
    for (i, case) in check.cases.iter().enumerate() {
        let i = i.to_string();
        expression(linter, file, &[n, "cases", &i, "when"], &case.when, used, Want::Bool);
        for (language, text) in &case.fail.0 {
            template(linter, file, &[n, "cases", &i, "fail", language], text, &in_scope);
        }
    }
    for (i, change) in check.breaks.iter().enumerate() {
        actions(linter, file, &[n, "breaks", &i.to_string(), "do"], &change.actions, names);
    }
}

fn item_has(item: &Type<'_>, path: &[&str]) -> bool {
    match path {
        ["it", rest @ ..] => item.has(rest),
        path => item.has(path),
    }
}

/// Compiles and types one expression; its type where it has one.
fn expression<'l, T>(
    linter: &mut Linter<'l>,
    file: &File<'_, T>,
    path: &[&str],
    source: &str,
    used: &[String],
    want: Want,
) -> Option<Type<'l>> {
    let compiled = match Expression::compile(source) {
        Ok(compiled) => compiled,
        Err(EvalError::Syntax { message, line, column }) => {
            let offset = offset_of(source, line, column);
            let message = format!("this is no CEL: {message}");
            linter.out.push(file.inside(path, offset, message, "mend the expression"));
            return None;
        }
        Err(other) => {
            linter.out.push(file.at(path, other.to_string(), "mend the expression"));
            return None;
        }
    };
    let catalogue = linter.catalogue;
    let scope = used
        .iter()
        .map(|name| {
            let known = catalogue.get(name).map_or(Type::Any, |s| Type::of(Schema::new(s)));
            (name.clone(), known)
        })
        .collect();
    let mut infer = Infer::new(compiled.program(), scope, catalogue.names().collect());
    let found = infer.root();
    for Problem { offset, message, remedy } in infer.problems {
        linter.out.push(file.inside(path, offset, message, remedy));
    }
    let fits = match want {
        Want::List => matches!(found, Type::List(_) | Type::Any),
        Want::Bool => matches!(found, Type::Bool | Type::Any),
        Want::Time => matches!(found, Type::Text | Type::Null | Type::Any),
        Want::Value => matches!(found, Type::Text | Type::Number | Type::Null | Type::Any),
        Want::Anything => true,
    };
    if !fits {
        let wanted = match want {
            Want::List => "a list (empty when nothing is wrong)",
            Want::Bool => "true or false",
            Want::Time => "an RFC 3339 time as text, or null",
            _ => "a text, or null while unknown",
        };
        linter.out.push(file.at(
            path,
            format!("this comes out as {}", found.name()),
            format!("it must be {wanted}"),
        ));
    }
    Some(found)
}

/// The offset in characters of a line and column (from 1) of an expression.
fn offset_of(source: &str, line: usize, column: usize) -> usize {
    let before: usize =
        source.split_inclusive('\n').take(line - 1).map(|l| l.chars().count()).sum();
    before + column - 1
}

/// Compiles a template; every name in it must be in scope.
fn template<T>(
    linter: &mut Linter<'_>,
    file: &File<'_, T>,
    path: &[&str],
    source: &str,
    in_scope: &dyn Fn(&[&str]) -> bool,
) {
    let mut env = Environment::new();
    env.set_debug(true);
    let compiled = match env.template_from_str(source) {
        Ok(compiled) => compiled,
        Err(error) => {
            let offset =
                error.range().map_or(0, |r| source[..r.start.min(source.len())].chars().count());
            let detail = error.detail().unwrap_or("it doesn't compile");
            linter.out.push(file.inside(
                path,
                offset,
                format!("this is no template: {detail}"),
                "mend it",
            ));
            return;
        }
    };
    let globals: Vec<&str> = env.globals().map(|(name, _)| name).collect();
    let mut names: Vec<String> = compiled.undeclared_variables(true).into_iter().collect();
    names.sort();
    for name in names {
        let parts: Vec<&str> = name.split('.').collect();
        if !in_scope(&parts) && !globals.contains(&parts[0]) {
            let offset = source.find(&name).map_or(0, |at| source[..at].chars().count());
            let message = format!("there is no `{name}` here");
            linter.out.push(file.inside(
                path,
                offset,
                message,
                "use a field of the facts that the check lists",
            ));
        }
    }
}

/// Facts that a check lists and doesn't read: each would be asked for at every verification.
fn unused(linter: &mut Linter<'_>, file: &File<'_, CheckFile>, n: &str, check: &CheckSpec) {
    let mut texts: Vec<&str> =
        check.offenders.iter().chain(&check.expect).map(String::as_str).collect();
    texts.extend(check.settle.iter().map(|settle| settle.since.as_str()));
    texts.extend(check.evidence.values().map(String::as_str));
    texts.extend(check.fail.0.values().map(String::as_str));
    for case in &check.cases {
        texts.push(&case.when);
        texts.extend(case.fail.0.values().map(String::as_str));
    }
    for (i, name) in check.facts.iter().enumerate() {
        if linter.catalogue.get(name).is_some() && !texts.iter().any(|text| reads(text, name)) {
            linter.out.push(file.at(
                &[n, "facts", &i.to_string()],
                format!("`{}` doesn't read the fact `{name}`", check.check),
                "take it out, or read it",
            ));
        }
    }
}

/// Whether a text names a fact: as a word of its own, and not as another's field.
fn reads(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !before.is_some_and(|c| part(c) || c == '.') && !after.is_some_and(part)
    })
}
