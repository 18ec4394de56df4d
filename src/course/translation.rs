//! Translated pages: which section of a page translates which section of its source, and whether it is
//! as new.
//!
//! A page has sections: its opening, its steps, the look back. Under each heading of a translation
//! stands a stamp, `<!-- source: 1a2b3c4d -->`: the fingerprint of the source's section that
//! was translated. Where the source's section has another fingerprint now, the translation is older.

use std::fmt::Write as _;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag};
use sha2::{Digest, Sha256};

use super::diagnostic::Diagnostic;
use super::files::CourseFiles;
use super::load::{INDEX, parse};
use super::model::CourseIndex;
use super::page::{BlockKind, headings_of};

/// The id of what stands before the first step.
pub(super) const OPENING: &str = "opening";

/// A section of a page as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageSection<'a> {
    /// [`OPENING`], a step's id, or `look-back`.
    pub(super) id: &'a str,
    /// Its bytes in the page.
    pub(super) range: Range<usize>,
    /// Its text, heading and stamp included.
    pub(super) text: &'a str,
}

impl PageSection<'_> {
    /// The fingerprint in its stamp.
    pub(super) fn stamp(&self) -> Option<&str> {
        self.stamp_at().1
    }

    /// Where its stamp stands or has to, and what it says.
    fn stamp_at(&self) -> (Range<usize>, Option<&str>) {
        let heading = self.text.starts_with('#');
        let at = if heading { line_end(self.text, 0) } else { 0 };
        let below = self.text[at..].trim_start();
        let from = self.text.len() - below.len();
        let line = below.lines().next().unwrap_or_default();
        let inner =
            line.trim_end().strip_prefix("<!-- source:").and_then(|l| l.strip_suffix("-->"));
        match inner {
            Some(inner) => (at..line_end(self.text, from), Some(inner.trim())),
            None => (at..at, None),
        }
    }

    /// What changes when something has to be translated anew: white space is nothing, and what
    /// must be the same in every language is compared as it stands.
    pub(super) fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let mut from = 0;
        let mut add = |text: &str| {
            for word in text.split_whitespace() {
                hash.update(word);
                hash.update(" ");
            }
        };
        for block in same_blocks(self.text) {
            add(&self.text[from..block.start]);
            from = block.end;
        }
        add(&self.text[from..]);
        hash.finalize().iter().take(4).fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// The byte after the line that begins at or holds `from`.
fn line_end(text: &str, from: usize) -> usize {
    text[from..].find('\n').map_or(text.len(), |n| from + n + 1)
}

/// The sections of a page, in order.
pub(super) fn sections(source: &str) -> Vec<PageSection<'_>> {
    let mut cuts = vec![(OPENING, 0)];
    cuts.extend(headings_of(source));
    let ends: Vec<usize> = cuts.iter().skip(1).map(|cut| cut.1).chain([source.len()]).collect();
    let section =
        |((id, start), end)| PageSection { id, range: start..end, text: &source[start..end] };
    cuts.into_iter().zip(ends).map(section).collect()
}

/// The fenced blocks that must be the same in every language: those that are run, copied or
/// applied. One that is only shown may be translated.
pub(super) fn same_blocks(text: &str) -> Vec<Range<usize>> {
    let same = |(event, range)| match event {
        Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if is_same(&info) => Some(range),
        _ => None,
    };
    Parser::new(text).into_offset_iter().filter_map(same).collect()
}

/// Whether a block with this info string must be the same in every language.
pub(super) fn is_same(info: &str) -> bool {
    !matches!(BlockKind::parse(info), Ok(BlockKind::Shown(_)))
}

/// A translated page with new stamps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped {
    /// The page's text.
    pub text: String,
    /// How many stamps are other than they were.
    pub changed: usize,
}

/// Stamps a translated page, or one section of it, as translated from what its source says now.
///
/// # Errors
/// When it is no translation, or has no such section.
pub fn stamp(files: &CourseFiles, path: &str, only: Option<&str>) -> Result<Stamped, Diagnostic> {
    let source_path = source_of(files, path)?;
    let (text, source) = (files.text(path)?, files.text(&source_path)?);
    let (sections, sources) = (sections(text), sections(source));
    if let Some(id) = only.filter(|id| !sections.iter().any(|section| section.id == *id)) {
        let known: Vec<&str> = sections.iter().map(|section| section.id).collect();
        let remedy = format!("its sections are {}", known.join(", "));
        return Err(Diagnostic::of_file(path, format!("there is no section `{id}`"), remedy));
    }
    let mut stamped = Stamped { text: String::with_capacity(text.len() + 512), changed: 0 };
    for section in &sections {
        let source = sources.iter().find(|source| source.id == section.id);
        let new =
            source.filter(|_| only.is_none_or(|id| id == section.id)).map(PageSection::fingerprint);
        let (at, old) = section.stamp_at();
        match new {
            Some(new) if old != Some(&new) => {
                stamped.changed += 1;
                let (before, after) = (&section.text[..at.start], &section.text[at.end..]);
                let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
                let _ = write!(stamped.text, "{before}{gap}<!-- source: {new} -->\n{after}");
            }
            _ => stamped.text.push_str(section.text),
        }
    }
    Ok(stamped)
}

