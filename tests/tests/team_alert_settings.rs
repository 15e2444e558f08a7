//! The settings of team alerts: the test of a channel, its secrets, whom an address is sent to, and the policy.

mod support;
mod tls_support;

use connector::Connector;
use model::alert::{AlertChannelPatch, AlertKind, AlertSecret, AlertSettingsPatch, AlertTestResult};
use model::code::Code;
use serde_json::{Value, json};

use support::TestConnection;
use support::alert_channels::{channel, store, turn_on};
use support::alert_receiver::{AlertReceiver, Behavior};
use tls_support::{Guide, ORG, Trusted, org, tls, web};

const KEY: &str = "a signing key of the receiver";

#[tokio::test]
async fn the_result_of_a_test_is_accepted_refused_or_unreachable() {
    let receiver = AlertReceiver::start().await;
    let story = TestConnection::begin().await;
    let alerts = story.connector.alerts();
    let AlertTestResult::Unreachable { problem } = alerts.test(AlertKind::Slack).await.unwrap() else { panic!() };
    assert_eq!(problem.code, Code::AlertAddressMissing);
    store(&story.connector, AlertSecret::SlackUrl, &receiver.url()).await;
    receiver.then([Behavior::Status(200), Behavior::Status(404), Behavior::Status(503), Behavior::Close]);
    for expected in [
        AlertTestResult::Accepted { status: 200 },
        AlertTestResult::Refused { status: 404 },
        AlertTestResult::Refused { status: 503 },
    ] {
        assert_eq!(alerts.test(AlertKind::Slack).await.unwrap(), expected);
    }
    let AlertTestResult::Unreachable { problem } = alerts.test(AlertKind::Slack).await.unwrap() else { panic!() };
    assert_eq!((problem.code, problem.args["host"].as_str()), (Code::AlertUnreachable, "127.0.0.1"));
    let text = receiver.received()[0].json()["text"].clone();
    assert!(text.as_str().unwrap().starts_with("Test alert"), "{text}");
    // A port on which nobody listens.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    store(&story.connector, AlertSecret::SlackUrl, &format!("http://{closed}/x")).await;
    assert!(matches!(alerts.test(AlertKind::Slack).await.unwrap(), AlertTestResult::Unreachable { .. }));
}

#[tokio::test]
async fn secrets_are_refused_bound_and_forgotten() {
    let receiver = AlertReceiver::start().await;
    let story = TestConnection::begin().await;
    let alerts = story.connector.alerts();
    let refused = async |name, value: &str| alerts.store_secret(name, value.to_owned().into()).await.unwrap_err().code;
    assert_eq!(refused(AlertSecret::SlackUrl, "http://hooks.example.com/x").await, Code::AlertAddressInvalid);
    assert_eq!(refused(AlertSecret::WebhookKey, KEY).await, Code::AlertAddressMissing);
    assert_eq!(refused(AlertSecret::WebhookKey, "short").await, Code::AlertKeyTooShort);
    let on = AlertChannelPatch { enabled: Some(true), ..Default::default() };
    let patch = AlertSettingsPatch { webhook: on, ..Default::default() };
    assert_eq!(alerts.change(patch).await.unwrap_err().code, Code::AlertAddressMissing);
    store(&story.connector, AlertSecret::WebhookUrl, &receiver.url()).await;
    store(&story.connector, AlertSecret::WebhookKey, KEY).await;
    assert!(alerts.change(patch).await.unwrap().channels[0].signed);
    // Another path at the same origin keeps the key, another origin does not.
    store(&story.connector, AlertSecret::WebhookUrl, &format!("{}/other", receiver.origin)).await;
    assert!(channel(&story.connector, AlertKind::Webhook).await.signed);
    store(&story.connector, AlertSecret::WebhookUrl, "https://hooks.example.com/x").await;
    let view = channel(&story.connector, AlertKind::Webhook).await;
    assert_eq!((view.signed, view.host.as_deref(), view.settings.enabled), (false, Some("hooks.example.com"), true));
    let view = alerts.forget(AlertKind::Webhook).await.unwrap();
    assert_eq!((view.channels[0].host.as_deref(), view.channels[0].settings.enabled), (None, false));
}

#[tokio::test]
async fn an_address_gets_an_alert_only_where_a_public_authority_vouches_for_its_host() {
    let server = org(tls(ORG)).await;
    let requests = || server.control().counters().requests.values().sum::<u64>();
    for (trusted, is_sent) in [(Trusted::Nowhere, false), (Trusted::Here, false), (Trusted::Everywhere, true)] {
        let guide = Guide::begin(web(trusted, &[(ORG, &server)])).await;
        let alerts = guide.connector.alerts();
        let plain = alerts.store_secret(AlertSecret::SlackUrl, "http://127.0.0.1:1/x".to_owned().into()).await;
        assert_eq!(plain.unwrap_err().code, Code::AlertAddressInvalid, "plain http is practice's alone");
        store(&guide.connector, AlertSecret::SlackUrl, &format!("https://{ORG}/services/x")).await;
        let before = requests();
        match alerts.test(AlertKind::Slack).await.unwrap() {
            // The practice organization is no receiver, but it got the request.
            AlertTestResult::Refused { .. } => assert!(is_sent, "{trusted:?}"),
            AlertTestResult::Unreachable { problem } => {
                assert_eq!((is_sent, problem.code), (false, Code::AlertUntrusted), "{trusted:?}");
                tls_support::message_placeholders::assert_filled(problem.code, &problem.args);
                assert_eq!(requests(), before);
            }
            other @ AlertTestResult::Accepted { .. } => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_policy_forbids_alerts_or_all_hosts_but_one() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.json");
    let config = connector::ConnectorConfig {
        policy: Some(connector::paths::PolicyPlace { file: policy.clone(), owner: None }),
        ..connector::ConnectorConfig::in_memory(folder.path().join("data"))
    };
    let connector = Connector::open(config).unwrap();
    let alerts = connector.alerts();
    let fix = |value: Value| std::fs::write(&policy, value.to_string()).unwrap();
    let address = "https://hooks.example.com/services/x";
    fix(json!({"format": 1, "alert_host": "hooks.slack.com"}));
    let refused = alerts.store_secret(AlertSecret::SlackUrl, address.to_owned().into()).await.unwrap_err();
    assert_eq!((refused.code, refused.args["host"].as_str()), (Code::AlertHostForbidden, "hooks.slack.com"));
    fix(json!({"format": 1, "alert_host": "Hooks.Example.com", "alert_names": false}));
    store(&connector, AlertSecret::SlackUrl, address).await;
    let names = AlertChannelPatch { with_names: Some(true), ..Default::default() };
    turn_on(&connector, AlertKind::Slack, names).await;
    let view = alerts.view().await.unwrap();
    assert!(view.names_forbidden && view.channels[1].settings.enabled && !view.channels[1].settings.with_names);
    fix(json!({"format": 1, "alerts": false}));
    let view = alerts.view().await.unwrap();
    assert!(view.forbidden && !view.channels[1].settings.enabled);
    let AlertTestResult::Unreachable { problem } = alerts.test(AlertKind::Slack).await.unwrap() else { panic!() };
    assert_eq!(problem.code, Code::AlertsForbidden);
    std::fs::remove_file(&policy).unwrap();
    let view = alerts.view().await.unwrap();
    assert!(!view.forbidden && view.channels[1].settings.enabled && view.channels[1].settings.with_names);
}
