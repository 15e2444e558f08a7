//! Requests that change something in Okta: one file each, and each with the one file that may call it.

use crate::rust_source;

/// The crate that sends requests to Okta.
const OKTA: &str = "src-tauri/crates/okta/src/";

/// The folder with a file per request.
const WRITES: &str = "src-tauri/crates/okta/src/writes/";

/// Each request's function, which its file is named after, and the one file that may call it.
const CALLERS: &[(&str, &str)] = &[
    ("revoke_current_token", "src-tauri/crates/connector/src/rotation/revocation.rs"),
    ("suspend_user", USER_WRITES),
    ("unsuspend_user", USER_WRITES),
    ("end_sessions", USER_WRITES),
    ("expire_password", USER_WRITES),
    ("reset_factors", USER_WRITES),
    ("create_zone", ZONE_WRITER),
    ("replace_zone", ZONE_WRITER),
    ("activate_zone", ZONE_WRITER),
    ("deactivate_zone", ZONE_WRITER),
];

/// The file that sends the changes of users.
const USER_WRITES: &str = "src-tauri/crates/connector/src/actions/user_writes.rs";

/// The only file that changes a network zone.
const ZONE_WRITER: &str = "src-tauri/crates/connector/src/blocklist/writer.rs";

/// Methods that change something.
const METHODS: &[&str] = &["POST", "PUT", "PATCH", "DELETE"];

/// Returns what is wrong with the files of the product: each with its path from the root and its text.
pub(crate) fn violations(files: &[(String, String)]) -> Vec<String> {
    let mut out = Vec::new();
    for (file, text) in files {
        let words = rust_source::words(rust_source::without_tests(rust_source::parse(text)));
        if file.starts_with(WRITES) {
            out.extend(writes(file, &words));
            continue;
        }
        if file.starts_with(OKTA) {
            let named = words.windows(2).filter(|pair| pair[0] == "." || pair[0] == ":").map(|pair| &pair[1]);
            let sent = named.filter(|word| METHODS.contains(&word.to_uppercase().as_str()));
            out.extend(sent.map(|word| format!("{file}: sends `{word}`, which only files in {WRITES} may")));
        }
        for (function, _) in CALLERS.iter().filter(|(_, caller)| file != caller) {
            if words.iter().any(|word| word == function) {
                out.push(format!("{file}: names `{function}`, which another file calls"));
            }
        }
    }
    out
}

/// Each file of a request has one public function, and its caller is known.
fn writes(file: &str, words: &[String]) -> Vec<String> {
    let is_function = |four: &&[String]| four[0] == "pub" && four[1..3].iter().any(|word| word == "fn");
    let functions = words.windows(4).filter(is_function).map(|four| if four[1] == "fn" { &four[2] } else { &four[3] });
    let functions: Vec<&String> = functions.collect();
    let mut out = Vec::new();
    if functions.len() > 1 {
        out.push(format!("{file}: sends {} requests; one file each", functions.len()));
    }
    let unknown = functions.iter().filter(|name| CALLERS.iter().all(|(function, _)| function != **name));
    out.extend(unknown.map(|name| format!("{file}: `{name}` has no caller in the table of this test")));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(file: &str, text: &str) -> Vec<String> {
        violations(&[(format!("src-tauri/crates/{file}"), text.to_owned())])
    }

    #[test]
    fn a_change_sent_from_elsewhere_is_found_in_every_form() {
        assert_eq!(of("okta/src/client.rs", "fn f() { self.once(Method::DELETE, url) }").len(), 1);
        assert_eq!(of("okta/src/users.rs", "fn f() { client.post(url) }").len(), 1);
        assert!(of("okta/src/client.rs", "fn f() { self.once(Method::GET, url) }").is_empty());
        assert!(of("radiant/src/search.rs", "fn f() { client.post(url) }").is_empty());
    }

    #[test]
    fn a_second_caller_is_found() {
        assert_eq!(of("connector/src/checks/run.rs", "fn f() { okta.revoke_current_token() }").len(), 1);
        assert!(
            of("okta/src/client.rs", "#[cfg(test)] mod tests { fn f() { okta.revoke_current_token() } }").is_empty()
        );
        assert!(of("connector/src/rotation/revocation.rs", "fn f() { okta.revoke_current_token() }").is_empty());
    }

    #[test]
    fn a_change_without_a_known_caller_and_a_second_one_in_a_file_are_found() {
        assert!(
            of("okta/src/writes/revoke.rs", "impl Okta { pub async fn revoke_current_token(&self) {} }").is_empty()
        );
        assert_eq!(of("okta/src/writes/suspend.rs", "impl Okta { pub async fn suspend(&self) {} }").len(), 1);
        let two = "impl Okta { pub async fn revoke_current_token(&self) {} pub fn suspend(&self) {} }";
        assert_eq!(of("okta/src/writes/revoke.rs", two).len(), 2);
    }
}
