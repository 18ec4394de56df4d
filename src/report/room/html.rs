//! The page for the room's projector: one file that loads nothing and renews itself. Without
//! `names`, nothing that an attendee wrote is on it.

use std::fmt::Write;

use jiff::Timestamp;

use super::super::escape::html as text;
use super::super::journal::Look;
use super::model::{FailingLine, Snapshot};
use super::pictures;
use super::words::{Words, words};
use crate::check::State;
use crate::i18n::fill;

/// What every page of this program looks like, and what this one adds.
const STYLE: &str = concat!(include_str!("../journal/journal.css"), include_str!("room.css"));
/// Nothing may be loaded or run, whatever stands in the page.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
/// Checks that are listed.
const MOST_CHECKS: usize = 8;

/// How the page is written.
#[derive(Debug, Clone)]
pub struct Page {
    /// Language, zone, and the time that is left for.
    pub look: Look,
    /// When the event ends, where that is known.
    pub ends: Option<Timestamp>,
    /// Whether names are shown, and what attendees' checks found.
    pub names: bool,
    /// After how many seconds the page renews itself.
    pub every: u32,
}

/// The room as one self-contained HTML file.
pub fn html(room: &Snapshot, page: &Page) -> String {
    let mut writer = Writer { room, page, words: words(&page.look), out: String::new() };
    writer.head();
    if room.totals.here == 0 {
        let nobody = text(writer.words.nobody);
        writer.element("p", "note", &nobody);
    } else {
        writer.body();
    }
    writer.foot();
    writer.out
}

struct Writer<'a> {
    room: &'a Snapshot,
    page: &'a Page,
    words: &'static Words,
    out: String,
}

impl Writer<'_> {
    /// An element around HTML.
    fn element(&mut self, name: &str, class: &str, html: &str) {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let _ = writeln!(self.out, "<{name}{class}>{html}</{name}>");
    }

    fn head(&mut self) {
        let title = text(&self.room.title);
        let lang = text(&self.page.look.lang);
        let (every, name) = (self.page.every.max(1), text(self.words.room));
        let _ = write!(
            self.out,
            "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta http-equiv=\"refresh\" content=\"{every}\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{name}: {title}</title>\n<style>\n{STYLE}</style>\n</head>\n\
             <body class=\"wide\">\n<main>\n{}\n",
            pictures::PATTERNS,
        );
        self.element("p", "over", &name);
        self.element("h1", "", &title);
        let at = fill(self.words.updated, &[&self.page.look.clock(self.room.at)]);
        let facts = format!("{} {}", text(&at), text(self.words.claims));
        self.element("p", "facts", &facts);
        self.tiles();
    }

    fn tiles(&mut self) {
        let (room, words, look) = (self.room, self.words, &self.page.look);
        let totals = &room.totals;
        let mut tiles = vec![
            (totals.here.to_string(), words.here),
            (totals.modules_done.to_string(), words.modules_done),
            (totals.steps_done.to_string(), words.steps_done),
            (totals.help.to_string(), words.help),
        ];
        if let Some(ends) = self.page.ends {
            tiles.push(match pictures::left(ends, room.at) {
                Some(minutes) => (look.duration(minutes), words.left),
                None => (look.clock(ends), words.ended),
            });
        }
        let tile = |(value, name): &(String, &str)| {
            format!("<li><strong>{}</strong> {}</li>", text(value), text(name))
        };
        let tiles: Vec<String> = tiles.iter().map(tile).collect();
        self.element("ul", "tiles", &tiles.join(""));
    }

    fn body(&mut self) {
        let (room, words, look) = (self.room, self.words, &self.page.look);
        self.element("h2", "", &text(words.map));
        let (map, each) = pictures::map(room, look, words, self.page.names);
        let about = if each > 1 {
            Words::counted(words.map_sampled, &[each])
        } else {
            words.map_about.to_owned()
        };
        self.element("p", "quiet", &text(&about));
        self.legend();
        self.element("figure", "", &map);
        self.element("h2", "", &text(words.funnel));
        let funnel = pictures::funnel(room, words);
        self.element("figure", "", &funnel);
        if let Some(picture) = pictures::over_time(room, look, words) {
            self.element("h2", "", &text(words.time));
            self.element("figure", "", &picture);
        }
        self.failing();
    }

    /// Every pattern with its word.
    fn legend(&mut self) {
        let states = [
            (State::Done, true, "cell done"),
            (State::InProgress, true, "cell part"),
            (State::Regressed, true, "cell regressed"),
            (State::NotStarted, false, "cell"),
        ];
        let item = |(state, begun, class): (State, bool, &str)| {
            let word = text(self.words.state(state, begun));
            format!(
                "<li><svg viewBox=\"0 0 18 18\" aria-hidden=\"true\" focusable=\"false\">\
                 <rect class=\"{class}\" x=\"1\" y=\"1\" width=\"16\" height=\"16\"/></svg>{word}</li>"
            )
        };
        let mut items: Vec<String> = states.into_iter().map(item).collect();
        if self.page.names {
            items.push(format!("<li>(!) {}</li>", text(self.words.asked)));
        }
        self.element("ul", "legend", &items.join(""));
    }

    fn failing(&mut self) {
        let words = self.words;
        self.element("h2", "", &text(words.failing));
        if self.room.failing.is_empty() {
            self.element("p", "", &text(words.failing_none));
            return;
        }
        self.element("p", "quiet", &text(words.failing_about));
        let _ = writeln!(
            self.out,
            "<div class=\"scroll\"><table><thead><tr><th>{}</th><th>{}</th><th class=\"count\">{}</th>\
             </tr></thead><tbody>",
            text(words.step),
            text(words.check),
            text(words.attendees)
        );
        let names = self.page.names;
        for line in self.room.failing.iter().take(MOST_CHECKS) {
            let _ = writeln!(self.out, "{}", failing_row(line, names));
        }
        self.out.push_str("</tbody></table></div>\n");
    }

    fn foot(&mut self) {
        let tool = text(&self.room.tool);
        self.out.push_str("</main>\n");
        self.element("footer", "", &tool);
        self.out.push_str("</body>\n</html>\n");
    }
}

fn failing_row(line: &FailingLine, names: bool) -> String {
    // What a check found is an attendee's own text.
    let found = line.offender.as_ref().filter(|_| names);
    let found = found.map(|found| format!("<br><span class=\"quiet\">{}</span>", text(found)));
    format!(
        "<tr><td>{} {}</td><td><code>{}</code>{}</td><td class=\"many\">{}</td></tr>",
        text(&line.step),
        text(&line.title),
        text(&line.check),
        found.unwrap_or_default(),
        line.attendees
    )
}
