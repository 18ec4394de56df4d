//! A drawing on a page: rectangles, lines, text and signs, with a title and a description for those who don't
//! see it. Colours come from the page's classes; nothing is said by colour alone.

use std::fmt::Write;

use jiff::{Timestamp, tz::TimeZone};
use unicode_width::UnicodeWidthStr;

use super::escape::html;

/// Columns of the drawing: its own units, scaled to the page.
pub(super) const WIDTH: f64 = 960.0;
/// How wide a letter is, about, at the size of the page's labels.
const LETTER: f64 = 7.2;

/// A drawing that grows downwards.
pub(super) struct Drawing {
    shapes: String,
}

/// Signs of the time line: each has a shape of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sign {
    Opened,
    Failed,
    Proven,
    Regressed,
    Hint,
    Skipped,
    Help,
}

impl Drawing {
    pub(super) fn new() -> Self {
        Self { shapes: String::new() }
    }

    pub(super) fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        let (x, y, width) = (round(x), round(y), round(width));
        let _ = writeln!(
            self.shapes,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"3\"/>"
        );
    }

    /// A line through places, from left to right.
    pub(super) fn path(&mut self, class: &str, places: &[(f64, f64)]) {
        let place = |(x, y): &(f64, f64)| format!("{} {}", round(*x), round(*y));
        let places: Vec<String> = places.iter().map(place).collect();
        let _ = writeln!(self.shapes, "<path class=\"{class}\" d=\"M{}\"/>", places.join(" L"));
    }

    pub(super) fn line(&mut self, class: &str, x: f64, y: f64, to_x: f64, to_y: f64) {
        let (x, to_x) = (round(x), round(to_x));
        let _ = writeln!(
            self.shapes,
            "<line class=\"{class}\" x1=\"{x}\" y1=\"{y}\" x2=\"{to_x}\" y2=\"{to_y}\"/>"
        );
    }

    /// Text that begins, ends, or is centred at a place: `start`, `end`, `middle`.
    pub(super) fn text(&mut self, class: &str, anchor: &str, x: f64, y: f64, text: &str) {
        let (x, text) = (round(x), html(text));
        let _ = writeln!(
            self.shapes,
            "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x}\" y=\"{y}\">{text}</text>"
        );
    }

    /// A sign, centred at a place, with what a pointer over it says.
    pub(super) fn sign(&mut self, sign: Sign, x: f64, y: f64, says: &str) {
        let (x, says) = (round(x), html(says));
        let (class, shape) = sign.shape();
        let _ = writeln!(
            self.shapes,
            "<g class=\"{class}\" transform=\"translate({x} {y})\"><title>{says}</title>{shape}</g>"
        );
    }

    /// The whole, with its text alternatives.
    pub(super) fn finish(self, id: &str, height: f64, title: &str, description: &str) -> String {
        let (title, description) = (html(title), html(description));
        format!(
            "<svg role=\"img\" aria-labelledby=\"{id}-t {id}-d\" viewBox=\"0 0 {WIDTH} {height}\">\
             <title id=\"{id}-t\">{title}</title><desc id=\"{id}-d\">{description}</desc>\n{}</svg>\n",
            self.shapes
        )
    }
}

impl Sign {
    /// Its class and its shape around 0, 0.
    pub(super) fn shape(self) -> (&'static str, &'static str) {
        match self {
            Self::Opened => ("sign", "<circle class=\"hollow\" r=\"4\"/>"),
            Self::Failed => ("sign bad", "<path class=\"stroke\" d=\"M-5-5 5 5M5-5-5 5\"/>"),
            Self::Proven => (
                "sign good",
                "<rect class=\"full\" x=\"-8\" y=\"-8\" width=\"16\" height=\"16\" rx=\"3\"/>\
                 <path class=\"on\" d=\"M-4 0-1 3.5 4.5-3.5\"/>",
            ),
            Self::Regressed => (
                "sign bad",
                "<rect class=\"hollow\" x=\"-8\" y=\"-8\" width=\"16\" height=\"16\" rx=\"3\"/>\
                 <path class=\"stroke\" d=\"M-4-4 4 4M4-4-4 4\"/>",
            ),
            Self::Hint => ("sign warn", "<path class=\"full\" d=\"M0-7 7 6-7 6Z\"/>"),
            Self::Skipped => (
                "sign",
                "<rect class=\"hollow\" x=\"-7\" y=\"-7\" width=\"14\" height=\"14\" rx=\"3\"/>\
                 <path class=\"stroke\" d=\"M-4 4 4-4\"/>",
            ),
            Self::Help => (
                "sign warn",
                "<circle class=\"hollow\" r=\"8\"/><path class=\"stroke\" d=\"M0-4.5V1M0 4V4.5\"/>",
            ),
        }
    }
}

/// How wide a text is, about.
pub(super) fn wide(text: &str) -> f64 {
    f64::from(u32::try_from(text.width()).unwrap_or(u32::MAX)) * LETTER
}

/// A text that fits into a width, about, cut with `…` where it has to be.
pub(super) fn clip(text: &str, room: f64) -> String {
    if wide(text) <= room {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        out.push(c);
        if wide(&out) + LETTER > room {
            out.pop();
            break;
        }
    }
    out.push('…');
    out
}

/// A count as a length.
pub(super) fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Round local times between two, eight at most: where an axis has its lines.
pub(super) fn round_times(zone: &TimeZone, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
    const STEPS: [i64; 9] = [1, 2, 5, 10, 15, 30, 60, 120, 240];
    let minutes = to.duration_since(from).as_mins();
    let step = STEPS.into_iter().find(|step| minutes / step <= 8).unwrap_or(1440) * 60;
    let offset = i64::from(zone.to_offset(from).seconds());
    let local = from.as_second() + offset;
    let first = local + (step - local.rem_euclid(step)) % step - offset;
    let times = (first..=to.as_second()).step_by(usize::try_from(step).unwrap_or(60));
    times.filter_map(|second| Timestamp::from_second(second).ok()).collect()
}

/// One decimal is enough, and the same on every machine.
fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_has_words_and_no_markup_of_others() {
        let mut drawing = Drawing::new();
        drawing.text("label", "start", 1.04, 2.0, "<a>");
        drawing.sign(Sign::Hint, 5.0, 6.0, "\"b\"");
        let svg = drawing.finish("x", 10.0, "T & t", "D");
        assert!(svg.contains("<title id=\"x-t\">T &amp; t</title>"), "{svg}");
        assert!(svg.contains("x=\"1\" y=\"2\">&lt;a&gt;</text>"), "{svg}");
        assert!(svg.contains("<title>&quot;b&quot;</title>"), "{svg}");
    }

    #[test]
    fn long_texts_are_cut_by_their_columns() {
        assert_eq!(clip("short", 100.0), "short");
        let cut = clip("認証と認可のためのモジュール", 80.0);
        assert!(cut.ends_with('…') && wide(&cut) <= 80.0 + LETTER, "{cut}");
    }
}
