//! A practice organization, and `connectorctl` as a script runs it.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]
#![allow(dead_code, reason = "each test program uses what it needs")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use connector::{Connector, ConnectorConfig, PracticeAddresses};
use practice::{Options, Practice};
use runtime::Clock;

pub(crate) const OWNER: &str = "super_admin";

/// A practice organization whose Radiant reads the System Log, its card on disk, and data folders.
pub(crate) struct Fixture {
    pub(crate) practice: Practice,
    folder: tempfile::TempDir,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let practice = Practice::start(Options::default()).await.unwrap();
        practice.control().credential(Some(practice.card().tokens.super_admin.clone()));
        while practice.control().counters().radiant_has == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("card.json"), serde_json::to_string(practice.card()).unwrap()).unwrap();
        Self { practice, folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the command in practice, over the data folder `name`.
    pub(crate) fn in_practice(&self, args: &[&str], name: &str) -> Command {
        let mut command = over(args, &self.path(name));
        command.arg("--practice-card").arg(self.path("card.json"));
        command
    }

    /// Returns a connector of this process over the same data folder, with its clock shifted by `offset`.
    pub(crate) fn connector(&self, name: &str, offset: chrono::TimeDelta) -> Connector {
        let config = ConnectorConfig { clock: Clock::offset(offset), ..ConnectorConfig::in_memory(self.path(name)) };
        Connector::open(config).unwrap()
    }

    pub(crate) fn clock(&self) -> Clock {
        Clock::system()
    }

    pub(crate) fn addresses(&self) -> PracticeAddresses {
        let card = self.practice.card();
        PracticeAddresses::new(&card.okta, &card.radiant.search, &card.radiant.docs)
    }
}

pub(crate) fn over(args: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connectorctl"));
    command.args(args).arg("--data-dir").arg(folder).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
