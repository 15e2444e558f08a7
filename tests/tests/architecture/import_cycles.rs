//! Import cycles between the modules (files) of a crate.
//!
//! A path leads to the file that defines what it names: a name that another module re-exports (`pub use client::Okta`, also
//! `pub use client::*`) leads to the file behind it. A re-export is not a use, so a module and its child are no cycle because
//! the one exports the other; two files that need each other are one.

use std::collections::{BTreeMap, BTreeSet};

use crate::module_tree::Modules;
use crate::rust_source::ModPath;

/// Re-exports of re-exports are followed so many times.
const MAX_REEXPORTS: usize = 8;

/// Returns one sentence per cycle: the modules in order.
pub(crate) fn cycles(modules: &Modules) -> Vec<String> {
    let edges = edges(modules);
    let found: BTreeSet<_> =
        edges.keys().filter_map(|start| shortest_cycle(start, &edges)).map(|way| name(&way)).collect();
    found.into_iter().collect()
}

fn edges(modules: &Modules) -> BTreeMap<ModPath, BTreeSet<ModPath>> {
    let exports = Exports::of(modules);
    let edges_of = |(module, one): (&ModPath, &crate::module_tree::Module)| {
        let used = one.references.iter().filter(|reference| reference.exported_as.is_none());
        let targets = used.filter_map(|reference| exports.definer(&reference.path, MAX_REEXPORTS));
        (module.clone(), targets.filter(|target| target != module).collect())
    };
    modules.iter().map(edges_of).collect()
}

/// What modules re-export.
struct Exports<'a> {
    modules: &'a Modules,
    /// The path behind each public name.
    names: BTreeMap<Vec<String>, &'a [String]>,
    /// By module, what it exports as a whole.
    globs: BTreeMap<&'a ModPath, Vec<&'a [String]>>,
}

impl<'a> Exports<'a> {
    fn of(modules: &'a Modules) -> Self {
        let mut exports = Self { modules, names: BTreeMap::new(), globs: BTreeMap::new() };
        for (module, one) in modules {
            for reference in &one.references {
                match (reference.exported_as.as_deref(), &reference.path[..]) {
                    (Some("*"), [path @ .., _]) => exports.globs.entry(module).or_default().push(path),
                    (Some(name), path) => {
                        exports.names.insert([&module[..], &[name.to_owned()]].concat(), path);
                    }
                    (None, _) => {}
                }
            }
        }
        exports
    }

    /// Returns the module that defines what a path names.
    fn definer(&self, path: &[String], depth: usize) -> Option<ModPath> {
        let known = (0..=path.len()).rev().map(|end| &path[..end]).find(|part| self.modules.contains_key(*part))?;
        let rest = &path[known.len()..];
        let Some(name) = rest.first().filter(|name| *name != "*" && depth > 0) else { return Some(known.to_vec()) };
        if let Some(behind) = self.names.get(&path[..=known.len()]).filter(|behind| ***behind != path[..=known.len()]) {
            return self.definer(&[behind, &rest[1..]].concat(), depth - 1);
        }
        if self.modules[known].defined.contains(name) {
            return Some(known.to_vec());
        }
        let globs = self.globs.get(&known.to_vec()).into_iter().flatten();
        let behind = globs.map(|glob| [*glob, rest].concat()).filter_map(|path| self.definer(&path, depth - 1));
        Some(
            behind
                .into_iter()
                .find(|module| self.modules[module].defined.contains(name))
                .unwrap_or_else(|| known.to_vec()),
        )
    }
}

/// Returns the shortest way from a module back to itself.
fn shortest_cycle(start: &ModPath, edges: &BTreeMap<ModPath, BTreeSet<ModPath>>) -> Option<Vec<ModPath>> {
    let mut visited = BTreeSet::new();
    let mut ways = vec![vec![start.clone()]];
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in way.last().and_then(|last| edges.get(last)).into_iter().flatten() {
                if next == start {
                    return Some(way);
                }
                if visited.insert(next.clone()) {
                    longer.push(way.iter().cloned().chain([next.clone()]).collect());
                }
            }
        }
        ways = longer;
    }
    None
}

/// Starts at the alphabetically first module, so that one cycle has one name.
fn name(way: &[ModPath]) -> String {
    let names: Vec<String> =
        way.iter().map(|module| [&["crate".to_owned()], &module[..]].concat().join("::")).collect();
    let first = names.iter().enumerate().min_by_key(|(_, name)| *name).map_or(0, |(at, _)| at);
    let rotated: Vec<&str> = (0..=names.len()).map(|at| names[(first + at) % names.len()].as_str()).collect();
    rotated.join(" -> ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{module_tree, rust_source};

    fn cycles_of(files: &[(&str, &str)]) -> Vec<String> {
        let mut modules = Modules::new();
        for (name, source) in files {
            let path = name.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
            module_tree::add(rust_source::parse(source), &path, &mut modules);
        }
        cycles(&modules)
    }

    const CYCLE: &str = "crate::okta::client -> crate::okta::error -> crate::okta::client";

    #[test]
    fn two_files_that_need_each_other_are_a_cycle() {
        let found = cycles_of(&[
            ("okta", "mod client; mod error;"),
            ("okta::client", "use super::error::Kind; pub struct Client;"),
            ("okta::error", "fn f() { let it = crate::okta::client::Client; }"),
        ]);
        assert_eq!(found, [CYCLE]);
    }

    #[test]
    fn a_cycle_through_reexported_names_is_found() {
        let found = cycles_of(&[
            ("okta", "mod client; mod error; pub use client::Client as C; pub use error::*;"),
            ("okta::client", "use super::Kind; pub struct Client;"),
            ("okta::error", "use crate::okta::C; pub struct Kind;"),
        ]);
        assert_eq!(found, [CYCLE]);
    }

    #[test]
    fn a_module_that_only_reexports_its_children_is_no_cycle() {
        let found = cycles_of(&[
            ("okta", "mod client; mod error; pub use client::Client; pub use error::*;"),
            ("okta::client", "use super::Kind; pub struct Client;"),
            ("okta::error", "pub struct Kind;"),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn a_child_that_needs_the_parent_that_uses_it_is_a_cycle() {
        let found = cycles_of(&[("", "mod a; fn f() { a::g() } struct S;"), ("a", "use crate::S; pub fn g() {}")]);
        assert_eq!(found, ["crate -> crate::a -> crate"]);
    }

    #[test]
    fn a_cycle_over_three_files_is_found_once() {
        let found = cycles_of(&[("a", "use crate::b::B;"), ("b", "use crate::c::C;"), ("c", "use crate::a::A;")]);
        assert_eq!(found, ["crate::a -> crate::b -> crate::c -> crate::a"]);
    }
}
