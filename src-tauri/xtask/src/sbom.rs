//! The software bill of materials of a bundle, in CycloneDX: one file for each program and one for the window's page.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use cargo_metadata::MetadataCommand;
use serde_json::Value;

use crate::cargo_tools::CARGO_CYCLONEDX;
use crate::{frontend, paths, process, run_app};

/// Name of the files that cargo-cyclonedx writes beside the manifest of every package of the workspace.
const TEMPORARY: &str = "bill-of-materials";
const SPEC_VERSION: &str = "1.5";
/// The packages whose programs are packed, and the programs.
const PACKED: [(&str, &str); 3] = [
    (run_app::APP, run_app::APP),
    (run_app::AGENT, run_app::AGENT_PROGRAM),
    (run_app::COMMAND_LINE, run_app::COMMAND_LINE),
];

/// Writes the files into a folder and returns their paths.
///
/// # Errors
/// When a tool cannot be installed or fails, or a file lists no component.
pub(crate) fn write(folder: &Path) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder)?;
    let mut files = programs(folder)?;
    files.push(page(folder)?);
    for file in &files {
        let count = components(&std::fs::read_to_string(file)?).with_context(|| file.display().to_string())?;
        println!("{} ({count} components)", file.display());
    }
    Ok(files)
}

/// Writes the files of the programs that are packed.
fn programs(folder: &Path) -> Result<Vec<PathBuf>> {
    CARGO_CYCLONEDX.ensure()?;
    let manifest = paths::root().join("src-tauri/Cargo.toml");
    let mut command = CARGO_CYCLONEDX.command(&["cyclonedx", "--format", "json", "--spec-version", SPEC_VERSION]);
    command.args(["--override-filename", TEMPORARY, "--manifest-path"]).arg(manifest);
    let result = process::run(command);
    let mut files = Vec::new();
    // What it wrote is removed from the source folders also when it failed.
    for (name, place) in workspace_packages()? {
        let written = place.join(format!("{TEMPORARY}.json"));
        let program = PACKED.iter().find(|(package, _)| name == *package).map(|(_, program)| program);
        if let Some(program) = program.filter(|_| result.is_ok()) {
            let file = folder.join(format!("{program}.cdx.json"));
            let bill = std::fs::read_to_string(&written);
            let bill = bill.with_context(|| format!("cargo-cyclonedx wrote nothing for {name}"))?;
            std::fs::write(&file, without_root(&bill, &paths::root()))?;
            files.push(file);
        }
        if written.is_file() {
            std::fs::remove_file(&written)?;
        }
    }
    result.map(|()| files)
}

/// Returns a bill whose addresses of our own packages begin at the workspace and so do not tell where it was built.
fn without_root(bill: &str, root: &Path) -> String {
    let root = root.to_string_lossy().replace('\\', "/");
    bill.replace(&format!("file:///{}", root.trim_start_matches('/')), "file://")
}

/// Returns name and folder of every package of the workspace.
fn workspace_packages() -> Result<Vec<(String, PathBuf)>> {
    let metadata = MetadataCommand::new().current_dir(paths::root()).no_deps().exec()?;
    let place = |manifest: &cargo_metadata::camino::Utf8Path| manifest.parent().map(PathBuf::from).unwrap_or_default();
    Ok(metadata.packages.iter().map(|one| (one.name.to_string(), place(&one.manifest_path))).collect())
}

/// Writes the file of the page. Its packages are development dependencies: the bundler copies what it needs of them.
fn page(folder: &Path) -> Result<PathBuf> {
    let output = frontend::npm(&["sbom", "--sbom-format=cyclonedx"]).output().context("npm cannot be started")?;
    if !output.status.success() {
        bail!("npm sbom failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let file = folder.join("window-page.cdx.json");
    std::fs::write(&file, output.stdout)?;
    Ok(file)
}

/// Returns the number of components that a bill of materials lists.
fn components(text: &str) -> Result<usize> {
    let bill: Value = serde_json::from_str(text)?;
    let count = bill["components"].as_array().map_or(0, Vec::len);
    if bill["bomFormat"] != "CycloneDX" || count == 0 {
        bail!("no bill of materials in CycloneDX with components");
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_without_components_or_in_another_format_is_refused() {
        assert_eq!(components(r#"{"bomFormat": "CycloneDX", "components": [{}, {}]}"#).ok(), Some(2));
        for wrong in [
            r#"{"bomFormat": "CycloneDX", "components": []}"#,
            r#"{"spdxVersion": "2", "components": [{}]}"#,
            "[",
            "{}",
        ] {
            assert!(components(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_bill_does_not_tell_where_it_was_built() {
        let bill = r#"{"bom-ref": "path+file:///home/jo/app/src-tauri/cli#0.1.0", "purl": "pkg:cargo/serde@1.0.0"}"#;
        let expected = r#"{"bom-ref": "path+file:///src-tauri/cli#0.1.0", "purl": "pkg:cargo/serde@1.0.0"}"#;
        assert_eq!(without_root(bill, Path::new("/home/jo/app")), expected);
        assert_eq!(without_root("file:///C:/jo/app/x", Path::new("C:\\jo\\app")), "file:///x");
    }

    #[test]
    fn the_packed_programs_are_packages_of_the_workspace() -> Result<()> {
        let names: Vec<String> = workspace_packages()?.into_iter().map(|(name, _)| name).collect();
        for (package, _) in PACKED {
            assert!(names.iter().any(|name| name == package), "{package} is not in {names:?}");
        }
        Ok(())
    }
}
