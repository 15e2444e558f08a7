//! `cargo xtask licenses`: writes `ui/licenses.json`, every package that is part of the app with its license texts.
//!
//! Crates are those that cargo links into the window or `connectorctl` on any system: normal dependencies, without macros, which
//! run while building. Npm packages are those whose code the bundler kept. The texts are read from the folders of the packages.
//! `cargo xtask lint` fails when the file is out of date.

mod license_texts;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::MetadataCommand;
use serde_json::{Value, json};

use crate::{frontend, paths, process, run_app};
use license_texts::LicenseTexts;

/// The systems the app ships for, whichever this one is.
const SYSTEMS: [&str; 6] = [
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "aarch64-pc-windows-msvc",
];

/// A package that is part of the app.
struct Package {
    name: String,
    version: String,
    license: String,
    from: &'static str,
    folder: PathBuf,
}

/// Writes the file.
///
/// # Errors
/// When cargo or npm cannot list the packages, or the folder of a package cannot be read.
pub(crate) fn write() -> Result<ExitCode> {
    frontend::install_packages()?;
    let text = collect()?;
    println!("{} ({} kB)", file().display(), text.len() / 1000);
    std::fs::write(file(), text)?;
    Ok(ExitCode::SUCCESS)
}

/// Checks that the file is what [`write`] would write.
///
/// # Errors
/// When it is not, or as [`write`].
pub(crate) fn check() -> Result<()> {
    if std::fs::read_to_string(file())? != collect()? {
        bail!("ui/licenses.json is out of date; update it with: cargo xtask licenses");
    }
    Ok(())
}

fn file() -> PathBuf {
    paths::ui().join("licenses.json")
}

fn collect() -> Result<String> {
    let mut packages = linked_crates()?;
    packages.extend(bundled_npm_packages()?);
    packages.sort_by_cached_key(|one| (one.name.to_lowercase(), one.version.clone()));
    let mut texts = LicenseTexts::default();
    let mut lines = Vec::new();
    for one in &packages {
        let indices = texts.add_folder(&one.folder)?;
        let line = json!({
            "name": one.name, "version": one.version, "license": one.license, "from": one.from, "texts": indices,
        });
        lines.push(line.to_string());
    }
    let texts: Vec<String> = texts.all().iter().map(|text| Value::from(text.as_str()).to_string()).collect();
    Ok(format!("{{\"packages\": [\n{}\n], \"texts\": [\n{}\n]}}\n", lines.join(",\n"), texts.join(",\n")))
}

