//! What the machine must have, whether it has it, and how it gets it.
//!
//! On Debian and Ubuntu what is missing is installed with `apt-get` (through `sudo` when not root). Elsewhere the exact line
//! is printed and the chore ends: the build lines are those of Tauri's own page "Prerequisites"; the tests have been run on
//! Debian alone, and the other systems' names for their packages are UNVERIFIED. Nothing present is installed again.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::{place, step};

/// How presence is told.
enum Probe {
    /// A program on `PATH`.
    Program(&'static str),
    /// A library pkg-config knows.
    Library(&'static str),
    /// A module of the system's own Python.
    Python(&'static str),
    /// A file or folder at a fixed place.
    File(&'static str),
}

/// One thing needed and the packages that bring it, by package manager.
struct Need {
    probe: Probe,
    apt: &'static str,
    dnf: &'static str,
    pacman: &'static str,
    zypper: &'static str,
}

const fn need(probe: Probe, apt: &'static str, dnf: &'static str, pacman: &'static str, zypper: &'static str) -> Need {
    Need { probe, apt, dnf, pacman, zypper }
}

const BUILD: &[Need] = &[
    need(Probe::Program("cc"), "build-essential", "gcc", "base-devel", "gcc"),
    need(Probe::Program("pkg-config"), "pkg-config", "pkgconf-pkg-config", "pkgconf", "pkg-config"),
    need(
        Probe::Library("webkit2gtk-4.1"),
        "libwebkit2gtk-4.1-dev",
        "webkit2gtk4.1-devel",
        "webkit2gtk-4.1",
        "webkit2gtk3-devel",
    ),
];

const DESK: &[Need] = &[
    need(Probe::Program("Xvfb"), "xvfb", "xorg-x11-server-Xvfb", "xorg-server-xvfb", "xorg-x11-server-Xvfb"),
    need(Probe::Program("dbus-daemon"), "dbus", "dbus-daemon", "dbus", "dbus-1-daemon"),
    need(Probe::Program("gdbus"), "libglib2.0-bin", "glib2", "glib2", "glib2-tools"),
    need(Probe::Program("gnome-keyring-daemon"), "gnome-keyring", "gnome-keyring", "gnome-keyring", "gnome-keyring"),
    need(Probe::Program("secret-tool"), "libsecret-tools", "libsecret", "libsecret", "libsecret-tools"),
    need(Probe::Program("WebKitWebDriver"), "webkit2gtk-driver", "webkitgtk6.0", "webkitgtk-6.0", "webkit2gtk-driver"),
    need(Probe::Program("import"), "imagemagick", "ImageMagick", "imagemagick", "ImageMagick"),
    need(Probe::Program("xdotool"), "xdotool", "xdotool", "xdotool", "xdotool"),
    need(Probe::Python("gi"), "python3-gi", "python3-gobject", "python-gobject", "python3-gobject"),
    need(Probe::Python("dbus"), "python3-dbus", "python3-dbus", "python-dbus", "python3-dbus-python"),
    need(Probe::Python("pyatspi"), "python3-pyatspi", "python3-pyatspi", "python-atspi", "python3-pyatspi"),
    need(
        Probe::File("/usr/libexec/at-spi-bus-launcher"),
        "at-spi2-core",
        "at-spi2-core",
        "at-spi2-core",
        "at-spi2-core",
    ),
    need(
        Probe::File("/usr/share/fonts/truetype/dejavu"),
        "fonts-dejavu-core",
        "dejavu-sans-fonts",
        "ttf-dejavu",
        "dejavu-fonts",
    ),
];

const PAGES: &[Need] = &[need(Probe::Program("chromium"), "chromium", "chromium", "chromium", "chromium")];

// `tauri build` looks for this library although the tray does not use it (Tauri's bundler, "Can't detect any appindicator
// library").
const BUNDLE: &[Need] = &[need(
    Probe::Library("ayatana-appindicator3-0.1"),
    "libayatana-appindicator3-dev",
    "libappindicator-gtk3-devel",
    "libayatana-appindicator",
    "libayatana-appindicator3-devel",
)];

/// What a chore is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// Building the app.
    Build,
    /// Driving the window on a private desktop.
    Desk,
    /// Every test.
    Tests,
    /// The packages.
    Bundle,
}

fn wanted(what: For) -> Vec<&'static Need> {
    let lists: &[&[Need]] = match what {
        For::Build => &[BUILD],
        For::Desk => &[BUILD, DESK],
        For::Tests => &[BUILD, DESK, PAGES],
        For::Bundle => &[BUILD, BUNDLE],
    };
    lists.iter().copied().flatten().collect()
}

/// Makes sure that Node and the system's libraries and programs are there; installs them where it can.
///
/// # Errors
/// When something is missing that it cannot install; the error holds the line to type.
pub(crate) fn ready(what: For) -> Result<()> {
    node()?;
    if !cfg!(target_os = "linux") {
        return elsewhere();
    }
    let missing: Vec<&Need> = wanted(what).into_iter().filter(|need| !present(&need.probe)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let root = step::quiet("id", &["-u"]).is_some_and(|id| id == "0");
    let Some(manager) = Manager::of_this_system() else {
        bail!("missing: {}. Install what brings it, then try again.", names(&missing, Manager::Apt));
    };
    if manager != Manager::Apt {
        bail!("missing; type this, then try again:\n  {}", manager.line(&missing, root));
    }
    println!("missing on this machine: {}", names(&missing, manager));
    step::must(apt(root, &["update"])?)?;
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(missing.iter().map(|need| need.apt));
    step::must(apt(root, &install)?)?;
    match missing.iter().find(|need| !present(&need.probe)) {
        Some(need) => bail!("{} was installed, and what it should bring is still missing", need.apt),
        None => Ok(()),
    }
}

fn apt(root: bool, args: &[&str]) -> Result<Command> {
    if !root && place::program("sudo").is_none() {
        bail!("neither root nor sudo here; type this as root, then try again:\n  apt-get {}", args.join(" "));
    }
    let words: &[&str] = if root { &["env"] } else { &["sudo", "env"] };
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(args);
    Ok(command)
}

fn present(probe: &Probe) -> bool {
    match probe {
        Probe::Program(name) => place::program(name).is_some(),
        Probe::Library(name) => step::quiet("pkg-config", &["--exists", name]).is_some(),
        Probe::Python(module) => step::quiet("/usr/bin/python3", &["-c", &format!("import {module}")]).is_some(),
        Probe::File(path) => Path::new(path).exists(),
    }
}

fn names(missing: &[&Need], manager: Manager) -> String {
    missing.iter().map(|need| manager.package(need)).collect::<Vec<_>>().join(" ")
}

/// The package managers whose names for things are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manager {
    Apt,
    Dnf,
    Pacman,
    Zypper,
}

impl Manager {
    fn of_this_system() -> Option<Self> {
        let known = [("apt-get", Self::Apt), ("dnf", Self::Dnf), ("pacman", Self::Pacman), ("zypper", Self::Zypper)];
        known.into_iter().find(|(program, _)| place::program(program).is_some()).map(|(_, manager)| manager)
    }

    fn package(self, need: &Need) -> &'static str {
        match self {
            Self::Apt => need.apt,
            Self::Dnf => need.dnf,
            Self::Pacman => need.pacman,
            Self::Zypper => need.zypper,
        }
    }

    fn line(self, missing: &[&Need], root: bool) -> String {
        let install = match self {
            Self::Apt => "apt-get install -y --no-install-recommends",
            Self::Dnf => "dnf install -y",
            Self::Pacman => "pacman -S --needed",
            Self::Zypper => "zypper install -y",
        };
        format!("{}{install} {}", if root { "" } else { "sudo " }, names(missing, self))
    }
}

/// macOS and Windows bring the web view; what else is needed is one line each.
fn elsewhere() -> Result<()> {
    if cfg!(target_os = "macos") && step::quiet("xcode-select", &["-p"]).is_none() {
        bail!("the Xcode command line tools are missing; type this, then try again:\n  xcode-select --install");
    }
    if cfg!(windows) {
        println!(
            "If the build finds no linker or the window no web view:\n  winget install \
             Microsoft.VisualStudio.2022.BuildTools Microsoft.EdgeWebView2Runtime"
        );
    }
    Ok(())
}

fn node() -> Result<()> {
    let found = step::quiet("node", &["--version"]);
    if found.as_deref().is_some_and(new_enough) {
        return Ok(());
    }
    let seen = found.map_or_else(|| "none was found".to_owned(), |version| format!("found {version}"));
    bail!("Node 20.19 or newer is needed ({seen}): https://nodejs.org/en/download")
}

fn new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (20, 19)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_is_compared_by_number_and_not_by_letter() {
        let cases =
            [("v20.19.0", true), ("v22.1.0", true), ("v100.0.0", true), ("v20.9.0", false), ("v18.20.1", false)];
        for (version, expected) in cases {
            assert_eq!(new_enough(version), expected, "{version}");
        }
    }

    #[test]
    fn the_line_for_another_system_names_its_own_packages() {
        let missing: Vec<&Need> = BUILD.iter().collect();
        assert_eq!(
            Manager::Dnf.line(&missing, false),
            "sudo dnf install -y gcc pkgconf-pkg-config webkit2gtk4.1-devel"
        );
        assert_eq!(Manager::Pacman.line(&missing, true), "pacman -S --needed base-devel pkgconf webkit2gtk-4.1");
    }

    #[test]
    fn tests_need_all_that_the_desk_and_the_build_need() {
        assert_eq!(wanted(For::Tests).len(), BUILD.len() + DESK.len() + PAGES.len());
    }

    #[test]
    fn what_does_not_exist_is_missing() {
        let probes = [
            Probe::Program("no-such-program-anywhere"),
            Probe::Library("no-such-library"),
            Probe::Python("no_such_module"),
            Probe::File("/no/such/file"),
        ];
        assert!(probes.iter().all(|probe| !present(probe)));
    }
}
