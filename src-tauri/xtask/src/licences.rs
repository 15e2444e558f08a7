//! `cargo xtask licences`: every package that is part of the app, with its licence texts, into `ui/licences.json`.
//!
//! Of crates those that cargo links into the window or `connectorctl` on any of its systems: normal dependencies, without
//! the macros, which run while building. Of npm packages those whose code the bundler kept. Nothing is fetched: the texts are
//! read where cargo and npm put the packages. `cargo xtask lint` fails when the file is not what this would write.

mod texts;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::{front, place, step};
use texts::Texts;

/// The packages of ours that ship.
const SHIPPED: [&str; 2] = ["okta-connector-for-radiant", "connectorctl"];

/// The systems it ships for, whichever this one is.
const SYSTEMS: [&str; 6] = [
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "aarch64-pc-windows-msvc",
];

/// One package, as cargo or npm know it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    version: String,
    licence: String,
    from: &'static str,
    folder: PathBuf,
}

/// Writes the file.
///
/// # Errors
/// When cargo or npm cannot say what ships, or a package's folder cannot be read.
pub(crate) fn write() -> Result<ExitCode> {
    front::packages()?;
    let text = collected()?;
    println!("{} ({} kB)", file().display(), text.len() / 1000);
    std::fs::write(file(), text)?;
    Ok(ExitCode::SUCCESS)
}

/// Compares the file with what would be written.
///
/// # Errors
/// When they differ, or as [`write`].
pub(crate) fn current() -> Result<()> {
    if std::fs::read_to_string(file())? != collected()? {
        bail!("ui/licences.json is not current; write it anew with: cargo xtask licences");
    }
    Ok(())
}

fn file() -> PathBuf {
    place::ui().join("licences.json")
}

fn collected() -> Result<String> {
    let mut packages = crates()?;
    packages.extend(bundled()?);
    packages.sort_by_cached_key(|one| (one.name.to_lowercase(), one.version.clone()));
    let mut texts = Texts::default();
    let mut lines = Vec::new();
    for one in &packages {
        let at = texts.of(&one.folder)?;
        let line =
            json!({"name": one.name, "version": one.version, "licence": one.licence, "from": one.from, "texts": at});
        lines.push(line.to_string());
    }
    let texts: Vec<String> = texts.all().iter().map(|text| Value::from(text.as_str()).to_string()).collect();
    Ok(format!("{{\"packages\": [\n{}\n], \"texts\": [\n{}\n]}}\n", lines.join(",\n"), texts.join(",\n")))
}

/// The crates that are linked, with what their manifests say.
fn crates() -> Result<Vec<Package>> {
    let mut tree = vec!["tree", "--locked", "--offline", "--edges", "normal,no-proc-macro"];
    tree.extend(["--prefix", "none", "--format", "{p}"]);
    tree.extend(SYSTEMS.iter().flat_map(|system| ["--target", system]));
    tree.extend(SHIPPED.iter().flat_map(|package| ["--package", package]));
    let linked = linked(&output("cargo", &tree, &place::root())?);
    let metadata = output("cargo", &["metadata", "--locked", "--offline", "--format-version", "1"], &place::root())?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let known = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let mut out = Vec::new();
    for (name, version) in linked {
        let found = known.iter().find(|one| one["name"] == name.as_str() && one["version"] == version.as_str());
        let found = found.with_context(|| format!("cargo metadata does not know {name} {version}"))?;
        let manifest = found["manifest_path"].as_str().unwrap_or_default();
        let folder = Path::new(manifest).parent().unwrap_or(Path::new("")).to_owned();
        let licence = found["license"].as_str().unwrap_or("as its text says").replace('/', " OR ");
        out.push(Package { name, version, licence: spaced(&licence), from: "crate", folder });
    }
    Ok(out)
}

/// Name and version of every line of `cargo tree` that is not a folder of ours.
fn linked(tree: &str) -> BTreeSet<(String, String)> {
    let named = |line: &str| {
        let mut words = line.split_whitespace();
        let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
        let ours = words.next().is_some_and(|word| word.starts_with("(/") || word.contains(":\\"));
        (!ours).then(|| (name.to_owned(), version.to_owned()))
    };
    tree.lines().filter_map(named).collect()
}

