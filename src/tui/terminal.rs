//! The terminal: taken over at the start, given back on every way out.

use std::io::{self, BufWriter, Stdout, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::Print;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::{Frame, Terminal};

use super::runtime::Surface;

type Backend = CrosstermBackend<BufWriter<Stdout>>;

/// Whether the terminal is taken over. Global, because the panic hook has to know.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Asks for presses and the wheel, and no more: movements would wake the program for nothing.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// The terminal while it is taken over; given back on drop.
pub(crate) struct Screen {
    terminal: Terminal<Backend>,
    mouse: bool,
}

impl Screen {
    /// Takes the terminal over, the mouse too where it is wanted.
    pub(crate) fn open(mouse: bool) -> io::Result<Self> {
        restore_on_panic();
        enter(mouse)?;
        let writer = BufWriter::with_capacity(64 * 1024, io::stdout());
        let terminal = Terminal::new(CrosstermBackend::new(writer)).inspect_err(|_| restore())?;
        Ok(Self { terminal, mouse })
    }

    /// Draws a frame, as one update of the terminal.
    pub(crate) fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(view)?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    /// Draws a frame over nothing, whatever stands on the terminal. For text that terminals don't
    /// agree on the columns of: its rests would stay where nothing is thought to stand.
    pub(crate) fn draw_anew(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.forget()?;
        self.draw(view)
    }

    /// Forgets what is on the terminal, so that all of it is drawn next.
    pub(super) fn forget(&mut self) -> io::Result<()> {
        // Not `Terminal::clear`: that asks the terminal where its cursor is, and another task reads
        // what the terminal answers.
        self.terminal.backend_mut().clear()?;
        self.terminal.swap_buffers();
        Ok(())
    }
}

impl Surface for Screen {
    fn send(&mut self, sequence: &str) -> io::Result<()> {
        let backend = self.terminal.backend_mut();
        backend.write_all(sequence.as_bytes())?;
        io::Write::flush(backend)
    }

    /// The terminal is given back for as long as the program is stopped.
    fn suspend(&mut self) -> io::Result<()> {
        restore();
        stop_self();
        enter(self.mouse)?;
        self.forget()
    }

    fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn enter(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mouse = Print(if mouse { MOUSE_ON } else { "" });
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, mouse, Hide)
        .inspect_err(|_| restore())
}

/// Gives the terminal back. May be called at any time, from any thread, more than once.
pub fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    // Best effort: a terminal that is gone can't be restored.
    let _ = execute!(
        io::stdout(),
        EndSynchronizedUpdate,
        Print(MOUSE_OFF),
        DisableBracketedPaste,
        LeaveAlternateScreen,
        Show
    );
    let _ = disable_raw_mode();
}

/// A panic's message goes to a terminal that can show it.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            before(panic);
        }));
    });
}

/// Stops this process as Ctrl-Z does in the shell; returns when it is continued.
pub(super) fn stop_self() {
    let pid = std::process::id().to_string();
    let _ = std::process::Command::new("kill").args(["-TSTP", &pid]).status();
}
