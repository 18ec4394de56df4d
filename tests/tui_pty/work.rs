//! Blocks of the page on a real machine: bash, the AWS CLI, files, signals.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use stepproof::check::AccountKind;
use stepproof::progress::{Entry, Journal, Learner};
use tempfile::TempDir;

use crate::pty::{Session, home};
use crate::support::path_with_aws;

const INDEX: &str = "
id: small
title: { en: A small course, ja: 小さなコース }
languages: [en, ja]
pages: [en]
stacks: { app: App }
stage: dev
first: [0]
domains: [{ id: base, title: { en: Base, ja: 基礎 } }]
modules:
  - { number: 0, slug: zero, title: { en: Zero, ja: ゼロ }, domain: base, minutes: 5 }
deployed: { facts: [app_stack], value: app_stack.changed }
values:
  api_url: { facts: [api], value: api.url, step: 0b }
";
const MANIFEST: &str = "
module: 0
steps:
  - { id: 0a, title: { en: Hang, ja: ハング }, minutes: 1 }
  - { id: 0b, title: { en: Change, ja: 変更 }, minutes: 1 }
";
const CHECKS: &str = "
- check: someone-looks
  step: 0a
  facts: [caller]
  expect: caller.account != ''
  evidence: { account: caller.account }
  fail: { en: Nobody., ja: いません。 }
  hints: { en: [a, b, c], ja: [a, b, c] }
  breaks: []
- check: stack-up
  step: 0b
  facts: [app_stack]
  expect: app_stack.complete
  fail: { en: No stack., ja: ありません。 }
  hints: { en: [a, b, c], ja: [a, b, c] }
  breaks: []
";
const PAGE: &str = "\
# Zero

## Hang {#0a}

```sh run
echo \"started in $PWD as $AWS_ACCESS_KEY_ID at $AWS_ENDPOINT_URL\"
sleep 600 &
echo $! > child
echo \"be\"gun
wait
```

```sh run
read -r answer || echo 'no answer came'
part=eyJ
printf \"\\033[31mred\\033[0m \\033]0;title\\007 token=${part}hbGciOiJub25l.${part}zdWIiOiJtZSJ9.sig\\n\"
exit 7
```

## Change {#0b}

```diff apply=template.yaml
--- a/template.yaml
+++ b/template.yaml
@@ -1,3 +1,4 @@
 Resources:
   Api:
+    Tracing: true
     Type: T
```

```sh run
curl {{ api_url }}socks
```
";
const TEMPLATE: &str = "Resources:\r\n  Api:\r\n    Type: T\r\n";

/// A step whose check counts down after each deployment, and a deployment that takes back another.
const SETTLE: [(&str, &str); 4] = [
    (
        "modules/00-zero.yaml",
        "module: 0\nsteps: [{ id: 0a, title: { en: Two, ja: 二 }, minutes: 1 }]\n",
    ),
    (
        "checks/00-zero.yaml",
        "
- check: value-is-two
  step: 0a
  facts: [app_stack]
  expect: app_stack.complete && app_stack.outputs.Value == '2'
  settle: { within: 5s, since: app_stack.changed }
  fail: { en: Not two., ja: 違います。 }
  hints: { en: [a, b, c], ja: [a, b, c] }
  breaks: []
",
    ),
    (
        "content/en/00-zero.md",
        "\
# Zero

## Two {#0a}

```sh run
aws cloudformation deploy --stack-name App --template-file template.yaml --parameter-overrides Value=1
```

```sh run
aws cloudformation deploy --stack-name App --template-file template.yaml --parameter-overrides Value=2
```
",
    ),
    (
        "content/app/template.yaml",
        "\
Parameters: { Value: { Type: String } }
Resources: { Bucket: { Type: AWS::S3::Bucket } }
Outputs: { Value: { Value: !Ref Value } }
",
    ),
];

/// A course, a copy of its app, and a data directory.
struct Desk {
    home: TempDir,
    course: TempDir,
    app: PathBuf,
}