/// The npm packages in the built page.
fn bundled() -> Result<Vec<Package>> {
    let told = front::npm(&["run", "--silent", "packages"]).output().context("npm cannot be started")?;
    if !told.status.success() {
        bail!("npm run packages failed: {}", String::from_utf8_lossy(&told.stderr));
    }
    let told: Value = serde_json::from_slice(&told.stdout).context("npm run packages did not answer in JSON")?;
    let text = |one: &Value, member: &str| one[member].as_str().unwrap_or_default().to_owned();
    let package = |one: &Value| Package {
        name: text(one, "name"),
        version: text(one, "version"),
        licence: text(one, "licence"),
        from: "npm",
        folder: PathBuf::from(text(one, "folder")),
    };
    let packages: Vec<_> = told.as_array().map(|all| all.iter().map(package).collect()).unwrap_or_default();
    if packages.is_empty() {
        bail!("the bundler names no npm package");
    }
    Ok(packages)
}

fn spaced(expression: &str) -> String {
    expression.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn output(program: &str, args: &[&str], dir: &Path) -> Result<String> {
    let told = step::command(program, args, dir).output().with_context(|| format!("cannot start {program}"))?;
    if !told.status.success() {
        bail!("{program} {} failed: {}", args.join(" "), String::from_utf8_lossy(&told.stderr));
    }
    Ok(String::from_utf8(told.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_tree_is_a_crate_unless_it_is_a_folder_of_ours() {
        let tree = "connectorctl v0.1.0 (/home/jo/app/src-tauri/cli)\nanyhow v1.0.100\nserde v1.0.228 (*)\n\nanyhow v1.0.100\n";
        let names: Vec<_> = linked(tree).into_iter().map(|(name, version)| format!("{name} {version}")).collect();
        assert_eq!(names, ["anyhow 1.0.100", "serde 1.0.228"]);
    }

    /// Packages the file lists at a version that is not locked.
    fn strangers(listed: &Value, cargo_lock: &str, package_lock: &Value) -> Vec<String> {
        let locked = |one: &Value| {
            let (name, version) = (one["name"].as_str().unwrap_or("?"), one["version"].as_str().unwrap_or("?"));
            match one["from"].as_str() {
                Some("crate") => cargo_lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n")),
                _ => package_lock["packages"][format!("node_modules/{name}")]["version"] == version,
            }
        };
        let listed = listed["packages"].as_array().cloned().unwrap_or_default();
        listed.iter().filter(|one| !locked(one)).map(|one| format!("{} {}", one["name"], one["version"])).collect()
    }

    #[test]
    fn every_package_listed_is_locked_at_that_version() -> Result<()> {
        let listed: Value = serde_json::from_str(&std::fs::read_to_string(file())?)?;
        let cargo_lock = std::fs::read_to_string(place::root().join("Cargo.lock"))?.replace("\r\n", "\n");
        let package_lock = serde_json::from_str(&std::fs::read_to_string(place::ui().join("package-lock.json"))?)?;
        assert!(listed["packages"].as_array().is_some_and(|all| all.len() > 200), "the list is not there");
        assert_eq!(strangers(&listed, &cargo_lock, &package_lock), [""; 0], "run: cargo xtask licences");
        let older = json!({"packages": [{"name": "serde", "version": "0.0.1", "from": "crate"}]});
        assert_eq!(strangers(&older, &cargo_lock, &package_lock), ["\"serde\" \"0.0.1\""]);
        Ok(())
    }

    #[test]
    fn every_text_a_package_points_to_is_there() -> Result<()> {
        let listed: Value = serde_json::from_str(&std::fs::read_to_string(file())?)?;
        let texts = listed["texts"].as_array().map_or(0, Vec::len) as u64;
        let packages = listed["packages"].as_array().cloned().unwrap_or_default();
        let points = packages.iter().flat_map(|one| one["texts"].as_array().cloned().unwrap_or_default());
        assert!(points.map(|at| at.as_u64()).all(|at| at.is_some_and(|at| at < texts)), "{texts} texts");
        Ok(())
    }
}
