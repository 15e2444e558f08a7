//! A database of the version before (schema 4) opens and is read in full, and its rate budget is carried over.
//!
//! The rows are literal, as that version wrote them.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use chrono::{DateTime, Utc};
use model::check::CheckId;
use model::code::Code;
use model::connection::{ConnectionId, Keep, Profile};
use model::guide::{Confirmable, GuideStep};
use model::monitor_settings::MonitorSettings;
use model::okta_origin::{OktaDomain, Origin};
use model::rate_usage::{Bucket, BudgetHold, HoldReason, ObservedRate, RateUsage, RequestRecord};
use model::rotation::{RevocationStatus, RotationStep};
use model::secret_name::{SecretName, SecretState};
use model::status::State;
use store::{Store, StoreError};

const SCHEMA: [&str; 4] = [
    include_str!("../src/migrations/001_connections.sql"),
    include_str!("../src/migrations/002_monitoring.sql"),
    include_str!("../src/migrations/003_rotation.sql"),
    include_str!("../src/migrations/004_reminders.sql"),
];

/// Two connections to one organization, one in practice, and one whose guide is at its beginning.
const ROWS: &str = r#"
INSERT INTO connections (id, created, body) VALUES
('c1', '2026-01-05T08:00:00.000000Z', '{"id":"c1","name":"acme","origin":{"kind":"okta","at":"acme.okta.com"},"org_id":"00o1","profile":"ingestion","keep":"token","radiant":{"url":"https://search.radiantsecurity.ai/_msearch","index":"raw","connector_type":"okta","timestamp_field":"published","byob":false,"confirmed_host":null},"created":"2026-01-05T08:00:00Z"}'),
('c2', '2026-01-06T08:00:00.000000Z', '{"id":"c2","name":"acme too","origin":{"kind":"okta","at":"acme.okta.com"},"org_id":"00o1","profile":"response","keep":"monitoring_token","radiant":{"url":"https://search.radiantsecurity.ai/_msearch","index":null,"connector_type":null,"timestamp_field":null,"byob":false,"confirmed_host":null},"created":"2026-01-06T08:00:00Z"}'),
('practice-1', '2026-01-07T08:00:00.000000Z', '{"id":"practice-1","name":"practice","origin":{"kind":"practice","at":"http://127.0.0.1:40123"},"org_id":null,"profile":"ingestion","keep":"nothing","radiant":{"url":"http://127.0.0.1:40124/_msearch","index":null,"connector_type":null,"timestamp_field":null,"byob":false,"confirmed_host":null},"created":"2026-01-07T08:00:00Z"}'),
('c3', '2026-01-08T08:00:00.000000Z', '{"id":"c3","name":"","origin":null,"org_id":null,"profile":"ingestion","keep":"nothing","radiant":{"url":"https://search.radiantsecurity.ai/_msearch","index":null,"connector_type":null,"timestamp_field":null,"byob":false,"confirmed_host":null},"created":"2026-01-08T08:00:00Z"}');

INSERT INTO setup (connection, body) VALUES
('c1', '{"step":"done","typed_domain":"Acme","token_name":"radiant","credential_name":"okta","confirmed":[{"what":"token_created","at":"2026-01-05T08:10:00Z","by":"jo"}],"arrival":{"uuid":"u1","event_type":"user.session.start","published":"2026-01-05T08:20:00Z","found_at":"2026-01-05T08:21:00Z"},"finished":"2026-01-05T08:30:00Z"}');

INSERT INTO reports (connection, finished, body) VALUES
('c1', '2026-01-05T08:25:00.000000Z', '{"started":"2026-01-05T08:24:00Z","finished":"2026-01-05T08:25:00Z","rows":[{"check":"token","outcome":"passed","skipped":null,"code":null,"args":{},"facts":[{"key":"owner","value":"svc@example.com"}],"evidence":[{"endpoint":"GET /api/v1/users/me","status":200,"okta_code":null,"request_id":"r1","ms":40}],"link":null,"at":"2026-01-05T08:24:30Z","ms":41}],"capabilities":[]}');

INSERT INTO secrets (connection, name, since, bound_to) VALUES
('c1', 'okta_token', '2026-01-05T08:15:00.123456789Z', 'https://acme.okta.com'),
('c1', 'radiant_search_token', NULL, NULL);

INSERT INTO settings (key, value) VALUES
('monitor', '{"heartbeat_s":300,"freshness_s":1800,"full_s":86400,"allowed_lag_s":900,"rate_share":10,"notices":true,"notices_off_since":null,"quiet_until":null,"maintenance":[]}'),
('history_days', '30');

