//! The loop of `--plain`: lines in, lines out. A script's next line is taken when all that the one
//! before it asked for is done.

use std::collections::VecDeque;
use std::io::{self, BufRead, ErrorKind, Write};
use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;

use crate::i18n::Lang;
use crate::markdown::{PlainLine, sanitize, wrap_text};
use crate::tui::action::Action;
use crate::tui::backend::Backend;
use crate::tui::msg::{Effect, Msg};
use crate::tui::runtime::{Ended, Performer, Signals, Surface, Watch};
use crate::tui::terminal::stop_self;
use crate::tui::update::start;

use super::command::{Command, parse};
use super::session::Session;

/// The signal of Ctrl-C.
const INTERRUPT: u8 = 2;

/// Which of the program's streams are terminals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streams {
    /// Commands are typed.
    pub input: bool,
    /// Lines are read by a person, as they come.
    pub output: bool,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Finished {
    /// By whom.
    pub ended: Ended,
    /// Lines of a script that were no command.
    pub misunderstood: usize,
}

/// Runs a session in lines until the learner leaves, input ends, or a signal ends it. Where
/// commands could be typed but nobody would see the answer, the step to begin with is written,
/// and that is all.
///
/// # Errors
/// Output can't be written, for another reason than that its reader has left.
pub async fn run(
    backend: Arc<dyn Backend>,
    lang: Lang,
    begin: Option<String>,
    streams: Streams,
) -> io::Result<Finished> {
    let signals = Signals::new()?;
    let (sender, messages) = unbounded_channel();
    let performer = Performer::new(backend, sender);
    let once = streams.input && !streams.output;
    let input = if once { unbounded_channel().1 } else { read_lines()? };
    let busy = performer.busy();
    let session = Session::new(lang, begin);
    let waiting = VecDeque::new();
    let mut desk = Desk {
        session,
        performer,
        messages,
        busy,
        input,
        waiting,
        ended: once,
        streams,
        signals,
        watch: Watch::new(),
        prompted: false,
    };
    let ended = desk.work().await;
    desk.performer.end().await;
    let script = !streams.input;
    let misunderstood = if script { desk.session.misunderstood() } else { 0 };
    match ended {
        // Whoever read has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            Ok(Finished { ended: Ended::Left, misunderstood: 0 })
        }
        ended => Ok(Finished { ended: ended?, misunderstood }),
    }
}

/// Reads lines on a thread of its own; the channel closes at the end of input.
fn read_lines() -> io::Result<UnboundedReceiver<String>> {
    let (sender, lines) = unbounded_channel();
    std::thread::Builder::new().name("input".into()).spawn(move || send_lines(&sender))?;
    Ok(lines)
}

fn send_lines(sender: &UnboundedSender<String>) {
    let mut input = io::stdin().lock();
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let text = sanitize::clean_line(String::from_utf8_lossy(&line).trim_end());
        line.clear();
        if sender.send(text).is_err() {
            return;
        }
    }
}

struct Desk {
    session: Session,
    performer: Performer,
    messages: UnboundedReceiver<Msg>,
    busy: watch::Receiver<usize>,
    input: UnboundedReceiver<String>,
    /// Lines that came while something was being done.
    waiting: VecDeque<String>,
    /// No more lines come.
    ended: bool,
    streams: Streams,
    signals: Signals,
    watch: Watch,
    /// Whether the prompt stands on the terminal's last line.
    prompted: bool,
}

/// What happened next.
enum Next {
    Signal(u8),
    Msg(Box<Msg>),
    Line(Option<String>),
    /// Something ended.
    Done,
}

impl Desk {
    async fn work(&mut self) -> io::Result<Ended> {
        let mut effects = start();
        loop {
            if self.perform(effects)? {
                return Ok(Ended::Left);
            }
            self.write()?;
            if self.is_settled() {
                effects = self.session.settle();
                self.write()?;
                if !effects.is_empty() {
                    continue;
                }
                if let Some(line) = self.waiting.pop_front() {
                    effects = self.take_line(&line)?;
                    continue;
                }
                if self.ended {
                    return self.leave();
                }
                self.prompt()?;
            }
            effects = match self.next().await {
                Next::Signal(INTERRUPT) if self.session.is_running() => {
                    self.session.take(Msg::Act(Action::Close))
                }
                Next::Signal(number) => return Ok(Ended::Signal(number)),
                Next::Msg(msg) => self.session.take(*msg),
                // A person who ends the input wants to leave; a script may just be over.
                Next::Line(None) if self.streams.input => return self.leave(),
                Next::Line(None) => {
                    self.ended = true;
                    Vec::new()
                }
                Next::Line(Some(line)) if self.interrupts(&line) => self.session.line(&line),
                Next::Line(Some(line)) => {
                    self.prompted = false;
                    self.waiting.push_back(line);
                    Vec::new()
                }
                Next::Done => Vec::new(),
            };
        }
    }

