//! What every command starts from: global flags, their environment variables, the data directory.

use std::path::PathBuf;

use clap::builder::{BoolishValueParser, NonEmptyStringValueParser};
use etcetera::BaseStrategy;

use super::error::Error;

/// Flags that every command takes.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Account and course")]
pub struct Global {
    /// Use the embedded practice account instead of AWS
    #[arg(long, global = true, env = "STEPPROOF_PRACTICE", value_parser = BoolishValueParser::new())]
    pub practice: bool,
    /// AWS profile to read the account with
    #[arg(long, global = true, value_name = "P", conflicts_with = "practice", value_parser = NonEmptyStringValueParser::new())]
    pub profile: Option<String>,
    /// AWS region of the workshop
    #[arg(long, global = true, value_name = "R", value_parser = NonEmptyStringValueParser::new())]
    pub region: Option<String>,
    /// A course directory instead of the course in the program
    #[arg(long, global = true, value_name = "DIR", env = "STEPPROOF_COURSE")]
    pub course: Option<PathBuf>,
    /// Language of messages: en or ja [default: from LC_ALL, LC_MESSAGES, LANG]
    #[arg(long, global = true, env = "STEPPROOF_LANG", value_parser = ["en", "ja"], hide_possible_values = true)]
    pub lang: Option<String>,
    /// When the event ends: a local time (11:40), a date and time, or how long it takes (2h30m);
    /// remembered for later starts, `none` forgets it
    #[arg(long, global = true, value_name = "T", env = "STEPPROOF_ENDS", value_parser = NonEmptyStringValueParser::new())]
    pub ends: Option<String>,
    /// Name of the setup stack
    #[arg(long, global = true, value_name = "N", env = "STEPPROOF_STACK_INIT", value_parser = NonEmptyStringValueParser::new())]
    pub stack_init: Option<String>,
    /// Name of the database stack
    #[arg(long, global = true, value_name = "N", env = "STEPPROOF_STACK_DATABASE", value_parser = NonEmptyStringValueParser::new())]
    pub stack_database: Option<String>,
    /// Name of the application's stack
    #[arg(long, global = true, value_name = "N", env = "STEPPROOF_STACK_APP", value_parser = NonEmptyStringValueParser::new())]
    pub stack_app: Option<String>,
    /// Name of any of the course's stacks, by its role in course.yaml; may be given several times
    #[arg(long = "stack", global = true, value_name = "ROLE=NAME", env = "STEPPROOF_STACK", value_delimiter = ',', value_parser = role_and_name)]
    pub stacks: Vec<(String, String)>,
    /// The API's stage
    #[arg(long, global = true, value_name = "S", env = "STEPPROOF_STAGE", value_parser = NonEmptyStringValueParser::new())]
    pub stage: Option<String>,
    /// Where the API answers, for an endpoint other than AWS: an address with {api}, {region}, {stage}
    #[arg(long, global = true, value_name = "T", env = "STEPPROOF_API_URL", value_parser = NonEmptyStringValueParser::new())]
    pub api_url: Option<String>,
    /// Where tokens are issued, for an endpoint other than AWS: an address with {domain}, {region}
    #[arg(long, global = true, value_name = "T", env = "STEPPROOF_TOKEN_URL", value_parser = NonEmptyStringValueParser::new())]
    pub token_url: Option<String>,
    /// Keys of the terminal interface [default: keys.yaml in the data directory]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "STEPPROOF_KEYS",
        help_heading = "Terminal interface"
    )]
    pub keys: Option<PathBuf>,
    /// Leave the mouse to the terminal
    #[arg(long, global = true, env = "STEPPROOF_NO_MOUSE", value_parser = BoolishValueParser::new(), help_heading = "Terminal interface")]
    pub no_mouse: bool,
}

/// `ROLE=NAME`, neither of them empty.
fn role_and_name(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((role, name)) if !role.is_empty() && !name.is_empty() => {
            Ok((role.to_owned(), name.to_owned()))
        }
        _ => Err("give a role and a name: app=MyStack".to_owned()),
    }
}

/// What a command works in.
#[derive(Debug, Clone)]
pub struct Context {
    /// The global flags.
    pub global: Global,
    /// The data directory; may not exist yet ([`Context::make_home`]).
    pub home: PathBuf,
    /// Language of messages: `en` or `ja`.
    pub lang: String,
}

impl Context {
    /// Reads the environment.
    ///
    /// # Errors
    /// No home directory to put the data directory into.
    pub fn new(global: Global) -> Result<Self, Error> {
        let home = match std::env::var_os("STEPPROOF_HOME").filter(|value| !value.is_empty()) {
            Some(path) => PathBuf::from(path),
            None => etcetera::choose_base_strategy()
                .map_err(|error| {
                    Error::usage(format!("no home directory: {error}"))
                        .with_remedy("Set STEPPROOF_HOME to a directory for stepproof's data.")
                })?
                .data_dir()
                .join("stepproof"),
        };
        let lang = global.lang.clone().unwrap_or_else(language);
        Ok(Self { global, home, lang })
    }

    /// Makes the data directory, readable for its owner only.
    ///
    /// # Errors
    /// It can't be made.
    pub fn make_home(&self) -> Result<(), Error> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.home).map_err(|error| {
            Error::usage(format!("cannot make the data directory {}: {error}", self.home.display()))
                .with_remedy("Set STEPPROOF_HOME to a directory that you can write to.")
        })
    }

    /// Starts the log file when STEPPROOF_LOG asks for one. Only the program's own events go
    /// there: the SDK's could hold tokens.
    pub(super) fn start_log(&self) -> Result<(), Error> {
        let Some(level) = std::env::var_os("STEPPROOF_LOG").filter(|value| !value.is_empty())
        else {
            return Ok(());
        };
        let level: tracing::Level =
            level.to_str().and_then(|text| text.parse().ok()).ok_or_else(|| {
                Error::usage("STEPPROOF_LOG is not one of error, warn, info, debug, trace")
            })?;
        self.make_home()?;
        let path = self.home.join("stepproof.log");
        let file =
            std::fs::OpenOptions::new().create(true).append(true).open(&path).map_err(|error| {
                Error::usage(format!("cannot write the log {}: {error}", path.display()))
            })?;
        let filter = tracing_subscriber::EnvFilter::new(format!("off,stepproof={level}"));
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(false)
            .with_writer(std::sync::Mutex::new(file))
            .init();
        Ok(())
    }
}

/// The language of the terminal's locale, English unless it is Japanese.
fn language() -> String {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .unwrap_or_default();
    if locale.starts_with("ja") { "ja" } else { "en" }.to_owned()
}
