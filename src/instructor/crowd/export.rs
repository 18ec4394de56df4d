//! The crowd as a report: for spreadsheets, programs, and the room's projector.

use super::attendee::{Attendee, Presence};
use super::list::{Filter, Order};
use super::proof::Differs;
use super::{Crowd, Disagreement};
use crate::check::CourseId;
use crate::i18n::Lang;
use crate::report::room::{
    AttendeeLine, CellLine, Differing, FailingLine, HelpLine, ModuleLine, Point, Snapshot,
    StuckLine,
};

impl Crowd {
    /// The room as it is now, attendees in the order of their accounts.
    pub fn snapshot(&self, lang: Lang) -> Snapshot {
        let places = self.listed(Order::Account, &Filter::default());
        let attendees = places.into_iter().map(|at| self.line(&self.attendees()[at], lang));
        let course = self.course();
        Snapshot {
            schema: 1,
            tool: concat!("stepproof ", env!("CARGO_PKG_VERSION")).to_owned(),
            course: CourseId { id: course.index.id.clone(), sha256: course.sha256.clone() },
            title: course.index.title.get(lang.tag()).to_owned(),
            at: self.now(),
            totals: *self.totals(),
            steps: self.outline().columns.iter().map(|column| column.required).sum(),
            modules: self.module_lines(lang),
            failing: self.failing_lines(lang),
            series: self.points(),
            attendees: attendees.collect(),
        }
    }

    fn module_lines(&self, lang: Lang) -> Vec<ModuleLine> {
        let line = |(column, funnel): (&super::Column, &super::Funnel)| {
            let entry = &self.course().module(column.number)?.entry;
            Some(ModuleLine {
                module: column.number,
                slug: entry.slug.clone(),
                title: entry.title.get(lang.tag()).to_owned(),
                minutes: column.minutes,
                steps: column.required,
                not_begun: funnel.not_begun,
                working: funnel.working,
                done: funnel.done,
                regressed: funnel.regressed,
            })
        };
        self.outline().columns.iter().zip(self.funnel()).filter_map(line).collect()
    }

    fn failing_lines(&self, lang: Lang) -> Vec<FailingLine> {
        let line = |failing: super::FailingCheck| {
            let check = &self.outline().checks[failing.check];
            let step = self.outline().steps[check.step].id.to_string();
            let title = self.course().step(&step).map(|(_, step)| step.spec.title.get(lang.tag()));
            FailingLine {
                check: check.name.to_string(),
                title: title.unwrap_or_default().to_owned(),
                step,
                attendees: failing.attendees,
                times: failing.offender.as_ref().map_or(0, |(_, times)| *times),
                offender: failing.offender.map(|(text, _)| text.to_string()),
                message: failing.message.map(|(text, _)| text.to_string()),
            }
        };
        self.failing().into_iter().map(line).collect()
    }

    fn points(&self) -> Vec<Point> {
        let point = |sample: &super::Sample| Point {
            at: sample.at,
            here: sample.here,
            modules_done: sample.modules_done,
            steps_done: sample.steps_done,
            stuck: sample.stuck,
        };
        self.series().iter().map(point).collect()
    }

    fn line(&self, one: &Attendee, lang: Lang) -> AttendeeLine {
        let step = |at: usize| self.outline().steps[at].id.to_string();
        let stuck = one
            .stuck
            .iter()
            .map(|why| StuckLine { reason: why.code().to_owned(), text: why.line(lang) });
        let differing = |differs: &Disagreement| Differing {
            step: step(differs.step),
            differs: differs.differs.code().to_owned(),
            claimed: differs.claimed,
            read: differs.read,
        };
        AttendeeLine {
            name: one.name.clone(),
            account: one.account.clone(),
            roster: one.roster.clone(),
            presence: one.presence.code().to_owned(),
            kind: one.kind,
            step: one.place.map(|place| step(place.step)),
            since: one.place.map(|place| place.since),
            news: one.news,
            stuck: stuck.collect(),
            help: one.help.as_ref().map(|help| HelpLine {
                step: help.step.clone(),
                asked: help.asked,
                over: help.over,
                evidence: help.evidence.clone(),
            }),
            steps_done: one.steps_done(),
            modules_done: one.modules_done(),
            minutes: one.minutes(),
            hints: one.hints(),
            modules: self.cells(one),
            swept: one.proof.as_ref().and_then(|proof| proof.read),
            trouble: one
                .proof
                .as_ref()
                .and_then(|proof| proof.trouble.as_ref())
                .map(|trouble| trouble.message.clone()),
            disagreements: one.disagreements.iter().map(differing).collect(),
        }
    }

    fn cells(&self, one: &Attendee) -> Vec<CellLine> {
        let line = |(at, cell): (usize, &super::Cell)| {
            let column = &self.outline().columns[at];
            let proof = one.proof.as_ref().map(|proof| proof.module(self.outline(), at));
            CellLine {
                module: column.number,
                state: cell.state,
                begun: cell.begun,
                done: cell.done,
                required: column.required,
                minutes: cell.minutes,
                proven: proof.filter(|(_, judged)| *judged > 0).map(|(proven, _)| proven),
            }
        };
        one.cells.iter().enumerate().map(line).collect()
    }
}

impl Presence {
    /// For programs: `here`, `expected`, `left`, `unreadable`, `other_course`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Expected => "expected",
            Self::Left => "left",
            Self::Unreadable(_) => "unreadable",
            Self::OtherCourse => "other_course",
        }
    }
}

impl Differs {
    /// For programs: `not_proven`, `newer`, `not_claimed`.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotProven => "not_proven",
            Self::Newer => "newer",
            Self::NotClaimed => "not_claimed",
        }
    }
}
