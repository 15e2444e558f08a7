//! `cargo xtask bundle`: makes and checks the packages, and writes their software bills of materials. On Linux `cargo-deb` and
//! `cargo-generate-rpm` make the .deb and the .rpm by the lists in `src-tauri/Cargo.toml`: they compute the dependencies from what
//! the programs link, where Tauri's own tool writes a fixed list. On other systems Tauri's tool makes its packages.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Result, bail, ensure};

use crate::cargo_tools::{CARGO_DEB, CARGO_GENERATE_RPM};
use crate::prerequisites::{self, Purpose};
use crate::{frontend, paths, process, run_app, sbom};

const NAME: &str = "connectorctl";
const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];
/// Where the packages' files are that are generated from the built programs, beside these.
const GENERATED: &str = "package";
/// The largest package in bytes.
const MAX_SIZE: u64 = 10 * 1024 * 1024;

/// Writes the software bills of materials alone.
///
/// # Errors
/// When a tool is missing or fails.
pub(crate) fn write_bills_of_materials() -> Result<ExitCode> {
    frontend::install_packages()?;
    sbom::write(&paths::target().join("sbom"))?;
    Ok(ExitCode::SUCCESS)
}

/// Makes the packages and checks them, with their bills of materials; from a debug build, whose packages are too large, when only
/// their content matters.
///
/// # Errors
/// When something is missing, does not build, or a package has a fault.
pub(crate) fn make(debug: bool) -> Result<ExitCode> {
    if !cfg!(target_os = "linux") {
        return make_with_tauri(debug);
    }
    prerequisites::ensure(Purpose::Bundle)?;
    frontend::build()?;
    build(debug)?;
    generate_files(debug)?;
    let folder = paths::target().join(if debug { "debug/bundle" } else { "release/bundle" });
    std::fs::create_dir_all(&folder)?;
    let (deb, rpm) = (make_deb(&folder, debug)?, make_rpm(&folder, debug)?);
    for package in [&deb, &rpm] {
        let size = package.metadata()?.len();
        println!("{} ({} kB)", package.display(), size / 1000);
        ensure!(debug || size <= MAX_SIZE, "{} is larger than {MAX_SIZE} bytes", package.display());
    }
    check(&deb, &rpm)?;
    sbom::write(&folder.join("sbom"))?;
    Ok(ExitCode::SUCCESS)
}

fn make_with_tauri(debug: bool) -> Result<ExitCode> {
    frontend::build()?;
    let args = ["build"].into_iter().chain(debug.then_some("--debug"));
    let tauri = paths::ui().join("node_modules/.bin/tauri");
    process::run(process::command(tauri, &args.collect::<Vec<_>>(), &paths::root().join("src-tauri")))?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the three programs.
fn build(debug: bool) -> Result<()> {
    run_app::build_agent(debug)?;
    let args = ["build", "--package", run_app::APP, "--bin", run_app::APP, "--package", NAME, "--bin", NAME];
    let args = args.into_iter().chain((!debug).then_some("--release"));
    process::run(process::command("cargo", &args.collect::<Vec<_>>(), &paths::root()))
}

/// Writes the manual pages, compressed as packages have them, and the completions of `connectorctl`.
fn generate_files(debug: bool) -> Result<()> {
    let program = if debug { paths::debug_binary(NAME) } else { paths::release_binary(NAME) };
    let folder = program.with_file_name(GENERATED);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let pages = folder.join("man");
    std::fs::create_dir_all(&pages)?;
    output(process::command(&program, &["man", "--all-into", &pages.to_string_lossy()], &folder))?;
    let mut gzip = Command::new("gzip");
    gzip.args(["--best", "--no-name"]);
    for page in std::fs::read_dir(&pages)? {
        gzip.arg(page?.path());
    }
    process::run(gzip)?;
    for shell in SHELLS {
        std::fs::write(folder.join(shell), output(process::command(&program, &["completions", shell], &folder))?)?;
    }
    Ok(())
}

fn output(mut command: Command) -> Result<Vec<u8>> {
    let output = command.output()?;
    ensure!(output.status.success(), "failed ({}): {}", output.status, process::command_line(&command));
    Ok(output.stdout)
}

fn make_deb(folder: &Path, debug: bool) -> Result<PathBuf> {
    CARGO_DEB.ensure()?;
    let mut command = CARGO_DEB.command(&[]);
    command.args(["--no-build", "--package", run_app::APP, "--output"]).arg(folder);
    command.args(["--profile", if debug { "dev" } else { "release" }]);
    make_package(command, folder, "deb")
}

fn make_rpm(folder: &Path, debug: bool) -> Result<PathBuf> {
    CARGO_GENERATE_RPM.ensure()?;
    let mut command = CARGO_GENERATE_RPM.command(&[]);
    command.args(["--package", "src-tauri", "--output"]).arg(folder);
    command.args(["--profile", if debug { "dev" } else { "release" }]);
    make_package(command, folder, "rpm")
}

/// Runs the tool and returns the only package of its kind in the folder.
fn make_package(command: Command, folder: &Path, kind: &str) -> Result<PathBuf> {
    for old in packages(folder, kind)? {
        std::fs::remove_file(old)?;
    }
    process::run(command)?;
    let [package] = <[PathBuf; 1]>::try_from(packages(folder, kind)?)
        .map_err(|all| anyhow::anyhow!("{} packages of the kind {kind} in {}", all.len(), folder.display()))?;
    Ok(package)
}

fn packages(folder: &Path, kind: &str) -> Result<Vec<PathBuf>> {
    let files = std::fs::read_dir(folder)?.map(|file| Ok(file?.path())).collect::<Result<Vec<_>>>()?;
    Ok(files.into_iter().filter(|file| file.extension() == Some(OsStr::new(kind))).collect())
}

/// Runs the distributions' own checks of packages, desktop file and metadata.
fn check(deb: &Path, rpm: &Path) -> Result<()> {
    let linux = paths::root().join("src-tauri/linux");
    let accepted = linux.join("rpmlint.toml");
    let checks: [(&str, &[&str], &Path); 4] = [
        ("desktop-file-validate", &[], &linux.join("okta-connector-for-radiant.desktop")),
        ("appstreamcli", &["validate", "--no-net"], &linux.join("ai.radiantsecurity.okta-connector.metainfo.xml")),
        ("lintian", &["--fail-on", "error", "--allow-root"], deb),
        ("rpmlint", &["--config", &accepted.to_string_lossy()], rpm),
    ];
    let mut failed = Vec::new();
    for (program, args, file) in checks {
        let mut command = process::command(program, args, &paths::root());
        command.arg(file);
        if process::run(command).is_err() {
            failed.push(program);
        }
    }
    if !failed.is_empty() {
        bail!("faults were found by {}", failed.join(", "));
    }
    Ok(())
}
