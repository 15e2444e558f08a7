//! Network zones of the practice Okta org: changes, lifecycle, refusals, events and the refusal of blocked clients.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use practice::{Change, Options, Practice, Variants};
use serde_json::{Value, json};
use support::{Reply, client, get, quiet, start};

const BLOCKED: &str = "/api/v1/zones/nzoPRACTICEBLOCKED";
const EXEMPT: &str = "/api/v1/zones/nzoPRACTICEEXEMPT";
const OFFICE: &str = "/api/v1/zones/nzoPRACTICEOFFICE";

async fn send(practice: &Practice, method: &str, path: &str, body: &Value) -> Reply {
    send_as(practice, &practice.card().tokens.super_admin, method, path, &body.to_string()).await
}

async fn send_as(practice: &Practice, token: &str, method: &str, path: &str, body: &str) -> Reply {
    let request = client().request(method.parse().unwrap(), format!("{}{path}", practice.card().okta));
    let request = request.header("authorization", format!("SSWS {token}"));
    // An empty body states its length only by this header.
    let request = if body.is_empty() { request.header("content-length", "0") } else { request };
    Reply::of(request.body(body.to_owned()).send().await.unwrap()).await
}

async fn read(practice: &Practice, path: &str) -> Value {
    get(practice, &practice.card().tokens.super_admin, path).await.body
}

fn blocklist(name: &str, values: &[&str]) -> Value {
    let entries: Vec<Value> = values.iter().map(|value| json!({"type": "CIDR", "value": value})).collect();
    json!({"type": "IP", "name": name, "status": "ACTIVE", "usage": "BLOCKLIST", "gateways": entries, "proxies": null})
}

/// Returns the types of the events of zones, oldest first.
fn zone_events(practice: &Practice) -> Vec<String> {
    let types = practice.control().events().into_iter().map(|event| event["eventType"].as_str().unwrap().to_owned());
    types.filter(|kind| kind.starts_with("zone.")).collect()
}

#[tokio::test]
async fn a_zone_lives_from_creation_to_deletion_and_leaves_events() {
    let practice = start(quiet()).await;
    let new = json!({"type": "IP", "name": "Blocked", "status": "INACTIVE", "usage": "BLOCKLIST", "id": "nzoMINE",
        "gateways": [{"type": "RANGE", "value": "192.168.1.1"}, {"type": "CIDR", "value": "1.2.3.4/24"}]});
    let created = send(&practice, "POST", "/api/v1/zones", &new).await;
    assert_eq!(
        (created.status, &created.body["status"], &created.body["system"]),
        (200, &json!("ACTIVE"), &json!(false))
    );
    let expected =
        json!([{"type": "RANGE", "value": "192.168.1.1-192.168.1.1"}, {"type": "CIDR", "value": "1.2.3.4/24"}]);
    assert_eq!((&created.body["gateways"], &created.body["proxies"]), (&expected, &Value::Null));
    let path = format!("/api/v1/zones/{}", created.body["id"].as_str().unwrap());
    assert_eq!(read(&practice, &path).await, created.body);

    let mut changed = created.body.clone();
    changed["gateways"] = json!([{"type": "CIDR", "value": "192.0.2.17/32"}]);
    assert_eq!(send(&practice, "PUT", &path, &changed).await.body["gateways"], changed["gateways"]);
    assert_eq!(send(&practice, "DELETE", &path, &Value::Null).await.code(), (403, "E0000006"), "it is active");
    let inactive =
        send_as(&practice, &practice.card().tokens.org_admin, "POST", &format!("{path}/lifecycle/deactivate"), "")
            .await;
    assert_eq!((inactive.status, &inactive.body["status"]), (200, &json!("INACTIVE")));
    assert!(inactive.body["_links"]["activate"].is_object() && inactive.body["_links"]["deactivate"].is_null());
    for (operation, status) in [("activate", "ACTIVE"), ("activate", "ACTIVE"), ("deactivate", "INACTIVE")] {
        let reply = send(&practice, "POST", &format!("{path}/lifecycle/{operation}"), &json!({})).await;
        assert_eq!((reply.status, &reply.body["status"]), (200, &json!(status)));
    }
    assert_eq!(send(&practice, "DELETE", &path, &Value::Null).await.status, 204);
    assert_eq!(get(&practice, &practice.card().tokens.super_admin, &path).await.code(), (404, "E0000007"));
    let expected = ["zone.create", "zone.update", "zone.deactivate", "zone.activate", "zone.deactivate", "zone.delete"];
    assert_eq!(zone_events(&practice), expected);
    let events = practice.control().events();
    let event = events.iter().find(|event| event["eventType"] == "zone.create").unwrap();
    assert_eq!(event["target"][0]["id"], created.body["id"]);
    assert_eq!(event["debugContext"]["debugData"]["requestId"], created.header("x-okta-request-id").unwrap());
}

