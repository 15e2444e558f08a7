//! Public clients of Okta's API read the practice organization: the official Python SDKs, Airbyte's source and Grove.
//!
//! `cargo xtask drill clients` installs them and starts this test. The clients name `https://acme.okta.com`, some in their own
//! code; a proxy leads that name to the practice organization, whose authority they trust. What each client read
//! must be what the organization holds. `packages.json` lists the clients, each with its script.
#![expect(clippy::unwrap_used, reason = "tests")]
#![allow(unreachable_pub, reason = "modules of one test")]

#[path = "clients/client.rs"]
mod client;
#[path = "clients/redirecting_proxy.rs"]
mod redirecting_proxy;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use practice::{Options, Practice, Tls};
use serde_json::{Value, json};

use client::{Client, Lists};
use redirecting_proxy::Proxy;

const HOST: &str = "acme.okta.com";
/// More than one page of every client.
const EVENTS: u32 = 2_300;
const USERS: u32 = 330;
const LOGIN: &str = "jo.marsh@practice.example";
const ZONE: &str = "nzoPRACTICEBLOCKED";

/// Whether events happen while a client reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Org {
    /// None: the client must read exactly what there is.
    Still,
    /// Twenty a second: the client must end, and read at least what there was at its start.
    Busy,
}

fn texts(values: &[Value], key: &str) -> Vec<String> {
    values.iter().map(|value| value[key].as_str().unwrap().to_owned()).collect()
}

fn published(event: &Value) -> DateTime<Utc> {
    event["published"].as_str().unwrap().parse().unwrap()
}

