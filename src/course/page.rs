//! Instruction pages: Markdown with the account's values, split into sections and typed blocks.
//!
//! A page is rendered as a whole (so that a condition may span sections) and then split. Before
//! rendering, each heading's `{#5b}` and each opening fence get a private mark with their line, so
//! that places in the rendered text lead back to the page as written; the marks never come out.
//! Lines of tags alone leave nothing behind; other lines keep their ends.

mod outline;

use std::collections::{BTreeMap, BTreeSet};

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value as Jinja};

use super::diagnostic::{CourseError, Diagnostic};
use super::model::Course;
use super::part::PartId;
use super::values::{ValueState, Values};
pub(super) use outline::headings_of;
use outline::{line_of, mark, split};

/// Opens a placeholder for a value that isn't known yet: `⟨api_url: step 0d⟩` follows.
pub const UNKNOWN_OPEN: char = '\u{e000}';
/// Closes such a placeholder.
pub const UNKNOWN_CLOSE: char = '\u{e001}';

/// A page as written.
#[derive(Debug, Clone)]
pub struct Page {
    /// The file, relative to the course.
    pub path: String,
    /// Markdown with minijinja.
    pub source: String,
    /// Ids in `##` headings (`1d`, `look-back`) with their lines, counted from 1, in order.
    pub headings: Vec<(String, usize)>,
}

/// A page with the account's values filled in.
#[derive(Debug, Clone, Default)]
pub struct RenderedPage {
    /// The page's title: its first heading.
    pub title: String,
    /// Its parts in order: opening, steps, look-back.
    pub sections: Vec<Section>,
}

impl RenderedPage {
    /// A step's section.
    pub fn step(&self, id: &str) -> Option<&Section> {
        self.sections.iter().find(|s| matches!(&s.kind, SectionKind::Step(step) if step == id))
    }

    /// Takes over the sections that another page has and this one lacks, each behind the one that
    /// it follows there.
    fn add_missing(&mut self, source: Self) {
        let mut at = 0;
        for section in source.sections {
            if let Some(own) = self.sections.iter().position(|own| own.kind == section.kind) {
                at = own + 1;
            } else {
                self.sections.insert(at, Section { translated: false, ..section });
                at += 1;
            }
        }
    }
}

/// Part of a rendered page.
#[derive(Debug, Clone)]
pub struct Section {
    /// What it is.
    pub kind: SectionKind,
    /// Its heading without markup; empty for an opening without one.
    pub title: String,
    /// The heading's line in the page as written, counted from 1.
    pub line: usize,
    /// Plain Markdown, heading included. Placeholders stand between [`UNKNOWN_OPEN`] and
    /// [`UNKNOWN_CLOSE`].
    pub markdown: String,
    /// The fenced blocks in it, in order.
    pub blocks: Vec<Block>,
    /// Whether it is in the page's language; a section that isn't translated is in the source's.
    pub translated: bool,
}

/// What a section is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SectionKind {
    /// Everything before the first step: why it matters.
    Opening,
    /// A step's instructions.
    Step(String),
    /// `## … {#look-back}`: what stops an attacker now.
    LookBack,
}

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What its info string says that it is.
    pub kind: BlockKind,
    /// Its exact text, ending in a line end.
    pub source: String,
    /// The line of its opening fence in the page as written, counted from 1.
    pub line: usize,
}

impl Block {
    /// The first value that the block needs and that isn't known yet: `api_url: step 0d`. Such a
    /// block must not run, nor be copied as if it could.
    pub fn unknown(&self) -> Option<&str> {
        let start = self.source.find(UNKNOWN_OPEN)? + UNKNOWN_OPEN.len_utf8();
        let end = self.source[start..].find(UNKNOWN_CLOSE)? + start;
        Some(self.source[start..end].trim_matches(['⟨', '⟩']))
    }
}

