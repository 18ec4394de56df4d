//! Where a file comes closest to lines that aren't in it.

/// The first line that differs at the place that fits best.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// The line's number in the file, from 1.
    pub line: usize,
    /// What the diff expects there.
    pub expected: String,
    /// What stands there; none at the file's end.
    pub found: Option<String>,
}

/// The place where most of the wanted lines stand, beginning with the most in a row. Blank lines
/// say nothing.
pub(super) fn nearest(lines: &[String], wanted: &[String]) -> Option<Near> {
    let says = |line: &String| !line.trim().is_empty();
    let same = |start: isize, index: usize| {
        let at = start.checked_add_unsigned(index)?;
        let line = lines.get(usize::try_from(at).ok()?)?;
        Some(*line == wanted[index])
    };
    let weight = |start: isize| {
        let hits = |index: &usize| same(start, *index) == Some(true) && says(&wanted[*index]);
        let all = (0..wanted.len()).filter(hits).count();
        let first = (0..wanted.len()).take_while(|&i| same(start, i) == Some(true)).filter(hits);
        (first.count(), all)
    };
    // A place may begin before the file does: its first lines may be gone.
    let before = isize::try_from(wanted.len()).ok()?;
    let end = isize::try_from(lines.len()).ok()?;
    let best = (1 - before..end).rev().max_by_key(|&start| weight(start))?;
    if weight(best).1 == 0 {
        return None;
    }
    let index = (0..wanted.len()).find(|&index| same(best, index) != Some(true))?;
    let at = usize::try_from(best.checked_add_unsigned(index)?).unwrap_or(0);
    Some(Near { line: at + 1, expected: wanted[index].clone(), found: lines.get(at).cloned() })
}
