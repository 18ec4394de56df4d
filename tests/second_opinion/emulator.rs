//! ministack, moto and MariaDB on loopback: started for the suite, ended with it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{Group, free_port, ministack, moto, python_programs, read, ready, spawn};

/// The database user that the application's code names.
const USERS: &str = "CREATE USER 'admin'@'127.0.0.1' IDENTIFIED BY 'Corp123!';\n\
    GRANT ALL ON *.* TO 'admin'@'127.0.0.1';\n";
/// The database's host, as its certificate names it.
pub(crate) const HOST: &str = "localhost";
/// ministack's default account, the only one whose API answers calls.
pub(crate) const ACCOUNT: &str = "000000000000";
/// What of the account is moto's, by the names that follow `AWS_ENDPOINT_URL_`.
const OF_MOTO: [&str; 4] = ["GUARDDUTY", "INSPECTOR2", "SECRETS_MANAGER", "WAFV2"];

/// The second account: ministack with its functions' database, and moto where ministack lacks a
/// service, or what this course asks of it.
pub(crate) struct Emulator {
    /// `http://127.0.0.1:PORT`.
    pub(crate) ministack: String,
    /// `http://127.0.0.1:PORT`.
    pub(crate) moto: String,
    /// MariaDB's port.
    pub(crate) database_port: u16,
    /// Programs of the pinned Python environment: `aws`.
    pub(crate) programs: PathBuf,
    _processes: Vec<Group>,
    dir: tempfile::TempDir,
}

impl Emulator {
    pub(crate) async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let programs = python_programs();
        let ports = [free_port(), free_port(), free_port()];
        let [database_port, ministack_port, moto_port] = ports;
        let moto_endpoint = format!("http://127.0.0.1:{moto_port}");
        make_certificates(dir.path());
        let mut processes = Vec::new();
        for (name, port) in ["MariaDB", "moto", "ministack"].into_iter().zip([
            database_port,
            moto_port,
            ministack_port,
        ]) {
            let log = dir.path().join(format!("{name}.log"));
            let command = match name {
                "MariaDB" => database(dir.path(), port),
                "moto" => moto(&programs, port, ACCOUNT),
                _ => functions_with_runtime(dir.path(), &programs, port, &moto_endpoint),
            };
            let mut process = spawn(command, &log);
            ready(&mut process, port, name, &log).await;
            processes.push(process);
        }
        Self {
            ministack: format!("http://127.0.0.1:{ministack_port}"),
            moto: moto_endpoint,
            database_port,
            programs,
            _processes: processes,
            dir,
        }
    }

    /// The services that are moto's, as the AWS SDKs and the AWS CLI are told.
    pub(crate) fn services(&self) -> Vec<(String, String)> {
        of_moto(&self.moto)
    }

    /// Runs SQL as the database's root, over the socket. Prints what a query answers.
    pub(crate) fn sql(&self, query: &str) -> String {
        let output = Command::new("mariadb")
            .args(["--no-defaults", "--user=root", "--skip-column-names", "--batch"])
            .arg(format!("--socket={}", self.dir.path().join("mariadb.sock").display()))
            .args(["--execute", query])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

fn of_moto(endpoint: &str) -> Vec<(String, String)> {
    OF_MOTO.iter().map(|name| (format!("AWS_ENDPOINT_URL_{name}"), endpoint.to_owned())).collect()
}

/// MariaDB with TLS for who asks for it.
fn database(dir: &Path, port: u16) -> Command {
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
        .args(["--skip-name-resolve"])
        .arg(format!("--port={port}"))
        .arg(format!("--datadir={}", data.display()))
        .arg(format!("--socket={}", dir.join("mariadb.sock").display()))
        .arg(format!("--init-file={}", users.display()))
        .arg(format!("--ssl-cert={}", dir.join("server.pem").display()))
        .arg(format!("--ssl-key={}", dir.join("server.key").display()))
        .args(user);
    command
}

/// An authority, and the database's certificate by it.
fn make_certificates(dir: &Path) {
    let make = |file: &str, name: &str, more: &[&str]| {
        let output = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj"])
            .args([&format!("/CN={name}"), "-keyout", &format!("{file}.key")])
            .args(["-out", &format!("{file}.pem")])
            .args(more)
            .current_dir(dir)
            .output()
            .expect("openssl can't be run: install the package openssl");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    make("authority", "Second opinion", &[]);
    let signed = ["-CA", "authority.pem", "-CAkey", "authority.key"];
    let names = format!("subjectAltName=DNS:{HOST}");
    let server = ["-addext", &names, "-addext", "basicConstraints=critical,CA:FALSE"];
    make("server", HOST, &[&signed[..], &server[..]].concat());
}

/// ministack, whose functions find what AWS's own Node.js runtime has: the SDK, and the authorities
/// that sign the database's certificate.
fn functions_with_runtime(dir: &Path, programs: &Path, port: u16, moto: &str) -> Command {
    let runtime = dir.join("runtime");
    // Function packages are unpacked below it.
    let temporary = runtime.join("tmp");
    std::fs::create_dir_all(&temporary).unwrap();
    install_runtime(&runtime);
    let mut command = ministack(dir, programs, port);
    command
        .env("TMPDIR", &temporary)
        .env("NODE_OPTIONS", format!("--require={}", runtime.join("authority.cjs").display()))
        .env("SECOND_OPINION_AUTHORITY", dir.join("authority.pem"))
        // Functions ask moto, too.
        .envs(of_moto(moto));
    command
}

/// Installs what AWS's own Node.js runtime brings, the SDK, above the directory that packages are
/// unpacked to: there the functions' imports find it, and no package has to hold it.
fn install_runtime(dir: &Path) {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/second_opinion/runtime");
    for name in ["package.json", "package-lock.json", "authority.cjs"] {
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
