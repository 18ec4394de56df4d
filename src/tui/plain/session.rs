//! A session in lines: input becomes events, and what is new in the state becomes output. Pure.

mod tell;

use crate::i18n::{Lang, fill};
use crate::markdown::PlainLine;
use crate::tui::action::Action;
use crate::tui::ask::Ask;
use crate::tui::backend::Entry;
use crate::tui::model::{Account, Model, RunKind, Sheet, SheetKind};
use crate::tui::msg::{Effect, Msg};
use crate::tui::shell::Shell;
use crate::tui::theme::Theme;
use crate::tui::update::update;
use crate::tui::view::sheets;
use crate::tui::work::WorkMsg;

use super::changes::{Place, Said};
use super::command::{Command, help, parse};
use super::lists;
use super::page::{self, Reading};

/// No colours, and no signs that are read out.
const THEME: Theme = Theme { colour: false, ascii: false, hyperlinks: false };
/// Places in a page are kept as rows of a terminal of this size.
const SIZE: (u16, u16) = (80, 24);

/// A session in lines.
pub(in crate::tui) struct Session {
    model: Model,
    said: Said,
    out: Vec<PlainLine>,
    /// Where to begin; none at the next open step.
    start: Option<String>,
    /// Whether it has been said where the learner is.
    begun: bool,
    /// Whether what stands behind the last step was read last.
    behind: bool,
    /// Whether results of a search are waited for.
    searching: bool,
    /// What the run that goes on was last heard to do.
    running: Option<(u64, String)>,
    /// Lines that were no command.
    misunderstood: usize,
}

impl Session {
    pub(in crate::tui) fn new(lang: Lang, start: Option<String>) -> Self {
        let mut model = Model::new(THEME, lang, SIZE);
        model.plain = true;
        Self {
            model,
            said: Said::default(),
            out: Vec::new(),
            start,
            begun: false,
            behind: false,
            searching: false,
            running: None,
            misunderstood: 0,
        }
    }

    /// What is to be written.
    pub(in crate::tui) fn take_output(&mut self) -> Vec<PlainLine> {
        std::mem::take(&mut self.out)
    }

    /// Whether something runs that can be cancelled.
    pub(in crate::tui) fn is_running(&self) -> bool {
        self.model.run.is_some() || self.model.shell.as_ref().is_some_and(Shell::runs)
    }

    /// Whether seconds count.
    pub(in crate::tui) fn counts(&self) -> bool {
        self.model.counts()
    }

    /// How many lines were no command.
    pub(in crate::tui) fn misunderstood(&self) -> usize {
        self.misunderstood
    }

    /// What stands before a line of input.
    pub(in crate::tui) fn prompt(&self) -> String {
        let words = self.model.words();
        if self.model.chooser.is_some() {
            return words.p_prompt_number.to_owned();
        }
        if self.asks() {
            return words.p_prompt_answer.to_owned();
        }
        let number = || match self.model.part {
            crate::course::PartId::Module(number) => number.to_string(),
            crate::course::PartId::Cleanup => page::part_name(&self.model, self.model.part),
        };
        let place = self.model.page.step.clone().unwrap_or_else(number);
        fill(words.p_prompt, &[&place])
    }

    fn asks(&self) -> bool {
        self.model.sheet.as_ref().is_some_and(sheets::asks)
    }

    /// Whether it asks what to show with a request for help.
    fn asks_for_help(&self) -> bool {
        let plan = match &self.model.sheet {
            Some(Sheet { kind: SheetKind::Help(plan), .. }) => Some(plan),
            _ => None,
        };
        plan.is_some_and(|plan| !plan.evidence.is_empty())
    }

    fn say(&mut self, text: impl Into<String>) {
        self.out.push(PlainLine::new(text));
    }

    /// Takes an event, and says at once what can't wait.
    pub(in crate::tui) fn take(&mut self, msg: Msg) -> Vec<Effect> {
        let asked = self.model.run.as_ref().filter(|run| !run.by_itself);
        let kind = asked.map(|run| (run.number, run.kind.clone()));
        let ended = match (&msg, kind) {
            (Msg::Verified(number, Ok(_)), Some((run, RunKind::Verify(scope)))) => {
                (*number == run).then_some(scope)
            }
            _ => None,
        };
        let printed = printed(&self.model, &msg);
        let effects = update(&mut self.model, msg);
        self.out.extend(printed);
        if let Some(scope) = ended {
            self.out.extend(lists::verified(&self.model, &scope));
        }
        for effect in &effects {
            match effect {
                Effect::Record(Entry::Hint { check, open, .. }) => self.say_hint(check, *open),
                // There is no clipboard here: what would be copied is written.
                Effect::Copy(text) => self.out.extend(text.lines().map(PlainLine::code)),
                _ => {}
            }
        }
        self.follow_run();
        for warning in self.said.new_warnings(&self.model) {
            let warning = fill(self.model.words().p_warning, &[&warning]);
            self.say(warning);
        }
        for said in self.said.new_in_room(&self.model) {
            self.say(said);
        }
        effects
    }

