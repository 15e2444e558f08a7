//! `cargo xtask bundle`: makes the .deb and the .rpm with Tauri's own tool, which is an npm package of the front end, and their
//! software bills of materials.
//!
//! The packages also install the agent beside the app, and `connectorctl` with its manual pages and completions, which are
//! generated from the packed program. All of it is passed to the tool as a second configuration that is merged into
//! `tauri.conf.json`. It cannot stand in `tauri.linux.conf.json`: Tauri's build script requires each external binary whenever
//! the app is compiled, also for tests, and copies it over the one that cargo built.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::prerequisites::{self, Purpose};
use crate::{frontend, paths, process, run_app, sbom};

const NAME: &str = "connectorctl";
/// The shells with completions, and the places of these in each kind of package.
const SHELLS: [(&str, &str, &str); 3] = [
    ("bash", "bash-completion/completions/connectorctl", "bash-completion/completions/connectorctl"),
    ("zsh", "zsh/vendor-completions/_connectorctl", "zsh/site-functions/_connectorctl"),
    ("fish", "fish/vendor_completions.d/connectorctl.fish", "fish/vendor_completions.d/connectorctl.fish"),
];

/// Writes the software bills of materials alone.
///
/// # Errors
/// When a tool is missing or fails.
pub(crate) fn write_bills_of_materials() -> Result<ExitCode> {
    frontend::install_packages()?;
    sbom::write(&paths::target().join("sbom"))?;
    Ok(ExitCode::SUCCESS)
}

/// Makes both packages and their bills of materials; from a debug build when only their content matters.
///
/// # Errors
/// When something is missing, does not build, or no package is made.
pub(crate) fn make(debug: bool) -> Result<ExitCode> {
    prerequisites::ensure(Purpose::Bundle)?;
    frontend::build()?;
    let config = write_config(&[agent_config(debug)?, command_line_config(debug)?])?;
    let tauri = paths::ui().join("node_modules/.bin/tauri");
    let config = config.to_string_lossy();
    let mut args = vec!["build", "--bundles", "deb,rpm", "--config", &config];
    args.extend(debug.then_some("--debug"));
    process::run(process::command(tauri, &args, &paths::root().join("src-tauri")))?;
    let bundles = paths::target().join(if debug { "debug/bundle" } else { "release/bundle" });
    for kind in ["deb", "rpm"] {
        let dir = bundles.join(kind);
        for file in std::fs::read_dir(&dir).with_context(|| format!("no packages in {}", dir.display()))?.flatten() {
            let bytes = file.metadata().map(|meta| meta.len()).unwrap_or(0);
            if file.path().extension().is_some_and(|ending| ending == kind) {
                println!("{} ({} kB)", file.path().display(), bytes / 1000);
                ensure_agent_is_in(&file.path(), kind)?;
            }
        }
    }
    sbom::write(&bundles.join("sbom"))?;
    Ok(ExitCode::SUCCESS)
}

/// Fails when a package lacks the agent. A kind of package whose tool is not installed here is not looked into.
fn ensure_agent_is_in(package: &Path, kind: &str) -> Result<()> {
    let (tool, list) = if kind == "deb" { ("dpkg-deb", "--contents") } else { ("rpm", "-qlp") };
    let content = process::probe(tool, &[list, &package.to_string_lossy()]);
    let place = format!("/usr/bin/{}", run_app::AGENT_PROGRAM);
    match content {
        Some(files) if !files.lines().any(|line| line.ends_with(&place)) => {
            bail!("{} lacks {place}", package.display())
        }
        _ => Ok(()),
    }
}

/// Builds the agent and returns the configuration that installs it beside the app. The tool expects the target in the file's
/// name and installs the file without it.
fn agent_config(debug: bool) -> Result<Value> {
    let program = run_app::build_agent(debug)?;
    let target = process::probe("rustc", &["--print", "host-tuple"]).context("rustc does not name its host")?;
    let folder = paths::target().join("external-binaries");
    std::fs::create_dir_all(&folder)?;
    let file = folder.join(run_app::AGENT_PROGRAM);
    std::fs::copy(&program, format!("{}-{target}", file.display()))?;
    Ok(json!({ "bundle": { "externalBin": [file] } }))
}

