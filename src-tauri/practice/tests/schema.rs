//! Responses of the practice Okta org and documented requests, validated with Okta's own specification.
//!
//! The specification is not part of the product: where its file is absent, the tests report that and pass. Where recorded
//! responses deviate from it, `overlay.json` lists the deviation and cites the recording; an unused deviation fails the test.
#![expect(
    clippy::unwrap_in_result,
    clippy::print_stdout,
    reason = "tests: a missing schema fails them, a skipped one is reported"
)]
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use practice::{Change, Fault, FaultKind, Practice, Side, fixture_users};
use serde_json::{Map, Value, json};
use support::{Reply, client, get, operation_path, post, quiet, start};

fn data(name: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/okta").join(name);
    let elsewhere = std::env::var_os("OKTA_FACTS").map(|folder| PathBuf::from(folder).join(name));
    let text = elsewhere.into_iter().chain([path]).find_map(|path| std::fs::read_to_string(path).ok());
    if text.is_none() {
        println!("SKIPPED: Okta's specification ({name}) is not on this machine; set OKTA_FACTS to its folder");
    }
    text
}

fn overlay() -> Value {
    serde_json::from_str(include_str!("../overlay.json")).unwrap()
}

/// The specification with its deviations.
struct Spec(Value);

impl Spec {
    fn new(deviations: &[Value]) -> Option<Self> {
        let mut spec: Value = serde_json::from_str(&data("management-api-subset.json")?).unwrap();
        for deviation in deviations {
            let schema = deviation["schema"].as_str().unwrap();
            let at = spec.pointer_mut(&format!("/components/schemas/{schema}")).unwrap();
            if let Some(rule) = deviation["drop"].as_str() {
                assert!(at.as_object_mut().unwrap().remove(rule).is_some(), "{schema} has no {rule}");
            }
            if let Some(property) = deviation["nullable"].as_str() {
                let found = property_of(at, property).unwrap_or_else(|| panic!("{schema} has no {property}"));
                *found = json!({"anyOf": [found.clone(), {"type": "null"}]});
            }
        }
        to_json_schema(&mut spec);
        Some(Self(spec))
    }

    /// Returns the violations of values against their schemas, each once.
    fn violations(&self, values: &[(&str, Value)]) -> BTreeSet<String> {
        let mut validators = BTreeMap::new();
        let mut violations = BTreeSet::new();
        for (schema, value) in values {
            let validator = validators.entry(*schema).or_insert_with(|| self.validator(schema));
            let describe = |error: jsonschema::ValidationError| format!("{schema} {}: {error}", error.instance_path);
            violations.extend(validator.iter_errors(value).map(describe));
        }
        violations
    }

    fn validator(&self, schema: &str) -> jsonschema::Validator {
        let root = json!({"$ref": format!("#/components/schemas/{schema}"), "components": self.0["components"]});
        let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(true);
        options.should_ignore_unknown_formats(true).build(&root).unwrap()
    }

    /// Returns the names of a schema's members.
    fn members(&self, schema: &str) -> Vec<String> {
        let mut names = Vec::new();
        let mut open = vec![self.0["components"]["schemas"][schema].clone()];
        while let Some(one) = open.pop() {
            names.extend(one["properties"].as_object().into_iter().flat_map(Map::keys).cloned());
            open.extend(one["allOf"].as_array().into_iter().flatten().cloned());
            if let Some(name) = one["$ref"].as_str() {
                open.push(self.0.pointer(&name[1..]).unwrap().clone());
            }
        }
        names
    }

    /// Returns the first violation of a request: its path, method, or a query parameter's name or value.
    fn request_violation(&self, method: &str, path: &str, query: &str) -> Option<String> {
        let paths = self.0["paths"].as_object().unwrap();
        let fits = |template: &str| {
            let (requested, known): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), template.split('/').collect());
            requested.len() == known.len() && requested.iter().zip(&known).all(|(a, k)| a == k || k.starts_with('{'))
        };
        // A fixed path takes precedence over a pattern: /api-tokens/current is not an id.
        let exact = paths.get_key_value(path).map(|(_, operations)| operations);
        let Some(operations) =
            exact.or_else(|| paths.iter().find(|(template, _)| fits(template)).map(|(_, found)| found))
        else {
            return Some(format!("no path {path}"));
        };
        let Some(operation) = operations.get(method.to_lowercase()) else { return Some(format!("no {method} {path}")) };
        let resolve = |parameter: &Value| match parameter["$ref"].as_str() {
            Some(name) => self.0.pointer(&name[1..]).unwrap().clone(),
            None => parameter.clone(),
        };
        let parameters: Vec<Value> = operation["parameters"].as_array().into_iter().flatten().map(resolve).collect();
        url::form_urlencoded::parse(query.as_bytes()).find_map(|(name, value)| {
            let Some(parameter) = parameters.iter().find(|one| one["name"] == *name) else {
                return Some(format!("{method} {path}: no parameter {name}"));
            };
            let number = parameter["schema"]["type"] == "integer" && value.parse::<u64>().is_err();
            let choice =
                parameter["schema"]["enum"].as_array().is_some_and(|all| !all.iter().any(|one| one == &*value));
            (number || choice).then(|| format!("{method} {path}: {name}={value}"))
        })
    }
}

