//! Installs the packages of the front end and builds it, each only when it is out of date.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Result, bail};

use crate::{paths, process};

/// On Windows `npm` is a script with another name.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// Makes a command that runs a script of `ui/package.json`.
pub(crate) fn npm(args: &[&str]) -> std::process::Command {
    process::command(NPM, args, &paths::ui())
}

/// Installs the packages when the lock file is newer than the installed ones.
///
/// # Errors
/// When there is no front end, or npm fails.
pub(crate) fn install_packages() -> Result<()> {
    let ui = paths::ui();
    if !ui.join("package-lock.json").is_file() {
        bail!("no front end at {}", ui.display());
    }
    let installed = modified(&ui.join("node_modules/.package-lock.json"));
    if installed >= modified(&ui.join("package-lock.json")) && installed.is_some() {
        return Ok(());
    }
    process::run(npm(&["ci", "--no-audit", "--no-fund"]))
}

/// Builds `ui/dist` when any of its sources is newer, installing the packages first.
///
/// # Errors
/// When npm fails.
pub(crate) fn build() -> Result<()> {
    install_packages()?;
    let ui = paths::ui();
    let dist = modified(&ui.join("dist/index.html"));
    if dist.is_some() && dist >= latest_source_change(&ui) {
        return Ok(());
    }
    process::run(npm(&["run", "build"]))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

/// Returns the latest change of a file below a folder, without the generated files.
fn latest_source_change(dir: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(dir).ok()?;
    let times = entries.flatten().filter_map(|entry| {
        let path = entry.path();
        let name = entry.file_name();
        let is_generated = name == "node_modules" || name == "dist" || name.to_string_lossy().starts_with(".");
        match (is_generated, path.is_dir()) {
            (true, _) => None,
            (false, true) => latest_source_change(&path),
            (false, false) => modified(&path),
        }
    });
    times.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_files_do_not_count_as_sources() {
        let dir = std::env::temp_dir().join(format!("xtask-frontend-{}", std::process::id()));
        let dist = dir.join("dist");
        assert!(fs::create_dir_all(&dist).and_then(|()| fs::write(dist.join("index.html"), "x")).is_ok());
        assert_eq!(latest_source_change(&dir), None);
        assert!(fs::write(dir.join("main.ts"), "x").is_ok());
        assert_eq!(latest_source_change(&dir), modified(&dir.join("main.ts")));
        assert!(fs::remove_dir_all(&dir).is_ok());
    }
}