/// Returns the crates that are linked. `cargo tree` lists them, because the graph of `cargo metadata` also contains optional
/// dependencies that no feature enables.
fn linked_crates() -> Result<Vec<Package>> {
    let mut tree = vec!["tree", "--locked", "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"];
    tree.extend(SYSTEMS.iter().flat_map(|system| ["--target", system]));
    tree.extend([run_app::APP, run_app::COMMAND_LINE].iter().flat_map(|package| ["--package", package]));
    let output = process::command("cargo", &tree, &paths::root()).output().context("cargo cannot be started")?;
    if !output.status.success() {
        bail!("cargo {} failed: {}", tree.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    let metadata = MetadataCommand::new().current_dir(paths::root()).other_options(["--locked".to_owned()]).exec()?;
    let mut packages = Vec::new();
    for (name, version) in parse_tree(&String::from_utf8(output.stdout)?) {
        let found = metadata.packages.iter().find(|one| *one.name == name && one.version.to_string() == version);
        let found = found.with_context(|| format!("cargo metadata does not list {name} {version}"))?;
        let folder = found.manifest_path.parent().context("a manifest without a folder")?.into();
        let license = found.license.as_deref().unwrap_or("as its text says").replace('/', " OR ");
        let license = license.split_whitespace().collect::<Vec<_>>().join(" ");
        packages.push(Package { name, version, license, from: "crate", folder });
    }
    Ok(packages)
}

/// Returns name and version of every line of `cargo tree` that is not a package of this workspace.
fn parse_tree(tree: &str) -> BTreeSet<(String, String)> {
    let parse = |line: &str| {
        let mut words = line.split_whitespace();
        let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
        let is_ours = words.next().is_some_and(|word| word.starts_with("(/") || word.contains(":\\"));
        (!is_ours).then(|| (name.to_owned(), version.to_owned()))
    };
    tree.lines().filter_map(parse).collect()
}

/// Returns the npm packages in the built page.
fn bundled_npm_packages() -> Result<Vec<Package>> {
    let output = frontend::npm(&["run", "--silent", "packages"]).output().context("npm cannot be started")?;
    if !output.status.success() {
        bail!("npm run packages failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let listed: Value = serde_json::from_slice(&output.stdout).context("npm run packages did not print JSON")?;
    let text = |one: &Value, member: &str| one[member].as_str().unwrap_or_default().to_owned();
    let package = |one: &Value| Package {
        name: text(one, "name"),
        version: text(one, "version"),
        license: text(one, "license"),
        from: "npm",
        folder: PathBuf::from(text(one, "folder")),
    };
    let packages: Vec<_> = listed.as_array().map(|all| all.iter().map(package).collect()).unwrap_or_default();
    if packages.is_empty() {
        bail!("the bundler lists no npm package");
    }
    Ok(packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_tree_is_a_crate_unless_it_is_a_package_of_this_workspace() {
        let tree = "connectorctl v0.1.0 (/home/jo/app/src-tauri/cli)\nanyhow v1.0.100\nserde v1.0.228 (*)\n\nanyhow v1.0.100\n";
        let names: Vec<_> = parse_tree(tree).into_iter().map(|(name, version)| format!("{name} {version}")).collect();
        assert_eq!(names, ["anyhow 1.0.100", "serde 1.0.228"]);
    }

    /// Returns the listed packages whose version is not the locked one.
    fn not_locked(listed: &Value, cargo_lock: &str, package_lock: &Value) -> Vec<String> {
        let is_locked = |one: &Value| {
            let (name, version) = (one["name"].as_str().unwrap_or("?"), one["version"].as_str().unwrap_or("?"));
            match one["from"].as_str() {
                Some("crate") => cargo_lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n")),
                _ => package_lock["packages"][format!("node_modules/{name}")]["version"] == version,
            }
        };
        let listed = listed["packages"].as_array().cloned().unwrap_or_default();
        listed.iter().filter(|one| !is_locked(one)).map(|one| format!("{} {}", one["name"], one["version"])).collect()
    }

    #[test]
    fn every_listed_package_is_locked_at_that_version() -> Result<()> {
        let listed: Value = serde_json::from_str(&std::fs::read_to_string(file())?)?;
        let cargo_lock = std::fs::read_to_string(paths::root().join("Cargo.lock"))?.replace("\r\n", "\n");
        let package_lock = serde_json::from_str(&std::fs::read_to_string(paths::ui().join("package-lock.json"))?)?;
        assert!(listed["packages"].as_array().is_some_and(|all| all.len() > 200), "the list is missing");
        assert_eq!(not_locked(&listed, &cargo_lock, &package_lock), [""; 0], "run: cargo xtask licenses");
        let older = json!({"packages": [{"name": "serde", "version": "0.0.1", "from": "crate"}]});
        assert_eq!(not_locked(&older, &cargo_lock, &package_lock), ["\"serde\" \"0.0.1\""]);
        Ok(())
    }

    #[test]
    fn every_text_index_of_a_package_exists() -> Result<()> {
        let listed: Value = serde_json::from_str(&std::fs::read_to_string(file())?)?;
        let texts = listed["texts"].as_array().map_or(0, Vec::len) as u64;
        let packages = listed["packages"].as_array().cloned().unwrap_or_default();
        let indices = packages.iter().flat_map(|one| one["texts"].as_array().cloned().unwrap_or_default());
        assert!(
            indices.map(|index| index.as_u64()).all(|index| index.is_some_and(|index| index < texts)),
            "{texts} texts"
        );
        Ok(())
    }
}
