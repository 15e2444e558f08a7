//! The small chores: packages and bindings.

use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::needs::{self, For};
use crate::{front, place, step, window};

/// Makes the .deb and the .rpm with Tauri's own tool, which is an npm package of the front end.
///
/// # Errors
/// When something is missing, does not build, or no package comes out.
pub(crate) fn bundle() -> Result<ExitCode> {
    needs::ready(For::Bundle)?;
    front::built()?;
    let tauri = place::ui().join("node_modules/.bin/tauri");
    let args = ["build", "--bundles", "deb,rpm"];
    step::must(step::command(tauri, &args, &place::root().join("src-tauri")))?;
    let made = place::target().join("release/bundle");
    for kind in ["deb", "rpm"] {
        let dir = made.join(kind);
        for file in std::fs::read_dir(&dir).with_context(|| format!("no packages in {}", dir.display()))?.flatten() {
            let bytes = file.metadata().map(|meta| meta.len()).unwrap_or(0);
            if file.path().extension().is_some_and(|ending| ending == kind) {
                println!("{} ({} kB)", file.path().display(), bytes / 1000);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the window's typed door to the Rust commands.
///
/// # Errors
/// When the shell does not build.
pub(crate) fn bindings() -> Result<ExitCode> {
    needs::ready(For::Build)?;
    front::built()?;
    let args = ["run", "--package", window::APP, "--example", "bindings"];
    step::must(step::command("cargo", &args, &place::root()))?;
    Ok(ExitCode::SUCCESS)
}