#[tokio::test]
async fn what_the_specification_forbids_is_refused() {
    let practice = start(quiet()).await;
    let many: Vec<String> = (0..1_001).map(|n| format!("203.0.{}.{}/32", n / 250, n % 250)).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let policy = |count: usize| {
        let mut zone = blocklist("New", &many[..count]);
        zone["usage"] = json!("POLICY");
        zone
    };
    for (body, expected) in [
        (blocklist("New", &[]), (400, "E0000001")),
        (blocklist("", &["192.0.2.1/32"]), (400, "E0000001")),
        (blocklist("Office", &["192.0.2.1/32"]), (400, "E0000001")),
        (blocklist(&"x".repeat(129), &["192.0.2.1/32"]), (400, "E0000001")),
        (blocklist("New", &["192.0.2.1/33"]), (400, "E0000001")),
        (blocklist("New", &many), (400, "E0000001")),
        (policy(151), (400, "E0000001")),
        (
            json!({"type": "IP", "name": "New", "usage": "BLOCKLIST", "proxies": [{"type": "CIDR", "value": "192.0.2.1/32"}]}),
            (400, "E0000001"),
        ),
        (json!({"type": "DYNAMIC", "name": "New"}), (400, "E0000001")),
        (json!({"name": "New"}), (400, "E0000001")),
        (json!([]), (400, "E0000003")),
    ] {
        assert_eq!(send(&practice, "POST", "/api/v1/zones", &body).await.code(), expected, "{body}");
    }
    assert_eq!(send(&practice, "POST", "/api/v1/zones", &policy(150)).await.status, 200);
    assert_eq!(
        send(&practice, "PUT", OFFICE, &json!({"type": "DYNAMIC", "name": "Office"})).await.code(),
        (400, "E0000001")
    );
    let mut office = read(&practice, OFFICE).await;
    office["usage"] = json!("BLOCKLIST");
    assert_eq!(send(&practice, "PUT", OFFICE, &office).await.code(), (400, "E0000001"), "a token uses it");
    assert_eq!(
        send(&practice, "POST", &format!("{OFFICE}/lifecycle/deactivate"), &json!({})).await.code(),
        (403, "E0000006")
    );
    practice.control().set(Change::Restrict { principal: "network_restricted".to_owned(), on: false });
    assert_eq!(send(&practice, "PUT", OFFICE, &office).await.status, 200);
    assert_eq!(zone_events(&practice), ["zone.create", "zone.update", "zone.make_blacklist"]);
    let reader = practice.card().tokens.read_only.clone();
    assert_eq!(send_as(&practice, &reader, "PUT", OFFICE, "{}").await.code(), (403, "E0000006"));
}

#[tokio::test]
async fn zones_of_okta_itself_have_their_own_rules() {
    let practice = start(quiet()).await;
    let mut blocked = read(&practice, BLOCKED).await;
    blocked["gateways"] = json!([{"type": "CIDR", "value": "192.0.2.17/32"}]);
    assert_eq!(send(&practice, "PUT", BLOCKED, &blocked).await.status, 200);
    blocked["gateways"] = json!([]);
    assert_eq!(send(&practice, "PUT", BLOCKED, &blocked).await.body["gateways"], Value::Null, "it may be empty");
    blocked.as_object_mut().unwrap().remove("system");
    assert_eq!(send(&practice, "PUT", BLOCKED, &blocked).await.code(), (400, "E0000001"));
    for operation in ["activate", "deactivate"] {
        let reply = send(&practice, "POST", &format!("{BLOCKED}/lifecycle/{operation}"), &json!({})).await;
        assert_eq!(reply.code(), (403, "E0000006"));
    }
    assert_eq!(send(&practice, "DELETE", BLOCKED, &Value::Null).await.code(), (403, "E0000006"));
    let mut exempt = read(&practice, EXEMPT).await;
    assert!(exempt["useAsExemptList"].is_null());
    let refused = send(&practice, "PUT", EXEMPT, &exempt).await;
    let cause = "useAsExemptList: The network zone does not allow usage changes for DefaultExemptIpZone.";
    assert_eq!((refused.code(), &refused.body["errorCauses"][0]["errorSummary"]), ((400, "E0000001"), &json!(cause)));
    exempt["useAsExemptList"] = json!(true);
    assert_eq!(send(&practice, "PUT", EXEMPT, &exempt).await.status, 200);
}

