//! ministack and MariaDB on loopback: started for the suite, ended with it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{Group, free_port, ministack, python_programs, read, ready, spawn};

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
    let mut command = ministack(dir, programs, port);
    // Function packages are unpacked below it.
    command.env("TMPDIR", &temporary);
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

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}