INSERT INTO watched (connection, body) VALUES
('c1', '{"heartbeat":"2026-01-09T08:00:00Z","freshness":"2026-01-09T07:45:00Z","full":"2026-01-09T06:00:00Z","offline_since":null,"offline":null,"paused_since":null,"wants_full":false,"standing":[{"row":"rate_limit","problem":{"code":"okta_rate_limited","args":{},"detail":null,"retry_at":null,"request_id":null},"since":"2026-01-09T06:00:00Z","looks":3}],"told":{"severity":"attention","problem":null,"aloud":true,"recovered":null,"since_well":["okta_rate_limited"]},"newest_in_okta":"2026-01-09T07:40:00Z","carried":["user.session.start"],"came_back":null,"spent":{"asked":[{"at":"2026-01-09T07:45:00Z","bucket":"logs","requests":2},{"at":"2026-01-09T08:00:00Z","bucket":"user","requests":1}],"seen":{"logs":{"at":"2026-01-09T07:45:00Z","limit":60,"remaining":3,"until":"2026-01-09T07:46:00Z"},"user":{"at":"2026-01-09T08:00:00Z","limit":600,"remaining":599,"until":null}},"held":{"since":"2026-01-09T08:00:00Z","until":"2026-01-09T08:05:00Z","by":"head_room"}},"changed":7}'),
('c2', '{"heartbeat":"2026-01-09T07:59:00Z","carried":[],"spent":{"asked":[{"at":"2026-01-09T07:50:00Z","bucket":"logs","requests":3}],"seen":{"logs":{"at":"2026-01-09T07:50:00Z","limit":60,"remaining":40,"until":null},"users":{"at":"2026-01-09T07:50:00Z","limit":30,"remaining":20,"until":null}},"held":null},"changed":1}'),
('practice-1', '{"heartbeat":"2026-01-09T07:59:00Z"}'),
('c3', '{"spent":{"asked":[{"at":"2026-01-09T07:50:00Z","bucket":"logs","requests":3}],"seen":{},"held":null}}');

INSERT INTO changes (connection, at, body) VALUES
('c1', '2026-01-09T06:00:00.000000Z', '{"at":"2026-01-09T06:00:00Z","state":"attention","problem":{"code":"okta_rate_limited","args":{},"detail":null,"retry_at":null,"request_id":null},"row":"rate_limit"}');

INSERT INTO hours (connection, hour, body) VALUES
('c1', '2026-01-09T07:00:00.000000Z', '{"ok":5,"attention":1,"stopped":0,"offline":0,"requests":9,"lags":[40,41],"longest_gap_s":300,"least_left":5}');

INSERT INTO rotations (connection, body) VALUES
('c1', '{"step":"update","since":"2026-01-09T05:00:00Z","passing":false,"token_name":"radiant 2","old_name":"radiant","report":null,"owners":{"new":"svc@example.com","old":"svc@example.com","same":true},"other_owner":null,"updated":{"at":"2026-01-09T05:30:00Z","by":"jo"},"found":null,"pasted":null,"asked":null,"revoked":"not_yet","said":null,"finished":null}');

INSERT INTO care (connection, body) VALUES
('c1', '{"owner":{"of":"2026-01-05T08:15:00.123456789Z","owner":"svc@example.com","roles":["READ_ONLY_ADMIN"],"at":"2026-01-05T08:25:00Z"},"confirmed":null,"marks":[]}');
"#;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn c1() -> ConnectionId {
    ConnectionId("c1".to_owned())
}

/// Writes a database as the version before left it.
fn database_of_the_version_before(dir: &Path) {
    let db = rusqlite::Connection::open(dir.join("connector.db")).unwrap();
    for migration in SCHEMA {
        db.execute_batch(migration).unwrap();
    }
    db.execute_batch(ROWS).unwrap();
    db.pragma_update(None, "user_version", 4).unwrap();
}

#[tokio::test]
async fn everything_but_monitoring_is_read_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    database_of_the_version_before(dir.path());
    let store = Store::open(dir.path()).unwrap();
    let read = store.read(|tx| {
        let connections = tx.connections()?;
        assert_eq!(
            connections.iter().map(|one| one.id.0.as_str()).collect::<Vec<_>>(),
            ["c1", "c2", "practice-1", "c3"]
        );
        let one = &connections[0];
        assert_eq!(
            (one.keep, one.profile, one.radiant.index.as_deref()),
            (Keep::Token, Profile::Ingestion, Some("raw"))
        );
        let guide = tx.guide(&c1())?;
        assert_eq!((guide.step, guide.typed_domain.as_str()), (GuideStep::Done, "Acme"));
        assert!(guide.has(Confirmable::TokenCreated) && guide.finished.is_some() && guide.arrival.is_some());
        let report = tx.report(&c1())?.unwrap();
        assert_eq!(report.row(CheckId::Token).unwrap().evidence[0].request_id.as_deref(), Some("r1"));
        let since = at("2026-01-05T08:15:00.123456789Z");
        let bound_to = Some("https://acme.okta.com".to_owned());
        let token = SecretState { name: SecretName::OktaToken, since: Some(since), bound_to, this_run_only: false };
        assert_eq!(tx.secret_states(&c1())?[0], token);
        assert_eq!(tx.secret_states(&c1())?[1].since, None);
        assert_eq!(tx.setting::<MonitorSettings>("monitor")?.unwrap().heartbeat_s, 300);
        assert_eq!(tx.setting::<u32>("history_days")?, Some(30));
        let rotation = tx.rotation(&c1())?.unwrap();
        assert_eq!((rotation.step, rotation.revoked), (RotationStep::Update, RevocationStatus::NotYet));
        assert_eq!(tx.reminder_state(&c1())?.owner.unwrap().of, since);
        Ok::<_, StoreError>(())
    });
    read.await.unwrap();
}

