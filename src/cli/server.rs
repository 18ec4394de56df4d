//! The practice account's server: the one that runs, or one of this process.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::context::Context;
use super::error::Error;
use crate::practice::{self, Options, Running};

/// `STEPPROOF_HOME/practice.json`: which process serves the practice account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Notice {
    /// The server's process id.
    pub(super) pid: u32,
    /// Its port on 127.0.0.1.
    pub(super) port: u16,
}

/// A server of the practice account.
#[derive(Debug)]
pub(super) enum Server {
    /// `stepproof practice start` of another process, or the interface of one.
    Other(Notice),
    /// This process; ends with it.
    Own(Running),
}

impl Server {
    /// `http://127.0.0.1:PORT`
    pub(super) fn endpoint(&self) -> String {
        match self {
            Self::Other(notice) => format!("http://127.0.0.1:{}", notice.port),
            Self::Own(running) => running.endpoint(),
        }
    }
}

/// Where the notice is.
pub(super) fn notice_path(context: &Context) -> PathBuf {
    context.home.join("practice.json")
}

/// The server that runs over this data directory, or else one of this process, on a free port.
///
/// # Errors
/// The state can't be opened, or no port can be had.
pub(super) async fn find_or_serve(context: &Context) -> Result<Server, Error> {
    if let Some(notice) = running(context).await {
        return Ok(Server::Other(notice));
    }
    context.make_home()?;
    let path = context.home.join("practice.sqlite");
    let store = practice::store::Store::open(&path).map_err(|error| {
        Error::usage(format!("cannot open the practice account {}: {error}", path.display()))
            .with_remedy("Move the file away; the practice account then begins empty.")
    })?;
    let options = Options { store, port: 0, faults: Vec::new() };
    let running = practice::serve(options).await.map_err(|error| {
        Error::unsure(format!("cannot serve the practice account on loopback: {error}"))
    })?;
    Ok(Server::Own(running))
}

/// The server that the notice names, where it still answers as itself.
pub(super) async fn running(context: &Context) -> Option<Notice> {
    let text = std::fs::read_to_string(notice_path(context)).ok()?;
    let notice: Notice = serde_json::from_str(&text).ok()?;
    let client =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build().ok()?;
    let address = format!("http://127.0.0.1:{}/_practice/status", notice.port);
    let status: serde_json::Value = client.get(address).send().await.ok()?.json().await.ok()?;
    // Another program may have the port by now.
    (status["pid"] == notice.pid).then_some(notice)
}
