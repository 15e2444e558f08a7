//! What the packages may depend on, read from their manifests.

/// Our own packages.
const OURS: &[&str] = &["connector", "practice", "okta-connector-for-radiant", "connectorctl", "xtask", "tests"];

/// A package and those of ours it may depend on; every package of ours is in this table.
const MAY: &[(&str, &[&str])] = &[
    ("connector", &[]),
    ("practice", &[]),
    ("xtask", &[]),
    ("connectorctl", &["connector", "practice"]),
    ("okta-connector-for-radiant", &["connector", "practice"]),
    ("tests", &["connector", "practice"]),
];

/// The one package that may name Tauri.
const SHELL: &str = "okta-connector-for-radiant";

/// Crates that bring a window with them.
const WINDOWED: &[&str] = &["wry", "tao", "tray-icon", "muda", "gtk", "webkit2gtk"];

/// Returns what is wrong with one manifest, in words; `file` is its path from the root.
pub(crate) fn faults(file: &str, manifest: &str) -> Vec<String> {
    let package = name(manifest).unwrap_or_default();
    let allowed = MAY.iter().find(|(name, _)| *name == package).map(|(_, may)| *may);
    let mut out = Vec::new();
    if !package.is_empty() && allowed.is_none() {
        out.push(format!("{file}: the package `{package}` is not in the house's table"));
    }
    for dependency in dependencies(manifest) {
        let windowed = dependency.starts_with("tauri") || WINDOWED.contains(&dependency.as_str());
        if windowed && package != SHELL {
            out.push(format!("{file}: names `{dependency}`, which only the shell may"));
        }
        let ours = OURS.contains(&dependency.as_str());
        if ours && !package.is_empty() && !allowed.unwrap_or_default().contains(&dependency.as_str()) {
            out.push(format!("{file}: `{package}` depends on `{dependency}`"));
        }
    }
    out
}

/// The package's name; none for a manifest of a workspace alone.
fn name(manifest: &str) -> Option<String> {
    let body = manifest.split("[package]").nth(1)?;
    let line = body.lines().find(|line| line.starts_with("name"))?;
    line.split('"').nth(1).map(str::to_owned)
}

/// Every dependency's name, of whatever kind and target, also a renamed one's true name.
fn dependencies(manifest: &str) -> Vec<String> {
    let (mut out, mut inside) = (Vec::new(), false);
    for line in manifest.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            inside = section.ends_with("dependencies");
            if let Some((_, one)) = section.rsplit_once("dependencies.") {
                out.push(one.trim_matches('"').to_owned());
            }
        } else if inside {
            let key = line.split(['=', '.']).next().unwrap_or_default().trim().trim_matches('"');
            out.extend((!key.is_empty()).then(|| key.to_owned()));
            let renamed = line.split("package = \"").nth(1).and_then(|rest| rest.split('"').next());
            out.extend(renamed.map(str::to_owned));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, rest: &str) -> String {
        format!("[package]\nname = \"{name}\"\n{rest}")
    }

    #[test]
    fn tauri_outside_the_shell_is_found_in_every_form() {
        for form in [
            "[dependencies]\ntauri = \"2\"",
            "[dependencies]\ntauri-plugin-store.workspace = true",
            "[build-dependencies]\ntauri-build = { version = \"2\" }",
            "[target.'cfg(target_os = \"linux\")'.dependencies]\ntray-icon = \"0.25\"",
            "[dev-dependencies.tauri]\nversion = \"2\"",
            "[dependencies]\nwindow = { package = \"tauri\", version = \"2\" }",
        ] {
            assert_eq!(faults("x", &manifest("connector", form)).len(), 1, "{form}");
            assert!(faults("x", &manifest(SHELL, form)).is_empty(), "{form}");
        }
    }

    #[test]
    fn tauri_among_the_shared_versions_is_found() {
        assert_eq!(faults("Cargo.toml", "[workspace.dependencies]\ntauri = \"2\"").len(), 1);
    }

    #[test]
    fn a_package_that_must_stand_alone_may_not_lean_on_ours() {
        for package in ["practice", "xtask", "connector"] {
            let fault = faults("x", &manifest(package, "[dependencies]\nconnectorctl = { path = \"../cli\" }"));
            assert_eq!(fault, [format!("x: `{package}` depends on `connectorctl`")]);
        }
        assert_eq!(faults("x", &manifest("practice", "[dependencies]\nconnector.workspace = true")).len(), 1);
    }

    #[test]
    fn an_unknown_package_is_found() {
        assert_eq!(faults("x", &manifest("helper", "")), ["x: the package `helper` is not in the house's table"]);
    }
}
