//! Names that only the files listed here may use: exceptions from the disallowed methods, and questions to the system.

use crate::rust_source;

/// Names, each with the files that use it; a folder ends with `/`.
pub(crate) const PLACES: &[(&str, &[&str])] = &[
    // Exceptions from `.clippy.toml`: the clock, the secret in a header, the clipboard, the keychain.
    (
        "disallowed_methods",
        &[
            "src-tauri/crates/connector/src/alerts/webhook_client.rs",
            "src-tauri/crates/connector/src/token_store/pasted_secret.rs",
            "src-tauri/crates/okta/src/client.rs",
            "src-tauri/crates/radiant/src/events_webhook.rs",
            "src-tauri/crates/radiant/src/search.rs",
            "src-tauri/crates/runtime/src/clock.rs",
            "src-tauri/crates/runtime/src/worker.rs",
            "src-tauri/crates/secrets/src/lib.rs",
            "src-tauri/crates/secrets/src/keychain_entry_value.rs",
            "src-tauri/practice/src/lib.rs",
            "src-tauri/practice/src/random_ids_and_times.rs",
            "src-tauri/src/clipboard/copy_item.rs",
            "src-tauri/src/clipboard/worker.rs",
            "src-tauri/src/practice_org.rs",
            "src-tauri/xtask/src/tests_on_other_dates.rs",
        ],
    ),
    // The system bus: power and network events are received, and a person is authenticated. The session bus: tray icon,
    // notifications and the keychain.
    (
        "zbus",
        &[
            "src-tauri/agent/src/notifications/freedesktop.rs",
            "src-tauri/agent/src/tray/status_notifier.rs",
            "src-tauri/crates/connector/src/power_events/system_bus.rs",
            "src-tauri/crates/secrets/src/secret_service.rs",
            "src-tauri/src/reauthentication/",
        ],
    ),
    ("tauri_plugin_biometric", &["src-tauri/src/reauthentication/"]),
    ("UserConsentVerifier", &["src-tauri/src/reauthentication/"]),
];

/// Returns each use outside of its files, and each listed file without a use.
pub(crate) fn violations(places: &[(&str, &[&str])], files: &[(String, String)]) -> Vec<String> {
    let holds = |place: &str, file: &str| file == place || place.ends_with('/') && file.starts_with(place);
    let words = |text: &String| rust_source::words(rust_source::parse(text));
    let files: Vec<_> = files.iter().map(|(file, text)| (file, words(text))).collect();
    let mut out = Vec::new();
    for (name, allowed) in places {
        let using = files.iter().filter(|(_, words)| words.iter().any(|word| word == name));
        let using: Vec<&str> = using.map(|(file, _)| file.as_str()).collect();
        let outside = using.iter().filter(|file| !allowed.iter().any(|place| holds(place, file)));
        out.extend(outside.map(|file| format!("{file}: uses `{name}`, which only the files listed for it may")));
        let unused = allowed.iter().filter(|place| !using.iter().any(|file| holds(place, file)));
        out.extend(unused.map(|place| format!("{place}: listed for `{name}`, which it does not use")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(file: &str, text: &str) -> Vec<String> {
        violations(
            &[("zbus", &["src/bus.rs", "src/login/"])],
            &[
                ("src/bus.rs".to_owned(), "use zbus::Connection;".to_owned()),
                ("src/login/polkit.rs".to_owned(), "fn f() { zbus::Connection::system() }".to_owned()),
                (file.to_owned(), text.to_owned()),
            ],
        )
    }

    #[test]
    fn a_use_outside_of_the_listed_files_is_found() {
        assert_eq!(of("src/window.rs", "use zbus::Connection;").len(), 1);
        assert!(of("src/login/other.rs", "use zbus::Connection;").is_empty());
        assert!(of("src/window.rs", "// zbus\nfn zbus_like() {}").is_empty());
    }

    #[test]
    fn a_listed_file_without_a_use_is_found() {
        let found = violations(&[("zbus", &["src/bus.rs"])], &[("src/bus.rs".to_owned(), String::new())]);
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn an_exception_is_found_in_its_attribute() {
        let text = "#[expect(clippy::disallowed_methods, reason = \"x\")] fn f() {}";
        let files = [("src/a.rs".to_owned(), text.to_owned())];
        assert_eq!(violations(&[("disallowed_methods", &[])], &files).len(), 1);
    }
}
