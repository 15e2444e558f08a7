//! Import circles between the modules (files) of `connector`.
//!
//! A module points to the file its path names; a name that a `mod.rs` hands on (`pub use client::Okta`) points to the file
//! that holds it. Handing on is not using, so a door and its room are no circle; two files that need each other are.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{self, ModPath};

/// Sources by module.
pub(crate) type Sources = BTreeMap<ModPath, String>;

/// Returns one sentence per circle: the modules in order.
pub(crate) fn circles(sources: &Sources) -> Vec<String> {
    let edges = edges(sources);
    let mut found = BTreeSet::new();
    for start in edges.keys() {
        if let Some(way) = way_back(start, &edges) {
            found.insert(named(&way));
        }
    }
    found.into_iter().collect()
}

fn edges(sources: &Sources) -> BTreeMap<ModPath, BTreeSet<ModPath>> {
    let handed = handed_on(sources);
    let arrows = |(module, source): (&ModPath, &String)| {
        let used = source::references(source, module).into_iter().filter(|reference| !reference.handed_on);
        let targets = used.filter_map(|reference| holder(&reference.path, sources, &handed));
        (module.clone(), targets.filter(|target| target != module).collect())
    };
    sources.iter().map(arrows).collect()
}

/// Names that modules hand on, and the path each stands for.
fn handed_on(sources: &Sources) -> BTreeMap<Vec<String>, Vec<String>> {
    let mut out = BTreeMap::new();
    for (module, source) in sources {
        for reference in source::references(source, module).into_iter().filter(|reference| reference.handed_on) {
            if let Some(name) = reference.path.last() {
                let mut public = module.clone();
                public.push(name.clone());
                out.insert(public, reference.path);
            }
        }
    }
    out
}

/// The file that holds what a path names.
fn holder(path: &[String], sources: &Sources, handed: &BTreeMap<Vec<String>, Vec<String>>) -> Option<ModPath> {
    let mut path = path.to_vec();
    for _ in 0..8 {
        let known = (0..=path.len()).rev().map(|end| &path[..end]).find(|part| sources.contains_key(*part))?.to_vec();
        if known.len() == path.len() {
            return Some(known);
        }
        match handed.get(&path[..=known.len()]) {
            Some(true_path) if true_path[..] != path[..=known.len()] => {
                let rest = path.split_off(known.len() + 1);
                path = true_path.iter().cloned().chain(rest).collect();
            }
            _ => return Some(known),
        }
    }
    None
}

/// The shortest way from a module back to itself.
fn way_back(start: &ModPath, edges: &BTreeMap<ModPath, BTreeSet<ModPath>>) -> Option<Vec<ModPath>> {
    let mut seen = BTreeSet::new();
    let mut ways = vec![vec![start.clone()]];
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in way.last().and_then(|last| edges.get(last)).into_iter().flatten() {
                if next == start {
                    return Some(way);
                }
                if seen.insert(next.clone()) {
                    longer.push(way.iter().cloned().chain([next.clone()]).collect());
                }
            }
        }
        ways = longer;
    }
    None
}

/// Starts at the alphabetically first module, so that one circle has one name.
fn named(way: &[ModPath]) -> String {
    let names: Vec<String> = way.iter().map(|module| module.join("::")).collect();
    let first = names.iter().enumerate().min_by_key(|(_, name)| (*name).clone()).map_or(0, |(i, _)| i);
    let turned: Vec<&str> = (0..=names.len()).map(|i| names[(first + i) % names.len()].as_str()).collect();
    turned.join(" -> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(files: &[(&str, &str)]) -> Sources {
        let path = |name: &str| name.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
        files.iter().map(|(name, source)| (path(name), (*source).to_owned())).collect()
    }

    #[test]
    fn two_files_that_need_each_other_are_a_circle() {
        let house = house(&[
            ("okta", "mod client; mod error;"),
            ("okta::client", "use super::error::Kind; pub struct Client;"),
            ("okta::error", "use crate::okta::client::Client; pub struct Kind;"),
        ]);
        assert_eq!(circles(&house), ["okta::client -> okta::error -> okta::client"]);
    }

    #[test]
    fn a_circle_through_names_handed_on_is_found() {
        let house = house(&[
            ("okta", "mod client; mod error; pub use client::Client; pub use error::Kind;"),
            ("okta::client", "use super::Kind; pub struct Client;"),
            ("okta::error", "use crate::okta::Client; pub struct Kind;"),
        ]);
        assert_eq!(circles(&house), ["okta::client -> okta::error -> okta::client"]);
    }

    #[test]
    fn a_door_that_hands_on_its_room_is_no_circle() {
        let house = house(&[
            ("okta", "mod client; mod error; pub use client::Client; pub use error::Kind;"),
            ("okta::client", "use super::Kind; pub struct Client;"),
            ("okta::error", "pub struct Kind;"),
        ]);
        assert!(circles(&house).is_empty());
    }

    #[test]
    fn a_circle_over_three_files_is_found_once() {
        let house = house(&[("a", "use crate::b::B;"), ("b", "use crate::c::C;"), ("c", "use crate::a::A;")]);
        assert_eq!(circles(&house), ["a -> b -> c -> a"]);
    }
}
