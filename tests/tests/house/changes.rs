//! What changes something in Okta: sent from one file, and each request asked for by one caller, named here.

use crate::source;

/// The file that sends them.
const SENDS: &str = "src-tauri/connector/src/okta/change.rs";

/// Each request's function, and the one file that may call it.
const CALLERS: &[(&str, &str)] = &[("revoke_itself", "src-tauri/connector/src/rotation/revoke.rs")];

/// Methods that change something.
const METHODS: &[&str] = &["POST", "PUT", "PATCH", "DELETE"];

/// Returns what is wrong, in words, with `files` of the domain: each with its path from the root and its text.
pub(crate) fn faults(files: &[(String, String)]) -> Vec<String> {
    let mut out = Vec::new();
    for (file, text) in files {
        let words = source::words(text);
        if file.starts_with("src-tauri/connector/src/okta/") && file != SENDS {
            let named = words.windows(2).filter(|pair| pair[0] == "." || pair[0] == "::").map(|pair| &pair[1]);
            let sent = named.filter(|word| METHODS.contains(&word.to_uppercase().as_str()));
            out.extend(sent.map(|word| format!("{file}: sends `{word}`, which only {SENDS} may")));
        }
        for (function, caller) in CALLERS.iter().filter(|(_, caller)| file != SENDS && file != caller) {
            if words.iter().any(|word| word == function) {
                out.push(format!("{file}: calls `{function}`, which only {caller} may"));
            }
        }
    }
    let defined = files.iter().filter(|(file, _)| file == SENDS).flat_map(|(_, text)| functions(text));
    let unnamed = defined.filter(|name| CALLERS.iter().all(|(function, _)| function != name));
    out.extend(unnamed.map(|name| format!("{SENDS}: `{name}` has no caller named in the house's table")));
    out
}

/// Names of the functions a file defines.
fn functions(text: &str) -> Vec<String> {
    source::words(text).windows(2).filter(|pair| pair[0] == "fn").map(|pair| pair[1].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(file: &str, text: &str) -> Vec<String> {
        faults(&[(format!("src-tauri/connector/src/{file}"), text.to_owned())])
    }

    #[test]
    fn a_change_sent_from_elsewhere_is_found_in_every_form() {
        assert_eq!(of("okta/client.rs", "fn f() { self.once(Method::DELETE, url) }").len(), 1);
        assert_eq!(of("okta/users.rs", "fn f() { client.post(url) }").len(), 1);
        assert!(of("okta/client.rs", "fn f() { self.once(Method::GET, url) }").is_empty());
        assert!(of("radiant/search.rs", "fn f() { client.post(url) }").is_empty());
    }

    #[test]
    fn a_second_caller_is_found() {
        assert_eq!(of("checks/run.rs", "fn f() { okta.revoke_itself() }").len(), 1);
        assert!(of("rotation/revoke.rs", "fn f() { okta.revoke_itself() }").is_empty());
    }

    #[test]
    fn a_change_without_a_named_caller_is_found() {
        assert_eq!(of("okta/change.rs", "fn revoke_itself() {} fn suspend() {}").len(), 1);
    }
}
