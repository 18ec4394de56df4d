//! The report for people: what is proven, what isn't and why, what to do next.

use std::fmt::Write;

use textwrap::{Options, WordSeparator, WordSplitter};

use super::{Scored, words};
use crate::check::{CheckResult, State, StepResult, Verdict};
use crate::course::{Course, PartId};

/// How the report is shown.
#[derive(Debug, Clone)]
pub struct Look {
    /// Language: `en`, `ja`.
    pub lang: String,
    /// Columns to fill at most.
    pub width: usize,
    /// Colour as ANSI sequences. Nothing is said by colour alone.
    pub colour: bool,
}

/// The report as text. Titles come from the course.
pub fn human(scored: &Scored<'_>, course: &Course, look: &Look) -> String {
    let report = scored.report;
    let mut page = Page::new(look);
    let lang = look.lang.as_str();
    page.line("", "", course.index.title.get(lang), Paint::Bold);
    let account = words::account(lang, report.kind, &report.account);
    page.line("", "", &format!("{account} · {}", report.region), Paint::Plain);
    if !report.caller.is_empty() {
        page.line("", "", &report.caller, Paint::Dim);
    }
    for module in &report.modules {
        page.part(module.module.into(), module.state, &module.steps, course);
    }
    if let Some(cleanup) = &report.cleanup {
        page.part(PartId::Cleanup, cleanup.state, &cleanup.steps, course);
    }
    page.text.push('\n');
    let score = report.score;
    let last = words::score(lang, score.earned, score.possible, report.api_calls, report.seconds);
    page.line("", "", &last, Paint::Bold);
    if let Some(points) = &scored.points {
        page.line("", "", &words::points_line(lang, points), Paint::Bold);
    }
    let mut steps = report.steps().filter(|step| !step.optional);
    if let Some(open) = steps.find(|step| step.state != State::Done) {
        let title = title(course, &open.step, lang);
        page.line("", "", &words::next(lang, &open.step, title), Paint::Plain);
    }
    page.text
}

fn title<'a>(course: &'a Course, step: &str, lang: &str) -> &'a str {
    course.step(step).map_or("", |(_, step)| step.spec.title.get(lang))
}

/// How a paragraph looks.
#[derive(Debug, Clone, Copy)]
pub(super) enum Paint {
    Plain,
    Bold,
    Dim,
    Of(Verdict),
}

/// Text that grows by paragraphs.
pub(super) struct Page<'a> {
    pub(super) text: String,
    look: &'a Look,
}

impl<'a> Page<'a> {
    pub(super) fn new(look: &'a Look) -> Self {
        Self { text: String::new(), look }
    }

    fn part(&mut self, id: PartId, state: State, steps: &[StepResult], course: &Course) {
        self.text.push('\n');
        let lang = &self.look.lang;
        let title = course.part(id).map_or("", |part| part.title.get(lang));
        let state = words::state(lang, state);
        let number = match id {
            PartId::Module(number) => format!("{number:<2} "),
            PartId::Cleanup => String::new(),
        };
        self.line("", "   ", &format!("{number}{title} · {state}"), Paint::Bold);
        for step in steps {
            self.step(step, course);
        }
    }

    fn step(&mut self, step: &StepResult, course: &Course) {
        let title = title(course, &step.step, &self.look.lang);
        let verdict = worst(step);
        let mut text = format!("{} {title}", step.step);
        if step.state == State::Regressed {
            let _ = write!(text, " · {}", words::state(&self.look.lang, step.state));
        }
        self.line(&format!(" {} ", mark(verdict)), "   ", &text, Paint::Of(verdict));
        // A step that is blocked is blocked in all its checks: once is enough.
        let mut said: Option<&str> = None;
        for check in step.checks.iter().filter(|check| check.verdict != Verdict::Pass) {
            let repeats = said == Some(check.message.as_str());
            said = Some(&check.message);
            if !repeats || check.verdict == Verdict::Fail {
                self.check(check);
            }
        }
    }

    fn check(&mut self, check: &CheckResult) {
        let lang = self.look.lang.clone();
        let verdict = words::verdict(&lang, check.verdict);
        let text = format!("{verdict}: {}", check.message);
        self.line("     ", "     ", &text, Paint::Plain);
        // Messages name most offenders; the rest gets lines of its own.
        for offender in check.offenders.iter().filter(|one| !check.message.contains(one.as_str())) {
            self.line("     - ", "       ", offender, Paint::Plain);
        }
        if !check.hint.is_empty() {
            let hint = format!("{}{}", words::hint(&lang), check.hint);
            self.line("     ", "     ", &hint, Paint::Dim);
        }
    }

    /// A paragraph with what stands before its first and its other rows.
    pub(super) fn line(&mut self, first: &str, rest: &str, text: &str, paint: Paint) {
        // Unicode's rules break paths at their slashes; Japanese has no spaces to break at.
        let separator = if words::is_ja(&self.look.lang) {
            WordSeparator::UnicodeBreakProperties
        } else {
            WordSeparator::AsciiSpace
        };
        let options = Options::new(self.look.width.max(20))
            .word_separator(separator)
            .word_splitter(WordSplitter::NoHyphenation)
            .initial_indent(first)
            .subsequent_indent(rest)
            .break_words(true);
        for row in textwrap::wrap(text, options) {
            let row = row.trim_end();
            if self.look.colour {
                let (on, off) = paint.codes();
                let _ = writeln!(self.text, "{on}{row}{off}");
            } else {
                let _ = writeln!(self.text, "{row}");
            }
        }
    }
}