    fn say_hint(&mut self, check: &str, number: usize) {
        let checks = self.model.step().map_or(&[][..], |step| &step.checks);
        if let Some(spec) = checks.iter().find(|spec| spec.check == check) {
            let lines = lists::hint(&self.model, spec, number);
            self.out.extend(lines);
        }
    }

    /// Says that a run has begun, and what a solution does.
    fn follow_run(&mut self) {
        let words = self.model.words();
        let asked = self.model.run.as_ref().filter(|run| !run.by_itself);
        let now = asked.map(|run| (run.number, run.detail.clone()));
        if now == self.running {
            return;
        }
        let began = now.as_ref().map(|run| run.0) != self.running.as_ref().map(|run| run.0);
        let verifies = asked.map(|run| matches!(run.kind, RunKind::Verify(_)));
        match (verifies, &now) {
            (Some(true), _) if began => self.say(format!("{}.", words.verifying)),
            (Some(false), _) if began => self.say(format!("{}.", words.solving)),
            (Some(false), Some((_, detail))) => self.say(detail.clone()),
            _ => {}
        }
        self.running = now;
    }

    /// Takes a line of input.
    pub(in crate::tui) fn line(&mut self, line: &str) -> Vec<Effect> {
        let command = parse(line);
        if self.model.chooser.is_some() {
            return self.choose(command);
        }
        if self.asks() {
            match command {
                Command::Answer(true) => return self.act(Action::Open),
                Command::Act(Action::Evidence) if self.asks_for_help() => {
                    return self.act(Action::Evidence);
                }
                Command::Empty => return Vec::new(),
                _ => {}
            }
            // Anything else leaves it.
            let effects = self.act(Action::Close);
            self.say(self.model.words().p_left);
            if matches!(command, Command::Answer(_) | Command::Act(Action::Close)) {
                return effects;
            }
        }
        self.command(command)
    }

    /// What may be typed while the list of accounts is open.
    fn choose(&mut self, command: Command) -> Vec<Effect> {
        let count = self.model.chooser.as_ref().map_or(0, super::super::model::Chooser::len);
        match command {
            Command::Empty => Vec::new(),
            Command::Number(number) if (1..=count).contains(&number) => {
                self.take(Msg::Ask(Ask::Choose(number - 1)))
            }
            Command::Act(Action::Quit | Action::Suspend | Action::Language) => {
                self.command(command)
            }
            Command::Act(Action::Help) => self.command(command),
            Command::Act(Action::Close) if self.model.account != Account::None => {
                self.command(command)
            }
            _ => {
                self.misunderstood += 1;
                self.say(fill(self.model.words().p_choose, &[&count.to_string()]));
                Vec::new()
            }
        }
    }

    fn act(&mut self, action: Action) -> Vec<Effect> {
        self.take(Msg::Act(action))
    }

    fn ask(&mut self, ask: Ask) -> Vec<Effect> {
        self.take(Msg::Ask(ask))
    }

    fn command(&mut self, command: Command) -> Vec<Effect> {
        let words = self.model.words();
        match command {
            Command::Empty => {}
            Command::Act(Action::Help) => {
                self.say(format!("{}{}", words.p_heading, words.p_help));
                self.out.extend(help(words).into_iter().map(PlainLine::new));
            }
            Command::Act(Action::NextStep) => return self.next(),
            Command::Act(Action::PreviousStep) if self.behind => self.read(Reading::Here),
            Command::Act(Action::Reveal) => return self.reveal(),
            Command::Act(action) => return self.act_and_tell(action),
            Command::Perform(number) => match page::code(&self.model, number) {
                Ok(_) => return self.ask(Ask::Perform(number - 1)),
                Err(why) => self.say(why),
            },
            Command::Join(ask) => return self.ask(Ask::Join(ask)),
            Command::Map(filter) => return self.map(filter),
            Command::Go(name) => return self.go(name),
            Command::Verify(name) => return self.ask(Ask::Verify(name)),
            Command::Domain(name) => {
                let mut effects = self.ask(Ask::Domain(name));
                if self.model.notice.is_none() {
                    effects.extend(self.map(crate::tui::map::Filter::All));
                }
                return effects;
            }
            Command::Search(text) if text.trim().is_empty() => self.say(words.p_what),
            Command::Search(text) => {
                self.searching = true;
                return self.ask(Ask::Search(text));
            }
            Command::Hit(number) => return self.hit(number),
            // A number alone is a module's.
            Command::Number(number) => return self.go(number.to_string()),
            Command::Read { all: false } => self.read(Reading::Here),
            Command::Read { all: true } => self.read(Reading::All),
            Command::Code(None) => self.out.extend(page::code_list(&self.model)),
            Command::Code(Some(number)) => match page::code(&self.model, number) {
                Ok(lines) => self.out.extend(lines),
                Err(why) => self.say(why),
            },
            Command::Steps => self.out.extend(lists::steps(&self.model)),
            Command::Hints => self.out.extend(lists::open_hints(&self.model)),
            Command::Values => self.out.extend(lists::values(&self.model)),
            Command::Where => self.out.extend(lists::location(&self.model, true)),
            Command::Answer(_) => self.say(words.p_no_question),
            Command::ScreenOnly(name) => self.say(fill(words.p_screen_only, &[&name])),
            Command::Unknown(text) => {
                self.misunderstood += 1;
                self.say(fill(words.p_no_command, &[&text]));
            }
        }
        Vec::new()
    }

