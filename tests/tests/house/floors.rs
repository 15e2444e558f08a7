//! The floors of `connector`: which room may use which. Arrows go down; rooms on one floor do not know each other.

use crate::source::{self, ModPath};

/// Rooms by floor, the lowest first. A room on a floor uses rooms of lower floors alone.
///
/// The basement (`clock`, then `web`, `links`, `worker`) is usable by the outsides and all above them.
const FLOORS: &[(&str, &[&str])] = &[
    ("words", &["model"]),
    ("sentences", &["messages"]),
    ("basement", &["clock", "place"]),
    ("basement, upper", &["web", "worker", "links"]),
    ("outsides", &["okta", "radiant", "store", "vault", "policy", "computer"]),
    ("questions", &["checks", "reports"]),
    ("what the app does", &["setup", "monitor", "rotation", "relay", "actions", "signals"]),
    ("facade", &["connector"]),
];

/// All that the shell and the command line use of `connector`: words, what a [`ConnectorConfig`](connector::ConnectorConfig) is made of, what they
/// wait by, and where files lie. Everything else is behind the facade.
pub(crate) const IN_FRONT: &[&str] = &["model", "messages", "clock", "place", "links", "web", "vault", "computer"];

/// Every room with the row of the README's table in which it stands.
pub(crate) fn rooms() -> Vec<(&'static str, usize)> {
    let rows = [1, 1, 2, 2, 2, 3, 4, 5];
    FLOORS.iter().zip(rows).flat_map(|((_, rooms), row)| rooms.iter().map(move |room| (*room, row))).collect()
}

/// The functions of the facade, beside its types.
const FACADE_FUNCTIONS: &[&str] = &["check_once", "policy_at", "supervise"];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|(_, rooms)| rooms.contains(&room))
}

/// Returns what is wrong with the arrows of one file of `connector`, in words.
pub(crate) fn faults(file: &str, module: &ModPath, source: &str) -> Vec<String> {
    let Some(room) = module.first() else { return Vec::new() };
    let Some(from) = floor(room) else { return vec![format!("{file}: the room `{room}` stands on no floor")] };
    let mut out = Vec::new();
    for reference in source::references(source, module) {
        let Some(target) = reference.path.first().filter(|target| *target != room) else { continue };
        match floor(target) {
            Some(to) if to < from => {}
            Some(to) if to == from => out.push(format!("{file}: sideways arrow, {room} -> {target}")),
            Some(_) => out.push(format!("{file}: upward arrow, {room} -> {target}")),
            None if FLOORS[from].0 == "facade" => {}
            None => out.push(format!("{file}: {room} uses `{target}` of the crate's root, which stands above it")),
        }
    }
    out.sort();
    out.dedup();
    out
}

/// Returns what is wrong with how a file of the shell or the command line uses `connector`.
pub(crate) fn past_the_facade(file: &str, source: &str) -> Vec<String> {
    let behind = rooms_used(source).into_iter().filter(|room| !IN_FRONT.contains(&room.as_str()));
    behind.map(|room| format!("{file}: reaches past the facade for connector::{room}")).collect()
}

/// The rooms of `connector` that a file outside of it names. What the facade itself is asked for begins with a capital, or is
/// one of its functions.
pub(crate) fn rooms_used(source: &str) -> Vec<String> {
    let words = source::words(source);
    let of_connector = |at: &usize| words[*at] == "connector" && words.get(at + 1).is_some_and(|word| word == "::");
    let named = (0..words.len()).filter(of_connector).flat_map(|at| first_segments(&words[at + 2..]));
    let is_room = |name: &String| name.starts_with(char::is_lowercase) && !FACADE_FUNCTIONS.contains(&name.as_str());
    named.filter(is_room).collect()
}

/// The room of the shell that asks the operating system who sits there.
const PRESENCE: &str = "src-tauri/src/presence/";

/// The one file that hears the system's bus besides: it only listens, and asks nobody anything.
const LISTENS: (&str, &str) = ("src-tauri/connector/src/computer/bus.rs", "zbus");

/// What asks the operating system, by system.
const QUESTIONS: &[&str] = &["zbus", "tauri_plugin_biometric", "UserConsentVerifier"];

/// Returns what is wrong with a Rust file that asks the operating system who sits there.
pub(crate) fn past_presence(file: &str, source: &str) -> Vec<String> {
    if file.starts_with(PRESENCE) {
        return Vec::new();
    }
    let words = source::words(source);
    let named = QUESTIONS.iter().filter(|question| words.iter().any(|word| word == **question));
    let named = named.filter(|question| (file, **question) != LISTENS);
    named.map(|question| format!("{file}: names `{question}`, which only {PRESENCE} may")).collect()
}

/// The first names after `connector::`, one or a group.
fn first_segments(words: &[String]) -> Vec<String> {
    if words.first().is_none_or(|word| word != "{") {
        return words.first().cloned().into_iter().collect();
    }
    let (mut depth, mut first, mut out) = (0_i32, true, Vec::new());
    for word in words {
        match word.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," => first = depth == 1,
            name if first && depth == 1 => {
                out.push(name.to_owned());
                first = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(module: &[&str], source: &str) -> Vec<String> {
        faults("x.rs", &module.iter().map(|part| (*part).to_owned()).collect(), source)
    }

    #[test]
    fn a_downward_arrow_is_right() {
        assert!(of(&["checks", "run"], "use crate::okta::Okta; use crate::model::Code;").is_empty());
    }

    #[test]
    fn an_upward_arrow_is_found() {
        assert_eq!(of(&["model"], "use crate::okta::Okta;"), ["x.rs: upward arrow, model -> okta"]);
        assert_eq!(of(&["okta"], "fn f() { crate::setup::go() }"), ["x.rs: upward arrow, okta -> setup"]);
    }

    #[test]
    fn a_sideways_arrow_is_found() {
        assert_eq!(of(&["okta", "client"], "use super::super::store::Store;"), ["x.rs: sideways arrow, okta -> store"]);
        assert_eq!(of(&["setup"], "use crate::{monitor, model};"), ["x.rs: sideways arrow, setup -> monitor"]);
    }

    #[test]
    fn the_crate_root_is_above_every_room() {
        assert_eq!(of(&["checks"], "use crate::Connector;").len(), 1);
        assert!(of(&["connector"], "use crate::Connector;").is_empty());
    }

    #[test]
    fn a_room_without_a_floor_is_found() {
        assert_eq!(of(&["helpers"], ""), ["x.rs: the room `helpers` stands on no floor"]);
    }

    #[test]
    fn asking_the_system_outside_its_room_is_found() {
        assert_eq!(past_presence("src-tauri/src/doors.rs", "use zbus::Connection;").len(), 1);
        assert!(past_presence("src-tauri/src/presence/polkit.rs", "use zbus::Connection;").is_empty());
        assert!(past_presence("src-tauri/src/doors.rs", "// zbus\nfn zbus_like() {}").is_empty());
    }

    #[test]
    fn reaching_past_the_facade_is_found() {
        let source = "use connector::{model::Code, okta::Okta, Connector}; use store::Store;";
        assert_eq!(past_the_facade("x.rs", source).len(), 2);
        assert_eq!(
            past_the_facade("x.rs", "fn a() { connector::reports::json() }").len(),
            1,
            "a room nobody named before"
        );
        let allowed = "use connector::{Connector, model::{self, Code}, supervise, vault::Vault};";
        assert!(past_the_facade("x.rs", allowed).is_empty());
    }
}
