//! Tests of the import and export of connections.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn document(connections: &Value) -> String {
    json!({"app": APP, "format": 1, "connections": connections}).to_string()
}

#[test]
fn every_kind_of_unreadable_document_has_its_own_code() {
    let newer = json!({"app": APP, "format": 2, "anything": []}).to_string();
    for (text, code) in [
        ("", Code::ImportGarbled),
        ("{\"app\": \"okta-conn", Code::ImportGarbled),
        ("[]", Code::ImportForeign),
        ("{\"format\": 1}", Code::ImportForeign),
        ("{\"app\": \"other\", \"format\": 1}", Code::ImportForeign),
        (newer.as_str(), Code::ImportNewer),
        (&document(&json!({"name": "acme"})), Code::ImportGarbled),
        (&document(&json!(vec![json!({}); MAX_CONNECTIONS + 1])), Code::ImportTooLarge),
        (&"[".repeat(MAX_LENGTH + 1), Code::ImportTooLarge),
        (&"[".repeat(10_000), Code::ImportGarbled),
    ] {
        assert_eq!(read(text), Err(code), "{}", text.get(..40).unwrap_or(text));
    }
}

#[test]
fn what_cannot_be_taken_is_left_out_and_remarked_entry_by_entry() {
    let token = format!("00{}", "a".repeat(40));
    let entries = json!([
        {"name": "acme", "domain": "acme.okta.com"},
        {"name": "broken", "profile": "everything"},
        7,
        {"name": "odd", "domain": "acme.0kta.com", "radiant": {"url": "http://plugin.radiantsecurity.ai/"}},
        {"name": "leaky", "domain": token},
    ]);
    let text = json!({"app": APP, "format": 1, "connections": entries, "monitor": {"heartbeat_s": "soon"}});
    let document = read(&text.to_string()).unwrap();
    let names: Vec<&str> = document.connections.iter().map(|one| one.name.as_str()).collect();
    assert_eq!((names.as_slice(), &document.monitor), (["acme", "odd", "leaky"].as_slice(), &None));
    let remarks: Vec<_> =
        document.remarks.iter().map(|one| (one.position, one.name.as_str(), one.what, one.code)).collect();
    let expected = [
        (0, "", ImportRemarkKind::Settings, None),
        (2, "broken", ImportRemarkKind::Entry, None),
        (3, "", ImportRemarkKind::Entry, None),
        (4, "odd", ImportRemarkKind::Domain, Some(Code::DomainLookAlike)),
        (4, "odd", ImportRemarkKind::RadiantAddress, Some(Code::RadiantHostPlainHttp)),
        (5, "leaky", ImportRemarkKind::Token, None),
        (5, "leaky", ImportRemarkKind::Domain, Some(Code::DomainIsToken)),
    ];
    assert_eq!(remarks, expected);
    assert!(!format!("{:?}", document.remarks).contains(&token));
    let with_mark = format!("\u{feff}{}", document_of_nothing());
    assert_eq!(read(&with_mark).map(|document| document.remarks.len()), Ok(0), "Windows writes a byte order mark");
}

fn document_of_nothing() -> String {
    document(&json!([]))
}

#[test]
fn an_imported_search_address_is_unconfirmed_and_an_unusable_one_is_replaced() {
    let search = |url: &str| {
        let text = document(&json!([{"name": "a", "radiant": {"url": url, "confirmed_host": "evil.example"}}]));
        let document = read(&text).unwrap();
        to_connection(&document.connections[0], blank()).0.radiant
    };
    let unusual = search("https://evil.example/_msearch");
    assert_eq!((unusual.url.as_str(), &unusual.confirmed_host), ("https://evil.example/_msearch", &None));
    assert_eq!(check_address(&unusual, false).unwrap_err().code, Code::RadiantHostUnusual);
    let shown = |url: &str| {
        let document = read(&document(&json!([{"name": "a", "radiant": {"url": url}}]))).unwrap();
        preview(&document.connections[0], false)
    };
    assert_eq!(shown("https://evil.example/_msearch").radiant, unusual.url, "the preview shows what is imported");
    assert!(shown("https://evil.example/_msearch").unusual && !shown("").unusual);
    for url in ["http://plugin.radiantsecurity.ai/", "https://a:b@plugin.radiantsecurity.ai/", "file:///etc", ""] {
        assert_eq!(search(url).url, RadiantSearch::default().url, "{url}");
    }
}

#[test]
fn a_relay_is_imported_if_it_can_be_read_and_older_documents_have_none() {
    let entries = json!([
        {"name": "old", "domain": "old.okta.com"},
        {"name": "new", "relay": {"url": "https://eu.example.com/in", "rate_share": 500, "since": "2026-01-01T00:00:00Z",
            "is_only_reader": true, "confirmed_host": "eu.example.com", "unknown": 1}},
        {"name": "odd", "relay": {"url": "http://eu.example.com/in", "header": "x-rs-token"}},
        {"name": "newer", "relay": {"format": "a later one"}},
    ]);
    let document = read(&document(&entries)).unwrap();
    let settings: Vec<_> = document.connections.iter().map(relay_settings).collect();
    assert_eq!((document.connections.len(), &settings[0], &settings[3]), (4, &None, &None));
    let new = settings[1].clone().unwrap();
    assert_eq!((new.webhook.url.as_str(), new.rate_share, new.dedup_days), ("https://eu.example.com/in", 90, 7));
    assert_eq!((new.webhook.confirmed_host, new.is_only_reader, new.since), (None, false, None));
    let odd = settings[2].clone().unwrap().webhook;
    assert_eq!((odd.url.as_str(), odd.header.name.as_str()), ("", "x-rs-token"));
    let remarks: Vec<_> = document.remarks.iter().map(|one| (one.position, one.what, one.value.as_str())).collect();
    assert_eq!(remarks, [(3, ImportRemarkKind::Relay, "http://eu.example.com/in"), (4, ImportRemarkKind::Relay, "")]);
}

#[test]
fn different_spellings_of_a_host_are_one_org() {
    assert_eq!(org_key("a", "ACME.okta.com"), org_key("b", "https://acme-admin.okta.com/x"));
    assert_ne!(org_key("a", ""), org_key("b", ""));
}

fn blank() -> Connection {
    Connection {
        id: model::connection::ConnectionId("a".to_owned()),
        name: String::new(),
        origin: None,
        org_id: None,
        profile: Profile::default(),
        keep: model::connection::Keep::default(),
        radiant: RadiantSearch::default(),
        created: chrono::DateTime::UNIX_EPOCH,
    }
}

proptest! {
    #[test]
    fn no_input_causes_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(read(&text).is_err());
        let named = document(&json!([{"name": text, "domain": text, "radiant": {"url": text, "index": text}}]));
        let document = read(&named).map_err(|code| TestCaseError::fail(code.as_str()))?;
        let (connection, setup) = to_connection(&document.connections[0], blank());
        prop_assert!(connection.origin.is_none() && connection.radiant.confirmed_host.is_none());
        prop_assert_eq!(setup.step, GuideStep::Domain);
    }

    #[test]
    fn names_are_imported_as_they_were_exported(name in "[A-Za-zäöü][A-Za-zäöü ]{0,30}[A-Za-zäöü]") {
        let document = read(&document(&json!([{"name": name}]))).map_err(|code| TestCaseError::fail(code.as_str()))?;
        prop_assert_eq!(&document.connections[0].name, &name);
    }
}
