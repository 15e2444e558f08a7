//! Architecture rules that neither the compiler nor cargo-deny can keep.
//!
//! Cargo's graph and the `wrappers` in `.deny.toml` keep the order of the crates. The rules here look inside crates: no
//! import cycles, no desktop toolkit below the agent, one file per request that changes something in Okta, restricted calls only in named files, and limits on
//! the size of files, `impl` blocks and functions. Each rule has a counter-example beside it, which proves that it can fail.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::wildcard_enum_match_arm, reason = "only some kinds of tokens matter to a rule")]

#[cfg(target_os = "linux")]
mod agent_dependencies;
mod import_cycles;
mod module_tree;
mod okta_writes;
mod restricted_calls;
mod rust_source;
mod size_limits;
mod source_files;
mod unfinished_code;

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn workspace() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).no_deps().other_options(["--offline".to_owned()]).exec().unwrap()
}

fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

/// Rust files of the product, without those of its tests: each with its path from the root and its text.
fn product_files() -> Vec<(String, String)> {
    let mut files = source_files::sources(&root()).unwrap();
    files.retain(|(file, _)| file.starts_with("src-tauri/") && file.ends_with(".rs") && !is_test_file(file));
    assert!(files.len() > 100, "the product was not found: {} files", files.len());
    files
}

fn is_test_file(file: &str) -> bool {
    file.contains("/tests/") || file.ends_with("tests.rs")
}

#[test]
fn no_crate_has_an_import_cycle() {
    let workspace = workspace();
    let mut violations = Vec::new();
    for package in &workspace.packages {
        for target in &package.targets {
            let modules = module_tree::load(target.src_path.as_std_path()).unwrap();
            let cycles = import_cycles::cycles(&modules);
            violations.extend(cycles.iter().map(|cycle| format!("{} ({}): {cycle}", package.name, target.name)));
        }
    }
    assert_none(&violations);
}

#[test]
fn each_request_that_changes_something_in_okta_has_a_file_and_one_caller() {
    assert_none(&okta_writes::violations(&product_files()));
}

#[test]
fn restricted_names_stand_only_in_their_files() {
    assert_none(&restricted_calls::violations(restricted_calls::PLACES, &product_files()));
}

#[test]
fn no_file_is_too_long_and_nothing_is_unfinished() {
    let files = source_files::sources(&root()).unwrap();
    let long = files.iter().filter_map(|(file, text)| size_limits::too_long(file, text));
    let unfinished = files.iter().flat_map(|(file, text)| unfinished_code::violations(file, text));
    assert_none(&long.chain(unfinished).collect::<Vec<_>>());
}

#[test]
fn no_type_has_too_many_methods_and_no_function_is_too_long() {
    assert_none(&size_limits::violations(&product_files()));
}
