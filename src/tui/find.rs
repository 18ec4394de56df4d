//! Finding text on laid out rows: without regard to case, full width and kana, across line breaks.
//!
//! Learners look for words that they have seen: a name, an error message, a word of the text. So it
//! is plain text that is found, and all of it; a fuzzy match would bring lines without the word, and
//! couldn't be shown on a page. Japanese has no spaces to split at, and the same word may be typed
//! in another width or in the other kana.

use std::ops::Range;

use crate::markdown::{Row, Tone, is_unspaced, width};

use super::page::{PageView, Viewport};

/// A text that is folded for comparison: characters, and where each begins in the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Folded {
    chars: Vec<char>,
    starts: Vec<u32>,
    end: usize,
}

impl Folded {
    pub(crate) fn new(text: &str) -> Self {
        let mut folded = Self { end: text.len(), ..Self::default() };
        for (at, c) in text.char_indices() {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            for c in fold(c).to_lowercase() {
                folded.chars.push(c);
                folded.starts.push(at);
            }
        }
        folded
    }

    /// Where a query stands, as bytes of the text; places don't overlap.
    pub(crate) fn find(&self, query: &Query) -> Vec<Range<usize>> {
        let wanted = &query.0;
        let mut found = Vec::new();
        let mut at = 0;
        while !wanted.is_empty() && at + wanted.len() <= self.chars.len() {
            if self.chars[at..at + wanted.len()] == wanted[..] {
                found.push(self.byte(at)..self.byte(at + wanted.len()));
                at += wanted.len();
            } else {
                at += 1;
            }
        }
        found
    }

    /// How well a word of the query stands for this text, the best being 0: all of it, its start, a
    /// word's start, any part, or its letters with others between them.
    pub(crate) fn rank(&self, query: &Query) -> Option<usize> {
        let (text, wanted) = (&self.chars, &query.0);
        if text.starts_with(wanted) {
            return Some(usize::from(text.len() > wanted.len()));
        }
        let part = |at: &usize| text[*at..].starts_with(wanted);
        let found: Vec<usize> = (1..text.len()).filter(part).collect();
        if !found.is_empty() {
            let begins = found.iter().any(|&at| !text[at - 1].is_alphanumeric());
            return Some(if begins { 2 } else { 3 });
        }
        // One letter with others around it is no hint at all.
        let mut rest = wanted.iter().filter(|_| wanted.len() > 1).peekable();
        let (mut first, mut last) = (None, 0);
        for (at, letter) in text.iter().enumerate() {
            if rest.next_if_eq(&letter).is_some() {
                first = first.or(Some(at));
                last = at;
            }
        }
        let first = first.filter(|_| rest.peek().is_none())?;
        Some(4 + (last + 1 - first).saturating_sub(wanted.len()))
    }

    fn byte(&self, at: usize) -> usize {
        self.starts.get(at).map_or(self.end, |&start| start as usize)
    }
}

/// What is searched for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query(Vec<char>);

impl Query {
    /// None where there is nothing to look for.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let chars = Folded::new(&words.join(" ")).chars;
        (!chars.is_empty()).then_some(Self(chars))
    }
}

/// Full width and half width, hiragana and katakana, kinds of spaces are the same.
fn fold(c: char) -> char {
    let shift = match c {
        '\u{ff01}'..='\u{ff5e}' => 0xfee0,
        '\u{30a1}'..='\u{30f6}' => 0x60,
        '\u{3000}' | '\u{a0}' | '\t' => return ' ',
        _ => return c,
    };
    char::from_u32(u32::from(c) - shift).unwrap_or(c)
}

/// Text that reads on over rows: a paragraph, or one line of code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Passage {
    pub(super) text: String,
    /// Parts of it, in order.
    parts: Vec<Part>,
}

/// A row's part of a passage.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    row: usize,
    /// Bytes of the passage's text.
    text: Range<usize>,
    /// Where they begin in the row's text.
    from: usize,
}

/// Text that was found: bytes of rows' texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The section.
    pub(super) section: usize,
    /// Rows, and bytes of their texts.
    pub(super) parts: Vec<(usize, Range<usize>)>,
}

impl Found {
    /// The row where it begins.
    pub(super) fn row(&self) -> usize {
        self.parts.first().map_or(0, |(row, _)| *row)
    }

    /// The columns of its first row.
    fn columns(&self, rows: &[Row]) -> Range<usize> {
        let Some((row, bytes)) = self.parts.first() else { return 0..0 };
        columns(&rows[*row], bytes)
    }
}

