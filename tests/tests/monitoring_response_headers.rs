//! The clock and the rate limits that every response of Okta carries: each probe evaluates them without another request.

mod support;

use chrono::TimeDelta;
use model::check::CheckId;
use model::code::Code;
use model::monitor::ProbeKind;
use model::notification_event::NotificationEvent;
use model::status::State;
use practice::{Change, Fault, FaultKind, Options, Side};
use runtime::Clock;

use support::TestConnection;
use support::monitored::{code, probe, probe_until_not_ok, requests, set_up, watched};

#[tokio::test]
async fn every_probe_reports_a_wrong_clock_and_none_clears_the_finding_of_another() {
    let story = watched().await;
    for tier in [ProbeKind::Heartbeat, ProbeKind::Freshness] {
        story.control().set(Change::ClockSkew { seconds: 600 });
        let before = requests(&story).0;
        let (status, notice) = probe(&story, tier).await;
        assert_eq!(
            (status.state, code(&status), status.row),
            (State::Attention, Some(Code::ClockOff), Some(CheckId::Clock))
        );
        assert!(notice.is_some() || tier == ProbeKind::Freshness, "told once");
        // The practice Radiant may have asked meanwhile.
        assert!(requests(&story).0 - before <= 3, "{tier:?}: nothing else was asked");
        for other in [ProbeKind::Full, ProbeKind::Heartbeat, ProbeKind::Freshness] {
            assert_eq!(code(&probe(&story, other).await.0), Some(Code::ClockOff), "{tier:?}, then {other:?}");
        }
        story.control().set(Change::ClockSkew { seconds: 0 });
        assert_eq!(probe(&story, tier).await.0.state, State::Ok, "{tier:?}");
    }
}

#[tokio::test]
async fn a_slow_response_is_not_taken_for_a_wrong_clock() {
    // Two minutes are allowed. It seems to be ahead by 121 s, of which more than one is the answer's own time.
    let options = Options { events_per_second: 0.0, ..Options::default() };
    let story = set_up(TestConnection::with(options, Clock::system()).await).await;
    story.control().set(Change::ClockSkew { seconds: -121 });
    let slow = Fault::on(Side::Okta, FaultKind::Slow { ms: 1_100 });
    story.control().fault(Some(slow));
    let (status, _) = probe(&story, ProbeKind::Heartbeat).await;
    assert_eq!((status.state, status.problem), (State::Ok, None));
}

#[tokio::test]
async fn other_api_clients_are_reported_only_by_delivery_probes_once_they_persist() {
    let story = watched().await;
    story.control().set(Change::OtherConsumers { requests: 40 });
    let before = requests(&story).0;
    let (count, status, notice) = probe_until_not_ok(&story, ProbeKind::Freshness).await;
    assert_eq!((count, status.state), (3, State::Attention));
    assert_eq!((code(&status), status.row), (Some(Code::RateOtherConsumers), Some(CheckId::RateLimit)));
    assert!(matches!(notice, Some(NotificationEvent::Worse { .. })));
    // The practice Radiant asks by itself, once a second.
    assert!(requests(&story).0 - before <= 9, "no run of all checks: {}", requests(&story).0 - before);
    for tier in [ProbeKind::Heartbeat, ProbeKind::Full, ProbeKind::Heartbeat, ProbeKind::Freshness] {
        assert_eq!(code(&probe(&story, tier).await.0), Some(Code::RateOtherConsumers), "{tier:?}");
    }
    story.control().set(Change::OtherConsumers { requests: 0 });
    assert_eq!(probe(&story, ProbeKind::Freshness).await.0.state, State::Ok);
}

#[tokio::test]
async fn missing_headers_raise_no_alarm_and_clear_no_finding() {
    let story = watched().await;
    story.control().set(Change::RadiantPolls { on: false });
    let garbled = || Some(Fault::on(Side::Okta, FaultKind::GarbageRateHeaders));
    story.control().fault(garbled());
    for tier in [ProbeKind::Freshness, ProbeKind::Freshness, ProbeKind::Freshness, ProbeKind::Full] {
        assert_eq!(probe(&story, tier).await.0.state, State::Ok, "{tier:?}");
    }
    let report = story.connector.connections().get(&story.id).await.unwrap().report.unwrap();
    assert_eq!(report.row(CheckId::RateLimit).unwrap().code, Some(Code::RateNotTold));
    story.control().fault(None);
    story.control().set(Change::OtherConsumers { requests: 50 });
    assert_eq!(code(&probe_until_not_ok(&story, ProbeKind::Freshness).await.1), Some(Code::RateLow));
    story.control().fault(garbled());
    assert_eq!(code(&probe(&story, ProbeKind::Freshness).await.0), Some(Code::RateLow));
}

#[tokio::test]
async fn an_invalid_date_header_raises_no_alarm_and_clears_no_finding() {
    let story = watched().await;
    story.control().set(Change::RadiantPolls { on: false });
    story.pass(TimeDelta::milliseconds(1_200));
    let garbled = || Some(Fault::on(Side::Okta, FaultKind::GarbageDate));
    let before = requests(&story).0;
    story.control().fault(garbled());
    for tier in [ProbeKind::Heartbeat, ProbeKind::Freshness] {
        assert_eq!(probe(&story, tier).await.0.state, State::Ok, "{tier:?}");
    }
    assert_eq!(requests(&story).0 - before, 2, "not worth a run of all checks");
    let report = story.connector.connections().get(&story.id).await.unwrap().report.unwrap();
    assert_eq!(report.row(CheckId::Clock).unwrap().code, Some(Code::ClockUnknown));
    story.control().fault(None);
    story.control().set(Change::ClockSkew { seconds: 600 });
    assert_eq!(code(&probe(&story, ProbeKind::Heartbeat).await.0), Some(Code::ClockOff));
    story.control().fault(garbled());
    assert_eq!(code(&probe(&story, ProbeKind::Heartbeat).await.0), Some(Code::ClockOff));
}

#[tokio::test]
async fn the_limit_in_a_refusal_is_not_taken_for_little_headroom() {
    let story = watched().await;
    let refused = FaultKind::RateLimited { reset_s: 1 };
    story.control().fault(Some(Fault { times: Some(1), ..Fault::on(Side::Okta, refused).at("/api/v1/logs") }));
    let (status, _) = probe(&story, ProbeKind::Freshness).await;
    assert_eq!(status.state, State::Ok);
    let row = story.connector.connections().get(&story.id).await.unwrap().report.unwrap();
    assert_eq!(row.row(CheckId::RateLimit).unwrap().code, None, "judged by the answer that came in the end");
}
