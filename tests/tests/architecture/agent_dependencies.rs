//! The agent depends on no desktop toolkit and no web view: it is small because it has none, and never ends with one.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand, PackageId};

use crate::root;

/// Beginnings of the names of crates that are not below the agent.
const FORBIDDEN: &[&str] = &["tauri", "gtk", "gdk", "tao", "wry", "webkit2gtk", "javascriptcore", "muda", "tray-icon"];
/// The target whose dependencies are read.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Returns the crates that a package needs on Linux, itself included, without what only its tests need.
fn needed_by(package: &str) -> BTreeSet<String> {
    let mut command = MetadataCommand::new();
    let options = ["--offline", "--filter-platform", TARGET].map(str::to_owned);
    let metadata = command.manifest_path(root().join("Cargo.toml")).other_options(options).exec().unwrap();
    let names: BTreeMap<&PackageId, &String> = metadata.packages.iter().map(|one| (&one.id, &one.name)).collect();
    let resolve = metadata.resolve.as_ref().unwrap();
    let nodes: BTreeMap<&PackageId, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let first = metadata.workspace_members.iter().find(|id| names[id] == package).unwrap();
    let (mut found, mut waiting) = (BTreeSet::new(), vec![first]);
    while let Some(id) = waiting.pop() {
        if found.insert(id) {
            let needed = nodes[id]
                .deps
                .iter()
                .filter(|dep| dep.dep_kinds.iter().any(|of| of.kind != DependencyKind::Development));
            waiting.extend(needed.map(|dep| &dep.pkg));
        }
    }
    found.into_iter().map(|id| names[id].clone()).collect()
}

fn forbidden(crates: &BTreeSet<String>) -> Vec<&String> {
    crates.iter().filter(|name| FORBIDDEN.iter().any(|beginning| name.starts_with(beginning))).collect()
}

#[test]
fn the_agent_depends_on_no_toolkit_and_no_web_view() {
    let needed = needed_by("agent");
    assert!(needed.contains("connector") && needed.contains("ksni"), "{needed:?}");
    assert_eq!(forbidden(&needed), Vec::<&String>::new());
}

#[test]
fn the_toolkit_below_the_app_is_found() {
    let needed = needed_by("okta-connector-for-radiant");
    let found = forbidden(&needed);
    assert!(["gtk", "tauri", "wry"].iter().all(|name| found.iter().any(|one| one == name)), "{found:?}");
}