/// The columns of some bytes of a row's text.
pub(super) fn columns(row: &Row, bytes: &Range<usize>) -> Range<usize> {
    let text = row.text();
    let column = |byte: usize| width(text.get(..byte).unwrap_or(&text));
    column(bytes.start)..column(bytes.end)
}

/// The passages of a section's rows.
pub(super) fn passages(rows: &[Row]) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let Some(bytes) = content(row) else { continue };
        let text = row.text()[bytes.clone()].to_owned();
        let before = index.checked_sub(1).and_then(|before| rows.get(before));
        let glue = before.and_then(|before| glue(before, row, passages.last()?, &text));
        if glue.is_none() {
            passages.push(Passage::default());
        }
        let Some(passage) = passages.last_mut() else { continue };
        passage.text.push_str(glue.unwrap_or_default());
        let start = passage.text.len();
        passage.text.push_str(&text);
        let text = start..passage.text.len();
        passage.parts.push(Part { row: index, text, from: bytes.start });
    }
    passages
}

/// The bytes of a row that are text of the page; frames, rules, bars and bullets aren't.
fn content(row: &Row) -> Option<Range<usize>> {
    let fixed = row.code.map_or(0, |code| code.fixed);
    let drawn = |index: usize, blank: bool| {
        let span = &row.spans[index];
        index < fixed || span.face.tone == Tone::Dim || (blank && span.text.trim().is_empty())
    };
    let first = (0..row.spans.len()).find(|&index| !drawn(index, row.code.is_none()))?;
    let last = (0..row.spans.len()).rfind(|&index| !drawn(index, false))?;
    let length = |spans: Range<usize>| -> usize {
        row.spans[spans].iter().map(|span| span.text.len()).sum()
    };
    let start = length(0..first);
    (last >= first).then(|| start..start + length(first..last + 1))
}

/// What joins a row's text to the passage before it; none where it begins another one.
fn glue(before: &Row, row: &Row, passage: &Passage, text: &str) -> Option<&'static str> {
    let code = before.code.is_some() || row.code.is_some();
    let cells = before.source.is_empty() || row.source.is_empty();
    if code || cells || content(before).is_none() || begins_item(row) {
        return None;
    }
    let spaced = row.source.start > before.source.end;
    let joined = passage.text.chars().next_back().is_some_and(is_unspaced)
        && text.chars().next().is_some_and(is_unspaced);
    Some(if spaced && !joined { " " } else { "" })
}

/// Whether a row begins with the mark of a list's item.
fn begins_item(row: &Row) -> bool {
    let lead = row
        .spans
        .iter()
        .take_while(|span| span.face.tone == Tone::Dim || span.text.trim().is_empty());
    let bar = |text: &str| matches!(text, "" | "│" | "|");
    lead.into_iter().any(|span| !bar(span.text.trim()))
}

/// Where a query stands in a section's rows, which begin at `start` on the page.
fn find(rows: &[Row], query: &Query, section: usize, start: usize) -> Vec<Found> {
    let mut all = Vec::new();
    for passage in passages(rows) {
        for found in Folded::new(&passage.text).find(query) {
            let parts = passage.parts.iter().filter_map(|part| {
                let from = found.start.max(part.text.start);
                let to = found.end.min(part.text.end);
                let shift = |byte: usize| byte - part.text.start + part.from;
                (from < to).then(|| (part.row + start, shift(from)..shift(to)))
            });
            let parts: Vec<_> = parts.collect();
            if !parts.is_empty() {
                all.push(Found { section, parts });
            }
        }
    }
    all
}

impl PageView {
    /// Finds what is searched for; nothing where there is no search.
    pub(super) fn search(&mut self, query: Option<Query>) {
        self.query = query;
        self.found_at = None;
        self.find_query();
    }

    /// Finds it on the rows as they are laid out.
    pub(super) fn find_query(&mut self) {
        let sections = (0..self.sections.len()).filter_map(|at| Some((at, self.rows_of(at)?)));
        let found = self.query.as_ref().map(|query| {
            let found = sections.map(|(at, (rows, start))| find(rows, query, at, start));
            found.flatten().collect()
        });
        self.found = found.unwrap_or_default();
        self.found_at = self.found_at.filter(|&at| at < self.found.len());
    }

    /// The row of what was gone to.
    pub(super) fn found_row(&self) -> Option<usize> {
        Some(self.found.get(self.found_at?)?.row())
    }