/// Returns a property of a schema, also inside its `allOf`.
fn property_of<'a>(schema: &'a mut Value, property: &str) -> Option<&'a mut Value> {
    if schema["properties"].get(property).is_some() {
        return schema["properties"].get_mut(property);
    }
    schema.get_mut("allOf")?.as_array_mut()?.iter_mut().find_map(|part| property_of(part, property))
}

/// Converts OpenAPI 3.0 into JSON Schema: `nullable` becomes a separate type, discriminators and examples are removed.
fn to_json_schema(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.remove("discriminator");
            if object.get("example").is_some_and(Value::is_object) {
                object.remove("example");
            }
            object.values_mut().for_each(to_json_schema);
            if object.remove("nullable") == Some(Value::Bool(true)) {
                let inner = Value::Object(std::mem::take(object));
                *value = json!({"anyOf": [inner, {"type": "null"}]});
            }
        }
        Value::Array(array) => array.iter_mut().for_each(to_json_schema),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns every kind of response of the practice organization, with its schema.
async fn responses(practice: &Practice) -> Vec<(&'static str, Value)> {
    let token = practice.card().tokens.super_admin.clone();
    let token = token.as_str();
    let mut found = Vec::new();
    let okta = practice.card().okta.clone();
    let page = Reply::of(client().get(format!("{okta}/.well-known/okta-organization")).send().await.unwrap()).await;
    found.push(("WellKnownOrgMetadata", page.body));
    found.push(("UserGetSingleton", get(practice, token, "/api/v1/users/me").await.body));
    get(practice, &practice.card().tokens.network_restricted, "/api/v1/users/me").await;
    practice.control().set(Change::Roles {
        principal: "org_admin".to_owned(),
        roles: vec!["ORG_ADMIN".to_owned(), "CUSTOM".to_owned()],
    });
    found.extend(user_responses(practice).await);
    for (path, schema) in [
        ("/api/v1/users?limit=200", "User"),
        ("/api/v1/api-tokens", "ApiToken"),
        ("/api/v1/users/svc-radiant-org@practice.example/roles", "StandardRole"),
        ("/api/v1/zones?limit=200", "NetworkZone"),
        ("/api/v1/logs?limit=1000&sortOrder=DESCENDING", "LogEvent"),
    ] {
        let reply = get(practice, token, path).await;
        assert!(!reply.list().is_empty(), "{path}");
        found.extend(reply.list().iter().map(|one| (concrete_schema(schema, one), one.clone())));
    }
    for (method, path, body) in [
        (
            "POST",
            "/api/v1/zones",
            json!({"type": "IP", "name": "New", "usage": "BLOCKLIST", "gateways": [{"type": "CIDR", "value": "192.0.2.1/32"}], "proxies": null}),
        ),
        (
            "PUT",
            "/api/v1/zones/nzoPRACTICEBLOCKED",
            json!({"type": "IP", "name": "BlockedIpZone", "usage": "BLOCKLIST", "system": true, "gateways": [{"type": "RANGE", "value": "192.0.2.9"}]}),
        ),
    ] {
        let request = client().request(method.parse().unwrap(), format!("{okta}{path}")).body(body.to_string());
        let reply = Reply::of(request.header("authorization", format!("SSWS {token}")).send().await.unwrap()).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        found.push(("IPNetworkZone", reply.body));
    }
    for path in ["/api/v1/zones?limit=many", "/api/v1/logs?since=foobar", "/api/v1/users/nobody", "/api/v1/none"] {
        found.push(("Error", get(practice, token, path).await.body));
    }
    practice.control().fault(Some(Fault::on(Side::Okta, FaultKind::RateLimited { reset_s: 30 })));
    found.push(("Error", get(practice, token, "/api/v1/zones").await.body));
    practice.control().fault(None);
    found
}