/// Writes the configurations as one file, each merged into those before it, and returns the file's path.
fn write_config(parts: &[Value]) -> Result<PathBuf> {
    let mut config = json!({});
    parts.iter().for_each(|part| merge(&mut config, part));
    let file = paths::target().join("bundle-config.json");
    std::fs::write(&file, config.to_string())?;
    Ok(file)
}

fn merge(config: &mut Value, part: &Value) {
    match (config.as_object_mut(), part.as_object()) {
        (Some(config), Some(part)) => {
            for (name, value) in part {
                merge(config.entry(name.as_str()).or_insert(Value::Null), value);
            }
        }
        _ => *config = part.clone(),
    }
}

/// Builds `connectorctl`, generates its manual pages and completions, and returns the configuration that lists them.
fn command_line_config(debug: bool) -> Result<Value> {
    let args = ["build", "--package", NAME].into_iter().chain((!debug).then_some("--release"));
    process::run(process::command("cargo", &args.collect::<Vec<_>>(), &paths::root()))?;
    let program = if debug { paths::debug_binary(NAME) } else { paths::release_binary(NAME) };
    let folder = paths::target().join("command-line");
    let pages = folder.join("man");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&pages)?;
    output(process::command(&program, &["man", "--all-into", &pages.to_string_lossy()], &folder))?;
    for (shell, ..) in SHELLS {
        std::fs::write(folder.join(shell), output(process::command(&program, &["completions", shell], &folder))?)?;
    }
    let mut names = Vec::new();
    for page in std::fs::read_dir(&pages)? {
        names.push(page?.file_name().to_string_lossy().into_owned());
    }
    let files = |kind| files(&program, &folder, &names, kind);
    Ok(json!({ "bundle": { "linux": { "deb": { "files": files(Kind::Deb) }, "rpm": { "files": files(Kind::Rpm) } } } }))
}

fn output(mut command: Command) -> Result<Vec<u8>> {
    let output = command.output()?;
    if !output.status.success() {
        bail!("failed ({}): {}", output.status, process::command_line(&command));
    }
    Ok(output.stdout)
}

/// A kind of package. The kinds have different places for zsh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Deb,
    Rpm,
}

/// Returns the installed files: where each is installed, and the file to install.
fn files(program: &Path, folder: &Path, pages: &[String], kind: Kind) -> BTreeMap<String, PathBuf> {
    let mut files = BTreeMap::from([(format!("/usr/bin/{NAME}"), program.to_owned())]);
    files.extend(pages.iter().map(|page| (format!("/usr/share/man/man1/{page}"), folder.join("man").join(page))));
    files.extend(SHELLS.map(|(shell, deb, rpm)| {
        let at = if kind == Kind::Deb { deb } else { rpm };
        (format!("/usr/share/{at}"), folder.join(shell))
    }));
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_its_pages_and_its_completions_are_installed_in_their_places() {
        let of = |kind| files(Path::new("/t/ctl"), Path::new("/t/files"), &["connectorctl-status.1".to_owned()], kind);
        let deb = of(Kind::Deb);
        assert_eq!(deb["/usr/bin/connectorctl"], Path::new("/t/ctl"));
        assert_eq!(deb["/usr/share/man/man1/connectorctl-status.1"], Path::new("/t/files/man/connectorctl-status.1"));
        assert_eq!(deb["/usr/share/zsh/vendor-completions/_connectorctl"], Path::new("/t/files/zsh"));
        assert_eq!(of(Kind::Rpm)["/usr/share/zsh/site-functions/_connectorctl"], Path::new("/t/files/zsh"));
        assert_eq!(deb.len(), 5);
    }

    #[test]
    fn configurations_are_merged_object_by_object() {
        let mut config = json!({});
        merge(&mut config, &json!({ "bundle": { "externalBin": ["/t/agent"] } }));
        merge(&mut config, &json!({ "bundle": { "linux": { "deb": 1 } } }));
        assert_eq!(config, json!({ "bundle": { "externalBin": ["/t/agent"], "linux": { "deb": 1 } } }));
    }
}