    /// Does an action; where nothing came of it, says that.
    fn act_and_tell(&mut self, action: Action) -> Vec<Effect> {
        let before = (Place::of(&self.model), self.model.sheet.is_some());
        let effects = self.act(action);
        let after = (Place::of(&self.model), self.model.sheet.is_some());
        let silent = self.out.is_empty() && self.model.notice.is_none() && before == after;
        if silent && effects.is_empty() && self.model.chooser.is_none() {
            self.say(self.model.words().p_nothing);
        }
        effects
    }

    /// The next step; behind the last one the page's end.
    fn next(&mut self) -> Vec<Effect> {
        let steps = self.model.open_part().map_or(&[][..], |part| part.steps);
        let last = steps.last().map(|step| &step.spec.id);
        if last.is_none() || last != self.model.page.step.as_ref() {
            return self.act_and_tell(Action::NextStep);
        }
        if !self.behind {
            let lines = page::read(&self.model, Reading::LookBack);
            self.out.extend(lines);
            self.behind = true;
        }
        self.say(self.model.words().p_last_step);
        Vec::new()
    }

    /// The next answer: its question is gone to first, as on a screen.
    fn reveal(&mut self) -> Vec<Effect> {
        let mut effects = self.act(Action::Reveal);
        let told = |effects: &[Effect]| {
            effects.iter().any(|effect| matches!(effect, Effect::Record(Entry::Revealed { .. })))
        };
        if !told(&effects) {
            effects.extend(self.act(Action::Reveal));
        }
        if told(&effects) || self.model.notice.is_none() {
            self.read(Reading::LookBack);
        }
        effects
    }

    fn go(&mut self, name: String) -> Vec<Effect> {
        let effects = self.ask(Ask::Go(name));
        if self.model.notice.is_none() {
            // Also where it is the place that was read last.
            self.said.place = None;
        } else {
            self.misunderstood += 1;
        }
        effects
    }

    fn hit(&mut self, number: usize) -> Vec<Effect> {
        let found = self.model.search.as_ref().map_or(0, |search| search.hits.len());
        if number == 0 || number > found {
            self.say(fill(self.model.words().p_no_hit, &[&number.to_string()]));
            return Vec::new();
        }
        let effects = self.ask(Ask::Hit(number - 1));
        let search = self.model.search.as_ref();
        let place = search.and_then(|search| search.place(search.hits.get(search.at)?));
        if let Some(section) = place.map(|place| place.section) {
            self.introduce();
            self.read(Reading::Section(section));
        }
        effects
    }

    /// Opens the map; it is read and closed once it is complete.
    fn map(&mut self, filter: crate::tui::map::Filter) -> Vec<Effect> {
        let mut effects = self.act(Action::Map);
        effects.extend(self.ask(Ask::Filter(filter)));
        effects
    }
}

/// What a command prints, line by line.
fn printed(model: &Model, msg: &Msg) -> Vec<PlainLine> {
    let Msg::Work(msg) = msg else { return Vec::new() };
    let of = |number: &u64| model.shell.as_ref().filter(|shell| shell.number == *number);
    match msg {
        WorkMsg::Output(number, batch) if of(number).is_some() => {
            batch.lines.iter().map(PlainLine::code).collect()
        }
        // The last line may have no end.
        WorkMsg::Ended(number, _) => {
            let open = of(number).map_or("", |shell| shell.output.open());
            Some(open).filter(|open| !open.is_empty()).map(PlainLine::code).into_iter().collect()
        }
        _ => Vec::new(),
    }
}
