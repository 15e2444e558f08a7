//! The front end: its packages and its build, each only when it is stale.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Result, bail};

use crate::{place, step};

/// `npm` is a script of its own name on Windows.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// Makes a command that runs a script of `ui/package.json`.
pub(crate) fn npm(args: &[&str]) -> std::process::Command {
    step::command(NPM, args, &place::ui())
}

/// Installs the packages when the lock file is newer than what is installed.
///
/// # Errors
/// When there is no front end here, or npm fails.
pub(crate) fn packages() -> Result<()> {
    let ui = place::ui();
    if !ui.join("package-lock.json").is_file() {
        bail!("no front end at {}", ui.display());
    }
    let installed = changed(&ui.join("node_modules/.package-lock.json"));
    if installed >= changed(&ui.join("package-lock.json")) && installed.is_some() {
        return Ok(());
    }
    step::must(npm(&["ci", "--no-audit", "--no-fund"]))
}

/// Builds `ui/dist` when any of its sources is newer, installing the packages first.
///
/// # Errors
/// When npm fails.
pub(crate) fn built() -> Result<()> {
    packages()?;
    let ui = place::ui();
    let dist = changed(&ui.join("dist/index.html"));
    if dist.is_some() && dist >= newest(&ui) {
        return Ok(());
    }
    step::must(npm(&["run", "build"]))
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

/// The newest change below a folder, leaving out what is made from it.
fn newest(dir: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(dir).ok()?;
    let times = entries.flatten().filter_map(|entry| {
        let path = entry.path();
        let name = entry.file_name();
        let made = name == "node_modules" || name == "dist" || name.to_string_lossy().starts_with(".");
        match (made, path.is_dir()) {
            (true, _) => None,
            (false, true) => newest(&path),
            (false, false) => changed(&path),
        }
    });
    times.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_does_not_count_as_a_source() {
        let dir = std::env::temp_dir().join(format!("xtask-front-{}", std::process::id()));
        let made = dir.join("dist");
        assert!(fs::create_dir_all(&made).and_then(|()| fs::write(made.join("index.html"), "x")).is_ok());
        assert_eq!(newest(&dir), None);
        assert!(fs::write(dir.join("main.ts"), "x").is_ok());
        assert_eq!(newest(&dir), changed(&dir.join("main.ts")));
        assert!(fs::remove_dir_all(&dir).is_ok());
    }
}
