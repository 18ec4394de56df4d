//! Copying: through the terminal (OSC 52, also over SSH and tmux), and with the desktop's own tool
//! where there is one.

use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// The way that a copy took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyRoute {
    /// An escape sequence; whether the terminal took it can't be seen.
    Terminal,
    /// A program, which said that it worked; the terminal got the sequence as well.
    Tool(&'static str),
}

/// Clipboard programs and their arguments, with the variable that says that they can work.
const TOOLS: &[(&str, &[&str], Option<&str>)] = &[
    ("tmux", &["load-buffer", "-w", "-"], Some("TMUX")),
    ("wl-copy", &[], Some("WAYLAND_DISPLAY")),
    ("xclip", &["-selection", "clipboard"], Some("DISPLAY")),
    ("xsel", &["--clipboard", "--input"], Some("DISPLAY")),
    ("pbcopy", &[], None),
    ("clip.exe", &[], Some("WSL_DISTRO_NAME")),
];

/// The sequence that asks the terminal to put a text on the clipboard. Within tmux it is wrapped,
/// so that it reaches the terminal outside.
pub fn osc52(text: &str, tmux: bool) -> String {
    let sequence = format!("\x1b]52;c;{}\x07", STANDARD.encode(text));
    if tmux {
        format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b"))
    } else {
        sequence
    }
}

/// Whether the terminal is tmux.
pub(super) fn in_tmux() -> bool {
    std::env::var_os("TMUX").is_some_and(|value| !value.is_empty())
}

/// Copies with the first program that takes the text. Over SSH a desktop's program would fill
/// another machine's clipboard, so only tmux is asked, which hands on to the terminal outside.
pub(super) async fn with_tool(text: &str) -> Option<&'static str> {
    let remote = std::env::var_os("SSH_CONNECTION").is_some();
    for &(program, arguments, needs) in TOOLS {
        let usable = needs.is_none_or(|name| std::env::var_os(name).is_some());
        let usable = usable && (!remote || program == "tmux");
        if usable && feed(program, arguments, text).await.is_some() {
            return Some(program);
        }
    }
    None
}

async fn feed(program: &str, arguments: &[&str], text: &str) -> Option<()> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take()?;
    stdin.write_all(text.as_bytes()).await.ok()?;
    drop(stdin);
    let limit = std::time::Duration::from_secs(2);
    let status = tokio::time::timeout(limit, child.wait()).await.ok()?.ok()?;
    status.success().then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_carries_the_exact_text() {
        assert_eq!(osc52("aws s3 ls\n", false), "\x1b]52;c;YXdzIHMzIGxzCg==\x07");
    }

    #[test]
    fn tmux_passes_the_sequence_on() {
        assert_eq!(osc52("a", true), "\x1bPtmux;\x1b\x1b]52;c;YQ==\x07\x1b\\");
    }
}