#[tokio::test]
async fn monitoring_is_read_as_it_was_and_a_waiting_probe_still_waits() {
    let dir = tempfile::tempdir().unwrap();
    database_of_the_version_before(dir.path());
    let store = Store::open(dir.path()).unwrap();
    let read = store.read(|tx| {
        let state = tx.monitor_state(&c1())?;
        assert_eq!((state.heartbeat, state.full), (Some(at("2026-01-09T08:00:00Z")), Some(at("2026-01-09T06:00:00Z"))));
        assert_eq!((state.conditions[0].problem.code, state.conditions[0].probes), (Code::OktaRateLimited, 3));
        assert!(
            state.notified.codes_since_ok.contains(&Code::OktaRateLimited)
                && state.delivered_types.contains("user.session.start")
        );
        let (since, until) = (at("2026-01-09T08:00:00Z"), at("2026-01-09T08:05:00Z"));
        assert_eq!((state.hold, state.revision), (Some(BudgetHold { since, until, reason: HoldReason::HeadRoom }), 7));
        for (id, changed) in [("c2", 1), ("practice-1", 0), ("c3", 0)] {
            let state = tx.monitor_state(&ConnectionId(id.to_owned()))?;
            assert_eq!((state.hold, state.revision), (None, changed), "{id}");
        }
        assert_eq!(tx.hours(&c1(), DateTime::UNIX_EPOCH)?[0].hour.delays, [40, 41]);
        let changes = tx.status_changes(&c1(), DateTime::UNIX_EPOCH, 9)?;
        assert_eq!((changes.len(), changes[0].state), (1, State::Attention));
        Ok::<_, StoreError>(())
    });
    read.await.unwrap();
}

#[tokio::test]
async fn the_rate_budget_of_all_connections_to_an_org_becomes_that_of_the_org() {
    let dir = tempfile::tempdir().unwrap();
    database_of_the_version_before(dir.path());
    let store = Store::open(dir.path()).unwrap();
    let acme = Origin::Okta(OktaDomain::from_host("acme.okta.com").unwrap());
    let usage = store.read(move |tx| tx.rate_usage(&acme)).await.unwrap();
    let request = |time, bucket, requests| RequestRecord { at: at(time), bucket, requests };
    let rate = |time, limit, remaining| ObservedRate { at: at(time), limit, remaining, until: None };
    let asked = vec![
        request("2026-01-09T07:45:00Z", Bucket::Logs, 2),
        request("2026-01-09T07:50:00Z", Bucket::Logs, 3),
        request("2026-01-09T08:00:00Z", Bucket::User, 1),
    ];
    let seen = [
        (Bucket::Logs, rate("2026-01-09T07:50:00Z", 60, 40)),
        (Bucket::User, rate("2026-01-09T08:00:00Z", 600, 599)),
        (Bucket::Users, rate("2026-01-09T07:50:00Z", 30, 20)),
    ];
    assert_eq!(
        usage,
        RateUsage { requests: asked, observed: seen.into() },
        "the newest observation of each bucket counts"
    );
    let db = rusqlite::Connection::open(dir.path().join("connector.db")).unwrap();
    let rows: u32 = db.query_row("SELECT count(*) FROM rate_usage", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 3, "a connection without an organization has no budget");
}

#[tokio::test]
async fn a_row_that_is_no_json_does_not_keep_the_database_from_opening() {
    let dir = tempfile::tempdir().unwrap();
    database_of_the_version_before(dir.path());
    let db = rusqlite::Connection::open(dir.path().join("connector.db")).unwrap();
    db.execute("UPDATE watched SET body = 'torn' WHERE connection = 'c1'", []).unwrap();
    drop(db);
    let store = Store::open(dir.path()).unwrap();
    let torn = store.read(|tx| tx.monitor_state(&c1())).await;
    assert_eq!(torn.unwrap_err().code(), Code::StoreCorrupt);
    assert_eq!(store.read(|tx| tx.connections()).await.unwrap().len(), 4);
}
