//! `cargo xtask bundle`: makes and checks the packages, and writes their software bills of materials. On Linux `cargo-deb`
//! makes the .deb by the list in `src-tauri/Cargo.toml`, and `rpmbuild` makes the .rpm of its files: both compute the dependencies
//! from what the programs link, where Tauri's own tool writes a fixed list. On other systems Tauri's tool makes its packages.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Result, bail, ensure};

use crate::cargo_tools::CARGO_DEB;
use crate::prerequisites::{self, Purpose};
use crate::{frontend, paths, process, run_app, sbom};

const NAME: &str = "connectorctl";
const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];
/// Where the packages' files are that are generated from the built programs, beside these.
const GENERATED: &str = "package";
/// The largest package in bytes: three programs of together 55 MB, compressed to a fifth.
const MAX_SIZE: u64 = 12 * 1024 * 1024;

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
    let content = folder.join("content");
    let (deb, rpm) = (make_deb(&folder, &content, debug)?, make_rpm(&folder, &content)?);
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

/// Makes the .deb, and leaves its files in `content`.
fn make_deb(folder: &Path, content: &Path, debug: bool) -> Result<PathBuf> {
    CARGO_DEB.ensure()?;
    let mut command = CARGO_DEB.command(&[]);
    command.args(["--no-build", "--fast", "--package", run_app::APP, "--output"]).arg(folder);
    command.args(["--profile", if debug { "dev" } else { "release" }]);
    let package = make_package(command, folder, "deb")?;
    compress_deb(&package, content)?;
    Ok(package)
}

/// Compresses a .deb again. The three programs share code, and only a compressor that looks back over all of them finds that: xz
/// does at its highest level, which `cargo-deb` cannot be given.
fn compress_deb(package: &Path, content: &Path) -> Result<()> {
    if content.exists() {
        std::fs::remove_dir_all(content)?;
    }
    let mut extract = process::command("dpkg-deb", &["--raw-extract"], &paths::root());
    extract.args([package, content]);
    process::run(extract)?;
    let mut build = process::command("dpkg-deb", &["--root-owner-group", "-Zxz", "-z9", "-Sextreme"], &paths::root());
    build.arg("--build").args([content, package]);
    process::run(build)
}

/// Makes the .rpm of the files of the .deb.
fn make_rpm(folder: &Path, content: &Path) -> Result<PathBuf> {
    let root = paths::root();
    let spec = root.join("src-tauri/linux/okta-connector-for-radiant.spec");
    let mut command = process::command("rpmbuild", &["-bb", "--quiet"], &root);
    let (license, work) = (root.join("LICENSE"), folder.join("rpmbuild"));
    let paths = [("content", content), ("license_text", &license), ("_topdir", &work), ("_rpmdir", folder)];
    let paths = paths.map(|(name, path)| format!("{name} {}", path.display()));
    let texts = [format!("version {}", env!("CARGO_PKG_VERSION")), "_rpmfilename %{NVRA}.rpm".to_owned()];
    for definition in paths.into_iter().chain(texts) {
        command.arg("--define").arg(definition);
    }
    command.arg(spec);
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
