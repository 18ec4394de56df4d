//! The two accounts, read by the same program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use stepproof::account::Target;
use stepproof::cli::course::execute::{CurrentValues, Workplace, steps};
use stepproof::cli::course::values::{AccountValues, names};
use stepproof::course::{Course, CourseFiles, PartId, Values};

use super::by_hand::Hands;
use super::differences::{Verdict, Verdicts};
use super::emulator::{Emulator, HOST};
use super::firewall;

const REGION: &str = "us-east-1";
/// Of ministack's default account, the only one whose API answers calls. moto takes any.
const ACCESS_KEY: &str = "test";
const ATTACK: &str = "Second opinion";

/// The course with each step needing no other: a check is compared by what it sees itself, and not
/// by a step before it that only one of the accounts can prove.
fn course_without_needs(to: &Path) {
    for (path, contents) in CourseFiles::embedded().iter() {
        let file = to.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        if path.starts_with("modules/") {
            let text = std::str::from_utf8(contents).unwrap();
            let free = text.lines().filter(|line| !line.trim_start().starts_with("needs:"));
            std::fs::write(file, free.collect::<Vec<_>>().join("\n")).unwrap();
        } else {
            std::fs::write(file, contents).unwrap();
        }
    }
}

/// The embedded practice account, in a data directory of its own.
pub(crate) struct Practice {
    home: tempfile::TempDir,
}

impl Practice {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        course_without_needs(&home.path().join("course"));
        Self { home }
    }

    /// Brings a module, or the `cleanup`, to its solved state.
    pub(crate) fn solve(&self, target: &str) {
        let output = self.command().args(["practice", "solve", target]).output().unwrap();
        assert!(output.status.success(), "practice solve {target}: {}", text(&output.stderr));
    }

    pub(crate) fn verify(&self) -> Verdicts {
        let verify = |more: &[&str]| {
            let mut command = self.command();
            command.arg("--course").arg(self.home.path().join("course"));
            command.args(["verify", "--practice", "--format", "json"]).args(more);
            verdicts(&command.output().unwrap())
        };
        let mut all = verify(&[]);
        all.extend(verify(&["--cleanup"]));
        all
    }

    fn command(&self) -> Command {
        stepproof(self.home.path())
    }
}

/// The same course on ministack and moto.
pub(crate) struct Second {
    emulator: Emulator,
    course: Course,
    place: Workplace,
    hands: Hands,
    /// The modules whose instructions were run.
    done: Vec<u8>,
    /// moto has the stage with its web ACL.
    firewall: bool,
    dir: tempfile::TempDir,
}

impl Second {
    pub(crate) async fn new(emulator: Emulator) -> Self {
        let dir = tempfile::tempdir().unwrap();
        course_without_needs(&dir.path().join("course"));
        let app = dir.path().join("app");
        let output = stepproof(dir.path()).arg("app").arg(&app).output().unwrap();
        assert!(output.status.success(), "stepproof app: {}", text(&output.stderr));
        let port = emulator.database_port.to_string();
        for template in ["setup.yaml", "database.yaml", "template.yaml"] {
            set_default(&app.join(template), "NatGateway", "\"yes\"", "\"no\"");
            set_default(&app.join(template), "DatabaseHost", "\"\"", HOST);
            set_default(&app.join(template), "DatabasePort", "3306", &port);
        }
        let mut place = Workplace::new(&app, &emulator.ministack, ACCESS_KEY, REGION);
        let path = std::env::var("PATH").unwrap();
        place.environment.push(("PATH".into(), format!("{}:{path}", emulator.programs.display())));
        place.environment.extend(emulator.services());
        let hands = Hands::new(&emulator, ACCESS_KEY, REGION, &app).await;
        // moto knows an account when it has been told something about it.
        hands.scan(false).await;
        let course = Course::embedded().unwrap();
        Self { emulator, course, place, hands, done: Vec::new(), firewall: false, dir }
    }

    /// Hands for what no instructions can do there.
    pub(crate) fn hands(&self) -> &Hands {
        &self.hands
    }

    /// Runs the blocks of a page as written, of all steps or of some.
    pub(crate) async fn run_instructions(&mut self, part: PartId, only: Option<&[&str]>) {
        let target = Target {
            api_url: Some(self.api_url()),
            token_url: Some(self.token_url()),
            ..Target::practice(&self.emulator.ministack, ACCESS_KEY, names(&self.course))
        };
        let account = AccountValues::connect(&self.course, target).await.unwrap();
        let mut values = Between { account, hands: &self.hands, emulator: &self.emulator };
        let wanted = |step: &str| only.is_none_or(|only| only.contains(&step));
        let ran = steps(&self.course, part, &self.done, wanted, &self.place, &mut values).await;
        match ran {
            Ok(blocks) => println!("{part:?}: {} blocks run", blocks.len()),
            Err(error) => panic!("{error}"),
        }
        if let PartId::Module(number) = part {
            self.done.push(number);
            self.run_schedule();
        }
    }

    /// Does once what the schedule does each minute; ministack has schedules, and runs none.
    fn run_schedule(&self) {
        let output = self
            .aws()
            .args(["lambda", "invoke", "--function-name", "CustomUnicornAnalyticsFunction"])
            .arg(self.dir.path().join("row.json"))
            .output()
            .unwrap();
        assert!(output.status.success(), "the schedule's function: {}", text(&output.stderr));
    }

    /// Steps 10a to 10c end here: the web ACL comes before the stage.
    pub(crate) async fn put_the_firewall_up(&mut self) {
        firewall::put_before_the_stage(&self.hands, &self.api_id(), "dev", REGION).await;
        self.firewall = true;
    }

