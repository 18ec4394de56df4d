//! An emulator on loopback, and an event's table on it: made as an instructor makes it, from our
//! template through the emulator's CloudFormation.

use std::path::PathBuf;
use std::process::Command;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use stepproof::progress::room::{Code, Place};

use crate::process::{Group, free_port, ministack, moto, python_programs, ready, spawn};
use crate::support::{Practice, code, stepproof, text};

/// Who makes the table. moto takes every access key for its one account.
const OWNER: &str = "999999999999";
/// The attendees' accounts that the template lets in.
const GUESTS: &[&str] = &["--account", "111111111111", "--account", "222222222222"];

/// ministack or moto.
pub(crate) struct Emulator {
    name: &'static str,
    endpoint: String,
    programs: PathBuf,
    dir: tempfile::TempDir,
    _process: Group,
}

impl Emulator {
    pub(crate) async fn ministack() -> Self {
        Self::start("ministack", ministack).await
    }

    pub(crate) async fn moto() -> Self {
        Self::start("moto", |_, programs, port| moto(programs, port, crate::MOTO)).await
    }

    async fn start(
        name: &'static str,
        command: impl Fn(&std::path::Path, &std::path::Path, u16) -> Command,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (programs, port) = (python_programs(), free_port());
        let log = dir.path().join("log");
        let mut process = spawn(command(dir.path(), &programs, port), &log);
        ready(&mut process, port, name, &log).await;
        let endpoint = format!("http://127.0.0.1:{port}");
        Self { name, endpoint, programs, dir, _process: process }
    }

    /// A table from the template, and where it is.
    pub(crate) fn table(&self, role: bool) -> (Code, Place) {
        let template = self.dir.path().join("room.json").display().to_string();
        let mut args = vec!["room", "create", "--table", "--output", &template];
        args.extend(GUESTS);
        args.extend(["--role"].iter().filter(|_| role));
        let made = stepproof(self.dir.path()).args(&args).output().unwrap();
        assert_eq!(code(&made), 0, "{}", text(&made));
        self.run("cfn-lint", &[&template]);
        let stack = if role { "with-role" } else { "with-policy" };
        let named = ["--stack-name", stack, "--capabilities", "CAPABILITY_NAMED_IAM"];
        // As `room create` says it; but moto's change sets give a stack no outputs.
        let body = format!("file://{template}");
        let make = match self.name {
            "moto" => ["create-stack", "--template-body", &body],
            _ => ["deploy", "--template-file", &template],
        };
        self.run("aws", &[&["cloudformation"], &make[..], &named].concat());
        let output = "Stacks[0].Outputs[0].OutputValue";
        let describe = ["cloudformation", "describe-stacks", "--stack-name", stack];
        let found =
            self.run("aws", &[&describe[..], &["--output", "text", "--query", output]].concat());
        let code: Code = found.trim().parse().unwrap_or_else(|error| panic!("{error}: {found}"));
        let place = code.table.clone().unwrap();
        (code, place)
    }

    fn run(&self, program: &str, args: &[&str]) -> String {
        let mut command = Command::new(self.programs.join(program));
        let output = self.environment(&mut command, OWNER).args(args).output().unwrap();
        assert!(output.status.success(), "{program} {args:?}: {}", text(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The SDK's configuration of the table's owner.
    pub(crate) async fn owner(&self) -> SdkConfig {
        let credentials = Credentials::new(OWNER, "x", None, None, "test");
        aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(&self.endpoint)
            .credentials_provider(credentials)
            .region(Region::new("us-east-1"))
            .load()
            .await
    }

    /// What an instructor's terminal says.
    pub(crate) fn instructor(&self, args: &[&str]) -> (i32, String) {
        let mut command = stepproof(self.dir.path());
        let output = self.environment(&mut command, OWNER).args(args).output().unwrap();
        (code(&output), text(&output))
    }

    /// What the terminal of a practice account's learner says, who comes with an access key.
    pub(crate) fn learner(&self, practice: &Practice, key: &str, args: &[&str]) -> (i32, String) {
        let mut command = practice.command(args);
        let output = self.environment(&mut command, key).arg("--practice").output().unwrap();
        (code(&output), text(&output))
    }

    fn environment<'a>(&self, command: &'a mut Command, key: &str) -> &'a mut Command {
        command
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", key)
            .env("AWS_SECRET_ACCESS_KEY", "x")
            .env("AWS_REGION", "us-east-1")
            // Version 1 of the AWS CLI knows only this name.
            .env("AWS_DEFAULT_REGION", "us-east-1")
    }
}
