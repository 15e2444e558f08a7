//! Checks that the machine has what a command needs, and installs what is missing on Debian and Ubuntu.
//!
//! Packages are installed with `apt-get` (through `sudo` when not root); nothing present is installed again. On other Linux
//! distributions the error names what is missing and links to Tauri's page of prerequisites.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::{paths, process};

/// Lists the packages of the build for every system Tauri supports.
const TAURI_PREREQUISITES: &str = "https://tauri.app/start/prerequisites/";

/// How to find out whether something is installed.
enum Probe {
    /// A program on `PATH`.
    Program(&'static str),
    /// A library known to pkg-config.
    Library(&'static str),
    /// A module of the system's own Python.
    PythonModule(&'static str),
    /// A file or folder.
    File(&'static str),
}

/// Something a command needs and the Debian package that contains it.
struct Requirement {
    probe: Probe,
    package: &'static str,
}

const fn requires(probe: Probe, package: &'static str) -> Requirement {
    Requirement { probe, package }
}

const BUILD: &[Requirement] = &[
    requires(Probe::Program("cc"), "build-essential"),
    requires(Probe::Program("pkg-config"), "pkg-config"),
    requires(Probe::Library("webkit2gtk-4.1"), "libwebkit2gtk-4.1-dev"),
];

const DESKTOP: &[Requirement] = &[
    requires(Probe::Program("Xvfb"), "xvfb"),
    requires(Probe::Program("dbus-daemon"), "dbus"),
    requires(Probe::Program("gdbus"), "libglib2.0-bin"),
    requires(Probe::Program("gnome-keyring-daemon"), "gnome-keyring"),
    requires(Probe::Program("secret-tool"), "libsecret-tools"),
    requires(Probe::Program("WebKitWebDriver"), "webkit2gtk-driver"),
    requires(Probe::Program("import"), "imagemagick"),
    requires(Probe::Program("xdotool"), "xdotool"),
    requires(Probe::PythonModule("gi"), "python3-gi"),
    requires(Probe::PythonModule("dbus"), "python3-dbus"),
    requires(Probe::PythonModule("pyatspi"), "python3-pyatspi"),
    requires(Probe::File("/usr/libexec/at-spi-bus-launcher"), "at-spi2-core"),
    requires(Probe::File("/usr/share/fonts/truetype/dejavu"), "fonts-dejavu-core"),
];

const PAGES: &[Requirement] = &[requires(Probe::Program("chromium"), "chromium")];

const BUNDLE: &[Requirement] = &[
    // Computes the dependencies of the .deb from what the programs link.
    requires(Probe::Program("dpkg-shlibdeps"), "dpkg-dev"),
    requires(Probe::Program("rpmbuild"), "rpm"),
    requires(Probe::Program("lintian"), "lintian"),
    requires(Probe::Program("rpmlint"), "rpmlint"),
    requires(Probe::Program("desktop-file-validate"), "desktop-file-utils"),
    requires(Probe::Program("appstreamcli"), "appstream"),
];

/// The tray of the bare Tauri app that the real one is compared with loads this library.
const BARE_APP: &[Requirement] =
    &[requires(Probe::Library("ayatana-appindicator3-0.1"), "libayatana-appindicator3-dev")];

/// What a command is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Build the app.
    Build,
    /// Drive the window on a private desktop.
    Desktop,
    /// Run every test.
    Tests,
    /// Make the packages.
    Bundle,
    /// Run the bare Tauri app on a private desktop.
    BareApp,
}

fn required(purpose: Purpose) -> Vec<&'static Requirement> {
    let lists: &[&[Requirement]] = match purpose {
        Purpose::Build => &[BUILD],
        Purpose::Desktop => &[BUILD, DESKTOP],
        Purpose::Tests => &[BUILD, DESKTOP, PAGES],
        Purpose::Bundle => &[BUILD, BUNDLE],
        Purpose::BareApp => &[BUILD, DESKTOP, BARE_APP],
    };
    lists.iter().copied().flatten().collect()
}

/// Ensures that Node and the system's libraries and programs are installed; installs missing packages where it can.
///
/// # Errors
/// When something is missing that it cannot install; the error says what to do.
pub(crate) fn ensure(purpose: Purpose) -> Result<()> {
    ensure_node()?;
    if !cfg!(target_os = "linux") {
        return ensure_outside_linux();
    }
    let missing: Vec<&Requirement> = required(purpose).into_iter().filter(|one| !is_present(&one.probe)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if paths::program("apt-get").is_none() {
        bail!("{}", manual_instructions(&missing));
    }
    println!("missing on this machine: {}", packages(&missing).join(" "));
    let is_root = process::probe("id", &["-u"]).is_some_and(|id| id == "0");
    process::run(apt(is_root, &["update"])?)?;
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(packages(&missing));
    process::run(apt(is_root, &install)?)?;
    match missing.iter().find(|one| !is_present(&one.probe)) {
        Some(one) => bail!("{} was installed, but what it should contain is still missing", one.package),
        None => Ok(()),
    }
}

fn apt(is_root: bool, args: &[&str]) -> Result<Command> {
    if !is_root && paths::program("sudo").is_none() {
        bail!(
            "this user is not root and there is no sudo; run this as root, then try again:\n  apt-get {}",
            args.join(" ")
        );
    }
    let words: &[&str] = if is_root { &["env"] } else { &["sudo", "env"] };
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(args);
    Ok(command)
}

fn is_present(probe: &Probe) -> bool {
    match probe {
        Probe::Program(name) => paths::program(name).is_some(),
        Probe::Library(name) => process::probe("pkg-config", &["--exists", name]).is_some(),
        Probe::PythonModule(module) => {
            process::probe("/usr/bin/python3", &["-c", &format!("import {module}")]).is_some()
        }
        Probe::File(path) => Path::new(path).exists(),
    }
}

fn packages(missing: &[&Requirement]) -> Vec<&'static str> {
    missing.iter().map(|one| one.package).collect()
}

fn manual_instructions(missing: &[&Requirement]) -> String {
    format!(
        "missing on this machine (by Debian's package names): {}\n\
         Install the packages of your distribution that contain them, then try again. For the build see {TAURI_PREREQUISITES}",
        packages(missing).join(" ")
    )
}

/// Checks macOS and Windows, which include the web view; what else is needed is one line each.
fn ensure_outside_linux() -> Result<()> {
    if cfg!(target_os = "macos") && process::probe("xcode-select", &["-p"]).is_none() {
        bail!("the Xcode command line tools are missing; run this, then try again:\n  xcode-select --install");
    }
    if cfg!(windows) {
        println!(
            "If the build finds no linker or the window no web view:\n  winget install \
             Microsoft.VisualStudio.2022.BuildTools Microsoft.EdgeWebView2Runtime"
        );
    }
    Ok(())
}

fn ensure_node() -> Result<()> {
    let version = process::probe("node", &["--version"]);
    if version.as_deref().is_some_and(is_new_enough) {
        return Ok(());
    }
    let found = version.map_or_else(|| "none was found".to_owned(), |version| format!("found {version}"));
    bail!("Node 20.19 or newer is needed ({found}): https://nodejs.org/en/download")
}

fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (20, 19)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_are_compared_by_number_and_not_by_letter() {
        let cases =
            [("v20.19.0", true), ("v22.1.0", true), ("v100.0.0", true), ("v20.9.0", false), ("v18.20.1", false)];
        for (version, expected) in cases {
            assert_eq!(is_new_enough(version), expected, "{version}");
        }
    }

    #[test]
    fn other_distributions_are_told_what_is_missing_and_where_to_read_about_it() {
        let text = manual_instructions(&BUILD.iter().collect::<Vec<_>>());
        assert!(text.contains("build-essential pkg-config libwebkit2gtk-4.1-dev"), "{text}");
        assert!(text.contains(TAURI_PREREQUISITES), "{text}");
    }

    #[test]
    fn tests_require_everything_that_the_desktop_and_the_build_require() {
        assert_eq!(required(Purpose::Tests).len(), BUILD.len() + DESKTOP.len() + PAGES.len());
    }

    #[test]
    fn something_that_does_not_exist_is_missing() {
        let probes = [
            Probe::Program("no-such-program-anywhere"),
            Probe::Library("no-such-library"),
            Probe::PythonModule("no_such_module"),
            Probe::File("/no/such/file"),
        ];
        assert!(probes.iter().all(|probe| !is_present(probe)));
    }
}
