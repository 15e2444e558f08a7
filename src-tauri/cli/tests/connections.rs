//! Runs `connectorctl connections` as a script does, against a practice organization.

mod support;

use model::radiant_search_settings::RadiantSearch;
use serde_json::{Value, json};

use support::{Fixture, over, run, stderr, stdout};

#[tokio::test]
async fn connections_are_imported_without_trust_and_removed_by_name() {
    let fixture = Fixture::new().await;
    let search = RadiantSearch::default().url;
    let document = json!({"app": "okta-connector-for-radiant", "format": 1, "connections": [
        {"name": "acme", "domain": "acme.okta.com", "profile": "ingestion", "radiant": {"url": search, "index": "raw"}},
        {"name": "globex", "domain": "globex.oktapreview.com"},
    ]});
    std::fs::write(fixture.path("in.json"), document.to_string()).unwrap();
    let file = |name: &str| fixture.path(name).display().to_string();
    let import = |from: &str, into: &str| run(over(&["connections", "import", &file(from)], &fixture.path(into)));
    let added = import("in.json", "a").await;
    assert_eq!(added.status.code(), Some(0), "{}", stderr(&added));
    let exported = run(over(&["connections", "export", &file("out.json")], &fixture.path("a"))).await;
    assert_eq!(exported.status.code(), Some(0), "{}", stderr(&exported));
    let again = import("out.json", "b").await;
    assert!(stdout(&again).contains("acme") && stdout(&again).contains("globex"), "{}", stdout(&again));
    assert!(stdout(&import("in.json", "b").await).contains("already here, skipped: acme (acme.okta.com)"));

    let mut piped = over(&["connections", "import", "-"], &fixture.path("c"));
    piped.stdin(std::fs::File::open(fixture.path("in.json")).unwrap());
    assert!(stdout(&run(piped).await).contains("globex"), "a hyphen is standard input");

    let shown = run(over(&["connections", "show", "acme", "--json"], &fixture.path("b"))).await;
    let view: Value = serde_json::from_str(&stdout(&shown)).unwrap();
    assert_eq!(view["connection"]["origin"], Value::Null, "no origin is trusted");
    assert_eq!((&view["setup"]["step"], &view["setup"]["typed_domain"]), (&json!("domain"), &json!("acme.okta.com")));
    assert_eq!((&view["connection"]["radiant"]["index"], &view["secrets"]), (&json!("raw"), &json!([])));

    let to_do: Vec<_> = view["to_do"].as_array().unwrap().iter().map(|one| one["step"].as_str().unwrap()).collect();
    let steps = ["domain", "create_token", "paste_token", "credential", "data_connector", "arrival", "done"];
    assert_eq!(to_do, steps, "ingestion needs no action connector");
    assert_eq!((&view["to_do"][0]["number"], view["setup"]["imported"].is_string()), (&json!(2), true));
    let text = stdout(&run(over(&["connections", "show", "acme"], &fixture.path("b"))).await);
    for part in
        ["Imported on 2", "not confirmed: acme.okta.com", "it contained no secret", "2. Okta domain: ", "9. Done: "]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("ui.step") && !text.contains("cli.to_do"), "{text}");

    std::fs::write(fixture.path("newer.json"), document.to_string().replace("\"format\":1", "\"format\":9")).unwrap();
    let newer = import("newer.json", "b").await;
    assert_eq!(newer.status.code(), Some(3));
    assert!(stderr(&newer).contains("[import_newer]"), "{}", stderr(&newer));

    let unconfirmed = run(fixture.in_practice(&["connections", "remove", "Practice"], "b")).await;
    assert_eq!(unconfirmed.status.code(), Some(3), "--yes is required");
    let removed = run(fixture.in_practice(&["connections", "remove", "Practice", "--yes"], "b")).await;
    assert_eq!(removed.status.code(), Some(0), "{}", stderr(&removed));
    let list = run(over(&["connections", "list", "--json"], &fixture.path("b"))).await;
    let names: Vec<Value> =
        stdout(&list).lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["name"].clone()).collect();
    assert_eq!(names, [json!("acme"), json!("globex")]);
}
