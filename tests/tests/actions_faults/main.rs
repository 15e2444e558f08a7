//! Faults of every request that changes something, one by one: the result names what became of the user or the address, nothing
//! is sent twice, and the audit is closed and in one chain.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests; the tables are printed")]

#[path = "../support/mod.rs"]
mod support;

mod addresses;
mod interrupted;
mod users;

use std::time::Duration;

use http_client::HttpSettings;
use model::action_audit::{AuditFilter, AuditQuery, ChainState};
use model::action_run::ActionOutcome;
use practice::{FaultKind, Options};
use runtime::Clock;

use ActionOutcome::{Done, Failed, Unknown};
use support::TestConnection;
use support::test_connection::START;

/// The client gives up after this time: long enough for every answer on a busy computer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// A server that is slower than the client is patient.
const TOO_SLOW_MS: u64 = 30_000;

/// A fault, whether the request is handled nevertheless, and the outcome of a part whose effect a status shows, and of one whose
/// effect only the System Log shows.
struct Case {
    name: &'static str,
    fault: fn() -> FaultKind,
    is_applied: bool,
    with_status: ActionOutcome,
    without_status: ActionOutcome,
}

const CASES: [Case; 9] = [
    Case {
        name: "cut before it is handled",
        fault: || FaultKind::Reset,
        is_applied: false,
        with_status: Failed,
        without_status: Unknown,
    },
    Case {
        name: "answer lost",
        fault: || FaultKind::ResponseLost,
        is_applied: true,
        with_status: Done,
        without_status: Done,
    },
    Case {
        name: "cut in the answer",
        fault: || FaultKind::Truncate,
        is_applied: true,
        with_status: Done,
        without_status: Done,
    },
    Case {
        name: "429",
        fault: || FaultKind::RateLimited { reset_s: 30 },
        is_applied: false,
        with_status: Failed,
        without_status: Failed,
    },
    Case {
        name: "500",
        fault: || status(500, "E0000009"),
        is_applied: false,
        with_status: Failed,
        without_status: Unknown,
    },
    Case {
        name: "403",
        fault: || status(403, "E0000006"),
        is_applied: false,
        with_status: Failed,
        without_status: Failed,
    },
    Case {
        name: "404",
        fault: || status(404, "E0000007"),
        is_applied: false,
        with_status: Failed,
        without_status: Failed,
    },
    Case {
        name: "time out, not handled",
        fault: || FaultKind::Slow { ms: TOO_SLOW_MS },
        is_applied: false,
        with_status: Unknown,
        without_status: Unknown,
    },
    Case {
        name: "time out, handled",
        fault: || FaultKind::SlowResponse { ms: TOO_SLOW_MS },
        is_applied: true,
        with_status: Done,
        without_status: Done,
    },
];

impl Case {
    /// Returns whether the client waits until it gives up.
    fn is_time_out(&self) -> bool {
        matches!((self.fault)(), FaultKind::Slow { .. } | FaultKind::SlowResponse { .. })
    }
}

fn status(status: u16, code: &str) -> FaultKind {
    FaultKind::Status { status, code: code.to_owned() }
}

/// Starts an organization in simulated time, and holds a super administrator's token for actions.
async fn story() -> TestConnection {
    let start = START.parse().unwrap();
    let options = Options {
        users: 60,
        starts_at: Some(start),
        events_per_second: 0.0,
        api_rate_limit: 1_000_000,
        rate_limit: 1_000_000,
        ..Options::default()
    };
    let web = HttpSettings { timeout: TIMEOUT, ..HttpSettings::default() };
    let story = TestConnection::over(options, Clock::manual(start), web).await;
    story.respond_with(&story.practice.card().tokens.super_admin.clone()).await;
    story
}

/// Asserts that the audit has so many entries, each with an outcome, in one chain.
async fn assert_audit(story: &TestConnection, entries: usize) {
    let audit = story.connector.actions().verify_audit(&story.id).await.unwrap();
    assert_eq!((audit.state, audit.open), (ChainState::Intact, 0));
    let all = AuditQuery { connection: story.id.clone(), filter: AuditFilter::default(), before: None, limit: 200 };
    let page = story.connector.actions().audit(all).await.unwrap();
    assert_eq!(usize::try_from(page.total).unwrap(), entries);
}