    /// Goes to what was found: the place with this number in a section, or the nearest one.
    pub(super) fn go_to_found(&mut self, section: usize, nth: usize, view: &Viewport<'_>) {
        let first = self.found.partition_point(|found| found.section < section);
        let count = self.found[first..].iter().take_while(|found| found.section == section).count();
        let at = first + nth.min(count.saturating_sub(1));
        let Some(found) = self.found.get(at).filter(|_| count > 0) else { return };
        let (row, columns) = (found.row(), found.columns(&self.rows));
        self.found_at = Some(at);
        self.show_row(row, view);
        if self.rows[row].code.is_some() {
            self.show_columns(row, &columns, view);
        }
        self.track(view);
        self.step = self.sections[section].step.clone().or(self.step.take());
    }

    /// Scrolls where a row isn't in view, so that some rows stand above it.
    pub(super) fn show_row(&mut self, row: usize, view: &Viewport<'_>) {
        if row < self.scroll || row >= self.scroll + view.height {
            self.scroll = row.saturating_sub(view.height / 3).min(self.limit(view.height));
        }
    }

    /// Scrolls code sideways where columns of it aren't in view.
    fn show_columns(&mut self, row: usize, columns: &Range<usize>, view: &Viewport<'_>) {
        let row = &self.rows[row];
        let fixed = row.width() - row.scroll_width();
        let room = view.columns.saturating_sub(fixed);
        let (start, end) = (columns.start.saturating_sub(fixed), columns.end.saturating_sub(fixed));
        if start < self.sideways || end > self.sideways + room {
            self.sideways = end.saturating_sub(room.saturating_sub(2)).min(start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::{Labels, layout, parse};

    fn rows(markdown: &str, columns: usize) -> Vec<Row> {
        layout(&parse(markdown), columns, &Labels::default()).rows
    }

    /// What is found, as the rows show it.
    fn found(markdown: &str, columns: usize, query: &str) -> Vec<String> {
        let rows = rows(markdown, columns);
        let query = Query::new(query).unwrap();
        let part =
            |(row, bytes): &(usize, Range<usize>)| rows[*row].text()[bytes.clone()].to_owned();
        let text = |found: Found| found.parts.iter().map(part).collect::<Vec<_>>().join("|");
        find(&rows, &query, 0, 0).into_iter().map(text).collect()
    }

    #[test]
    fn case_width_and_kana_make_no_difference() {
        assert_eq!(found("The API, ＡＰＩ and api", 80, "Api"), ["API", "ＡＰＩ", "api"]);
        assert_eq!(found("ログを見る。ろぐ", 80, "ろぐ"), ["ログ", "ろぐ"]);
        assert_eq!(found("ユーザー プール", 80, "ユーザー　プール"), ["ユーザー プール"]);
    }

    #[test]
    fn a_phrase_is_found_across_line_breaks() {
        let text = "Point every method at the authorizer, then deploy.";
        assert_eq!(found(text, 20, "method at the authorizer"), ["method|at the authorizer"]);
        let text = "すべてのメソッドにオーソライザーを設定します。";
        assert_eq!(found(text, 26, "オーソライザー"), ["オーソラ|イザー"]);
        assert_eq!(found("- one\n- two words\n- three", 80, "one two"), [""; 0], "items are apart");
        let text = "> quoted text that goes on over a line";
        assert_eq!(found(text, 20, "that goes"), ["that|goes"]);
    }

    #[test]
    fn code_is_found_line_by_line_and_frames_are_not() {
        let text = "```sh\naws s3 ls\naws sts get-caller-identity\n```";
        assert_eq!(found(text, 20, "aws s"), ["aws s", "aws s"]);
        assert_eq!(found(text, 80, "shell"), [""; 0]);
        assert_eq!(found(text, 80, "─"), [""; 0]);
        assert_eq!(found("- item", 80, "•"), [""; 0]);
    }

    #[test]
    fn nothing_is_looked_for_where_nothing_is_typed() {
        assert_eq!(Query::new("  \u{3000} "), None);
        assert_eq!(found("aaaa", 80, "aa").len(), 2, "places don't overlap");
    }

    #[test]
    fn columns_are_those_of_the_screen() {
        let rows = rows("日本語 text", 80);
        assert_eq!(columns(&rows[0], &(9..14)), 6..11);
    }

    proptest::proptest! {
        #[test]
        fn what_is_found_is_what_was_asked_for(
            text in "[aAbＡあア日本 \n*`|>-]{0,80}",
            query in "[aAbＡあア日本]{1,3}",
            columns in 1_usize..40,
        ) {
            let Some(wanted) = Query::new(&query) else { return Ok(()) };
            for found in found(&text, columns, &query) {
                let said: String = found.split('|').collect();
                proptest::prop_assert_eq!(Query::new(&said), Some(wanted.clone()));
            }
        }
    }
}
