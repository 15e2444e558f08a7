//! The house's walls: arrows go down, Tauri stays in the shell, no circles, no long files, nothing left undone.
//!
//! Each rule reads the sources and manifests as text and has a counter-example of its own beside it, which proves that the
//! rule can fail. The picture itself stands in the README ("How the house is laid out").
#![expect(clippy::unwrap_used, reason = "tests")]

mod changes;
mod circles;
mod files;
mod floors;
mod packages;
mod source;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Files of `connector` with their modules: `okta/client.rs` is `["okta", "client"]`.
fn connector() -> Vec<(String, source::ModPath, String)> {
    let inside = "src-tauri/connector/src/";
    let named = |(file, text): (String, String)| {
        let path = file.strip_prefix(inside)?.strip_suffix(".rs")?.to_owned();
        let parts = path.split('/').filter(|part| !["lib", "mod"].contains(part));
        let module = parts.map(str::to_owned).collect();
        Some((file, module, text))
    };
    files::sources(&root()).unwrap().into_iter().filter_map(named).collect()
}

#[test]
fn every_arrow_of_the_domain_goes_down() {
    let files = connector();
    assert!(files.len() > 15, "the domain was not found: {} files", files.len());
    none(&files.iter().flat_map(|(file, module, text)| floors::faults(file, module, text)).collect::<Vec<_>>());
}

#[test]
fn no_two_modules_of_the_domain_need_each_other() {
    let sources: BTreeMap<_, _> = connector().into_iter().map(|(_, module, text)| (module, text)).collect();
    none(&circles::circles(&sources));
}

#[test]
fn every_change_in_okta_has_one_caller() {
    let files: Vec<_> = connector().into_iter().map(|(file, _, text)| (file, text)).collect();
    none(&changes::faults(&files));
}

#[test]
fn the_shell_and_the_command_line_go_through_the_facade() {
    let inside = ["src-tauri/src/", "src-tauri/cli/src/"];
    let files: Vec<_> = files::sources(&root()).unwrap();
    let files = files.iter().filter(|(file, _)| inside.iter().any(|dir| file.starts_with(dir)));
    let files: Vec<_> = files.collect();
    none(&files.iter().flat_map(|(file, text)| floors::past_the_facade(file, text)).collect::<Vec<_>>());
    let used: Vec<_> = files.iter().flat_map(|(_, text)| floors::rooms_used(text)).collect();
    let unused = floors::IN_FRONT.iter().filter(|room| !used.iter().any(|one| one == *room));
    none(
        &unused
            .map(|room| format!("connector::{room} is allowed above the facade, and nobody uses it"))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn the_readme_has_every_room_on_its_floor_and_what_is_used_from_above() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let row = |floor: usize| readme.lines().find(|line| line.starts_with(&format!("| {floor} |"))).unwrap();
    let names =
        |floor, room: &str| row(floor).contains(&format!("`{room}`")) || row(floor).contains(&format!("`{room}/`"));
    let built: Vec<_> = connector().into_iter().filter_map(|(_, module, _)| module.into_iter().next()).collect();
    let rooms = floors::rooms().into_iter().filter(|(room, _)| built.iter().any(|one| one == room));
    let missing =
        rooms.chain(floors::IN_FRONT.iter().map(|room| (*room, 6))).filter(|(room, floor)| !names(*floor, room));
    none(&missing.map(|(room, floor)| format!("README.md: floor {floor} does not name `{room}`")).collect::<Vec<_>>());
}

#[test]
fn one_room_alone_asks_the_system_who_sits_there() {
    let files: Vec<_> = files::sources(&root()).unwrap();
    assert!(files.iter().any(|(file, _)| file == "src-tauri/src/presence/polkit.rs"), "the room was not found");
    let rust = files.iter().filter(|(file, _)| file.starts_with("src-tauri/") && file.ends_with(".rs"));
    none(&rust.flat_map(|(file, text)| floors::past_presence(file, text)).collect::<Vec<_>>());
}

#[test]
fn tauri_is_named_by_the_shell_alone_and_packages_lean_downwards() {
    let members =
        ["", "src-tauri", "src-tauri/connector", "src-tauri/practice", "src-tauri/cli", "src-tauri/xtask", "tests"];
    let mut faults = Vec::new();
    for member in members {
        let file = Path::new(member).join("Cargo.toml");
        let text = fs::read_to_string(root().join(&file)).unwrap();
        faults.extend(packages::faults(&file.to_string_lossy(), &text));
    }
    none(&faults);
}

#[test]
fn every_workspace_member_is_looked_at() {
    let text = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members = text.lines().find(|line| line.starts_with("members")).unwrap();
    assert_eq!(members.matches('"').count() / 2, 6, "the house test knows six packages: {members}");
}

#[test]
fn no_file_is_too_long_and_nothing_is_left_undone() {
    let files = files::sources(&root()).unwrap();
    none(&files.iter().flat_map(|(file, text)| files::faults(file, text)).collect::<Vec<_>>());
}
