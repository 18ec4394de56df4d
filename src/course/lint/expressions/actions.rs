//! Templates in actions: they may name values of the course, and what actions save.

use std::collections::BTreeSet;

use serde_json::Value;

use super::template;
use crate::course::lint::{File, Linter};
use crate::course::model::Action;

/// Names that actions save.
pub(super) fn saves(actions: &[Action]) -> Vec<&str> {
    let mut names = Vec::new();
    for action in actions {
        match action {
            Action::Http { save, .. } => names.extend(save.keys().map(String::as_str)),
            Action::Each { save, actions, .. } => {
                names.extend(save.keys().map(String::as_str));
                names.extend(saves(actions));
            }
            _ => {}
        }
    }
    names
}

/// Checks every template of some actions.
pub(super) fn actions<T>(
    linter: &mut Linter<'_>,
    file: &File<'_, T>,
    path: &[&str],
    actions: &[Action],
    names: &BTreeSet<&str>,
) {
    let in_scope = |path: &[&str]| path.first().is_some_and(|name| names.contains(name));
    let mut found = Vec::new();
    let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
    for (n, action) in actions.iter().enumerate() {
        of_action(action, &below(&path, &[&n.to_string()]), &mut found);
    }
    for (at, text) in found {
        let at: Vec<&str> = at.iter().map(String::as_str).collect();
        template(linter, file, &at, text, &in_scope);
    }
}

/// Templates with the keys and indexes that lead to them.
type Found<'a> = Vec<(Vec<String>, &'a str)>;

fn below(path: &[String], more: &[&str]) -> Vec<String> {
    path.iter().cloned().chain(more.iter().map(|key| (*key).to_owned())).collect()
}

fn of_action<'a>(action: &'a Action, path: &[String], found: &mut Found<'a>) {
    let at = |more: &[&str]| below(path, more);
    match action {
        Action::Deploy { template, stack, parameters, with } => {
            found.push((at(&["deploy", "template"]), template));
            found.push((at(&["deploy", "stack"]), stack));
            for (name, text) in parameters {
                found.push((at(&["deploy", "parameters", name]), text));
            }
            for (name, value) in with {
                texts(value, at(&["deploy", "with", name]), found);
            }
        }
        // npm's names and versions are taken as they are.
        Action::Dependencies { .. } => {}
        Action::DeleteStack(stack) => found.push((at(&["delete_stack"]), stack)),
        Action::EmptyBucket { stack, bucket } => {
            found.push((at(&["empty_bucket", "stack"]), stack));
            found.push((at(&["empty_bucket", "bucket"]), bucket));
        }
        Action::Each { list, actions, .. } => {
            of_action(list, &at(&["each", "list"]), found);
            for (n, action) in actions.iter().enumerate() {
                of_action(action, &at(&["each", "do", &n.to_string()]), found);
            }
        }
        Action::Http { url, headers, json, form, .. } => {
            found.push((at(&["http", "url"]), url));
            for (name, text) in headers {
                found.push((at(&["http", "headers", name]), text));
            }
            for (name, text) in form.iter().flatten() {
                found.push((at(&["http", "form", name]), text));
            }
            if let Some(value) = json {
                texts(value, at(&["http", "json"]), found);
            }
        }
        Action::File { path, contents } => {
            found.push((at(&["file", "path"]), path));
            found.extend(contents.iter().map(|text| (at(&["file", "contents"]), text.as_str())));
        }
    }
}

/// All texts of a value, with the keys and indexes that lead to them.
fn texts<'v>(value: &'v Value, at: Vec<String>, found: &mut Vec<(Vec<String>, &'v str)>) {
    let below = |key: String| [at.clone(), vec![key]].concat();
    match value {
        Value::String(text) => found.push((at, text)),
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                texts(item, below(n.to_string()), found);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                texts(member, below(key.clone()), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
