//! Runs a page's instructions as written, in order: `diff apply`, `json file` and `sh run` blocks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::cli::bash;
use crate::cli::output::printable;
use crate::cli::practice::solve::with_modules;
use crate::course::{
    Block, BlockKind, Course, CourseError, Part, PartId, RenderedPage, SectionKind, Values,
    apply_diff,
};

/// A block that takes longer hangs: the slowest one deploys or downloads dependencies.
const LIMIT: Duration = Duration::from_mins(10);
/// Lines of a failed block's output that are shown, from its end.
const SHOWN: usize = 40;

/// Where instructions run.
#[derive(Debug, Clone)]
pub struct Workplace {
    /// The app directory: a copy of the starter application.
    pub app: PathBuf,
    /// Environment variables beside the inherited ones. Inherited `AWS_…` and `STEPPROOF_…`
    /// variables are left out, so that no command reaches an account of who runs the test.
    pub environment: Vec<(String, String)>,
}

impl Workplace {
    /// For an account that is served at `endpoint`, where the access key id names the account.
    pub fn new(app: &Path, endpoint: &str, access_key: &str, region: &str) -> Self {
        let variables = [
            ("AWS_ACCESS_KEY_ID", access_key),
            ("AWS_SECRET_ACCESS_KEY", "practice"),
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_REGION", region),
            ("AWS_DEFAULT_REGION", region),
            ("AWS_PAGER", ""),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("NO_PROXY", "127.0.0.1,localhost"),
            ("no_proxy", "127.0.0.1,localhost"),
        ];
        let environment =
            variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Self { app: app.to_owned(), environment }
    }
}

/// Answers with the account's values, read anew.
pub trait CurrentValues {
    /// The values now.
    fn values(&mut self) -> impl Future<Output = Values> + Send;
}

/// A block that was run.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The step that it stands in; empty in a page's opening.
    pub step: String,
    /// Its info string: `sh run`, `diff apply=template.yaml`.
    pub info: String,
    /// The line of its opening fence in the page as written.
    pub line: usize,
    /// How long it took.
    pub seconds: f64,
    /// What it printed.
    pub output: String,
}

/// Instructions that can't be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// The page can't be rendered.
    #[error("{0}")]
    Page(#[from] CourseError),
    /// A block can't be run, or failed.
    #[error("{0}")]
    Block(Box<BlockError>),
}

/// A block that can't be run, or failed.
#[derive(Debug, thiserror::Error)]
#[error(
    "{place}: `{info}` of step {step}: {problem}\n{}{}",
    indented("  ", text),
    indented("  > ", output)
)]
pub struct BlockError {
    /// The page's file and the line of the block's opening fence.
    place: String,
    info: String,
    step: String,
    problem: String,
    text: Shown,
    output: Shown,
}

/// Text of a block or of a command, shown without control characters.
#[derive(Debug, Default)]
struct Shown(String);

fn indented(by: &str, text: &Shown) -> String {
    use std::fmt::Write;
    text.0.lines().fold(String::new(), |mut shown, line| {
        let _ = writeln!(shown, "{by}{}", printable(line));
        shown
    })
}

/// Runs all blocks of a part's page, up to the first that fails, on an account on which the
/// modules `before` are done.
///
/// # Errors
/// The page can't be rendered, a value that a block needs isn't known, or the block failed.
pub async fn part(
    course: &Course,
    part: impl Into<PartId>,
    before: &[u8],
    place: &Workplace,
    current: &mut impl CurrentValues,
) -> Result<Vec<Ran>, ExecuteError> {
    steps(course, part, before, |_| true, place, current).await
}

