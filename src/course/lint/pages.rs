//! Instruction pages: their headings, blocks, diffs and values.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Environment;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag};

use super::schema::nearest;
use super::{File, Linter, PartFiles};
use crate::course::diagnostic::Diagnostic;
use crate::course::model::{CourseIndex, StepSpec};
use crate::course::order::ModuleNeeds;
use crate::course::page::{self, BlockKind, Page, RenderedPage, place_of};
use crate::course::part::PartId;
use crate::course::patch::apply_diff;
use crate::course::values::{ValueState, Values};

const APP: &str = "content/app";

/// Checks the page of every written module and of the clean-up in every language that pages exist
/// in. What a translation shares with its source is checked there, and compared by
/// [`super::translations`].
pub(super) fn check(
    linter: &mut Linter<'_>,
    index: &File<'_, CourseIndex>,
    parts: &[PartFiles<'_>],
) {
    let ids: BTreeSet<String> = parts.iter().flat_map(brings).collect();
    orphans(linter, index, parts);
    for (n, language) in index.value.pages.iter().enumerate() {
        let is_source = n == 0;
        let mut app = App::new(linter);
        let mut done = BTreeSet::new();
        let mut written = Vec::new();
        for part in parts {
            let Some(manifest) = &part.manifest else { continue };
            let path = format!("content/{language}/{}.md", part.stem);
            if linter.files.get(&path).is_none() {
                let remedy =
                    format!("write it, or take `{language}` out of `pages` in modules/course.yaml");
                let message = format!("the page of {} doesn't exist", part.name());
                linter.out.push(Diagnostic::of_file(&path, message, remedy));
                continue;
            }
            let Ok(text) = linter.files.text(&path).map_err(|e| linter.out.push(e)) else {
                continue;
            };
            let page = Page::new(&path, text);
            if is_source {
                headings(linter, &page, &manifest.value.steps);
            }
            blocks(linter, &page);
            names(linter, &page, &index.value);
            let rendered = render(linter, &page, &index.value, &done, &ids);
            if let Some(rendered) = rendered.filter(|_| is_source) {
                let wrong = app.apply(&page, &rendered);
                linter.out.extend(wrong);
            }
            let brings = brings(part);
            done.extend(brings.iter().cloned());
            if let PartId::Module(number) = part.id {
                written.push(Written { number, brings, page });
            }
        }
        if is_source {
            let needs = module_needs(parts);
            orders(linter, &index.value, &written, &needs, &ids);
        }
    }
}

/// What `done("…")` knows once a module is done: its number and its steps. The clean-up brings nothing.
fn brings(part: &PartFiles<'_>) -> BTreeSet<String> {
    let PartId::Module(number) = part.id else { return BTreeSet::new() };
    let steps = part.manifest.iter().flat_map(|manifest| &manifest.value.steps);
    steps.map(|step| step.id.clone()).chain([number.to_string()]).collect()
}

/// Which modules each module needs.
fn module_needs(parts: &[PartFiles<'_>]) -> ModuleNeeds {
    let mut all = Vec::new();
    for part in parts {
        let PartId::Module(number) = part.id else { continue };
        let steps = part.manifest.iter().flat_map(|manifest| &manifest.value.steps);
        all.extend(steps.map(|step| (number, step)));
    }
    ModuleNeeds::new(&all)
}

/// A written module's page.
struct Written {
    number: u8,
    /// See [`brings`].
    brings: BTreeSet<String>,
    page: Page,
}

/// The pages' diffs must apply in any order: each module alone after those that come first, and all
/// of them backwards; always behind what a module needs. What the order of their numbers said
/// already isn't said again.
fn orders(
    linter: &mut Linter<'_>,
    index: &CourseIndex,
    pages: &[Written],
    needs: &ModuleNeeds,
    ids: &BTreeSet<String>,
) {
    let (first, rest): (Vec<&Written>, Vec<&Written>) =
        pages.iter().partition(|page| index.first.contains(&page.number));
    let sorted = |order: Vec<u8>| -> Vec<&Written> {
        let page = |number: &u8| rest.iter().copied().find(|page| page.number == *number);
        needs.sorted(&order).iter().filter_map(page).collect()
    };
    let with_needs = |page: &&Written| {
        let own = needs.of(page.number).into_iter().chain([page.number]);
        sorted(own.collect())
    };
    let alone = rest.iter().map(with_needs);
    let backwards = sorted(rest.iter().rev().map(|page| page.number).collect());
    let values = unknown(index);
    for order in alone.chain([backwards]) {
        let mut app = App::new(linter);
        let mut done = BTreeSet::new();
        let mut before = Vec::new();
        for written in first.iter().chain(&order) {
            let Ok(rendered) = written.page.render(&values, &done, ids) else { break };
            for mut wrong in app.apply(&written.page, &rendered) {
                let said = |d: &Diagnostic| (&d.path, d.line) == (&wrong.path, wrong.line);
                if !linter.out.iter().any(said) {
                    wrong.message =
                        format!("after modules {}: {}", before.join(", "), wrong.message);
                    linter.out.push(wrong);
                }
            }
            before.push(written.number.to_string());
            done.extend(written.brings.iter().cloned());
        }
    }
}

/// The course's values before anything is done.
fn unknown(index: &CourseIndex) -> Values {
    let unknown = |step: &String| ValueState::Unknown { step: step.clone() };
    index.values.iter().map(|(name, spec)| (name.clone(), unknown(&spec.step))).collect()
}

/// Pages that belong to no written part.
fn orphans(linter: &mut Linter<'_>, index: &File<'_, CourseIndex>, parts: &[PartFiles<'_>]) {
    let written: BTreeSet<String> = parts
        .iter()
        .filter(|part| part.manifest.is_some())
        .map(|part| format!("{}.md", part.stem))
        .collect();
    for language in &index.value.languages {
        let dir = format!("content/{language}");
        for (name, _) in linter.files.under(&dir).filter(|(name, _)| !written.contains(*name)) {
            let path = format!("{dir}/{name}");
            let remedy = "name it after a manifest (NN-slug.md), or remove it";
            linter.out.push(Diagnostic::of_file(path, "belongs to no written module", remedy));
        }
    }
}

/// Each step has its heading, in the manifest's order, and the page ends with a look back.
fn headings(linter: &mut Linter<'_>, page: &Page, steps: &[StepSpec]) {
    let mut say = |line: usize, message: String, remedy: String| {
        linter.out.push(Diagnostic::at(&page.path, &page.source, (line, 1), message, remedy));
    };
    let last = page.source.lines().count().max(1);
    let mut seen = BTreeSet::new();
    for (id, line) in &page.headings {
        if id != "look-back" && !steps.iter().any(|s| s.id == *id) {
            let near = nearest(id, steps.iter().map(|s| s.id.as_str()));
            let remedy = near.map_or("add the step to the manifest".to_owned(), |n| {
                format!("did you mean `{n}`?")
            });
            say(*line, format!("the manifest has no step `{id}`"), remedy);
        }
        if !seen.insert(id) {
            say(*line, format!("a second heading {{#{id}}}"), "keep one".to_owned());
        }
    }
    for step in steps.iter().filter(|s| !seen.contains(&s.id)) {
        let remedy = format!("add `## … {{#{}}}` where its instructions begin", step.id);
        say(last, format!("no heading for step {}", step.id), remedy);
    }
    if !seen.contains(&"look-back".to_owned()) {
        let remedy = "end with `## … {#look-back}`: what stops an attacker now".to_owned();
        say(last, "no look back".to_owned(), remedy);
    }
    let rank = |id: &str| steps.iter().position(|s| s.id == id).unwrap_or(steps.len());
    for pair in page.headings.windows(2) {
        if rank(&pair[0].0) > rank(&pair[1].0) {
            let message = format!("{} stands after {}", pair[1].0, pair[0].0);
            say(pair[1].1, message, "put the headings in the manifest's order".to_owned());
        }
    }
}

/// Info strings that mean nothing.
fn blocks(linter: &mut Linter<'_>, page: &Page) {
    for (event, at) in Parser::new(&page.source).into_offset_iter() {
        let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) = event else { continue };
        if let Err(message) = BlockKind::parse(&info) {
            let line = page.source[at.start..].lines().next().unwrap_or_default();
            let column = line.find(|c| c != '`' && c != '~').unwrap_or(0);
            let place = place_of(&page.source, at.start + column);
            let remedy = "use `sh run`, `sh`, `diff apply=FILE`, `json file=FILE`, or one word for a block that is only shown";
            linter.out.push(Diagnostic::at(&page.path, &page.source, place, message, remedy));
        }
    }
}

/// Values that the course doesn't have, all of them. What else a template can have wrong comes
/// out when it is rendered.
fn names(linter: &mut Linter<'_>, page: &Page, index: &CourseIndex) {
    let mut env = Environment::new();
    env.set_syntax(page::syntax());
    let source = page.marked();
    let Ok(template) = env.template_from_str(&source) else { return };
    let mut unknown: Vec<String> = template
        .undeclared_variables(false)
        .into_iter()
        .filter(|name| name != "done" && !index.values.contains_key(name))
        .filter(|name| !env.globals().any(|(global, _)| global == name))
        .collect();
    unknown.sort();
    for name in unknown {
        let remedy = nearest(&name, index.values.keys().map(String::as_str)).map_or_else(
            || "add it to `values` in modules/course.yaml".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let place = place_of(&page.source, find_name(&page.source, &name));
        let message = format!("there is no value `{name}`");
        linter.out.push(Diagnostic::at(&page.path, &page.source, place, message, remedy));
    }
}

/// The first place of a name inside `{{ … }}` or `{% … %}`.
fn find_name(source: &str, name: &str) -> usize {
    let word = |at: usize| {
        let ends =
            |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.');
        ends(source[..at].chars().next_back()) && ends(source[at + name.len()..].chars().next())
    };
    let inside = |at: usize| {
        let before = &source[..at];
        let open = before.rfind("{{").max(before.rfind("{%"));
        let close = before.rfind("}}").max(before.rfind("%}"));
        open > close
    };
    source.match_indices(name).map(|m| m.0).find(|at| word(*at) && inside(*at)).unwrap_or(0)
}

/// Renders the page as a learner who comes to it sees it, and as one who has done everything.
fn render(
    linter: &mut Linter<'_>,
    page: &Page,
    index: &CourseIndex,
    done: &BTreeSet<String>,
    ids: &BTreeSet<String>,
) -> Option<RenderedPage> {
    let values = unknown(index);
    let known = values.keys().map(|n| (n.clone(), ValueState::Known(format!("x-{n}")))).collect();
    let rendered = page.render(&values, done, ids);
    for result in [rendered.as_ref().map(drop), page.render(&known, ids, ids).as_ref().map(drop)] {
        if let Err(error) = result {
            // `names` has said it, for all of them and with the nearest name.
            if !error.message.starts_with("there is no value") {
                linter.out.push(error.clone());
            }
        }
    }
    rendered.ok()
}

/// The app directory, as the pages change it step by step.
struct App {
    files: BTreeMap<String, String>,
}

impl App {
    fn new(linter: &Linter<'_>) -> Self {
        let text = |(path, bytes): (&str, &[u8])| {
            Some((path.to_owned(), std::str::from_utf8(bytes).ok()?.to_owned()))
        };
        Self { files: linter.files.under(APP).filter_map(text).collect() }
    }

    /// Does what the page's blocks do to files; what is wrong with them.
    fn apply(&mut self, page: &Page, rendered: &RenderedPage) -> Vec<Diagnostic> {
        let mut out = Vec::new();
        for block in rendered.sections.iter().flat_map(|s| &s.blocks) {
            let mut say = |message: String, remedy: &str| {
                let place = (block.line, 1);
                out.push(Diagnostic::at(&page.path, &page.source, place, message, remedy));
            };
            match &block.kind {
                BlockKind::DiffApply { file } => {
                    let Some(before) = self.files.get(file) else {
                        say(format!("there is no {APP}/{file}"), "name a file of the app");
                        continue;
                    };
                    match apply_diff(before, &block.source) {
                        Ok(after) => drop(self.files.insert(file.clone(), after)),
                        Err(why) => say(
                            format!(
                                "the diff doesn't apply to {file} as the steps before leave it: {why}"
                            ),
                            "make it anew from that file (diff -u), with lines around it that stand there once",
                        ),
                    }
                }
                BlockKind::JsonFile { file } => {
                    if let Err(error) = serde_json::from_str::<serde_json::Value>(&block.source) {
                        say(format!("this is no JSON: {error}"), "mend it");
                    }
                    self.files.insert(file.clone(), block.source.clone());
                }
                _ => {}
            }
        }
        out
    }
}
