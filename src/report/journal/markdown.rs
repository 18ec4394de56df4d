//! The journal as Markdown.

use std::fmt::Write;

use super::super::escape::{markdown as plain, without_html};
use super::super::words as report_words;
use super::model::{JournalPage, PartPage, QuestionPart};
use super::steps::{StepPart, StepState};
use super::words::{Words, words};
use crate::check::State;
use crate::i18n::fill;

/// The page as Markdown: headings, tables, lists; no HTML.
pub fn markdown(page: &JournalPage) -> String {
    let mut writer = Writer { page, words: words(&page.look), out: String::new() };
    writer.head();
    if page.parts.is_empty() {
        writer.line(writer.words.nothing);
        return writer.out;
    }
    writer.progress();
    writer.regressed();
    for module in &page.parts {
        writer.module(module);
    }
    writer.skipped();
    writer.untouched();
    writer.production();
    writer.other_answers();
    writer.events();
    writer.out
}

struct Writer<'a> {
    page: &'a JournalPage,
    words: &'static Words,
    out: String,
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
    }

    fn heading(&mut self, level: usize, text: &str) {
        let _ = writeln!(self.out, "\n{} {text}\n", "#".repeat(level));
    }

    fn head(&mut self) {
        let (page, words) = (self.page, self.words);
        let look = &page.look;
        let _ = writeln!(self.out, "# {}: {}\n", words.journal, plain(&page.course));
        self.line(words.claim);
        self.line("");
        let account = report_words::account(&look.lang, page.kind, &page.account);
        self.line(&format!("- {}", plain(&account)));
        if let Some((from, to)) = page.period {
            let zone = fill(words.times_in, &[&look.zone_name(to)]);
            self.line(&format!("- {} ({})", look.period(from, to), plain(&zone)));
        }
        let (proven, steps) = page.proven();
        let (done, modules) = page.modules_done();
        self.line(&format!("- {}: {}", words.steps_proven, words.of(proven, steps)));
        self.line(&format!("- {}: {}", words.modules_done, words.of(done, modules)));
        self.line(&format!("- {}: {}", words.time_worked, look.duration(page.spent)));
        self.line(&format!("- {}: {}", words.hints_used, page.hints));
        self.line(&format!("- {}", fill(words.written, &[&look.moment(look.now), &page.tool])));
        if !page.notes.is_empty() {
            self.line("");
        }
        for note in &page.notes {
            self.line(&format!("> {}\n", words.note(*note)));
        }
    }

    fn progress(&mut self) {
        let (page, words) = (self.page, self.words);
        self.heading(2, words.progress);
        let head = [words.domain, words.module, words.state, words.steps, words.time];
        self.line(&format!("| {} |\n|{}", head.join(" | "), "---|".repeat(head.len())));
        for domain in &page.domains {
            for line in &domain.modules {
                let part = page.parts.iter().find(|part| part.line.id == line.id);
                let (minutes, look) = (line.minutes.to_string(), &page.look);
                let planned = fill(words.minutes, &[&minutes]);
                let time = part.map_or_else(
                    || format!("– ({} {planned})", words.planned),
                    |part| fill(words.time_of, &[&look.duration(part.spent), &planned]),
                );
                let state = report_words::state(&look.lang, line.state);
                let steps = words.of(line.proven, line.steps);
                let (domain, name) = (plain(&domain.title), plain(&line.name));
                self.line(&format!("| {domain} | {name} | {state} | {steps} | {time} |"));
            }
        }
        self.line("");
        self.line(words.time_about);
    }

    fn regressed(&mut self) {
        let (page, words) = (self.page, self.words);
        let steps = page.steps_at(StepState::Regressed);
        if steps.is_empty() {
            return;
        }
        self.heading(2, words.regressed);
        for step in steps {
            self.line(&format!("- **{} {}**", step.id, plain(&step.title)));
            if let Some((at, checks)) = &step.broken {
                let at = page.when(*at);
                let checks: Vec<String> = checks.iter().map(|check| format!("`{check}`")).collect();
                let said = fill(words.regressed_line, &[&at, &checks.join(", ")]);
                self.line(&format!("  {said}"));
            }
        }
        self.line("");
        self.line(words.regressed_next);
    }

    fn module(&mut self, module: &PartPage) {
        let words = self.words;
        self.heading(2, &plain(&module.line.name));
        self.attack(module);
        let head = [words.step, words.state, words.when, words.tries, words.hints];
        self.line(&format!("| {} |\n|{}", head.join(" | "), "---|".repeat(head.len())));
        for step in &module.steps {
            self.step(step);
        }
        if !module.questions.is_empty() {
            self.heading(3, words.questions);
        }
        for (place, question) in module.questions.iter().enumerate() {
            self.line(&format!("{}. {}", place + 1, without_html(&question.ask)));
            if question.revealed {
                self.line(&format!("   **{}:** {}", words.answer, without_html(&question.answer)));
            }
        }
    }

    fn attack(&mut self, module: &PartPage) {
        let words = self.words;
        let Some(before) = &module.line.before else { return };
        let when = |template: &str, at| format!(" ({})", fill(template, &[&self.page.when(at)]));
        let seen = module.failed_at.map(|at| when(words.check_failed, at)).unwrap_or_default();
        let proven = module.proven_at.map(|at| when(words.proven_at, at)).unwrap_or_default();
        let after = match (module.line.state, &module.after) {
            (State::Done, Some(after)) => format!("{}{proven}", without_html(after)),
            (State::Regressed, _) => words.open_again.to_owned(),
            _ => words.not_stopped.to_owned(),
        };
        self.line(&format!("- **{}:** {}{seen}", words.before, without_html(before)));
        self.line(&format!("- **{}:** {after}\n", words.after));
    }

    fn step(&mut self, step: &StepPart) {
        let words = self.words;
        let extra = if step.optional { format!(" ({})", words.extra) } else { String::new() };
        let count = |number: usize| if number == 0 { String::new() } else { number.to_string() };
        let cells = [
            format!("{} {}{extra}", step.id, plain(&step.title)),
            words.step_state(step.state).to_owned(),
            step.at.map(|at| self.page.when(at)).unwrap_or_default(),
            count(step.tries),
            count(step.hints),
        ];
        self.line(&format!("| {} |", cells.join(" | ")));
    }

    fn skipped(&mut self) {
        let (page, words) = (self.page, self.words);
        let steps = page.steps_at(StepState::Skipped);
        if steps.is_empty() {
            return;
        }
        self.heading(2, words.skipped);
        for step in steps {
            let at = step.at.map(|at| page.when(at)).unwrap_or_default();
            let line = fill(words.skipped_line, &[&at, &step.minutes.to_string()]);
            self.line(&format!("- **{} {}** ({line})", step.id, plain(&step.title)));
            if !step.brings.is_empty() {
                self.line(&format!("  {} {}", words.would_bring, plain(&step.brings.join(" "))));
            }
        }
    }

    fn untouched(&mut self) {
        let (page, words) = (self.page, self.words);
        if page.untouched.is_empty() {
            return;
        }
        self.heading(2, words.untouched);
        self.line(words.untouched_about);
        self.line("");
        for line in &page.untouched {
            let minutes = fill(words.minutes, &[&line.minutes.to_string()]);
            self.line(&format!("- **{}** ({minutes})", plain(&line.name)));
            if let Some(before) = &line.before {
                self.line(&format!("  {}", without_html(before)));
            }
        }
    }

    fn production(&mut self) {
        let (page, words) = (self.page, self.words);
        if !page.parts.iter().any(|module| module.production.is_some()) {
            return;
        }
        self.heading(2, words.production);
        for module in &page.parts {
            if let Some(text) = &module.production {
                self.heading(3, &plain(&module.line.name));
                self.line(without_html(text).trim());
            }
        }
    }

    /// Answers that weren't revealed stand apart, so that one can still think first.
    fn other_answers(&mut self) {
        let words = self.words;
        let hidden = |question: &QuestionPart| !question.revealed;
        let open = self.page.parts.iter().filter(|module| module.questions.iter().any(hidden));
        let mut open = open.peekable();
        if open.peek().is_none() {
            return;
        }
        self.heading(2, words.other_answers);
        for module in open {
            for (place, question) in module.questions.iter().enumerate() {
                if hidden(question) {
                    let (name, place) = (plain(&module.line.name), place + 1);
                    let answer = without_html(&question.answer);
                    self.line(&format!("- **{name}, {place}:** {answer}"));
                }
            }
        }
    }

    fn events(&mut self) {
        let (page, words) = (self.page, self.words);
        self.heading(2, words.time_line);
        let mut day = String::new();
        for moment in &page.moments {
            let today = page.look.day(moment.at);
            if today != day {
                let gap = if day.is_empty() { "" } else { "\n" };
                let _ = writeln!(self.out, "{gap}**{today}**\n");
                day = today;
            }
            let clock = page.look.clock(moment.at);
            self.line(&format!("- {clock} {}", plain(&words.happened(&moment.happened))));
        }
    }
}