/// Runs the blocks of the steps that are wanted, by their ids; the opening's and the Look back's
/// have none. Values are read anew before each block, because the block before may have brought
/// them.
///
/// # Errors
/// As of [`part`].
pub async fn steps(
    course: &Course,
    part: impl Into<PartId>,
    before: &[u8],
    wanted: impl Fn(&str) -> bool,
    place: &Workplace,
    current: &mut impl CurrentValues,
) -> Result<Vec<Ran>, ExecuteError> {
    let mut done: BTreeSet<String> = course
        .modules
        .iter()
        .filter(|module| before.contains(&module.entry.number))
        .flat_map(|module| module.steps.iter().map(|step| step.spec.id.clone()))
        .collect();
    let id = part.into();
    let mut ran: Vec<Ran> = Vec::new();
    loop {
        let values = current.values().await;
        let Some(page) = course.render(id, "en", &values, &with_modules(course, &done))? else {
            return Ok(ran);
        };
        let mut blocks = runnable(&page).filter(|(step, _)| wanted(step));
        let Some((step, block)) = blocks.nth(ran.len()) else { return Ok(ran) };
        if let Some(before) = ran.last().filter(|before| before.step != step) {
            done.insert(before.step.clone());
        }
        let began = Instant::now();
        let info = info(&block.kind);
        let output = run(place, block).await.map_err(|(problem, output)| {
            let page = course.part(id).and_then(|part: Part<'_>| part.page("en"));
            let path = page.map(|page| page.path.as_str()).unwrap_or_default();
            ExecuteError::Block(Box::new(BlockError {
                place: format!("{path}:{}", block.line),
                info: info.clone(),
                step: step.to_owned(),
                problem,
                text: Shown(block.source.clone()),
                output: Shown(output),
            }))
        })?;
        let seconds = began.elapsed().as_secs_f64();
        ran.push(Ran { step: step.to_owned(), info, line: block.line, seconds, output });
    }
}

/// The blocks that do something, with their step.
fn runnable(page: &RenderedPage) -> impl Iterator<Item = (&str, &Block)> {
    page.sections.iter().flat_map(|section| {
        let step = match &section.kind {
            SectionKind::Step(id) => id.as_str(),
            SectionKind::Opening | SectionKind::LookBack => "",
        };
        let does = |block: &&Block| !matches!(block.kind, BlockKind::Sh | BlockKind::Shown(_));
        section.blocks.iter().filter(does).map(move |block| (step, block))
    })
}

fn info(kind: &BlockKind) -> String {
    match kind {
        BlockKind::ShRun => "sh run".into(),
        BlockKind::Sh => "sh".into(),
        BlockKind::DiffApply { file } => format!("diff apply={file}"),
        BlockKind::JsonFile { file } => format!("json file={file}"),
        BlockKind::Shown(language) => language.clone(),
    }
}

/// Does what a block says. Answers with what it printed; fails with the problem and the output.
async fn run(place: &Workplace, block: &Block) -> Result<String, (String, String)> {
    let silent = |problem: String| (problem, String::new());
    if let Some(value) = block.unknown() {
        return Err(silent(format!("it needs a value that isn't known yet: {value}")));
    }
    match &block.kind {
        BlockKind::ShRun => shell(place, &block.source).await,
        BlockKind::DiffApply { file } => {
            patch(&place.app.join(file), &block.source).map_err(silent)?;
            Ok(String::new())
        }
        BlockKind::JsonFile { file } => {
            std::fs::write(place.app.join(file), &block.source)
                .map_err(|error| silent(format!("cannot write {file}: {error}")))?;
            Ok(String::new())
        }
        BlockKind::Sh | BlockKind::Shown(_) => Ok(String::new()),
    }
}

fn patch(file: &Path, diff: &str) -> Result<(), String> {
    let before = std::fs::read_to_string(file).map_err(|error| format!("no such file: {error}"))?;
    let after = apply_diff(&before, diff)?;
    std::fs::write(file, after).map_err(|error| format!("cannot write: {error}"))
}

/// Runs shell commands in the app directory, up to the first that fails.
async fn shell(place: &Workplace, source: &str) -> Result<String, (String, String)> {
    let mut command = bash::command(source, &place.app);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        // Where the AWS CLI finds certificates is the machine's business, not an account's.
        let foreign = name.starts_with("AWS_") && name != "AWS_CA_BUNDLE";
        if foreign || name.starts_with("STEPPROOF_") {
            command.env_remove(&*name);
        }
    }
    command.envs(place.environment.iter().map(|(name, value)| (name, value)));
    let silent = |problem: String| (problem, String::new());
    let output = tokio::time::timeout(LIMIT, command.output())
        .await
        .map_err(|_| silent(format!("still running after {} s", LIMIT.as_secs())))?
        .map_err(|error| silent(format!("cannot start bash: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let problem = match output.status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => "was killed".into(),
    };
    Err((problem, tail(&text)))
}

/// The last lines of a text.
fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(SHOWN)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(kind: BlockKind, source: &str) -> Block {
        Block { kind, source: source.into(), line: 7 }
    }

    fn place(dir: &tempfile::TempDir) -> Workplace {
        Workplace::new(dir.path(), "http://127.0.0.1:9", "111122223333", "us-east-1")
    }

    #[tokio::test]
    async fn commands_run_in_the_app_directory_against_the_endpoint() {
        let dir = tempfile::tempdir().unwrap();
        let source = "echo \"$AWS_ACCESS_KEY_ID $AWS_ENDPOINT_URL\"\ntouch here; echo >&2 words\n";
        let printed = run(&place(&dir), &block(BlockKind::ShRun, source)).await.unwrap();
        assert_eq!(printed, "111122223333 http://127.0.0.1:9\nwords\n");
        assert!(dir.path().join("here").exists());
    }

    #[tokio::test]
    async fn the_first_failing_command_ends_a_block_and_its_output_is_shown() {
        let dir = tempfile::tempdir().unwrap();
        let source = "echo before; false | cat\necho after\n";
        let (problem, output) =
            run(&place(&dir), &block(BlockKind::ShRun, source)).await.unwrap_err();
        assert_eq!((problem.as_str(), output.as_str()), ("ended with exit code 1", "before"));
    }

    #[tokio::test]
    async fn a_diff_must_fit_and_change_something() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("t.yaml"), "a: 1\nb: 2\n").unwrap();
        let kind = || BlockKind::DiffApply { file: "t.yaml".into() };
        let diff = "--- t.yaml\n+++ t.yaml\n@@ -1,2 +1,3 @@\n a: 1\n b: 2\n+c: 3\n";
        run(&place(&dir), &block(kind(), diff)).await.unwrap();
        let text = std::fs::read_to_string(dir.path().join("t.yaml")).unwrap();
        assert_eq!(text, "a: 1\nb: 2\nc: 3\n");
        let gone = "--- t.yaml\n+++ t.yaml\n@@ -1,2 +1,2 @@\n x: 1\n-b: 2\n+c: 3\n";
        run(&place(&dir), &block(kind(), gone)).await.unwrap_err();
    }

    #[tokio::test]
    async fn a_block_whose_value_is_unknown_is_not_run() {
        use crate::course::{UNKNOWN_CLOSE, UNKNOWN_OPEN};
        let dir = tempfile::tempdir().unwrap();
        let source = format!("touch {UNKNOWN_OPEN}api_url: step 0d{UNKNOWN_CLOSE}\n");
        let (problem, _) = run(&place(&dir), &block(BlockKind::ShRun, &source)).await.unwrap_err();
        assert!(problem.ends_with("api_url: step 0d"), "{problem}");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_failed_block_is_shown_with_place_source_and_output() {
        let error = BlockError {
            place: "content/en/00-x.md:12".into(),
            info: "sh run".into(),
            step: "0d".into(),
            problem: "ended with exit code 1".into(),
            text: Shown("aws s3 ls\n".into()),
            output: Shown("\u{1b}[31mno\n".into()),
        };
        assert_eq!(
            error.to_string(),
            "content/en/00-x.md:12: `sh run` of step 0d: ended with exit code 1\n  aws s3 ls\n  > \u{fffd}[31mno\n"
        );
    }
}
