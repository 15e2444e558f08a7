//! `cargo xtask drill clients`: public clients of Okta's API read the practice organization.
//!
//! Each client of `packages.json` is installed from PyPI into a virtual environment of its own below the target folder, with
//! every dependency at the version that its list of requirements names. The test `clients` of the practice package runs them and
//! prints the result as the last line, also when a client could not be installed: that is a failure.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::process::{self, Show};
use crate::{endurance_tests, paths};

/// The oldest Python 3 that every client runs on.
const OLDEST_MINOR: u32 = 10;

/// Installs the clients and lets each read; only those whose name contains the text.
///
/// # Errors
/// When there is no Python, or the test does not start.
pub(crate) fn run(only: Option<&str>) -> Result<ExitCode> {
    let installed = paths::tools().join("clients");
    for name in clients()?.iter().filter(|name| only.is_none_or(|only| name.contains(only))) {
        // The test reports a client that is missing, and tries the others.
        if let Err(error) = install(name, &installed.join(name)) {
            println!("{name} could not be installed: {error:#}");
        }
    }
    let words =
        ["test", "--package", "practice", "--test", "clients", "--", "--ignored", "--nocapture", "drill_clients"];
    let mut command = process::command("cargo", &words, &paths::root());
    command.env("PRACTICE_CLIENTS", &installed).env("PRACTICE_CLIENTS_ONLY", only.unwrap_or_default());
    let (status, output) = process::run_captured(command, Show::AsItComes)?;
    println!("{}", endurance_tests::result_line(&output).context("the test printed no result")?);
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Installs one client and returns the folder of its virtual environment.
///
/// # Errors
/// When there is no Python, or it cannot be installed.
pub(crate) fn installed(name: &str) -> Result<PathBuf> {
    let folder = paths::tools().join("clients").join(name);
    install(name, &folder)?;
    Ok(folder)
}

fn folder() -> PathBuf {
    paths::root().join("src-tauri/practice/tests/clients")
}

/// Returns the clients' names.
fn clients() -> Result<Vec<String>> {
    let text = std::fs::read_to_string(folder().join("packages.json"))?;
    let clients: Vec<Value> = serde_json::from_str(&text)?;
    Ok(clients.iter().filter_map(|client| client["name"].as_str()).map(str::to_owned).collect())
}

/// Installs a client unless it is there with the same requirements.
fn install(name: &str, environment: &Path) -> Result<()> {
    let requirements = folder().join(format!("{name}.txt"));
    let wanted = std::fs::read_to_string(&requirements).context("it has no list of requirements")?;
    let marker = environment.join("installed.txt");
    if std::fs::read_to_string(&marker).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if environment.exists() {
        std::fs::remove_dir_all(environment)?;
    }
    let place = environment.to_string_lossy();
    process::run(process::command(python()?, &["-m", "venv", &place], &paths::root()))?;
    let own_python = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let list = requirements.to_string_lossy();
    let words = ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--no-deps", "--requirement", &list];
    process::run(process::command(own_python, &words, &paths::root()))?;
    Ok(std::fs::write(marker, wanted)?)
}

/// Returns the Python on `PATH`.
fn python() -> Result<PathBuf> {
    let found = ["python3", "python"].iter().find_map(|name| paths::program(name));
    let python = found.with_context(|| format!("Python 3.{OLDEST_MINOR} or newer is needed"))?;
    let version = process::probe(&python.to_string_lossy(), &["--version"]).unwrap_or_default();
    if !is_new_enough(&version) {
        bail!("Python 3.{OLDEST_MINOR} or newer is needed ({} is {version})", python.display());
    }
    Ok(python)
}

fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches("Python ").split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    numbers.next() == Some(3) && numbers.next().is_some_and(|minor| minor >= OLDEST_MINOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_versions_are_compared_by_number() {
        for (version, expected) in [
            ("Python 3.11.7", true),
            ("Python 3.10.0", true),
            ("Python 3.9.18", false),
            ("Python 2.7.18", false),
            ("", false),
        ] {
            assert_eq!(is_new_enough(version), expected, "{version}");
        }
    }

    #[test]
    fn every_requirement_of_every_client_is_pinned() -> Result<()> {
        let clients = clients()?;
        assert_eq!(clients.len(), 4);
        for name in clients {
            let list = std::fs::read_to_string(folder().join(format!("{name}.txt")))?;
            let unpinned: Vec<_> = list.lines().filter(|line| line.split("==").count() != 2).collect();
            assert!(unpinned.is_empty() && list.lines().count() > 5, "{name}: {unpinned:?}");
        }
        Ok(())
    }
}
