//! Breaks running text into lines: Unicode's line breaking, kinsoku included, with Korean words
//! and inline code kept whole.

use std::ops::Range;

use textwrap::WordSeparator;
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use super::block::Inline;
use super::parse::is_unspaced;
use super::row::{Span, width};

/// Stands for a character that is wider than the whole column.
const TOO_WIDE: &str = "?";

/// What no line begins with, and what none ends in.
const NOT_FIRST: &str = "、。，．・：；？！）］｝〕〉》」』】…‥ー々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ";
const NOT_LAST: &str = "（［｛〔〈《「『【";

/// From this many columns on, a number stays with what it counts.
const COUNTED: usize = 20;

/// A line of wrapped text: its bytes in [`Inline::text`].
pub(super) type Line = Range<usize>;

/// Breaks a text into lines of at most `columns` columns. White space at a break is dropped,
/// every other character stands on exactly one line.
pub(super) fn wrap(inline: &Inline, columns: usize) -> Vec<Line> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut start = 0;
    for part in inline.text.split('\n') {
        wrap_part(inline, start..start + part.len(), columns, &mut lines);
        start += part.len() + 1;
    }
    lines
}

fn wrap_part(inline: &Inline, part: Range<usize>, columns: usize, lines: &mut Vec<Line>) {
    let text = &inline.text;
    let mut line = trim_start(text, part.clone());
    line.end = line.start;
    let mut used = 0;
    for word in words(inline, part, columns) {
        let solid = trim_end(text, word.clone());
        let wide = columns_of(inline, solid.clone());
        if solid.is_empty() {
            used += columns_of(inline, word);
            continue;
        }
        if line.is_empty() {
            // Leading white space of the part, or of the word after a break.
            line = solid.start..solid.start;
            used = 0;
        }
        if used + wide > columns && !line.is_empty() {
            lines.push(line);
            line = solid.start..solid.start;
            used = 0;
        }
        if wide > columns {
            (line, used) = break_word(inline, solid.clone(), columns, lines);
        } else {
            line.end = solid.end;
            used += wide;
        }
        used += columns_of(inline, solid.end..word.end);
    }
    lines.push(line);
}

/// Breaks a word that is wider than the column between grapheme clusters; the last piece stays
/// open.
fn break_word(
    inline: &Inline,
    word: Range<usize>,
    columns: usize,
    lines: &mut Vec<Line>,
) -> (Line, usize) {
    let clusters = clusters(inline, word.clone(), columns);
    let start = |index: usize| clusters.get(index).map_or(word.end, |cluster| cluster.0);
    let (mut first, mut used) = (0, 0);
    for index in 0..clusters.len() {
        used += clusters[index].1;
        if used > columns && index > first {
            let rest = |at: usize| clusters[at..=index].iter().map(|(_, wide)| wide).sum::<usize>();
            let split = (first + 1..=index)
                .rev()
                .take_while(|&at| rest(at) <= columns)
                .find(|&at| may_split(&inline.text, start(at)))
                .unwrap_or(index);
            lines.push(start(first)..start(split));
            first = split;
            used = rest(split);
        }
    }
    (start(first)..word.end, used)
}

/// The grapheme clusters of a part of the text: where each begins, and its columns.
fn clusters(inline: &Inline, range: Range<usize>, columns: usize) -> Vec<(usize, usize)> {
    let of = |piece: Range<usize>| {
        let clusters = inline.text[piece.clone()].grapheme_indices(true);
        clusters.map(move |(at, cluster)| (piece.start + at, width(cluster).min(columns)))
    };
    pieces(inline, range).into_iter().flat_map(of).collect()
}

/// Whether a word may be split here by the rules of Japanese: no line begins with closing
/// punctuation or a small letter, none ends in an opening bracket.
fn may_split(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at(at);
    !after.starts_with(|c| NOT_FIRST.contains(c)) && !before.ends_with(|c| NOT_LAST.contains(c))
}