/// What a fenced block's info string says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockKind {
    /// `sh run`: executed by the course's own test, runnable from the TUI.
    ShRun,
    /// `sh`: shown, copied, not run.
    Sh,
    /// `diff apply=FILE`: a unified diff to a file of the app directory.
    DiffApply {
        /// Path in the app directory.
        file: String,
    },
    /// `json file=FILE`: the contents of a file of the app directory.
    JsonFile {
        /// Path in the app directory.
        file: String,
    },
    /// Any other language, only shown: `yaml`, `json`, `text`, or empty.
    Shown(String),
}

impl BlockKind {
    /// Reads an info string.
    ///
    /// # Errors
    /// What is wrong with it, when a known language has attributes that mean nothing.
    pub fn parse(info: &str) -> Result<Self, String> {
        let mut words = info.split_whitespace();
        let language = words.next().unwrap_or_default();
        let rest: Vec<&str> = words.collect();
        match (language, rest.as_slice()) {
            ("sh", []) => Ok(Self::Sh),
            ("sh", ["run"]) => Ok(Self::ShRun),
            ("diff", [attribute]) if attribute.starts_with("apply=") => {
                Ok(Self::DiffApply { file: app_file(&attribute["apply=".len()..])? })
            }
            ("json", [attribute]) if attribute.starts_with("file=") => {
                Ok(Self::JsonFile { file: app_file(&attribute["file=".len()..])? })
            }
            (language, []) if !language.contains(['=', '{', '}']) => {
                Ok(Self::Shown(language.to_owned()))
            }
            _ => Err(format!("`{info}` is no kind of block")),
        }
    }
}

/// A relative path that stays in the app directory.
fn app_file(path: &str) -> Result<String, String> {
    let inside = |part: &str| !part.is_empty() && part != "." && part != "..";
    if path.split('/').all(inside) && !path.contains('\\') {
        Ok(path.to_owned())
    } else {
        Err(format!("`{path}` is no path inside the app directory"))
    }
}

impl Page {
    /// Reads a page's outline.
    pub fn new(path: &str, source: &str) -> Self {
        let headings = headings_of(source).map(|(id, at)| (id.to_owned(), line_of(source, at)));
        let headings = headings.collect();
        Self { path: path.to_owned(), source: source.to_owned(), headings }
    }

    /// Whether this page has every section that another one has.
    fn has_sections_of(&self, other: &Self) -> bool {
        other.headings.iter().all(|(id, _)| self.headings.iter().any(|(own, _)| own == id))
    }

    /// Fills in values, and splits the page.
    ///
    /// `done` holds what is done, by step id and module number (`1d`, `7`); `known_ids` what
    /// `done("…")` may ask for.
    ///
    /// # Errors
    /// When the page's template is wrong, with its line.
    pub fn render(
        &self,
        values: &Values,
        done: &BTreeSet<String>,
        known_ids: &BTreeSet<String>,
    ) -> Result<RenderedPage, Diagnostic> {
        let marked = mark(&self.source);
        let env = environment(done.clone(), known_ids.clone());
        let filled =
            values.iter().map(|(name, state)| (name.clone(), Jinja::from(self.shown(name, state))));
        // Collecting into a Jinja value would make a sequence of pairs.
        let context: BTreeMap<String, Jinja> = filled.collect();
        let text = env.render_str(&marked, context).map_err(|e| self.wrong(&marked, &e))?;
        Ok(split(&text))
    }

    /// The page with marks for its headings and fences: a template that minijinja can read (a
    /// heading's `{#1d}` would open a comment).
    pub(super) fn marked(&self) -> String {
        mark(&self.source)
    }

