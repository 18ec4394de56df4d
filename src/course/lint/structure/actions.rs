//! What actions name: templates, stacks, files and directories of the app.

use super::meant;
use crate::course::lint::{File, Linter};
use crate::course::model::{Action, CourseIndex};

pub(super) fn actions<T>(
    linter: &mut Linter<'_>,
    file: &File<'_, T>,
    index: &CourseIndex,
    path: &[&str],
    actions: &[Action],
) {
    for (n, action) in actions.iter().enumerate() {
        let n = n.to_string();
        let at = |rest: &[&'static str]| [path, &[n.as_str()], rest].concat();
        match action {
            Action::Deploy { template: name, stack, .. } => {
                template(linter, file, &at(&["deploy", "template"]), name);
                known_stack(linter, file, index, &at(&["deploy", "stack"]), stack);
            }
            Action::EmptyBucket { stack, .. } => {
                known_stack(linter, file, index, &at(&["empty_bucket", "stack"]), stack);
            }
            Action::Each { list, actions: inner, .. } => {
                if !matches!(**list, Action::Http { .. }) {
                    linter.out.push(file.at(
                        &at(&["each", "list"]),
                        "this answers with no list",
                        "use an `http` action",
                    ));
                }
                self::actions(linter, file, index, &at(&["each", "do"]), inner);
            }
            Action::File { path: name, .. } => {
                let inside = |part: &str| !part.is_empty() && part != "." && part != "..";
                if !name.split('/').all(inside) || name.contains('\\') {
                    linter.out.push(file.at(
                        &at(&["file", "path"]),
                        format!("`{name}` is no path inside the app directory"),
                        "use a relative path without `..`",
                    ));
                }
            }
            Action::Dependencies { dir, .. } => {
                if linter.files.get(&format!("content/app/{dir}/package-lock.json")).is_none() {
                    linter.out.push(file.at(
                        &at(&["dependencies", "dir"]),
                        format!("there is no package-lock.json in `{dir}`"),
                        "name a directory of content/app/ that has one",
                    ));
                }
            }
            Action::DeleteStack(_) | Action::Http { .. } => {}
        }
    }
}

fn template<T>(linter: &mut Linter<'_>, file: &File<'_, T>, at: &[&str], name: &str) {
    if linter.files.get(&format!("content/app/{name}")).is_none() {
        let known: Vec<&str> = linter.files.under("content/app").map(|f| f.0).collect();
        let remedy = meant(name, known, "name a file of content/app/");
        linter.out.push(file.at(at, format!("there is no template `{name}`"), remedy));
    }
}

fn known_stack<T>(
    linter: &mut Linter<'_>,
    file: &File<'_, T>,
    index: &CourseIndex,
    at: &[&str],
    stack: &str,
) {
    if !index.stacks.keys().chain(index.stacks.values()).any(|known| known == stack) {
        let roles = index.stacks.keys().map(String::as_str);
        let remedy = meant(stack, roles, "name a stack of `stacks` in modules/course.yaml");
        linter.out.push(file.at(at, format!("there is no stack `{stack}`"), remedy));
    }
}
