//! Runs that end between a change of the blocklist zone and its answer, as if the process had been killed.

use std::time::Duration;

use chrono::TimeDelta;
use model::action::ActionKind;
use model::action_run::ActionOutcome::Done;
use model::code::Code;
use practice::{Fault, FaultKind, Side};
use runtime::Clock;

use super::addresses::{is_blocked, zones};
use super::support::TestConnection;
use super::{TOO_SLOW_MS, assert_audit, story};

const ADDRESS: &str = "192.0.2.17";
const NEXT: &str = "192.0.2.55";

/// Begins an action whose request to this path is answered too late, and drops it when the request has taken effect.
async fn interrupt(story: &TestConnection, kind: ActionKind, path: &str, is_reached: impl Fn() -> bool) {
    let slow = FaultKind::SlowResponse { ms: TOO_SLOW_MS };
    story.control().fault(Some(Fault::on(Side::Okta, slow).at(path).with_method("POST").times(1)));
    let reached = async {
        while !is_reached() {
            Clock::system().sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        result = story.act(kind, ADDRESS) => panic!("it ended before it was interrupted: {result:?}"),
        () = reached => {}
    }
    story.control().fault(None);
}

async fn open(story: &TestConnection) -> u32 {
    story.connector.actions().verify_audit(&story.id).await.unwrap().open
}

#[tokio::test]
async fn a_zone_whose_creation_was_interrupted_is_found_when_the_log_names_it() {
    let story = story().await;
    let log = Fault::on(Side::Okta, FaultKind::Reset).at("/api/v1/logs");
    interrupt(&story, ActionKind::BlockAddress, "/api/v1/zones", || is_blocked(&story, ADDRESS)).await;
    assert_eq!(open(&story).await, 1);
    story.pass(TimeDelta::seconds(30));
    story.control().fault(Some(log));
    assert_eq!(story.connector.actions().resolve_open_entries(&story.id).await.unwrap(), []);
    assert_eq!(open(&story).await, 1, "without the log nothing can be said");
    story.control().fault(None);
    let resolved = story.connector.actions().resolve_open_entries(&story.id).await.unwrap();
    assert_eq!(resolved[0].closing.as_ref().unwrap().outcome, Done);
    assert_eq!(story.act(ActionKind::BlockAddress, NEXT).await.outcome, Done);
    assert_eq!(zones(&story).len(), 1);
    assert_audit(&story, 2).await;
}

#[tokio::test]
async fn a_created_zone_that_the_token_may_not_explain_is_named_and_another_token_can_say_it_later() {
    let story = story().await;
    interrupt(&story, ActionKind::BlockAddress, "/api/v1/zones", || is_blocked(&story, ADDRESS)).await;
    story.pass(TimeDelta::seconds(30));
    let refused = FaultKind::Status { status: 403, code: "E0000006".to_owned() };
    story.control().fault(Some(Fault::on(Side::Okta, refused).at("/api/v1/logs")));
    let problem = story.connector.actions().resolve_open_entries(&story.id).await.unwrap_err();
    assert_eq!((problem.code, problem.args["zone"].as_str()), (Code::ZoneCreatorUnknown, "Okta Connector blocklist"));
    assert!(is_blocked(&story, ADDRESS), "a zone that may be somebody else's is left alone");
    assert_eq!(open(&story).await, 1, "a closed entry would never be looked at again");
    story.control().fault(None);
    let resolved = story.connector.actions().resolve_open_entries(&story.id).await.unwrap();
    assert_eq!(resolved[0].closing.as_ref().unwrap().outcome, Done);
    assert_audit(&story, 1).await;
}

#[tokio::test]
async fn a_zone_whose_deactivation_was_interrupted_takes_the_next_entry() {
    let story = story().await;
    assert_eq!(story.act(ActionKind::BlockAddress, ADDRESS).await.outcome, Done);
    interrupt(&story, ActionKind::UnblockAddress, "/api/v1/zones", || !is_blocked(&story, ADDRESS)).await;
    assert_eq!(open(&story).await, 1);
    story.pass(TimeDelta::seconds(30));
    let next = story.act(ActionKind::BlockAddress, NEXT).await;
    assert_eq!((next.outcome, is_blocked(&story, NEXT), is_blocked(&story, ADDRESS)), (Done, true, false), "{next:?}");
    assert_audit(&story, 3).await;
}