    fn aws(&self) -> Command {
        let mut command = Command::new(self.emulator.programs.join("aws"));
        command.envs(self.place.environment.clone());
        command
    }

    pub(crate) fn verify(&self) -> Verdicts {
        let verify = |more: &[&str], moto: &[(&str, &str)]| {
            let mut command = stepproof(self.dir.path());
            command
                .arg("--course")
                .arg(self.dir.path().join("course"))
                .args(["verify", "--format", "json", "--region", REGION])
                .args(["--api-url", &self.api_url(), "--token-url", &self.token_url()])
                .args(more)
                .envs(self.place.environment.clone())
                .envs(moto.iter().copied());
            verdicts(&command.output().unwrap())
        };
        let mut all = verify(&[], &[]);
        all.extend(verify(&["--cleanup"], &[]));
        if self.firewall {
            let stage = ("AWS_ENDPOINT_URL_API_GATEWAY", self.emulator.moto.as_str());
            all.extend(verify(&["--module", "10"], &[stage]));
        }
        all
    }

    /// Sends the attack of module 0: a second statement in a field that should be a number.
    pub(crate) async fn attack(&self) -> Attack {
        let address = format!("{}customizations", self.api_address());
        let before = self.rows();
        let body = json!({
            "name": "Sparkle", "imageUrl": "https://example.com/sparkle.png",
            "sock": 1, "horn": 1, "glasses": 1,
            "cape": format!("1); INSERT INTO Socks (NAME, PRICE) VALUES ('{ATTACK}', 9999"),
        });
        let answer = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .post(address)
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        Attack { status: answer.status().as_u16(), new_rows: self.rows() - before }
    }

    fn api_url(&self) -> String {
        format!("{}/restapis/{{api}}/{{stage}}/_user_request_/", self.emulator.ministack)
    }

    fn token_url(&self) -> String {
        format!("{}/oauth2/token", self.emulator.ministack)
    }

    /// The API's address.
    fn api_address(&self) -> String {
        self.api_url().replace("{api}", &self.api_id()).replace("{stage}", "dev")
    }

    /// The API's id, from the stack's own output.
    fn api_id(&self) -> String {
        let output = self
            .aws()
            .args(["cloudformation", "describe-stacks", "--stack-name", "CustomizeUnicorns"])
            .args(["--query", "Stacks[0].Outputs[?OutputKey=='ApiURL'].OutputValue"])
            .args(["--output", "text"])
            .output()
            .unwrap();
        let address = text(&output.stdout);
        address.trim_start_matches("https://").split('.').next().unwrap().to_owned()
    }

    /// Rows that the attack left in the database.
    fn rows(&self) -> i64 {
        let query =
            format!("SELECT COUNT(*) FROM unicorn_customization.Socks WHERE NAME = '{ATTACK}'");
        self.emulator.sql(&query).trim().parse().unwrap()
    }
}

/// The account's values, read anew before each block; what the emulators leave out is set before.
struct Between<'a> {
    account: AccountValues<'a>,
    hands: &'a Hands,
    emulator: &'a Emulator,
}

impl CurrentValues for Between<'_> {
    async fn values(&mut self) -> Values {
        self.hands.work(self.emulator).await;
        self.account.values().await
    }
}

/// What an attack came to.
pub(crate) struct Attack {
    status: u16,
    new_rows: i64,
}

impl Attack {
    pub(crate) fn assert_works(&self) {
        assert_eq!((self.status, self.new_rows), (200, 1), "the insecure API takes the attack");
    }

    pub(crate) fn assert_refused(&self) {
        assert_eq!((self.status, self.new_rows), (401, 0), "the solved API refuses the attack");
    }
}

/// The program under test, untouched by the environment that the suite runs in.
fn stepproof(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepproof"));
    for (name, _) in std::env::vars() {
        if name.starts_with("STEPPROOF_") || (name.starts_with("AWS_") && name != "AWS_CA_BUNDLE") {
            command.env_remove(name);
        }
    }
    command.env("STEPPROOF_HOME", home).env("LANG", "C.UTF-8");
    command
}

/// Verdicts of a `verify --format json`.
fn verdicts(output: &Output) -> Verdicts {
    assert_ne!(output.status.code(), Some(2), "verify: {}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let cleanup = report.get("cleanup").filter(|part| part.is_object()).cloned();
    let verdicts: Verdicts = list(&report, "modules")
        .into_iter()
        .chain(cleanup)
        .flat_map(|part| list(&part, "steps"))
        .flat_map(|step| {
            let checks = list(&step, "checks").into_iter();
            checks.map(move |check| (word(&step["step"]), check)).collect::<Vec<_>>()
        })
        .map(|(step, check)| {
            // Only the time that has passed since a change tells the one from the other.
            let verdict = word(&check["verdict"]).replace("waiting", "fail");
            let message = word(&check["message"]);
            (word(&check["check"]), Verdict { step, word: verdict, message })
        })
        .collect();
    assert!(!verdicts.is_empty(), "verify reported no check");
    verdicts
}

/// Gives a template's parameter another default, where the template has that parameter: the
/// instructions then run as written, with an emulator's database and without a NAT gateway.
fn set_default(template: &PathBuf, parameter: &str, old: &str, new: &str) {
    let text = std::fs::read_to_string(template).unwrap();
    let Some(at) = text.find(&format!("\n  {parameter}:\n")) else { return };
    let (before, after) = text.split_at(at);
    let (old, new) = (format!("Default: {old}\n"), format!("Default: {new}\n"));
    assert!(after.contains(&old), "{parameter} of {} has another default", template.display());
    std::fs::write(template, format!("{before}{}", after.replacen(&old, &new, 1))).unwrap();
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
