//! A program in a pseudo-terminal, and what stands on its screen. Waits for conditions, with a
//! deadline; never for a time.
#![expect(clippy::panic, reason = "a test says what stood on the screen by panicking")]

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

/// A machine under load is slow; a test that fails waits this long.
const DEADLINE: Duration = Duration::from_mins(1);
/// Output has settled when nothing came for this long.
const QUIET: Duration = Duration::from_millis(700);

/// An empty home and data directory.
pub(crate) fn home() -> TempDir {
    tempfile::tempdir().expect("a directory")
}

/// A running program and its terminal.
pub(crate) struct Session {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    all: Vec<u8>,
    parser: vt100::Parser,
}

impl Session {
    /// Starts stepproof in a terminal of some columns and rows.
    pub(crate) fn start(
        home: &TempDir,
        size: (u16, u16),
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        Self::start_in(home.path(), home, size, arguments, environment)
    }

    /// Starts stepproof in a directory.
    pub(crate) fn start_in(
        dir: &Path,
        home: &TempDir,
        (columns, rows): (u16, u16),
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_stepproof"));
        command.args(arguments);
        command.cwd(dir);
        command.env_clear();
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        command.env("HOME", home.path());
        command.env("STEPPROOF_HOME", home.path().join("data"));
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("stepproof starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let (sender, output) = channel();
        std::thread::Builder::new()
            .name("terminal".into())
            .spawn(move || {
                let mut buffer = [0; 16 * 1024];
                while let Ok(read) = reader.read(&mut buffer) {
                    if read == 0 || sender.send(buffer[..read].to_vec()).is_err() {
                        return;
                    }
                }
            })
            .expect("a thread");
        let writer = pair.master.take_writer().expect("a writer");
        let parser = vt100::Parser::new(cells(rows), cells(columns), 0);
        Self { child, master: pair.master, writer, output, all: Vec::new(), parser }
    }

    /// Presses keys.
    pub(crate) fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).expect("the program reads");
        self.writer.flush().expect("the program reads");
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&mut self, (columns, rows): (u16, u16)) {
        self.parser.screen_mut().set_size(cells(rows), cells(columns));
        self.master.resize(size(columns, rows)).expect("a resize");
    }

    /// Waits until a text stands on the screen.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) {
        let end = Instant::now() + DEADLINE;
        while !self.screen().contains(text) {
            let left = end.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(error) => panic!("no {text:?} ({error}) on\n{}", self.screen()),
            }
        }
    }

    /// Waits until no more output comes.
    pub(crate) fn settle(&mut self) {
        while let Ok(bytes) = self.output.recv_timeout(QUIET) {
            self.take(&bytes);
        }
    }

    /// What stands on the screen.
    pub(crate) fn screen(&self) -> String {
        self.parser.screen().contents()
    }

    /// Bytes written so far.
    pub(crate) fn bytes(&self) -> usize {
        self.all.len()
    }

    /// All that was written so far, escape sequences included.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.all).into_owned()
    }

    /// Cells with a colour.
    pub(crate) fn coloured_cells(&self) -> usize {
        let screen = self.parser.screen();
        let (rows, columns) = screen.size();
        let (rows, columns) = (rows.get(), columns.get());
        let cells = (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x)));
        let coloured = |cell: &vt100::Cell| {
            cell.fgcolor() != vt100::Color::Default || cell.bgcolor() != vt100::Color::Default
        };
        cells.filter(|&(y, x)| screen.cell(y, x).is_some_and(coloured)).count()
    }

    /// The program's process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().expect("it runs")
    }

    /// Waits for the end, and reads what was written until then.
    #[track_caller]
    pub(crate) fn exit_code(&mut self) -> u32 {
        let end = Instant::now() + DEADLINE;
        loop {
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it doesn't end:\n{}", self.screen()),
            }
        }
        self.child.wait().expect("it ended").exit_code()
    }

    /// The terminal is as it was before.
    #[track_caller]
    pub(crate) fn is_restored(&self) {
        let text = self.text();
        let last = |sequence: &str| text.rfind(sequence);
        assert!(last("\x1b[?1049l") > last("\x1b[?1049h"), "still on the alternate screen");
        assert!(last("\x1b[?25h") > last("\x1b[?25l"), "the cursor is still hidden");
        assert!(last("\x1b[?2004l") > last("\x1b[?2004h"), "still bracketing what is pasted");
        let mouse = (last("\x1b[?1000h"), last("\x1b[?1000l"));
        assert!(mouse.1 > mouse.0, "the mouse is still taken");
        assert!(!self.parser.screen().alternate_screen() && !self.parser.screen().hide_cursor());
    }

    fn take(&mut self, bytes: &[u8]) {
        self.all.extend_from_slice(bytes);
        self.parser.process(bytes);
    }
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a terminal has cells")
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}