impl Desk {
    fn new() -> Self {
        Self::with(&[])
    }

    /// A desk with some of the course's files replaced.
    fn with(changes: &[(&str, &str)]) -> Self {
        let (home, course) = (home(), tempfile::tempdir().unwrap());
        let app = home.path().join("app");
        let mut files = BTreeMap::from([
            ("modules/course.yaml", INDEX),
            ("modules/00-zero.yaml", MANIFEST),
            ("checks/00-zero.yaml", CHECKS),
            ("content/en/00-zero.md", PAGE),
            ("content/app/template.yaml", TEMPLATE),
        ]);
        files.extend(changes.iter().copied());
        for (path, text) in &files {
            let path = course.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        std::fs::create_dir(&app).unwrap();
        std::fs::write(app.join("template.yaml"), files["content/app/template.yaml"]).unwrap();
        Self { home, course, app }
    }

    /// Starts in the copy of the app.
    fn start(&self, size: (u16, u16), environment: &[(&str, &str)]) -> Session {
        let course = self.course.path().display().to_string();
        let arguments = ["--practice", "--course", &course];
        let mut session = Session::start_in(&self.app, &self.home, size, &arguments, environment);
        session.wait_for("000000000000");
        session
    }

    fn template(&self) -> String {
        std::fs::read_to_string(self.app.join("template.yaml")).unwrap()
    }

    fn entries(&self, course: &str) -> Vec<Entry> {
        entries(self.home.path(), course)
    }

    /// The process that the hanging block started.
    fn child(&self) -> String {
        let text = std::fs::read_to_string(self.app.join("child")).unwrap();
        text.trim().to_owned()
    }
}

/// What the journal holds of the practice account.
fn entries(home: &Path, course: &str) -> Vec<Entry> {
    let journal = Journal::open(&home.join("data/journal.sqlite")).unwrap();
    let learner = Learner {
        course: course.into(),
        kind: AccountKind::Practice,
        account: "000000000000".into(),
    };
    journal.entries(&learner).unwrap().into_iter().map(|(_, entry)| entry).collect()
}

/// Asks for the commands of the marked block, up to the question.
fn ask_to_run(session: &mut Session) {
    session.wait_for("x run");
    session.press("x");
    session.wait_for("Run these commands?");
}

/// A process has ended, at the latest after a while.
fn is_gone(pid: &str) {
    let end = Instant::now() + Duration::from_secs(20);
    let runs = || {
        let state = Command::new("ps").args(["-o", "stat=", "-p", pid]).output().unwrap();
        let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
        !state.is_empty() && !state.starts_with('Z')
    };
    while runs() {
        assert!(Instant::now() < end, "process {pid} still runs");
    }
}

#[test]
fn a_hanging_command_is_cancelled_with_all_that_it_started() {
    let desk = Desk::new();
    let mut session = desk.start((120, 40), &[]);
    ask_to_run(&mut session);
    session.wait_for("On practice 000000000000, us-east-1");
    session.wait_for("AWS_ENDPOINT_URL=http://127.0.0.1:");
    assert!(!desk.app.join("child").exists(), "nothing runs before a yes");
    session.press("\r");
    session.wait_for("app as 000000000000 at http://127.0.0.1:");
    session.wait_for("begun");
    // Time goes on while nothing is printed.
    session.wait_for("runs, 2 s");
    session.press("jj");
    session.press("\x1b");
    session.wait_for("stopped, ");
    session.wait_for("What was done until then stays done.");
    is_gone(&desk.child());
    session.settle();
    let before = session.bytes();
    session.press("%%%");
    session.settle();
    assert_eq!(session.bytes(), before, "written while nothing changed");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    session.is_restored();
    let ran = desk.entries("small").into_iter().rev().find(|e| matches!(e, Entry::Ran { .. }));
    let Some(Entry::Ran { step, command, stopped, millis, .. }) = ran else { panic!() };
    assert_eq!((step.as_str(), stopped), ("0a", true));
    assert!(command.starts_with("echo \"started") && millis >= 2_000, "{command} {millis}");
}

#[test]
fn leaving_asks_and_signals_end_what_runs() {
    let desk = Desk::new();
    let mut session = desk.start((80, 24), &[]);
    ask_to_run(&mut session);
    session.press("\r");
    session.wait_for("begun");
    session.press("q");
    session.wait_for("Leave, and stop the command?");
    session.press("\x1b");
    session.wait_for("Esc stops");
    session.settle();
    session.press("q");
    session.wait_for("Leave, and stop the command?");
    session.press("\r");
    assert_eq!(session.exit_code(), 0);
    session.is_restored();
    is_gone(&desk.child());
    assert!(desk.entries("small").iter().any(|e| matches!(e, Entry::Ran { stopped: true, .. })));

    for (signal, code) in [("TERM", 143), ("HUP", 129)] {
        std::fs::remove_file(desk.app.join("child")).unwrap();
        let mut session = desk.start((80, 24), &[]);
        session.wait_for("x run");
        session.press("x");
        session.wait_for("Run these commands?");
        session.press("\r");
        session.wait_for("begun");
        let pid = session.pid().to_string();
        assert!(
            Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap().success()
        );
        assert_eq!(session.exit_code(), code);
        session.is_restored();
        is_gone(&desk.child());
    }
}

#[test]
fn a_command_gets_no_input_and_its_output_is_harmless() {
    let desk = Desk::new();
    let mut session = desk.start((120, 40), &[]);
    session.wait_for("x run");
    session.press("]x");
    session.wait_for("They get no input.");
    session.press("\r");
    session.wait_for("exit code 7");
    session.wait_for("no answer came");
    session.wait_for("red  token=[secret]");
    session.wait_for("The last lines say why.");
    assert!(!session.text().contains("eyJzdWIi") && !session.text().contains("\x1b]0;title"));
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    let ran = |e: &Entry| matches!(e, Entry::Ran { code: Some(7), stopped: false, .. });
    assert!(desk.entries("small").iter().any(ran));
}

#[test]
fn a_change_is_applied_on_request_and_taken_back_byte_for_byte_after_a_restart() {
    let desk = Desk::new();
    let mut session = desk.start((100, 30), &[]);
    session.wait_for("x run");
    session.press("nn");
    session.wait_for("x apply");
    session.press("x");
    session.wait_for("3 │ +     Tracing: true");
    assert_eq!(desk.template(), TEMPLATE, "nothing is changed before a yes");
    session.press("\r");
    session.wait_for("Changed template.yaml.");
    assert_eq!(desk.template(), "Resources:\r\n  Api:\r\n    Tracing: true\r\n    Type: T\r\n");
    session.press("x");
    session.wait_for("holds this already");
    session.press("q");
    assert_eq!(session.exit_code(), 0);

    // It goes on at the step that was left.
    let mut session = desk.start((100, 30), &[]);
    session.wait_for("x apply");
    session.press("U");
    session.wait_for("Take back the change to template.yaml?");
    session.press("\r");
    session.wait_for("as it was before the change");
    assert_eq!(desk.template(), TEMPLATE);
    session.press("U");
    session.wait_for("There is no change to take back.");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    let changed: Vec<bool> = desk
        .entries("small")
        .into_iter()
        .filter_map(|e| match e {
            Entry::Changed { undone, .. } => Some(undone),
            _ => None,
        })
        .collect();
    assert_eq!(changed, [false, true]);
}

#[test]
fn a_file_that_no_longer_matches_is_left_as_it_is() {
    let desk = Desk::new();
    let mine = "Resources:\n  Api:\n    # mine\n    Type: T\n";
    std::fs::write(desk.app.join("template.yaml"), mine).unwrap();
    for (environment, words) in [
        (&[("NO_COLOR", "1")][..], ["doesn't fit template.yaml", "Line 3 differs:", "by hand"]),
        (
            &[("STEPPROOF_LANG", "ja")][..],
            ["template.yaml には、この変更が合いません", "3 行目が違います:", "手で変更"],
        ),
    ] {
        let mut session = desk.start((80, 24), environment);
        session.wait_for("x ");
        session.press("gnn");
        session.settle();
        session.press("x");
        for text in words {
            session.wait_for(text);
        }
        session.press("\r");
        session.press("q");
        assert_eq!(session.exit_code(), 0);
        assert_eq!(desk.template(), mine);
    }
    // Changed between the question and the answer.
    std::fs::write(desk.app.join("template.yaml"), TEMPLATE).unwrap();
    let mut session = desk.start((80, 24), &[]);
    session.wait_for("x apply");
    session.press("x");
    session.wait_for("Change template.yaml?");
    std::fs::write(desk.app.join("template.yaml"), mine).unwrap();
    session.press("\r");
    session.wait_for("has changed since it was shown");
    assert_eq!(desk.template(), mine);
    session.press("q");
    assert_eq!(session.exit_code(), 0);
}

#[test]
fn a_block_whose_value_is_unknown_names_the_step() {
    let desk = Desk::new();
    let mut session = desk.start((80, 24), &[]);
    session.wait_for("x run");
    session.press("nn]x");
    session.wait_for("api_url isn't known yet. Step 0b brings it.");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
}

#[test]
fn the_first_step_is_done_from_the_page_with_the_aws_cli() {
    let home = home();
    let path = path_with_aws();
    let environment = [("PATH", path.as_str())];
    let mut session = Session::start(&home, (120, 40), &["--practice"], &environment);
    session.wait_for("practice 000000000000");
    session.press("n");
    // Before the account is read, the stack's name isn't known.
    session.wait_for("--stack-name Secure-Serverless");
    session.wait_for("x run");
    session.press("x");
    session.wait_for("Write your copy of the app?");
    session.press("\r");
    session.wait_for("Run these commands?");
    assert!(home.path().join("secure-serverless/setup.yaml").is_file());
    session.press("\r");
    session.wait_for("Successfully created/updated stack - Secure-Serverless");
    session.wait_for("exit code 0");
    session.press("v");
    session.wait_for("Proven: 2 of 2 checks.");
    session.press("e");
    session.wait_for("cloudformation:DescribeStacks");
    session.wait_for("init_stack.complete = true");
    session.press("\x1b");
    session.settle();
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    session.is_restored();
    let entries = entries(home.path(), "secure-serverless");
    assert!(entries.iter().any(|e| matches!(e, Entry::Ran { code: Some(0), .. })));
    assert!(entries.iter().any(|e| matches!(e, Entry::Proven { step } if step == "0a")));
}

#[test]
fn a_settle_window_is_looked_at_again_by_itself_and_a_deployment_that_takes_back_is_named() {
    let desk = Desk::with(&SETTLE);
    let path = path_with_aws();
    let mut session = desk.start((120, 40), &[("PATH", path.as_str())]);
    let deploys = |session: &mut Session, keys: &str| {
        session.press(keys);
        session.wait_for("Run these commands?");
        session.press("\r");
        session.wait_for("The commands ended well");
        session.press("v");
    };
    session.wait_for("x run");
    deploys(&mut session, "x");
    // Nobody presses a key until the window has ended.
    session.wait_for("0a: the time is over");
    session.wait_for("not yet: Not two.");
    deploys(&mut session, "]x");
    session.wait_for("Proven: 1 of 1 checks.");
    deploys(&mut session, "[x");
    session.wait_for("it fails now.");
    session.wait_for("last deployment (");
    session.settle();
    let before = session.bytes();
    session.press("%%%");
    session.settle();
    assert_eq!(session.bytes(), before, "written while nothing waits");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    let verified = desk.entries("small").into_iter().filter(|e| matches!(e, Entry::Verified(_)));
    assert_eq!(verified.count(), 5, "three that were asked for, two that came out otherwise");
}
