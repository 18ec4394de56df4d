//! Runs commands in a process group of their own: output as it comes, ended when told.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::account::redact;
use crate::markdown::sanitize::clean_line;
use crate::tui::{Batch, KEPT_LINES, ShellEnded, Stop};

/// How long a command may take to end before it is told more firmly.
const GRACE: Duration = Duration::from_secs(4);
/// How often output is handed on.
const FLUSH: Duration = Duration::from_millis(50);
/// How long output is read on after bash has ended: a program that it left behind may hold it.
const LINGER: Duration = Duration::from_millis(500);
/// Bytes of a line that are kept.
const LINE: usize = 4_096;

/// Runs a command to its end.
///
/// # Errors
/// It can't be started.
pub(super) async fn run(
    mut command: Command,
    secrets: Vec<String>,
    output: UnboundedSender<Batch>,
    mut stop: watch::Receiver<Stop>,
) -> io::Result<ShellEnded> {
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    // The AWS CLI is Python, which keeps back what it writes to a pipe.
    command.env("PYTHONUNBUFFERED", "1");
    let began = Instant::now();
    let mut child = own_group(&mut command).spawn()?;
    let group = Group(child.id());
    let mut streams = Streams::of(child.stdout.take(), child.stderr.take());
    let mut tail = Tail { secrets, ..Tail::default() };
    let mut flush = tokio::time::interval(FLUSH);
    flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut told, mut status, mut listening) = (Stop::Not, None, true);
    let mut firmer = tokio::time::Instant::now();
    let mut linger = firmer;
    while status.is_none() || !streams.ended() {
        let stopping = matches!(told, Stop::Ask | Stop::Tell) && status.is_none();
        tokio::select! {
            changed = stop.changed(), if listening => {
                let asked = *stop.borrow_and_update();
                // Nobody is there any more to tell it to stop, or to read what it prints.
                listening = changed.is_ok();
                let asked = if listening { asked } else { Stop::Kill };
                if asked > told {
                    told = asked;
                    group.signal(told);
                    firmer = tokio::time::Instant::now() + GRACE;
                }
            }
            () = tokio::time::sleep_until(firmer), if stopping => {
                told = told.firmer();
                group.signal(told);
                firmer = tokio::time::Instant::now() + GRACE;
            }
            ended = child.wait(), if status.is_none() => {
                status = Some(ended?);
                linger = tokio::time::Instant::now() + LINGER;
            }
            () = tokio::time::sleep_until(linger), if status.is_some() => break,
            _ = flush.tick(), if tail.fresh => {
                let _ = output.send(tail.batch());
            }
            bytes = streams.read(), if !streams.ended() => tail.push(&bytes),
        }
    }
    if tail.fresh {
        let _ = output.send(tail.batch());
    }
    // What it started and left behind ends with it.
    group.signal(Stop::Tell);
    let code = status.and_then(|status| status.code());
    Ok(ShellEnded { code, stopped: told != Stop::Not, time: began.elapsed() })
}

/// The command's two streams, read side by side.
struct Streams {
    open: Vec<Box<dyn AsyncRead + Send + Unpin>>,
}

impl Streams {
    fn of(
        stdout: Option<tokio::process::ChildStdout>,
        stderr: Option<tokio::process::ChildStderr>,
    ) -> Self {
        let mut open: Vec<Box<dyn AsyncRead + Send + Unpin>> = Vec::new();
        open.extend(stdout.map(|stream| Box::new(stream) as _));
        open.extend(stderr.map(|stream| Box::new(stream) as _));
        Self { open }
    }

    fn ended(&self) -> bool {
        self.open.is_empty()
    }

    /// What comes next on either; a stream that ended is closed.
    async fn read(&mut self) -> Vec<u8> {
        let mut buffers = [vec![0; 16 * 1024], vec![0; 1024]];
        let [first, second] = &mut buffers;
        let (at, read) = match self.open.as_mut_slice() {
            [one, other] => tokio::select! {
                read = one.read(first) => (0, read),
                read = other.read(second) => (1, read),
            },
            [one, ..] => (0, one.read(first).await),
            [] => return Vec::new(),
        };
        let read = read.unwrap_or(0);
        if read == 0 {
            drop(self.open.remove(at));
        }
        let mut bytes = std::mem::take(&mut buffers[at]);
        bytes.truncate(read);
        bytes
    }
}

/// The end of the output since the last batch.
#[derive(Default)]
struct Tail {
    lines: VecDeque<Vec<u8>>,
    open: Vec<u8>,
    dropped: usize,
    fresh: bool,
    secrets: Vec<String>,
}

impl Tail {
    fn push(&mut self, bytes: &[u8]) {
        self.fresh |= !bytes.is_empty();
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            let (text, whole) = match part.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (part, false),
            };
            // What a carriage return takes back needs no room: progress bars never end.
            if let Some(at) =
                text.iter().rposition(|&byte| byte == b'\r').filter(|&at| at + 1 < text.len())
            {
                self.open.clear();
                self.open.extend_from_slice(&text[at + 1..]);
            } else {
                self.open.extend_from_slice(text);
            }
            self.open.truncate(LINE + 1);
            if whole {
                self.lines.push_back(std::mem::take(&mut self.open));
            }
        }
        while self.lines.len() > KEPT_LINES {
            self.lines.pop_front();
            self.dropped += 1;
        }
    }

    fn batch(&mut self) -> Batch {
        self.fresh = false;
        let lines = std::mem::take(&mut self.lines);
        Batch {
            dropped: std::mem::take(&mut self.dropped),
            lines: lines.iter().map(|line| self.clean(line)).collect(),
            open: self.clean(&self.open),
        }
    }

    /// A line as it is shown: what a terminal would show of it, without what it would obey.
    fn clean(&self, line: &[u8]) -> String {
        let cut = line.len() > LINE;
        let text = String::from_utf8_lossy(&line[..line.len().min(LINE)]);
        let text = text.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default();
        let text = clean_line(&text.replace('\t', "    "));
        let text = redact(&text, &self.secrets);
        if cut { format!("{text} ...") } else { text.into_owned() }
    }
}

