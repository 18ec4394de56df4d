//! The journal as one HTML file: it loads nothing, runs nothing, and prints.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::super::escape::html as text;
use super::super::svg::Sign;
use super::super::words as report_words;
use super::chart;
use super::model::{JournalPage, PartPage};
use super::prose::{blocks, inline};
use super::steps::{StepPart, StepState};
use super::words::{Words, words};
use crate::check::State;
use crate::i18n::fill;

const STYLE: &str = include_str!("journal.css");
/// Nothing may be loaded or run, whatever stands in the page.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page as one self-contained HTML file.
pub fn html(page: &JournalPage) -> String {
    let mut writer = Writer { page, words: words(&page.look), out: String::new() };
    writer.head();
    if page.parts.is_empty() {
        writer.element("p", "", &text(writer.words.nothing));
    } else {
        writer.body();
    }
    writer.foot();
    writer.out
}

struct Writer<'a> {
    page: &'a JournalPage,
    words: &'static Words,
    out: String,
}

impl Writer<'_> {
    fn raw(&mut self, html: &str) {
        self.out.push_str(html);
        self.out.push('\n');
    }

    /// An element around HTML.
    fn element(&mut self, name: &str, class: &str, html: &str) {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let _ = writeln!(self.out, "<{name}{class}>{html}</{name}>");
    }

    fn heading(&mut self, words: &str) {
        self.element("h2", "", &text(words));
    }

    fn head(&mut self) {
        let (page, words) = (self.page, self.words);
        let (look, course) = (&page.look, text(&page.course));
        let _ = write!(
            self.out,
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{}: {course}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
            text(&look.lang),
            text(words.journal),
        );
        self.element("p", "over", &text(words.journal));
        self.element("h1", "", &course);
        let mut facts = vec![report_words::account(&look.lang, page.kind, &page.account)];
        if let Some((from, to)) = page.period {
            let zone = fill(words.times_in, &[&look.zone_name(to)]);
            facts.push(format!("{} ({zone})", look.period(from, to)));
        }
        self.element("p", "facts", &text(&facts.join(" · ")));
        self.element("p", "note", &inline(words.claim));
        for note in &page.notes {
            self.element("p", "note", &text(&words.note(*note)));
        }
    }

    fn body(&mut self) {
        self.tiles();
        self.heading(self.words.progress);
        let domains = chart::domains(self.page, self.words);
        self.element("figure", "", &domains);
        self.regressed();
        self.time_line();
        self.heading(self.words.time);
        self.element("p", "quiet", &text(self.words.time_about));
        let times = chart::times(self.page, self.words);
        self.element("figure", "", &times);
        self.heading(self.words.did);
        for module in &self.page.parts {
            self.module(module);
        }
        self.skipped();
        self.production();
        self.untouched();
    }

    fn foot(&mut self) {
        let look = &self.page.look;
        let written = fill(self.words.written, &[&look.moment(look.now), &self.page.tool]);
        self.raw("</main>");
        self.element("footer", "", &text(&written));
        self.raw("</body>\n</html>");
    }

    fn tiles(&mut self) {
        let (page, words) = (self.page, self.words);
        let (proven, steps) = page.proven();
        let (done, modules) = page.modules_done();
        let tiles = [
            (words.of(proven, steps), words.steps_proven),
            (words.of(done, modules), words.modules_done),
            (page.look.duration(page.spent), words.time_worked),
            (page.hints.to_string(), words.hints_used),
        ];
        let tile = |(value, name): &(String, &str)| {
            format!("<li><strong>{}</strong> {}</li>", text(value), text(name))
        };
        let tiles: Vec<String> = tiles.iter().map(tile).collect();
        self.element("ul", "tiles", &tiles.join(""));
    }

    fn regressed(&mut self) {
        let (page, words) = (self.page, self.words);
        let steps = page.steps_at(StepState::Regressed);
        if steps.is_empty() {
            return;
        }
        self.heading(words.regressed);
        self.raw("<ul>");
        for step in steps {
            let mut item = format!("<strong>{} {}</strong>", text(&step.id), text(&step.title));
            if let Some((at, checks)) = &step.broken {
                let checks: Vec<String> =
                    checks.iter().map(|check| format!("<code>{}</code>", text(check))).collect();
                let at = text(&page.when(*at));
                let said = fill(words.regressed_line, &[&at, &checks.join(", ")]);
                let _ = write!(item, "<br>{said}");
            }
            self.element("li", "", &item);
        }
        self.raw("</ul>");
        self.element("p", "", &inline(words.regressed_next));
    }

    fn time_line(&mut self) {
        let (page, words) = (self.page, self.words);
        self.heading(words.time_line);
        let (sessions, left_out) = chart::sessions(page);
        let mut used = BTreeSet::new();
        for (place, session) in sessions.iter().enumerate() {
            let (drawing, signs) = chart::session(page, words, session, place + 1);
            let period = page.look.period(session.from, session.to);
            let caption = format!("<figcaption>{}</figcaption>", text(&period));
            self.element("figure", "", &format!("{caption}{drawing}"));
            used.extend(signs);
        }
        self.legend(&used);
        if left_out > 0 {
            let said = fill(words.sessions_left_out, &[&left_out.to_string()]);
            self.element("p", "quiet", &text(&said));
        }
        self.events();
    }

    fn legend(&mut self, used: &BTreeSet<Sign>) {
        if used.is_empty() {
            return;
        }
        let sign =
            |sign: &Sign| format!("<li>{}{}</li>", icon(*sign), text(self.words.sign(*sign)));
        let mut items: Vec<String> = used.iter().map(sign).collect();
        items.push(format!("<li>{WORK}{}</li>", text(self.words.l_work)));
        self.element("ul", "legend", &items.join(""));
    }

    fn events(&mut self) {
        let (page, words) = (self.page, self.words);
        let all = fill(words.all_events, &[&page.moments.len().to_string()]);
        let _ = write!(
            self.out,
            "<details class=\"events\"><summary>{}</summary>\n<div class=\"scroll\"><table>\n\
             <thead><tr><th>{}</th><th>{}</th></tr></thead>\n<tbody>\n",
            text(&all),
            text(words.when),
            text(words.what)
        );
        for moment in &page.moments {
            let at = text(&page.when(moment.at));
            let what = text(&words.happened(&moment.happened));
            let _ = writeln!(self.out, "<tr><td class=\"when\">{at}</td><td>{what}</td></tr>");
        }
        self.raw("</tbody></table></div></details>");
    }

    fn module(&mut self, module: &PartPage) {
        let title = text(&module.line.name);
        let state = text(report_words::state(&self.page.look.lang, module.line.state));
        let icon = icon(match module.line.state {
            State::Done => Sign::Proven,
            State::Regressed => Sign::Regressed,
            State::InProgress | State::NotStarted => Sign::Opened,
        });
        self.raw("<section class=\"card\">");
        let state = format!("<span class=\"state\">{icon}{state}</span>");
        self.element("header", "", &format!("<h3>{title}</h3>{state}"));
        self.attack(module);
        self.steps(&module.steps);
        self.questions(module);
        self.raw("</section>");
    }

    fn attack(&mut self, module: &PartPage) {
        let words = self.words;
        let Some(before) = &module.line.before else { return };
        let when = |template: &str, at| {
            format!("<p class=\"quiet\">{}</p>", text(&fill(template, &[&self.page.when(at)])))
        };
        let seen = module.failed_at.map(|at| when(words.check_failed, at)).unwrap_or_default();
        let proven = module.proven_at.map(|at| when(words.proven_at, at)).unwrap_or_default();
        let (class, after) = match (module.line.state, &module.after) {
            (State::Done, Some(after)) => ("is", inline(after)),
            (State::Regressed, _) => ("was", text(words.open_again)),
            _ => ("", text(words.not_stopped)),
        };
        let _ = writeln!(
            self.out,
            "<div class=\"attack\"><div class=\"was\"><b>{}</b><p>{}</p>{seen}</div>\
             <div class=\"{class}\"><b>{}</b><p>{after}</p>{proven}</div></div>",
            text(words.before),
            inline(before),
            text(words.after)
        );
    }

    fn steps(&mut self, steps: &[StepPart]) {
        let words = self.words;
        let _ = writeln!(
            self.out,
            "<div class=\"scroll\"><table class=\"steps\"><thead><tr><th>{}</th><th>{}</th><th>{}</th>\
             <th class=\"count\">{}</th><th class=\"count\">{}</th></tr></thead><tbody>",
            text(words.step),
            text(words.state),
            text(words.when),
            text(words.tries),
            text(words.hints)
        );
        for step in steps {
            let extra = if step.optional {
                format!(" <span class=\"quiet\">({})</span>", text(words.extra))
            } else {
                String::new()
            };
            let when = step.at.map(|at| text(&self.page.when(at))).unwrap_or_default();
            // In a narrow window the heads of the columns are gone.
            let count = |number: usize, label: &str| match number {
                0 => "<td class=\"count none\">–</td>".to_owned(),
                number => {
                    format!("<td class=\"count\" data-label=\"{}\">{number}</td>", text(label))
                }
            };
            let (id, title) = (text(&step.id), text(&step.title));
            let state = step_state(words, step.state);
            let tries = count(step.tries, words.tries);
            let hints = count(step.hints, words.hints);
            let _ = writeln!(
                self.out,
                "<tr><td>{id} {title}{extra}</td><td>{state}</td><td class=\"when\">{when}</td>\
                 {tries}{hints}</tr>"
            );
        }
        self.raw("</tbody></table></div>");
    }

    fn questions(&mut self, module: &PartPage) {
        if module.questions.is_empty() {
            return;
        }
        self.element("h4", "", &text(self.words.questions));
        for question in &module.questions {
            self.element("p", "ask", &inline(&question.ask));
            let open = if question.revealed { " open" } else { "" };
            let answer = text(self.words.answer);
            let said = inline(&question.answer);
            self.raw(&format!("<details{open}><summary>{answer}</summary><p>{said}</p></details>"));
        }
    }

    fn skipped(&mut self) {
        let (page, words) = (self.page, self.words);
        let steps = page.steps_at(StepState::Skipped);
        if steps.is_empty() {
            return;
        }
        self.heading(words.skipped);
        self.raw("<ul>");
        for step in steps {
            let at = step.at.map(|at| page.when(at)).unwrap_or_default();
            let line = fill(words.skipped_line, &[&at, &step.minutes.to_string()]);
            let mut item = format!("<strong>{} {}</strong>", text(&step.id), text(&step.title));
            let _ = write!(item, " <span class=\"quiet\">({})</span>", text(&line));
            if !step.brings.is_empty() {
                let brings = text(&step.brings.join(" "));
                let _ = write!(item, "<br>{} {brings}", text(words.would_bring));
            }
            self.element("li", "", &item);
        }
        self.raw("</ul>");
    }

    fn production(&mut self) {
        let said = |module: &&PartPage| module.production.is_some();
        let mut modules = self.page.parts.iter().filter(said).peekable();
        if modules.peek().is_none() {
            return;
        }
        self.heading(self.words.production);
        for module in modules {
            self.element("h4", "", &text(&module.line.name));
            let needs = blocks(module.production.as_deref().unwrap_or_default());
            self.raw(&needs);
        }
    }

    fn untouched(&mut self) {
        let (page, words) = (self.page, self.words);
        if page.untouched.is_empty() {
            return;
        }
        self.heading(words.untouched);
        self.element("p", "quiet", &text(words.untouched_about));
        self.raw("<ul>");
        for line in &page.untouched {
            let minutes = text(&fill(words.minutes, &[&line.minutes.to_string()]));
            let mut item = format!("<strong>{}</strong>", text(&line.name));
            let _ = write!(item, " <span class=\"quiet\">({minutes})</span>");
            if let Some(before) = &line.before {
                let _ = write!(item, "<br>{}", inline(before));
            }
            self.element("li", "", &item);
        }
        self.raw("</ul>");
    }
}

/// A step's state: a sign and a word.
fn step_state(words: &Words, state: StepState) -> String {
    let sign = match state {
        StepState::Proven => icon(Sign::Proven),
        StepState::Regressed => icon(Sign::Regressed),
        StepState::Skipped => icon(Sign::Skipped),
        StepState::Tried => icon(Sign::Failed),
        StepState::Opened => icon(Sign::Opened),
        StepState::Untouched => String::new(),
    };
    format!("<span class=\"state\">{sign}{}</span>", text(words.step_state(state)))
}

/// The time line's bar, in its legend.
const WORK: &str = "<svg viewBox=\"-9 -9 18 18\" aria-hidden=\"true\" focusable=\"false\">\
    <rect class=\"work\" x=\"-9\" y=\"-4\" width=\"18\" height=\"8\" rx=\"3\"/></svg>";

/// A sign in a line of text; the word beside it says the same.
fn icon(sign: Sign) -> String {
    let (class, shape) = sign.shape();
    format!(
        "<svg class=\"{class}\" viewBox=\"-9 -9 18 18\" aria-hidden=\"true\" focusable=\"false\">{shape}</svg>"
    )
}
