//! What every answer of Okta's tells along the way, its clock and its limits, judged by every look without a request more.

#![expect(clippy::disallowed_methods, reason = "tests")]

mod support;

use std::time::Duration;

use model::check::CheckId;
use model::code::Code;
use model::notification::NotificationEvent;
use model::monitor::ProbeKind;
use model::status::State;
use practice::{Change, Fault, FaultKind, Side};

use support::watched::{code, look, requests, until_told, watched};

#[tokio::test]
async fn a_clock_that_is_off_is_told_by_every_look_and_none_takes_back_what_another_showed() {
    let story = watched().await;
    for tier in [ProbeKind::Heartbeat, ProbeKind::Freshness] {
        story.control().set(Change::ClockSkew { seconds: 600 });
        let before = requests(&story).0;
        let (status, notice) = look(&story, tier).await;
        assert_eq!(
            (status.state, code(&status), status.row),
            (State::Attention, Some(Code::ClockOff), Some(CheckId::Clock))
        );
        assert!(notice.is_some() || tier == ProbeKind::Freshness, "told once");
        // The practice Radiant may have asked meanwhile.
        assert!(requests(&story).0 - before <= 3, "{tier:?}: nothing else was asked");
        for other in [ProbeKind::Full, ProbeKind::Heartbeat, ProbeKind::Freshness] {
            assert_eq!(code(&look(&story, other).await.0), Some(Code::ClockOff), "{tier:?}, then {other:?}");
        }
        story.control().set(Change::ClockSkew { seconds: 0 });
        assert_eq!(look(&story, tier).await.0.state, State::Ok, "{tier:?}");
    }
}

#[tokio::test]
async fn a_slow_answer_is_no_clock_that_is_off() {
    // Two minutes are allowed. It seems to be ahead by 121 s, of which more than one is the answer's own time.
    let story = watched().await;
    story.control().set(Change::ClockSkew { seconds: -121 });
    let slow = Fault::on(Side::Okta, FaultKind::Slow { ms: 1_100 });
    story.control().fault(Some(slow));
    let (status, _) = look(&story, ProbeKind::Heartbeat).await;
    assert_eq!((status.state, status.problem), (State::Ok, None));
}

#[tokio::test]
async fn other_clients_are_told_by_the_looks_at_both_sides_alone_once_they_stay() {
    let story = watched().await;
    story.control().set(Change::OtherConsumers { requests: 40 });
    let before = requests(&story).0;
    let (count, status, notice) = until_told(&story, ProbeKind::Freshness).await;
    assert_eq!((count, status.state), (3, State::Attention));
    assert_eq!((code(&status), status.row), (Some(Code::RateOtherConsumers), Some(CheckId::RateLimit)));
    assert!(matches!(notice, Some(NotificationEvent::Worse { .. })));
    // The practice Radiant asks by itself, once a second.
    assert!(requests(&story).0 - before <= 9, "no run of all checks: {}", requests(&story).0 - before);
    for tier in [ProbeKind::Heartbeat, ProbeKind::Full, ProbeKind::Heartbeat, ProbeKind::Freshness] {
        assert_eq!(code(&look(&story, tier).await.0), Some(Code::RateOtherConsumers), "{tier:?}");
    }
    story.control().set(Change::OtherConsumers { requests: 0 });
    assert_eq!(look(&story, ProbeKind::Freshness).await.0.state, State::Ok);
}

#[tokio::test]
async fn headers_that_say_nothing_are_no_alarm_and_take_back_nothing() {
    let story = watched().await;
    story.control().set(Change::RadiantPolls { on: false });
    let garbled = || Some(Fault::on(Side::Okta, FaultKind::GarbageRateHeaders));
    story.control().fault(garbled());
    for tier in [ProbeKind::Freshness, ProbeKind::Freshness, ProbeKind::Freshness, ProbeKind::Full] {
        assert_eq!(look(&story, tier).await.0.state, State::Ok, "{tier:?}");
    }
    let report = story.connector.connection(&story.id).await.unwrap().report.unwrap();
    assert_eq!(report.row(CheckId::RateLimit).unwrap().code, Some(Code::RateNotTold));
    story.control().fault(None);
    story.control().set(Change::OtherConsumers { requests: 50 });
    assert_eq!(code(&until_told(&story, ProbeKind::Freshness).await.1), Some(Code::RateLow));
    story.control().fault(garbled());
    assert_eq!(code(&look(&story, ProbeKind::Freshness).await.0), Some(Code::RateLow));
}

#[tokio::test]
async fn a_time_that_is_none_is_no_alarm_asks_nothing_more_and_takes_back_nothing() {
    let story = watched().await;
    story.control().set(Change::RadiantPolls { on: false });
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let garbled = || Some(Fault::on(Side::Okta, FaultKind::GarbageDate));
    let before = requests(&story).0;
    story.control().fault(garbled());
    for tier in [ProbeKind::Heartbeat, ProbeKind::Freshness] {
        assert_eq!(look(&story, tier).await.0.state, State::Ok, "{tier:?}");
    }
    assert_eq!(requests(&story).0 - before, 2, "not worth a run of all checks");
    let report = story.connector.connection(&story.id).await.unwrap().report.unwrap();
    assert_eq!(report.row(CheckId::Clock).unwrap().code, Some(Code::ClockUnknown));
    story.control().fault(None);
    story.control().set(Change::ClockSkew { seconds: 600 });
    assert_eq!(code(&look(&story, ProbeKind::Heartbeat).await.0), Some(Code::ClockOff));
    story.control().fault(garbled());
    assert_eq!(code(&look(&story, ProbeKind::Heartbeat).await.0), Some(Code::ClockOff));
}

#[tokio::test]
async fn what_a_refusal_says_of_a_limit_is_not_taken_for_little_head_room() {
    let story = watched().await;
    let refused = FaultKind::RateLimited { reset_s: 1 };
    story.control().fault(Some(Fault { times: Some(1), ..Fault::on(Side::Okta, refused).at("/api/v1/logs") }));
    let (status, _) = look(&story, ProbeKind::Freshness).await;
    assert_eq!(status.state, State::Ok);
    let row = story.connector.connection(&story.id).await.unwrap().report.unwrap();
    assert_eq!(row.row(CheckId::RateLimit).unwrap().code, None, "judged by the answer that came in the end");
}