/// The process group of a command; killed when nobody waits for it any more.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Stop::Kill);
    }
}

#[cfg(unix)]
fn own_group(command: &mut Command) -> &mut Command {
    command.process_group(0)
}

#[cfg(unix)]
impl Group {
    /// Sends all of it a signal; one that is stopped goes on, so that it can obey.
    fn signal(&self, stop: Stop) {
        use rustix::process::{Pid, Signal, kill_process_group};
        let signal = match stop {
            Stop::Not => return,
            Stop::Ask => Signal::INT,
            Stop::Tell => Signal::TERM,
            Stop::Kill => Signal::KILL,
        };
        let number = self.0.and_then(|id| i32::try_from(id).ok());
        if let Some(group) = number.and_then(Pid::from_raw) {
            // It may be gone by now.
            let _ = kill_process_group(group, signal);
            let _ = kill_process_group(group, Signal::CONT);
        }
    }
}

#[cfg(not(unix))]
fn own_group(command: &mut Command) -> &mut Command {
    command
}

#[cfg(not(unix))]
impl Group {
    /// There are no process groups: bash itself ends when it is dropped.
    fn signal(&self, _: Stop) {}
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    struct Ran {
        ended: ShellEnded,
        lines: Vec<String>,
        dropped: usize,
    }

    /// Runs a script; stops it this firmly once it has printed a line.
    async fn ran(script: &str, stops: &[Stop]) -> Ran {
        let dir = tempfile::tempdir().unwrap();
        let command = crate::cli::bash::command(script, dir.path());
        let (sender, mut batches) = tokio::sync::mpsc::unbounded_channel();
        let (stop, told) = watch::channel(Stop::Not);
        let running = tokio::spawn(run(command, vec!["0123456789abcdef".into()], sender, told));
        let (mut lines, mut dropped, mut open) = (Vec::new(), 0, String::new());
        let mut stops = stops.iter();
        while let Some(batch) = batches.recv().await {
            dropped += batch.dropped;
            lines.extend(batch.lines);
            open = batch.open;
            if let Some(next) = stops.next() {
                stop.send_replace(*next);
            }
        }
        lines.extend(Some(open).filter(|open| !open.is_empty()));
        Ran { ended: running.await.unwrap().unwrap(), lines, dropped }
    }

    #[tokio::test]
    async fn output_comes_in_order_and_the_first_failure_ends_it() {
        let ran = ran("echo one; echo two >&2; false; echo three", &[]).await;
        assert_eq!(ran.lines, ["one", "two"]);
        assert_eq!((ran.ended.code, ran.ended.stopped), (Some(1), false));
    }

    #[tokio::test]
    async fn a_command_that_asks_sees_the_end_of_input() {
        let ran = ran("read -r answer || echo \"no answer\"; printf open", &[]).await;
        assert_eq!(ran.lines, ["no answer", "open"]);
        assert_eq!(ran.ended.code, Some(0));
    }

    #[tokio::test]
    async fn what_bash_cannot_read_is_said() {
        let ran = ran("if then fi", &[]).await;
        assert!(ran.lines.concat().contains("syntax error"), "{:?}", ran.lines);
        assert_eq!(ran.ended.code, Some(2));
    }

    #[tokio::test]
    async fn a_hanging_command_and_its_children_are_interrupted() {
        let ran = ran("sleep 300 & echo $!; sleep 300", &[Stop::Ask]).await;
        assert!(ran.ended.stopped && ran.ended.time < GRACE, "{:?}", ran.ended);
        gone(&ran.lines[0]);
    }

    #[tokio::test]
    async fn one_that_refuses_to_end_is_killed() {
        let script = "trap '' INT TERM; echo $$; while :; do sleep 1 || :; done";
        let ran = ran(script, &[Stop::Kill]).await;
        assert_eq!((ran.ended.code, ran.ended.stopped), (None, true));
        gone(&ran.lines[0]);
    }

    /// The process doesn't exist any more, or is a zombie that nobody has looked at yet.
    fn gone(pid: &str) {
        let end = Instant::now() + Duration::from_secs(10);
        let state = || std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        while !(state().is_empty() || state().contains(") Z ")) {
            assert!(Instant::now() < end, "process {pid} is still there");
            std::thread::yield_now();
        }
    }

    #[tokio::test]
    async fn a_flood_keeps_its_end_only() {
        let ran = ran("seq 1 200000", &[]).await;
        assert_eq!(ran.lines.len() + ran.dropped, 200_000);
        assert_eq!(ran.lines.last().unwrap(), "200000");
    }

    #[tokio::test]
    async fn what_a_terminal_would_obey_and_what_is_secret_is_not_shown() {
        let script = "printf '\\033]52;c;eA==\\007a\\033[31mb\\n10%%\\r20%%\\r\\n'; \
                      echo key=0123456789abcdef; printf '%05000d\\n' 1";
        let ran = ran(script, &[]).await;
        assert_eq!(ran.lines[..3], ["ab", "20%", "key=[secret]"]);
        assert!(ran.lines[3].len() < LINE + 10 && ran.lines[3].ends_with("..."));
    }

    #[tokio::test]
    async fn a_program_that_is_left_behind_holds_nothing_up() {
        let ran = ran("sleep 300 & echo $!", &[]).await;
        assert_eq!(ran.ended.code, Some(0));
        gone(&ran.lines[0]);
    }
}