/// A range cut at the borders of the runs, where spans will begin.
fn pieces(inline: &Inline, range: Range<usize>) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let end = inline.run_at(at).map_or(range.end, |run| run.range.end.min(range.end));
        pieces.push(at..end);
        at = end;
    }
    pieces
}

/// Columns of a part of the text, as its spans will be drawn.
fn columns_of(inline: &Inline, range: Range<usize>) -> usize {
    pieces(inline, range).into_iter().map(|piece| width(&inline.text[piece])).sum()
}

/// The pieces between which a line may be broken, each with its trailing white space.
fn words(inline: &Inline, part: Range<usize>, columns: usize) -> Vec<Range<usize>> {
    let text = &inline.text;
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut at = part.start;
    for word in WordSeparator::UnicodeBreakProperties.find_words(&text[part]) {
        let end = at + word.word.len() + word.whitespace.len();
        match words.last_mut() {
            Some(last) if !may_break(inline, at, columns) => last.end = end,
            _ => words.push(at..end),
        }
        at = end;
    }
    words
}

/// Whether a line may be broken before this byte, where Unicode's line breaking says that it may.
/// Never within a grapheme cluster, of which its table may know less. Inline code that is wider than
/// a line is broken at its spaces; a number stays with what it counts in Japanese.
fn may_break(inline: &Inline, at: usize, columns: usize) -> bool {
    let mut cursor = GraphemeCursor::new(at, inline.text.len(), true);
    if !cursor.is_boundary(&inline.text, 0).unwrap_or(true) {
        return false;
    }
    let within = inline.run_at(at).filter(|run| run.whole && run.range.start < at);
    if let Some(run) = within {
        let wide = width(&inline.text[run.range.clone()]) > columns;
        return wide && inline.text[..at].ends_with(' ');
    }
    let (before, after) = inline.text.split_at(at);
    let next = after.chars().next();
    let hangul = before.chars().next_back().is_some_and(is_hangul) && next.is_some_and(is_hangul);
    // "2 つ": a number and what it counts, unless the column is narrow.
    let counted =
        before.strip_suffix(' ').is_some_and(|b| b.ends_with(|c: char| c.is_ascii_digit()))
            && next.is_some_and(is_counter)
            && columns >= COUNTED;
    !hangul && !counted
}

/// Whether what a number counts may begin with this letter: 2 つ, 3 個, 16 バイト; no particle.
fn is_counter(c: char) -> bool {
    is_unspaced(c) && (c == 'つ' || !matches!(c, '\u{3041}'..='\u{309f}'))
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7ff}')
}

fn trim_start(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    range.start + (part.len() - part.trim_start().len())..range.end
}

fn trim_end(text: &str, range: Range<usize>) -> Range<usize> {
    range.start..range.start + text[range].trim_end().len()
}

/// The spans of a line, cut out of the text's runs.
pub(super) fn spans(inline: &Inline, line: &Line, columns: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut at = line.start;
    while at < line.end {
        let Some(run) = inline.run_at(at) else { break };
        let end = run.range.end.min(line.end);
        let mut text = inline.text[at..end].to_owned();
        if width(&text) > columns {
            text = text
                .graphemes(true)
                .map(|cluster| if width(cluster) > columns { TOO_WIDE } else { cluster })
                .collect();
        }
        spans.push(Span { text, face: run.face, link: run.link.clone() });
        at = end;
    }
    spans
}

/// Breaks a plain text into lines of at most `columns` columns, by the same rules as a page.
pub fn wrap_text(text: &str, columns: usize) -> Vec<String> {
    let text = super::sanitize::clean(text).replace('\t', " ");
    let mut inline = Inline::default();
    inline.push(&text, super::row::Face::default(), None, 0);
    let join = |line: Line| spans(&inline, &line, columns).into_iter().map(|s| s.text).collect();
    wrap(&inline, columns).into_iter().map(join).collect()
}
