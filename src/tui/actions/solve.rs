//! The solution of a step, applied on the practice account after a question.

use crate::course::{Action as Deed, Course, Step};
use crate::i18n::fill;

use super::{begin, give_way, may_run, runs_command};
use crate::tui::model::{Account, Model, RunKind, Sheet, SheetKind};
use crate::tui::msg::Effect;
use crate::tui::update::{notify, path_line};

/// Asks before the solution runs: says which steps, and what they do.
pub(super) fn ask_to_solve(model: &mut Model) -> Vec<Effect> {
    if !matches!(model.account, Account::Open(_)) {
        may_run(model);
        return Vec::new();
    }
    let words = model.words();
    if !model.is_practice() {
        notify(model, words.solve_only_practice.to_owned());
        return Vec::new();
    }
    let Some((course, step)) = model.course.clone().zip(model.step()) else { return Vec::new() };
    let steps = with_needs(model, &course, step);
    let mut lines = vec![match &model.app {
        Some(dir) => fill(words.in_directory, &[&path_line(dir)]),
        None => words.solve_own_copy.to_owned(),
    }];
    for id in &steps {
        let Some((_, step)) = course.step(id) else { continue };
        lines.push(format!("{id} {}", step.spec.title.get(model.lang.tag())));
        let files = model.page.codes_of(id).filter(|code| code.language() == "diff");
        let files: Vec<&str> = files.filter_map(|code| code.option("apply")).collect();
        lines.extend(files.iter().map(|file| format!("  {}", fill(words.solve_apply, &[file]))));
        let deeds = step.spec.solve.iter();
        lines.extend(deeds.map(|deed| format!("  {}", deed_line(model, &course, deed))));
        if files.is_empty() && step.spec.solve.is_empty() {
            lines.push(format!("  {}", words.solve_nothing));
        }
    }
    model.sheet = Some(Sheet::new(SheetKind::Solve { steps, lines }));
    Vec::new()
}

/// The step, after those that it rests on and that aren't done: what it needs, and the earlier
/// steps of its module, whose changes to the template its own changes begin from.
fn with_needs(model: &Model, course: &Course, step: &Step) -> Vec<String> {
    let mut wanted = vec![step.spec.id.clone()];
    let mut at = 0;
    while let Some(id) = wanted.get(at).cloned() {
        at += 1;
        let Some((part, step)) = course.step(&id) else { continue };
        let earlier = part.steps.iter().take_while(|other| other.spec.id != id);
        let earlier = earlier.filter(|step| !step.spec.optional).map(|step| &step.spec.id);
        for need in earlier.chain(&step.spec.needs) {
            let open = course.step(need).is_some_and(|(_, step)| !model.is_done(step));
            if open && !wanted.contains(need) {
                wanted.push(need.clone());
            }
        }
    }
    let order = course.parts().flat_map(|part| part.steps).map(|step| &step.spec.id);
    order.filter(|id| wanted.contains(id)).cloned().collect()
}

fn deed_line(model: &Model, course: &Course, deed: &Deed) -> String {
    let words = model.words();
    let line = match deed {
        Deed::Deploy { template, stack, .. } => {
            let name = course.index.stacks.get(stack).unwrap_or(stack);
            fill(words.solve_deploy, &[template, name])
        }
        Deed::DeleteStack(stack) => {
            let name = course.index.stacks.get(stack).unwrap_or(stack);
            fill(words.solve_delete, &[name])
        }
        Deed::EmptyBucket { stack, bucket } => {
            let name = course.index.stacks.get(stack).unwrap_or(stack);
            fill(words.solve_empty, &[bucket, name])
        }
        Deed::Each { list, actions, .. } => {
            let inner = actions.iter().map(|deed| deed_line(model, course, deed));
            let inner: Vec<String> = inner.collect();
            fill(words.solve_each, &[&deed_line(model, course, list), &inner.join(", ")])
        }
        Deed::Http { method, url, .. } => {
            // The address that a placeholder stands for says less than the path.
            let path = url.split_once("}}").map_or(url.as_str(), |(_, path)| path);
            fill(words.solve_http, &[method, path])
        }
        Deed::Dependencies { dir, .. } => fill(words.solve_file, &[&format!("{dir}/package.json")]),
        Deed::File { path, .. } => fill(words.solve_file, &[path]),
    };
    crate::markdown::sanitize::clean_line(&line)
}

pub(in crate::tui) fn solve(model: &mut Model, steps: Vec<String>) -> Vec<Effect> {
    if runs_command(model) {
        notify(model, model.words().busy.to_owned());
        return Vec::new();
    }
    if !may_run(model) {
        return Vec::new();
    }
    let mut effects = give_way(model);
    let number = begin(model, RunKind::Solve(steps.clone()));
    effects.push(Effect::Solve(number, steps));
    effects
}