    /// Whether nothing is being done, and all that came of it is taken.
    fn is_settled(&self) -> bool {
        *self.busy.borrow() == 0 && self.messages.is_empty() && !self.session.is_running()
    }

    /// Whether a typed line is to be taken while something is being done.
    fn interrupts(&self, line: &str) -> bool {
        let stops = matches!(parse(line), Command::Act(Action::Close | Action::Quit));
        self.streams.input && self.session.is_running() && stops
    }

    async fn next(&mut self) -> Next {
        tokio::select! {
            biased;
            number = self.signals.next() => Next::Signal(number),
            msg = self.messages.recv() => msg.map_or(Next::Done, |msg| Next::Msg(Box::new(msg))),
            line = self.input.recv(), if !self.ended => Next::Line(line),
            _ = self.busy.changed() => Next::Done,
            () = tokio::time::sleep(self.watch.pause(self.session.counts())) => Next::Done,
        }
    }

    /// Does what is asked for; whether that is to leave.
    fn perform(&mut self, effects: Vec<Effect>) -> io::Result<bool> {
        let mut effects = VecDeque::from(effects);
        // Everything happens at a time.
        effects.extend(self.session.take(Msg::Time(self.watch.now())));
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Quit => return Ok(true),
                // Written instead.
                Effect::Copy(_) => {}
                effect => self.performer.perform(effect, &mut Lines)?,
            }
        }
        Ok(false)
    }

    /// Takes a line of input.
    fn take_line(&mut self, line: &str) -> io::Result<Vec<Effect>> {
        if !self.streams.input {
            // A script's lines stand in its output, as typed ones do in a terminal.
            let prompt = self.session.prompt();
            put(&mut io::stdout().lock(), &[PlainLine::new(format!("{prompt}{line}"))], None)?;
        }
        Ok(self.session.line(line))
    }

    /// The end of input.
    fn leave(&mut self) -> io::Result<Ended> {
        if !self.streams.input || !self.streams.output {
            self.session.begin_without_account();
            self.write()?;
        } else {
            // The shell's prompt begins on a line of its own.
            put(&mut io::stdout().lock(), &[PlainLine::default()], None)?;
        }
        Ok(Ended::Left)
    }

    fn prompt(&mut self) -> io::Result<()> {
        if self.prompted || !(self.streams.input && self.streams.output) {
            return Ok(());
        }
        self.prompted = true;
        let mut out = io::stdout().lock();
        out.write_all(self.session.prompt().as_bytes())?;
        out.flush()
    }

    /// Writes what there is to say.
    fn write(&mut self) -> io::Result<()> {
        let mut lines = self.session.take_output();
        if lines.is_empty() {
            return Ok(());
        }
        if std::mem::take(&mut self.prompted) {
            // Not behind the prompt, nor behind what is being typed.
            lines.insert(0, PlainLine::default());
        }
        let size = self.streams.output.then(|| crossterm::terminal::size().ok()).flatten();
        let columns = size.map(|(columns, _)| usize::from(columns)).filter(|&columns| columns > 0);
        put(&mut io::stdout().lock(), &lines, columns)
    }
}

/// The terminal, as effects see it: nothing but lines goes there.
struct Lines;

impl Surface for Lines {
    fn send(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        stop_self();
        Ok(())
    }

    fn size(&self) -> io::Result<(u16, u16)> {
        crossterm::terminal::size()
    }
}

/// Writes lines: text wrapped where there is a width, code as it is.
fn put(out: &mut impl Write, lines: &[PlainLine], columns: Option<usize>) -> io::Result<()> {
    let mut text = String::new();
    for line in lines {
        let indent = " ".repeat(line.indent);
        let wrapped = match columns {
            Some(columns) if !line.code => {
                wrap_text(&line.text, columns.saturating_sub(line.indent).max(1))
            }
            _ => vec![sanitize::clean(&line.text).into_owned()],
        };
        for row in wrapped {
            text.push_str(if row.is_empty() { "" } else { &indent });
            text.push_str(&row);
            text.push('\n');
        }
    }
    out.write_all(text.as_bytes())?;
    out.flush()
}