    /// What stands for a value in the page, in the page's language.
    fn shown(&self, name: &str, state: &ValueState) -> String {
        let word = if self.path.starts_with("content/ja/") { "ステップ" } else { "step" };
        match state {
            ValueState::Known(text) => text.clone(),
            ValueState::Unknown { step } => {
                format!("{UNKNOWN_OPEN}⟨{name}: {word} {step}⟩{UNKNOWN_CLOSE}")
            }
            ValueState::Unusable { .. } => format!("{UNKNOWN_OPEN}⟨{name}: ?⟩{UNKNOWN_CLOSE}"),
        }
    }

    /// Where a template error is, in the page as written.
    fn wrong(&self, marked: &str, error: &minijinja::Error) -> Diagnostic {
        let at = error
            .range()
            .map_or_else(|| (error.line().unwrap_or(1), 1), |range| place_of(marked, range.start));
        let detail = error.detail().unwrap_or_default();
        let name = error
            .range()
            .and_then(|range| marked.get(range))
            .map(|text| text.trim_matches(['{', '}', ' ', '-']))
            .unwrap_or_default();
        let (message, remedy) = match error.kind() {
            ErrorKind::UndefinedError => (
                format!("there is no value `{name}`"),
                "use a name of `values` in modules/course.yaml, or add it there",
            ),
            ErrorKind::UnknownFunction => {
                (format!("there is no function here: {detail}"), "done(\"1d\") is the only one")
            }
            kind => (
                if detail.is_empty() { kind.to_string() } else { format!("{kind}: {detail}") },
                "mend the template; put text with {{ or {% of its own between {% raw %} and {% endraw %}",
            ),
        };
        Diagnostic::at(&self.path, &self.source, at, message, remedy)
    }
}

impl Course {
    /// Renders a part's page: the values filled in, `done("…")` answered from `done` (step ids
    /// and module numbers). Sections that aren't translated come from the source. `None` where the
    /// part has no page.
    ///
    /// # Errors
    /// When the page's template is wrong.
    pub fn render(
        &self,
        part: impl Into<PartId>,
        lang: &str,
        values: &Values,
        done: &BTreeSet<String>,
    ) -> Result<Option<RenderedPage>, CourseError> {
        let Some(part) = self.part(part) else { return Ok(None) };
        let Some(page) = part.page(lang) else { return Ok(None) };
        let ids = self.done_ids();
        let mut rendered = page.render(values, done, &ids)?;
        let source = self.index.pages.first().and_then(|lang| part.pages.get(lang));
        if let Some(source) = source.filter(|source| !page.has_sections_of(source)) {
            rendered.add_missing(source.render(values, done, &ids)?);
        }
        Ok(Some(rendered))
    }

    /// What `done("…")` may ask for: every module's number and the ids of its steps.
    pub fn done_ids(&self) -> BTreeSet<String> {
        let modules = self.modules.iter().map(|m| m.entry.number.to_string());
        modules.chain(self.steps().map(|(_, step)| step.spec.id.clone())).collect()
    }
}

/// The fenced blocks of plain Markdown.
pub fn blocks(markdown: &str) -> Vec<Block> {
    split(&mark(markdown)).sections.into_iter().flat_map(|s| s.blocks).collect()
}

fn environment(done: BTreeSet<String>, known: BTreeSet<String>) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_debug(true);
    env.set_syntax(syntax());
    env.add_function("done", move |id: String| {
        if known.contains(&id) {
            return Ok(done.contains(&id));
        }
        let detail = format!("there is no step or module `{id}`");
        Err(minijinja::Error::new(ErrorKind::InvalidOperation, detail))
    });
    env
}

/// Tags on lines of their own leave no empty lines. Templates' comments are switched off: `{#` is
/// a heading's id here, and `${#name}` a shell's length of a text.
pub(super) fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder()
        .keep_trailing_newline(true)
        .trim_blocks(true)
        .lstrip_blocks(true)
        .comment_delimiters("\u{e004}", "\u{e005}")
        .build()
        .unwrap_or_default()
}

/// Line and column (in characters) of a byte offset, both from 1.
pub(super) fn place_of(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |n| n + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests;
