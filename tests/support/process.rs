//! Emulators and other servers on loopback: started for a test, ended with it.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// Starting takes seconds; a machine that is busy takes longer.
const READY: Duration = Duration::from_mins(2);

/// A process and its children, ended together.
pub(crate) struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-TERM", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

/// The pinned Python environment, installed if need be: the same script as in `.ci/run`.
pub(crate) fn python_programs() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let output = Command::new(root.join(".ci/venv"))
        .env("CARGO_TARGET_DIR", target)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "the Python environment can't be made: see above");
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// ministack on a port, with all it keeps below a directory.
pub(crate) fn ministack(dir: &Path, programs: &Path, port: u16) -> Command {
    let mut command = Command::new(programs.join("ministack"));
    command
        .current_dir(dir)
        .env("PATH", format!("{}:{}", programs.display(), std::env::var("PATH").unwrap()))
        .env("GATEWAY_PORT", port.to_string())
        .env("BIND_HOST", "127.0.0.1")
        .env("IOT_MTLS_ENABLED", "0")
        .env("STATE_DIR", dir.join("state"))
        .env("S3_DATA_DIR", dir.join("s3"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    command
}

/// moto on a port, as one account whatever access key is used.
pub(crate) fn moto(programs: &Path, port: u16, account: &str) -> Command {
    let mut command = Command::new(programs.join("moto_server"));
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).env("MOTO_ACCOUNT_ID", account);
    command
}

pub(crate) fn spawn(mut command: Command, log: &Path) -> Group {
    let file = std::fs::File::create(log).unwrap();
    command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).process_group(0);
    Group(command.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}")))
}

/// Waits until the port answers.
pub(crate) async fn ready(group: &mut Group, port: u16, name: &str, log: &Path) {
    let end = Instant::now() + READY;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
        if let Some(status) = group.0.try_wait().unwrap() {
            panic!("{name} ended with {status}:\n{}", read(log));
        }
        assert!(Instant::now() < end, "{name} doesn't answer:\n{}", read(log));
        sleep(Duration::from_millis(50)).await;
    }
}

pub(crate) fn read(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default()
}
