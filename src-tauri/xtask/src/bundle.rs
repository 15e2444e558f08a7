//! `cargo xtask bundle`: the .deb and the .rpm, made by Tauri's own tool, which is an npm package of the front end.
//!
//! Beside the window they install `connectorctl` with its manual pages and completions. Those are made here from the program
//! that is packed, never kept, and handed to the tool as a second configuration laid over `tauri.conf.json`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use crate::needs::{self, For};
use crate::{front, place, step};

const NAME: &str = "connectorctl";
/// The shells that are served, and where completions for them are in each kind of package.
const SHELLS: [(&str, &str, &str); 3] = [
    ("bash", "bash-completion/completions/connectorctl", "bash-completion/completions/connectorctl"),
    ("zsh", "zsh/vendor-completions/_connectorctl", "zsh/site-functions/_connectorctl"),
    ("fish", "fish/vendor_completions.d/connectorctl.fish", "fish/vendor_completions.d/connectorctl.fish"),
];

/// Makes both packages; of a debug build when only their content is to be looked at.
///
/// # Errors
/// When something is missing, does not build, or no package comes out.
pub(crate) fn make(debug: bool) -> Result<ExitCode> {
    needs::ready(For::Bundle)?;
    front::built()?;
    let config = beside(debug)?;
    let tauri = place::ui().join("node_modules/.bin/tauri");
    let config = config.to_string_lossy();
    let mut args = vec!["build", "--bundles", "deb,rpm", "--config", &config];
    args.extend(debug.then_some("--debug"));
    step::must(step::command(tauri, &args, &place::root().join("src-tauri")))?;
    let made = place::target().join(if debug { "debug/bundle" } else { "release/bundle" });
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

/// Builds `connectorctl`, lets it write what is installed with it, and returns the configuration that names it all.
fn beside(debug: bool) -> Result<PathBuf> {
    let args = ["build", "--package", NAME].into_iter().chain((!debug).then_some("--release"));
    step::must(step::command("cargo", &args.collect::<Vec<_>>(), &place::root()))?;
    let program = if debug { place::debug_binary(NAME) } else { place::release_binary(NAME) };
    let folder = place::target().join("beside");
    let pages = folder.join("man");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&pages)?;
    said(step::command(&program, &["man", "--all-into", &pages.to_string_lossy()], &folder))?;
    for (shell, ..) in SHELLS {
        std::fs::write(folder.join(shell), said(step::command(&program, &["completions", shell], &folder))?)?;
    }
    let mut names = Vec::new();
    for page in std::fs::read_dir(&pages)? {
        names.push(page?.file_name().to_string_lossy().into_owned());
    }
    let config = folder.join("tauri.json");
    let files = |kind| files(&program, &folder, &names, kind);
    let over = json!({"bundle": {"linux": {"deb": {"files": files(Kind::Deb)}, "rpm": {"files": files(Kind::Rpm)}}}});
    std::fs::write(&config, over.to_string())?;
    Ok(config)
}

fn said(mut command: Command) -> Result<Vec<u8>> {
    let output = command.output()?;
    if !output.status.success() {
        bail!("failed ({}): {}", output.status, step::typed(&command));
    }
    Ok(output.stdout)
}

/// A kind of package: each has its own place for zsh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Deb,
    Rpm,
}

/// Where everything is installed, and what is installed there.
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
    fn the_program_its_pages_and_its_completions_each_have_their_place() {
        let of = |kind| files(Path::new("/t/ctl"), Path::new("/t/beside"), &["connectorctl-status.1".to_owned()], kind);
        let deb = of(Kind::Deb);
        assert_eq!(deb["/usr/bin/connectorctl"], Path::new("/t/ctl"));
        assert_eq!(deb["/usr/share/man/man1/connectorctl-status.1"], Path::new("/t/beside/man/connectorctl-status.1"));
        assert_eq!(deb["/usr/share/zsh/vendor-completions/_connectorctl"], Path::new("/t/beside/zsh"));
        assert_eq!(of(Kind::Rpm)["/usr/share/zsh/site-functions/_connectorctl"], Path::new("/t/beside/zsh"));
        assert_eq!(deb.len(), 5);
    }
}
