//! ministack and MariaDB on loopback: started for the suite, ended with it.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// Starting takes seconds; a machine that is busy takes longer.
const READY: Duration = Duration::from_mins(2);
/// The database user that the application's code names.
const USERS: &str = "CREATE USER 'admin'@'127.0.0.1' IDENTIFIED BY 'Corp123!';\n\
    GRANT ALL ON *.* TO 'admin'@'127.0.0.1';\n";

/// The second account: ministack with its functions' database.
pub(crate) struct Emulator {
    /// `http://127.0.0.1:PORT`.
    pub(crate) endpoint: String,
    /// MariaDB's port.
    pub(crate) database_port: u16,
    /// Programs of the pinned Python environment: `aws`.
    pub(crate) programs: PathBuf,
    _ministack: Group,
    _database: Group,
    _dir: tempfile::TempDir,
}

/// A process and its children, ended together.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-TERM", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

impl Emulator {
    pub(crate) async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let programs = python_programs();
        let (database_port, port) = (free_port(), free_port());
        let mut database = start_database(dir.path(), database_port);
        let mut ministack = start_ministack(dir.path(), &programs, port);
        ready(&mut database, database_port, "MariaDB", &dir.path().join("mariadb.log")).await;
        ready(&mut ministack, port, "ministack", &dir.path().join("ministack.log")).await;
        Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            database_port,
            programs,
            _ministack: ministack,
            _database: database,
            _dir: dir,
        }
    }
}

/// The pinned Python environment, installed if need be: the same script as in `.ci/run`.
fn python_programs() -> PathBuf {
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

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn start_database(dir: &Path, port: u16) -> Group {
    let data = dir.join("mariadb");
    let user = ["--user=root"].iter().filter(|_| is_root());
    let log = std::fs::File::create(dir.join("mariadb-install.log")).unwrap();
    let installed = Command::new("mariadb-install-db")
        .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
        .arg(format!("--datadir={}", data.display()))
        .args(user.clone())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .status()
        .expect("mariadb-install-db can't be run: install the package mariadb-server");
    assert!(installed.success(), "{}", read(&dir.join("mariadb-install.log")));
    let users = dir.join("users.sql");
    std::fs::write(&users, USERS).unwrap();
    let sbin = Path::new("/usr/sbin/mariadbd");
    let program = if sbin.exists() { sbin } else { Path::new("mariadbd") };
    let mut command = Command::new(program);
    command
        .args(["--no-defaults", "--bind-address=127.0.0.1", "--innodb-buffer-pool-size=32M"])
        .arg(format!("--port={port}"))
        .arg(format!("--datadir={}", data.display()))
        .arg(format!("--socket={}", dir.join("mariadb.sock").display()))
        .arg(format!("--init-file={}", users.display()))
        .args(user);
    spawn(command, &dir.join("mariadb.log"))
}

fn start_ministack(dir: &Path, programs: &Path, port: u16) -> Group {
    let temporary = dir.join("runtime/tmp");
    std::fs::create_dir_all(&temporary).unwrap();
    install_runtime(&dir.join("runtime"));
    let mut command = Command::new(programs.join("ministack"));
    command
        .current_dir(dir)
        .env("PATH", format!("{}:{}", programs.display(), std::env::var("PATH").unwrap()))
        .env("GATEWAY_PORT", port.to_string())
        .env("BIND_HOST", "127.0.0.1")
        .env("IOT_MTLS_ENABLED", "0")
        .env("STATE_DIR", dir.join("state"))
        .env("S3_DATA_DIR", dir.join("s3"))
        // Function packages are unpacked below it.
        .env("TMPDIR", &temporary);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    spawn(command, &dir.join("ministack.log"))
}

/// Installs what AWS's own Node.js runtime brings, the SDK, above the directory that packages are
/// unpacked to: there the functions' imports find it, and no package has to hold it.
fn install_runtime(dir: &Path) {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/second_opinion/runtime");
    for name in ["package.json", "package-lock.json"] {
        std::fs::copy(files.join(name), dir.join(name)).unwrap();
    }
    let status = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(dir)
        .stdout(Stdio::null())
        .status()
        .expect("npm can't be run: install Node.js");
    assert!(status.success(), "npm can't install the AWS SDK: see above");
}

fn spawn(mut command: Command, log: &Path) -> Group {
    let file = std::fs::File::create(log).unwrap();
    command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).process_group(0);
    Group(command.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}")))
}

/// Waits until the port answers.
async fn ready(group: &mut Group, port: u16, name: &str, log: &Path) {
    let end = Instant::now() + READY;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
        if let Some(status) = group.0.try_wait().unwrap() {
            panic!("{name} ended with {status}:\n{}", read(log));
        }
        assert!(Instant::now() < end, "{name} doesn't answer:\n{}", read(log));
        sleep(Duration::from_millis(50)).await;
    }
}

fn read(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}
