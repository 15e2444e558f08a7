//! Returns the places of the workspace: its root, its front end, its target folder, its programs.

use std::path::{Path, PathBuf};

/// Returns the workspace's root.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Returns the front end's folder.
pub(crate) fn ui() -> PathBuf {
    root().join("ui")
}

/// Returns cargo's target folder, which `CARGO_TARGET_DIR` may move.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Returns the path of a binary after `cargo build`.
pub(crate) fn debug_binary(name: &str) -> PathBuf {
    target().join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Returns the path of a binary after `cargo build --release`.
pub(crate) fn release_binary(name: &str) -> PathBuf {
    target().join("release").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Returns the folder of the tools that this program installs for itself.
pub(crate) fn tools() -> PathBuf {
    target().join("tools")
}

/// Finds a program on `PATH` or among the installed tools.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = tools().join("bin");
    std::env::split_paths(&path).chain([own]).map(|dir| dir.join(&file)).find(|full| full.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_contains_the_workspace_manifest() {
        let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap_or_default();
        assert!(manifest.contains("[workspace]"));
    }

    #[test]
    fn an_unknown_program_is_not_found() {
        assert_eq!(program("no-such-program-anywhere"), None);
    }
}