/// Returns the responses about one user, in each status and after each operation.
async fn user_responses(practice: &Practice) -> Vec<(&'static str, Value)> {
    let token = practice.card().tokens.super_admin.clone();
    let mut found = Vec::new();
    for user in fixture_users::ALL {
        let path = format!("/api/v1/users/{}", user.id);
        found.push(("UserGetSingleton", get(practice, &token, &path).await.body));
        let groups = get(practice, &token, &format!("{path}/groups")).await;
        found.extend(groups.list().iter().map(|group| ("Group", group.clone())));
        for factor in get(practice, &token, &format!("{path}/factors")).await.list() {
            let schema = if factor["factorType"] == "push" { "UserFactorPush" } else { "UserFactorSMS" };
            found.push((schema, factor.clone()));
        }
    }
    found.push(("RoleAssignedUsers", get(practice, &token, "/api/v1/iam/assignees/users?limit=1").await.body));
    let expired = post(practice, &token, &operation_path(fixture_users::MIRA.id, "expire_password")).await;
    found.push(("User", expired.body));
    let activate = format!("{}?sendEmail=false", operation_path(fixture_users::STAGED.id, "activate"));
    found.push(("UserActivationToken", post(practice, &token, &activate).await.body));
    for (user, operation, status) in [
        (fixture_users::SHORT_NAME, "suspend", 200),
        (fixture_users::SHORT_NAME, "unsuspend", 200),
        (fixture_users::SHORT_NAME, "reset_factors", 200),
        (fixture_users::LOCKED_OUT, "unlock", 200),
        (fixture_users::RECOVERY, "reactivate", 200),
        (fixture_users::HASH, "deactivate", 200),
        (fixture_users::MIRA, "suspend", 400),
        (fixture_users::MIRA, "unsuspend", 400),
        (fixture_users::MIRA, "activate", 403),
        (fixture_users::DEPROVISIONED, "expire_password", 403),
    ] {
        let reply = post(practice, &token, &operation_path(user.id, operation)).await;
        assert_eq!(reply.status, status, "{operation} {}", user.login);
        if status == 200 {
            assert_eq!(reply.body, json!({}), "{operation} {}", user.login);
        } else {
            found.push(("Error", reply.body));
        }
    }
    found
}

/// Returns the schema that the discriminator selects.
fn concrete_schema(schema: &'static str, value: &Value) -> &'static str {
    match (schema, value["type"].as_str()) {
        ("NetworkZone", Some("IP")) => "IPNetworkZone",
        ("NetworkZone", Some("DYNAMIC_V2")) => "EnhancedDynamicNetworkZone",
        ("StandardRole", Some("CUSTOM")) => "CustomRole",
        _ => schema,
    }
}

#[tokio::test]
async fn every_response_is_as_specified_or_as_recorded() {
    let deviations = overlay()["deviations"].as_array().unwrap().clone();
    let Some(spec) = Spec::new(&deviations) else { return };
    let practice = start(quiet()).await;
    let responses = responses(&practice).await;
    assert!(responses.len() > 400);
    let violations: Vec<String> = spec.violations(&responses).into_iter().collect();
    assert!(violations.is_empty(), "{}", violations.join("\n"));
    for at in 0..deviations.len() {
        let without: Vec<Value> =
            deviations.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, d)| d.clone()).collect();
        let strict = Spec::new(&without).unwrap();
        assert!(!strict.violations(&responses).is_empty(), "unused: {}", deviations[at]);
    }
}

#[tokio::test]
async fn every_member_is_specified_or_recorded() {
    let Some(spec) = Spec::new(&[]) else { return };
    let extras = overlay()["extras"].as_array().unwrap().clone();
    let practice = start(quiet()).await;
    let mut unused: Vec<Value> = extras.clone();
    for (schema, value) in responses(&practice).await {
        let known = spec.members(schema);
        for name in value.as_object().unwrap().keys().filter(|name| !known.contains(name)) {
            let is_cited = |extra: &Value| extra["schema"] == schema && extra["property"] == name.as_str();
            assert!(extras.iter().any(is_cited), "{schema} has no {name}");
            unused.retain(|extra| !is_cited(extra));
        }
    }
    assert!(unused.is_empty(), "unused: {unused:?}");
}