impl Paint {
    fn codes(self) -> (&'static str, &'static str) {
        let on = match self {
            Self::Plain => return ("", ""),
            Self::Bold => "\x1b[1m",
            Self::Of(Verdict::Pass) => "\x1b[32m",
            Self::Of(Verdict::Fail) => "\x1b[31m",
            Self::Of(Verdict::Waiting | Verdict::CannotTell) => "\x1b[33m",
            Self::Dim | Self::Of(Verdict::Blocked | Verdict::Skipped) => "\x1b[2m",
        };
        (on, "\x1b[0m")
    }
}

/// One column, and different shapes: colour says nothing that they don't.
pub(super) fn mark(verdict: Verdict) -> char {
    match verdict {
        Verdict::Pass => '✔',
        Verdict::Fail => '✘',
        Verdict::Waiting => '~',
        Verdict::Blocked => '-',
        Verdict::CannotTell => '?',
        Verdict::Skipped => '/',
    }
}

/// What the step's mark shows: the first of these that one of its required checks came to.
fn worst(step: &StepResult) -> Verdict {
    let order =
        [Verdict::Fail, Verdict::CannotTell, Verdict::Waiting, Verdict::Blocked, Verdict::Skipped];
    let has = |verdict: &Verdict| {
        step.checks.iter().any(|check| !check.optional && check.verdict == *verdict)
    };
    order.into_iter().find(has).unwrap_or(Verdict::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{AccountKind, CleanupResult, CourseId, ModuleResult, Report, Score};

    fn check(verdict: Verdict, message: &str) -> CheckResult {
        CheckResult {
            check: "c".to_owned(),
            verdict,
            optional: false,
            course_error: false,
            message: message.to_owned(),
            hint: if verdict == Verdict::Fail {
                "Look at the stack.".to_owned()
            } else {
                String::new()
            },
            offenders: vec!["GET /socks".to_owned()],
            evidence: serde_json::Map::new(),
            basis: crate::check::Basis::default(),
            blocked_by: None,
            seconds: 0.0,
        }
    }

    fn report(checks: Vec<CheckResult>, state: State) -> Report {
        let step = StepResult { step: "1d".to_owned(), optional: false, state, checks };
        Report {
            schema: 1,
            tool: "stepproof".to_owned(),
            course: CourseId { id: "c".to_owned(), sha256: String::new() },
            account: "000000000000".to_owned(),
            caller: "arn:aws:iam::000000000000:root".to_owned(),
            kind: AccountKind::Practice,
            region: "us-east-1".to_owned(),
            started: String::new(),
            seconds: 0.4,
            api_calls: 20,
            probed: Vec::new(),
            score: Score { earned: 1, possible: 2 },
            modules: vec![ModuleResult {
                module: 1,
                slug: "authentication".to_owned(),
                state: State::InProgress,
                steps: vec![step],
            }],
            cleanup: None,
        }
    }

    fn text(report: &Report, lang: &str, width: usize, colour: bool) -> String {
        let course = Course::embedded().unwrap();
        let scored = Scored { report, points: None };
        human(&scored, &course, &Look { lang: lang.to_owned(), width, colour })
    }

    #[test]
    fn a_failure_says_what_why_and_what_next() {
        let report = report(
            vec![check(Verdict::Pass, "Proven."), check(Verdict::Fail, "Still open to anyone.")],
            State::InProgress,
        );
        let text = text(&report, "en", 80, false);
        for expected in [
            "✘ 1d",
            "fail: Still open to anyone.",
            "- GET /socks",
            "Hint: Look at the stack.",
            "Next: 1d",
            "1 of 2 checks pass",
        ] {
            assert!(text.contains(expected), "{expected} in\n{text}");
        }
        assert!(!text.contains("Proven."), "what passes needs no words:\n{text}");
        assert!(!text.contains('\x1b'), "no colour unless asked for");
    }

    #[test]
    fn the_clean_up_has_its_title_and_no_number() {
        let mut report = report(Vec::new(), State::InProgress);
        report.modules.clear();
        let checks = vec![check(Verdict::Fail, "This still costs money.")];
        let (state, optional) = (State::NotStarted, false);
        let steps = vec![StepResult { step: "ce".to_owned(), optional, state, checks }];
        report.cleanup = Some(CleanupResult { slug: "cleanup".to_owned(), state, steps });
        let text = text(&report, "en", 80, false);
        assert!(text.contains("\nClean-up · not started\n"), "{text}");
        assert!(text.contains("fail: This still costs money."), "{text}");
        assert!(text.contains("Next: ce Delete the setup stack"), "{text}");
    }

    #[test]
    fn rows_stay_within_the_width_in_both_languages() {
        let long = "オーソライザーが存在しない関数を指しています。".repeat(6);
        let report = report(vec![check(Verdict::Fail, &long)], State::Regressed);
        for lang in ["en", "ja"] {
            for row in text(&report, lang, 60, false).lines() {
                let width = unicode_width::UnicodeWidthStr::width(row);
                assert!(width <= 60, "{width}: {row}");
            }
        }
    }

    #[test]
    fn colour_only_adds_sequences() {
        let report = report(vec![check(Verdict::CannotTell, "No network.")], State::NotStarted);
        let coloured = text(&report, "en", 80, true);
        let mut plain = coloured.clone();
        for code in ["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"] {
            plain = plain.replace(code, "");
        }
        assert_eq!(plain, text(&report, "en", 80, false));
        assert_ne!(plain, coloured);
    }
}