#[tokio::test]
async fn an_org_without_adaptive_mfa_has_no_second_zone() {
    let practice = start(Options { only_blocked_ip_zone: true, ..quiet() }).await;
    let new = blocklist("New", &["192.0.2.1/32"]);
    assert_eq!(send(&practice, "POST", "/api/v1/zones", &new).await.code(), (400, "E0000001"));
    let variants = Variants { second_zone_is_403: true, ..Variants::default() };
    practice.control().set(Change::Variants { variants });
    assert_eq!(send(&practice, "POST", "/api/v1/zones", &new).await.code(), (403, "E0000006"));
    practice.control().set(Change::OnlyBlockedIpZone { on: false });
    assert_eq!(send(&practice, "POST", "/api/v1/zones", &new).await.status, 200);
}

#[tokio::test]
async fn removed_entries_may_be_shown_for_some_reads() {
    let practice = start(quiet()).await;
    let (added, removed) = (vec!["192.0.2.17/32".to_owned()], vec!["192.0.2.17/32".to_owned()]);
    let zone = "nzoPRACTICEBLOCKED".to_owned();
    practice.control().set(Change::OtherAdministratorEditsZone { zone, add: added, remove: Vec::new() });
    let variants = Variants { stale_zone_reads: 2, replaced_zone_shows_old_time: true, ..Variants::default() };
    practice.control().set(Change::Variants { variants });
    let mut blocked = read(&practice, BLOCKED).await;
    assert_eq!(blocked["gateways"][0]["value"], removed[0].as_str());
    practice.control().set(Change::AdvanceTime { ms: 5_000 });
    blocked["gateways"] = json!([]);
    let answer = send(&practice, "PUT", BLOCKED, &blocked).await;
    assert_eq!(answer.body["lastUpdated"], blocked["lastUpdated"], "as in some recordings");
    for expected in [1, 1, 0] {
        let shown = read(&practice, BLOCKED).await;
        assert_eq!(shown["gateways"].as_array().map_or(0, Vec::len), expected);
    }
    assert_ne!(read(&practice, BLOCKED).await["lastUpdated"], blocked["lastUpdated"]);
}

#[tokio::test]
async fn a_blocked_client_is_refused_everywhere_until_it_is_exempt() {
    let practice = start(quiet()).await;
    let token = practice.card().tokens.super_admin.clone();
    let me = "/api/v1/users/me";
    let edit = |zone: &str| Change::OtherAdministratorEditsZone {
        zone: zone.to_owned(),
        add: vec!["192.0.2.0/24".to_owned()],
        remove: Vec::new(),
    };
    practice.control().set(edit("nzoPRACTICEBLOCKED"));
    practice.control().set(Change::ClientAddress { address: "192.0.2.17".parse().unwrap() });
    assert_eq!(get(&practice, &token, me).await.status, 200, "off unless it is switched on");
    practice.control().set(Change::BlocksClients { on: true });
    for path in [me, "/.well-known/okta-organization"] {
        let refused = get(&practice, &token, path).await;
        assert_eq!((refused.code(), refused.header("content-type")), ((403, "none"), Some("text/html;charset=utf-8")));
        assert!(refused.header("x-okta-request-id").is_some());
    }
    let events = practice.control().events();
    let event = events.iter().find(|event| event["eventType"] == "security.request.blocked").unwrap();
    assert_eq!(event["client"]["ipAddress"], "192.0.2.17");
    practice.control().set(edit("nzoPRACTICEEXEMPT"));
    assert_eq!(get(&practice, &token, me).await.status, 200);
}
