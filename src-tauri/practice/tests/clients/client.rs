//! One public client: its package, and a run of its script in a folder of its own.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

/// A client that has not ended after this time never ends.
const LIMIT: Duration = Duration::from_secs(150);
const PAUSE: Duration = Duration::from_millis(50);

/// An entry of `packages.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Client {
    pub name: String,
    package: String,
    script: String,
}

/// What a client read: identifiers by the name of the list.
pub type Lists = BTreeMap<String, Vec<String>>;

impl Client {
    /// Returns all clients.
    pub fn all() -> Vec<Self> {
        serde_json::from_str(include_str!("packages.json")).unwrap()
    }

    /// Returns the list of its requirements, itself among them, each with its version.
    fn requirements(&self) -> String {
        std::fs::read_to_string(scripts().join(format!("{}.txt", self.name))).unwrap()
    }

    /// Returns its package with the version.
    pub fn release(&self) -> String {
        let requirements = self.requirements();
        let own = format!("{}==", self.package);
        requirements.lines().find(|line| line.replace('_', "-").starts_with(&own)).unwrap().to_owned()
    }

    /// Returns the Python of its virtual environment below this folder, when all its requirements are installed there.
    pub fn python(&self, installed: &Path) -> Option<PathBuf> {
        let folder = installed.join(&self.name);
        let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
        let marker = std::fs::read_to_string(folder.join("installed.txt"));
        let is_complete = marker.is_ok_and(|marker| marker == self.requirements()) && python.is_file();
        is_complete.then_some(python)
    }

    /// Runs the script and returns what the client read, or why it read nothing.
    pub fn run(&self, python: &Path, folder: &Path, environment: &[(&str, String)]) -> Result<Lists, String> {
        std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        let log = folder.join("output.txt");
        let file = File::create(&log).map_err(|error| error.to_string())?;
        let mut command = Command::new(python);
        command.arg(scripts().join(&self.script)).current_dir(folder).stdin(Stdio::null());
        command.stdout(file.try_clone().map_err(|error| error.to_string())?).stderr(file);
        // Nothing of the caller's own proxies and certificates may reach the client.
        for name in ["ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy", "https_proxy", "NO_PROXY", "no_proxy"] {
            command.env_remove(name);
        }
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        let mut child = command.spawn().map_err(|error| format!("it does not start: {error}"))?;
        wait(&mut child).map_err(|why| format!("{why}; {}", last_lines(&log)))?;
        let read = std::fs::read(folder.join("read.json")).map_err(|error| error.to_string())?;
        serde_json::from_slice(&read).map_err(|error| error.to_string())
    }
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// Waits until the client has ended; ends it when it does not.
fn wait(child: &mut Child) -> Result<(), String> {
    let start = Instant::now();
    while start.elapsed() < LIMIT {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("it failed ({status})")),
            Ok(None) => std::thread::sleep(PAUSE),
            Err(error) => return Err(error.to_string()),
        }
    }
    drop(child.kill());
    drop(child.wait());
    Err(format!("it did not end within {} s", LIMIT.as_secs()))
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    match lines[lines.len().saturating_sub(6)..].join(" | ") {
        // Not even a traceback: the disk may be full.
        empty if empty.is_empty() => "it printed nothing".to_owned(),
        printed => printed,
    }
}