/// Returns the paths of the nulls in a value; `[]` stands for each entry of a list.
fn null_paths(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Null => drop(found.insert(path.to_owned())),
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            null_paths(member, &path, found);
        }),
        Value::Array(entries) => entries.iter().for_each(|entry| null_paths(entry, &format!("{path}[]"), found)),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn every_null_was_recorded() {
    let practice = start(quiet()).await;
    practice.control().set(Change::Revoke { principal: "org_admin".to_owned() });
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (schema, value) in responses(&practice).await {
        null_paths(&value, "", found.entry(schema).or_default());
    }
    found.retain(|_, paths| !paths.is_empty());
    let overlay = overlay();
    let mut cited: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for entry in overlay["nulls"].as_array().unwrap() {
        let paths = entry["paths"].as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_owned());
        cited.entry(entry["schema"].as_str().unwrap()).or_default().extend(paths);
    }
    assert_eq!(found, cited);
}

#[test]
fn the_overlay_covers_recorded_events() {
    let deviations = overlay()["deviations"].as_array().unwrap().clone();
    let (Some(spec), Some(recorded)) = (Spec::new(&deviations), data("events/examples.jsonl")) else { return };
    let strict = Spec::new(&[]).unwrap();
    let recorded = recorded.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["event"].clone());
    let events: Vec<[(&str, Value); 1]> = recorded.map(|event| [("LogEvent", event)]).collect();
    let invalid = |spec: &Spec| events.iter().filter(|event| !spec.violations(*event).is_empty()).count();
    let (before, after) = (invalid(&strict), invalid(&spec));
    assert!(before > after, "{before} recorded events deviate, with the overlay {after}");
}

#[test]
fn each_deviation_cites_its_recording() {
    let overlay = overlay();
    for kind in ["deviations", "extras", "nulls"] {
        for deviation in overlay[kind].as_array().unwrap() {
            assert!(deviation["recording"].as_str().is_some_and(|source| source.len() > 20), "{deviation}");
        }
    }
}

#[test]
fn documented_requests_are_specified_and_others_are_reported() {
    let Some(spec) = Spec::new(&[]) else { return };
    for (method, path, query) in [
        ("GET", "/.well-known/okta-organization", ""),
        ("GET", "/api/v1/users/me", ""),
        ("GET", "/api/v1/users/00u1/roles", ""),
        ("GET", "/api/v1/users", "limit=1&search=profile.login+eq+%22a%22"),
        ("GET", "/api/v1/api-tokens", ""),
        ("GET", "/api/v1/api-tokens/00T1", ""),
        ("DELETE", "/api/v1/api-tokens/current", ""),
        ("GET", "/api/v1/zones", "limit=1&after=nzo1"),
        (
            "GET",
            "/api/v1/logs",
            "since=2026-01-01T00%3A00%3A00Z&until=2026-01-02T00%3A00%3A00Z&limit=1&sortOrder=DESCENDING",
        ),
        ("GET", "/api/v1/logs", "limit=1000&after=1627500044869_1&q=a&filter=uuid+eq+%22a%22"),
        ("GET", "/api/v1/users/00u1/groups", ""),
        ("GET", "/api/v1/users/00u1/factors", ""),
        ("GET", "/api/v1/iam/assignees/users", "limit=200&after=00u1"),
        ("POST", "/api/v1/users/00u1/lifecycle/suspend", ""),
        ("POST", "/api/v1/users/00u1/lifecycle/unsuspend", ""),
        ("POST", "/api/v1/users/00u1/lifecycle/expire_password", ""),
        ("POST", "/api/v1/users/00u1/lifecycle/reset_factors", ""),
        ("DELETE", "/api/v1/users/00u1/sessions", "oauthTokens=true&forgetDevices=true"),
    ] {
        assert_eq!(spec.request_violation(method, path, query), None);
    }
    for (method, path, query) in [
        ("GET", "/api/v1/nothing", ""),
        ("PATCH", "/api/v1/zones", ""),
        ("GET", "/api/v1/api-tokens", "limit=1"),
        ("GET", "/api/v1/logs", "limit=many"),
        ("GET", "/api/v1/logs", "sortOrder=SIDEWAYS"),
    ] {
        assert!(spec.request_violation(method, path, query).is_some(), "{method} {path}?{query}");
    }
}
