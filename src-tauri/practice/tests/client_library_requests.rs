//! Requests as other client libraries send them, recorded from the library or taken from its source; the practice Okta org
//! answers each as Okta's specification says. `cargo xtask drill clients` runs the clients that can be installed from PyPI.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use chrono::TimeDelta;
use practice::Practice;
use support::{Reply, client, now, quiet, start};

/// Recorded from `@okta/okta-sdk-nodejs` 8.1.0 (`User-Agent: @okta/okta-sdk-nodejs/8.1.0 node/20.20.2`), with the size of the answer.
const NODE: [(&str, usize); 8] = [
    ("/api/v1/logs?since=2026-03-09&sortOrder=ASCENDING&limit=1000", 401),
    ("/api/v1/logs?since=2026-03-09&q=jo%20marsh&sortOrder=ASCENDING&after=1627500044869_1000", 0),
    ("/api/v1/users?search=profile.login%20eq%20%22jo.marsh%40practice.example%22&limit=70", 1),
    ("/api/v1/users/jo.marsh%40practice.example", 1),
    ("/api/v1/users/jo.marsh%40practice.example/roles", 1),
    ("/api/v1/zones/nzoPRACTICEBLOCKED", 1),
    ("/api/v1/zones?limit=2", 2),
    ("/api/v1/api-tokens", 6),
];

/// Formed as in okta-sdk-dotnet `ClientUtils.ParameterToString` (the round-trip format, seven digits and for a `DateTime` of no
/// kind no zone) and `SystemLogApi.cs`.
const DOTNET: [(&str, usize); 4] = [
    (
        "/api/v1/logs?since=2026-03-10T00%3A00%3A00.0000000%2B00%3A00&until=2026-03-10T12%3A00%3A00.0000000%2B00%3A00&limit=1000",
        0,
    ),
    ("/api/v1/logs?since=2026-03-10T00%3A00%3A00.0000000&limit=1000&sortOrder=ASCENDING", 0),
    ("/api/v1/logs?since=2026-03-10&limit=1000", 0),
    ("/api/v1/users/jo.marsh%40practice.example", 1),
];

async fn ask(practice: &Practice, path: &str, accept: &str) -> Reply {
    let token = &practice.card().tokens.super_admin;
    let request = client().get(format!("{}{path}", practice.card().okta)).header("accept", accept);
    Reply::of(request.header("authorization", format!("SSWS {token}")).send().await.unwrap()).await
}

fn size(reply: &Reply) -> usize {
    reply.body.as_array().map_or(1, Vec::len)
}

#[tokio::test]
async fn requests_of_the_node_library_are_answered() {
    let practice = start(quiet()).await;
    for (path, expected) in NODE {
        let reply = ask(&practice, path, "application/json, */*;q=0.8").await;
        assert_eq!((reply.status, size(&reply)), (200, expected), "{path}");
    }
    // A `Date` leaves this library as JavaScript prints it, which is no date of the API.
    let date = "Mon%20Mar%2009%202026%2000%3A00%3A00%20GMT%2B0000%20(Coordinated%20Universal%20Time)";
    assert_eq!(ask(&practice, &format!("/api/v1/logs?since={date}&limit=100"), "*/*").await.code(), (400, "E0000030"));
}

#[tokio::test]
async fn requests_of_the_dotnet_library_are_answered() {
    let practice = start(quiet()).await;
    let events = practice.control().events();
    let today = now() - TimeDelta::hours(12);
    let of_today = events.iter().filter(|event| {
        let published: chrono::DateTime<chrono::Utc> = event["published"].as_str().unwrap().parse().unwrap();
        published >= today
    });
    let at_least = of_today.count();
    for (path, expected) in DOTNET {
        let reply = ask(&practice, path, "application/json").await;
        assert_eq!(reply.status, 200, "{path}");
        match expected {
            0 => assert!(size(&reply) >= at_least && at_least > 100, "{path}: {}", size(&reply)),
            _ => assert_eq!(size(&reply), expected, "{path}"),
        }
    }
}