fn formatted(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Returns the identifiers that a list of this name must have.
fn expected(practice: &Practice, list: &str) -> Vec<String> {
    let (events, users) = (practice.control().events(), practice.control().users());
    let newest = events.iter().map(published).max().unwrap();
    let of_a_week: Vec<Value> =
        events.iter().filter(|event| published(event) > newest - TimeDelta::days(7)).cloned().collect();
    let active: Vec<Value> = users.iter().filter(|user| user["status"] != "DEPROVISIONED").cloned().collect();
    match list {
        "events polled" | "events bounded" => texts(&events, "uuid"),
        "events of a week" => texts(&of_a_week, "uuid"),
        "users" => texts(&active, "id"),
        "all users" => texts(&users, "id"),
        "one zone" => vec![ZONE.to_owned()],
        "one user" => texts(&users, "id")
            .into_iter()
            .zip(&users)
            .filter(|(_, user)| user["profile"]["login"] == LOGIN)
            .map(|(id, _)| id)
            .collect(),
        "roles" => vec!["SUPER_ADMIN".to_owned()],
        // Each account has one, of which one has expired; the second token of one account does not exist yet.
        "number of tokens" => vec!["6".to_owned()],
        other => panic!("no list is called {other}"),
    }
}

/// Returns how a list differs from what the organization held before and after it was read.
fn difference(list: &str, read: &[String], before: &[String], after: &[String]) -> Option<String> {
    let set = |all: &[String]| all.iter().cloned().collect::<BTreeSet<_>>();
    let (unique, before, after) = (set(read), set(before), set(after));
    let (missing, foreign) = (before.difference(&unique).count(), unique.difference(&after).count());
    let twice = read.len() - unique.len();
    (missing + foreign + twice > 0).then(|| format!("{list}: {missing} missing, {foreign} foreign, {twice} twice"))
}

fn options(org: Org) -> Options {
    Options {
        tls: Some(Tls { names: vec![HOST.to_owned()], expired: false }),
        users: USERS,
        backfill: EVENTS,
        events_per_second: if org == Org::Busy { 20.0 } else { 0.0 },
        rate_limit: 100_000,
        ..Options::default()
    }
}

/// Lets one client read an organization of its own and returns the result.
async fn read(client: Client, python: PathBuf, org: Org, folder: PathBuf) -> Value {
    let practice = Practice::start(options(org)).await.unwrap();
    let proxy = Proxy::start(&[(HOST, practice.okta_addr())]).await.unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    let authority = folder.join("authority.pem");
    std::fs::write(&authority, practice.ca_pem().unwrap()).unwrap();
    let lists = ["events polled", "events bounded", "events of a week", "users", "all users"];
    let before = lists.map(|list| (list, expected(&practice, list)));
    let newest = practice.control().events().iter().map(published).max().unwrap();
    let authority = authority.to_string_lossy().into_owned();
    let environment = [
        ("CLIENT_HOST", HOST.to_owned()),
        ("CLIENT_TOKEN", practice.card().tokens.super_admin.clone()),
        ("CLIENT_LOGIN", LOGIN.to_owned()),
        ("CLIENT_ZONE", ZONE.to_owned()),
        ("CLIENT_SINCE", formatted(newest - TimeDelta::days(30))),
        ("CLIENT_UNTIL", formatted(newest + TimeDelta::seconds(1))),
        ("HTTPS_PROXY", proxy.url().to_owned()),
        ("REQUESTS_CA_BUNDLE", authority.clone()),
        ("SSL_CERT_FILE", authority),
    ];
    let (start, name, package) = (Instant::now(), client.name.clone(), client.release());
    let result = tokio::task::spawn_blocking(move || client.run(&python, &folder, &environment)).await.unwrap();
    let seconds = start.elapsed().as_secs_f64().round();
    let requests: u64 = practice.control().counters().requests.values().sum();
    let differences = |read: &Lists| -> Vec<String> {
        let differs = |(list, read): (&String, &Vec<String>)| {
            let after = expected(&practice, list);
            let held = before.iter().find(|(name, _)| name == list).map_or(&after, |(_, held)| held);
            difference(list, read, held, &after)
        };
        read.iter().filter_map(differs).collect()
    };
    let (problem, counts) = match &result {
        Ok(read) => {
            let counts: serde_json::Map<_, _> =
                read.iter().map(|(list, all)| (list.clone(), json!(all.len()))).collect();
            (differences(read).join("; "), Value::Object(counts))
        }
        Err(why) => (why.clone(), json!({})),
    };
    json!({"client": name, "package": package, "org": format!("{org:?}").to_lowercase(), "read": counts, "seconds": seconds,
        "requests": requests, "events_held": practice.control().counters().events, "users_held": expected(&practice, "all users").len(),
        "refused_hosts": proxy.refused(), "problem": (!problem.is_empty()).then_some(problem)})
}

/// Reads with every client that is installed below the folder, and reports each that is not.
async fn read_all(installed: &Path, only: &str) -> Vec<Value> {
    let mut results = Vec::new();
    for client in Client::all().into_iter().filter(|client| client.name.contains(only)) {
        let Some(python) = client.python(installed) else {
            results.push(json!({"client": client.name, "package": client.release(),
                "problem": "it is not installed"}));
            continue;
        };
        for org in [Org::Still, Org::Busy] {
            let folder = installed.join("runs").join(format!("{}-{org:?}", client.name).to_lowercase());
            drop(std::fs::remove_dir_all(&folder));
            results.push(read(client.clone(), python.clone(), org, folder).await);
        }
    }
    results
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "cargo xtask drill clients installs the clients"]
async fn drill_clients() {
    let installed =
        PathBuf::from(std::env::var_os("PRACTICE_CLIENTS").expect("PRACTICE_CLIENTS names the folder of the clients"));
    let results = read_all(&installed, &std::env::var("PRACTICE_CLIENTS_ONLY").unwrap_or_default()).await;
    let failed: Vec<&Value> = results.iter().filter(|result| !result["problem"].is_null()).collect();
    for result in &results {
        println!("{result}");
    }
    println!("{}", json!({"drill": "clients", "runs": results.len(), "failed": failed.len(), "results": results}));
    assert!(!results.is_empty() && failed.is_empty(), "{failed:?}");
}

#[tokio::test]
async fn a_client_that_is_not_installed_is_a_failure() {
    let results = read_all(Path::new("/no/such/folder"), "").await;
    assert_eq!(results.len(), Client::all().len());
    assert!(results.iter().all(|result| result["problem"] == "it is not installed"));
}

#[test]
fn a_list_differs_by_what_is_missing_foreign_or_twice() {
    let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let (before, after) = (all(&["a", "b"]), all(&["a", "b", "c"]));
    assert_eq!(difference("users", &all(&["b", "a"]), &before, &after), None);
    assert_eq!(difference("users", &all(&["b", "a", "c"]), &before, &after), None);
    for wrong in [&["a"][..], &["a", "b", "b"], &["a", "b", "x"]] {
        assert!(difference("users", &all(wrong), &before, &after).is_some(), "{wrong:?}");
    }
}
