//! `practice start`: serves the practice account until it is told to stop.

use crate::cli::server::{self, Notice};
use crate::cli::{Context, Error, Exit, Outcome, output};
use crate::practice::faults::Spec;
use crate::practice::store::Store;
use crate::practice::{self, Options};

/// Arguments of `practice start`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Port to listen on; a free one without it
    #[arg(long, value_name = "P", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Faults to rehearse, as JSON: [{"action": "lambda:*", "fault": "throttling", "times": 3}]
    #[arg(long, value_name = "JSON", env = "STEPPROOF_PRACTICE_FAULTS")]
    faults: Option<String>,
}

pub(super) async fn run(args: Args, context: &Context) -> Outcome {
    let faults = args.faults.as_deref().map_or_else(|| Ok(Vec::new()), parse)?;
    if let Some(notice) = server::running(context).await {
        return Err(Error::usage(format!(
            "the practice account is served already: process {}, port {}",
            notice.pid, notice.port
        ))
        .with_remedy("Use that one (`stepproof practice env`), or stop it first."));
    }
    context.make_home()?;
    let path = context.home.join("practice.sqlite");
    let store = Store::open(&path).map_err(|error| {
        Error::usage(format!("cannot open the practice account {}: {error}", path.display()))
            .with_remedy("Move the file away; the practice account then begins empty.")
    })?;
    let port = args.port.unwrap_or(0);
    let options = Options { store, port, faults };
    let running = practice::serve(options).await.map_err(|error| cannot_listen(port, &error))?;
    let notice = Notice { pid: std::process::id(), port: running.port };
    let written = announce(context, notice);
    if written.is_ok() {
        let faulty = if args.faults.is_some() { " Faults are in force." } else { "" };
        output::words(&format!(
            "The practice account is served at {}.{faulty} Its state is in {}.\n\
             In another terminal: eval \"$(stepproof practice env)\"\n\
             Ctrl-C stops it; the state stays.",
            running.endpoint(),
            path.display()
        ));
        until_told_to_stop().await?;
        output::words("Stopped. The state stays; `stepproof practice start` goes on with it.");
    }
    running.stop().await;
    // Another server's notice is not ours to remove.
    if read(context).is_some_and(|now| now == notice) {
        let _ = std::fs::remove_file(server::notice_path(context));
    }
    written.map(|()| Exit::Proven)
}

fn parse(text: &str) -> Result<Vec<Spec>, Error> {
    serde_json::from_str(text).map_err(|error| {
        Error::usage(format!("the faults are not as asked for: {error}")).with_remedy(
            "Give a JSON list such as [{\"action\": \"lambda:GetFunction\", \"fault\": \
             \"access_denied\"}]. Faults: access_denied, throttling, server_error, unavailable, \
             expired_token, malformed, reset, latency (with milliseconds).",
        )
    })
}

fn cannot_listen(port: u16, error: &std::io::Error) -> Error {
    let remedy = "Leave --port out to take a free one, or give another.";
    match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            Error::usage(format!("port {port} is taken by another program")).with_remedy(remedy)
        }
        std::io::ErrorKind::PermissionDenied => {
            Error::usage(format!("port {port} is not allowed to you")).with_remedy(remedy)
        }
        _ => Error::unsure(format!("cannot listen on 127.0.0.1, port {port}: {error}")),
    }
}

/// Writes the notice as a whole or not at all.
fn announce(context: &Context, notice: Notice) -> Result<(), Error> {
    let path = server::notice_path(context);
    let fresh = path.with_extension(format!("json.{}", notice.pid));
    let text = serde_json::to_string(&notice).unwrap_or_default();
    let written = std::fs::write(&fresh, text).and_then(|()| std::fs::rename(&fresh, &path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&fresh);
        Error::usage(format!("cannot write {}: {error}", path.display()))
    })
}

fn read(context: &Context) -> Option<Notice> {
    serde_json::from_str(&std::fs::read_to_string(server::notice_path(context)).ok()?).ok()
}

/// Waits for SIGINT, SIGTERM or SIGHUP.
async fn until_told_to_stop() -> Result<(), Error> {
    let failed =
        |error: std::io::Error| Error::unsure(format!("cannot listen to signals: {error}"));
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let mut hangup = signal(SignalKind::hangup()).map_err(failed)?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result.map_err(failed),
            _ = terminate.recv() => Ok(()),
            _ = hangup.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.map_err(failed)
}