/// The page that a page is translated from.
fn source_of(files: &CourseFiles, path: &str) -> Result<String, Diagnostic> {
    let index: CourseIndex = parse(files, INDEX)?;
    let language = index.pages.first().map(String::as_str).unwrap_or_default();
    let name = path.strip_prefix("content/").and_then(|rest| rest.split_once('/'));
    match name {
        Some((own, name)) if own != language && index.languages.iter().any(|l| l == own) => {
            Ok(format!("content/{language}/{name}"))
        }
        _ => {
            let message = "this is no translated page";
            let remedy = format!(
                "name a page of another language than `{language}`, which the pages are written in: content/LANG/NN-slug.md"
            );
            Err(Diagnostic::of_file(path, message, remedy))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX_TEXT: &str = "id: t\ntitle: {}\nlanguages: [en, ja]\npages: [en, ja]\nstacks: {}\n\
                              stage: dev\nfirst: []\ndomains: []\nmodules: []\n";
    const SOURCE: &str = "# Title\n\nWhy.\n\n## Do {#0a}\n\nRun it:\n\n```sh run\necho\n```\n";
    const TRANSLATION: &str =
        "# 題\n\n理由。\n\n## する {#0a}\n\n実行します。\n\n```sh run\necho\n```\n";

    fn stamped(source: &str, page: &str, only: Option<&str>) -> Stamped {
        let files = CourseFiles::from_pairs([
            (INDEX, INDEX_TEXT),
            ("content/en/00-x.md", source),
            ("content/ja/00-x.md", page),
        ]);
        stamp(&files, "content/ja/00-x.md", only).unwrap()
    }

    #[test]
    fn a_stamp_stands_under_each_heading_and_is_replaced() {
        let first = stamped(SOURCE, TRANSLATION, None);
        assert_eq!(first.changed, 2);
        assert_eq!(first.text.matches("<!-- source: ").count(), 2);
        assert!(first.text.starts_with("# 題\n<!-- source: "), "{}", first.text);
        assert!(first.text.contains("## する {#0a}\n<!-- source: "), "{}", first.text);
        assert_eq!(stamped(SOURCE, &first.text, None), Stamped { changed: 0, ..first.clone() });
        let newer = SOURCE.replace("Run it:", "Run it twice:");
        let second = stamped(&newer, &first.text, None);
        assert_eq!(second.changed, 1);
        assert_eq!(second.text.matches("<!-- source:").count(), 2);
        assert_eq!(stamped(&newer, &first.text, Some("opening")).changed, 0);
    }

    #[test]
    fn white_space_and_blocks_that_must_be_the_same_are_no_news() {
        let of =
            |text: &str| sections(text).iter().map(PageSection::fingerprint).collect::<Vec<_>>();
        let before = of(SOURCE);
        assert_eq!(before, of(&SOURCE.replace("Run it:", "Run\nit:").replace("echo", "true")));
        let heading = of(&SOURCE.replace("## Do", "## Do it"));
        assert_eq!((&before[0], before[1] == heading[1]), (&heading[0], false));
        let shown = SOURCE.replace("sh run", "text");
        assert_ne!(of(&shown)[1], of(&shown.replace("echo", "true"))[1], "it may be translated");
    }

    #[test]
    fn only_translations_are_stamped() {
        let files = CourseFiles::from_pairs([(INDEX, INDEX_TEXT), ("content/en/00-x.md", SOURCE)]);
        for path in ["content/en/00-x.md", "content/app/x.md", "00-x.md", "content/ja/00-y.md"] {
            assert!(stamp(&files, path, None).is_err(), "{path}");
        }
        let files = CourseFiles::from_pairs([
            (INDEX, INDEX_TEXT),
            ("content/en/00-x.md", SOURCE),
            ("content/ja/00-x.md", TRANSLATION),
        ]);
        let error = stamp(&files, "content/ja/00-x.md", Some("0b")).unwrap_err();
        assert!(error.remedy.contains("opening, 0a"), "{error}");
    }

    #[test]
    fn a_page_without_a_heading_is_stamped_at_its_top() {
        let page = stamped("Why.\n", "理由。\n", None);
        assert!(page.text.starts_with("<!-- source: ") && page.text.ends_with("-->\n理由。\n"));
        assert_eq!(stamped("# A", "# 題", None).text.lines().count(), 2);
    }
}
