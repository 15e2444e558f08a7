//! This computer's clock is set forward and back while connections are monitored, with and without a network.
//!
//! Time is simulated. The loop below waits as the worker does: until the next pass is due, at most five minutes, and no longer
//! than one tick once the clock was set back.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::time::Duration;

use chrono::TimeDelta;
use connector::{Audience, PassScope, RoundSummary};
use model::code::Code;
use model::connection::Keep;
use model::monitor_settings::MonitorSettings;
use model::rotation::RotationStep;
use model::secret_name::SecretName;
use model::status::{State, Status};
use practice::{Change, Fault, FaultKind, Side};
use runtime::{Clock, TICK};
use tokio_util::sync::CancellationToken;

use support::{TestConnection, monitored};

/// The time between heartbeats.
const INTERVAL: TimeDelta = TimeDelta::minutes(10);
/// The longest wait of the worker.
const MAX_WAIT: TimeDelta = TimeDelta::minutes(5);

/// A monitored connection, and the time that passes whatever its clock shows.
struct Drill {
    story: TestConnection,
    passed: TimeDelta,
    /// When the newest check ended, in passed time.
    checked: TimeDelta,
    /// The longest time without a check.
    longest: TimeDelta,
}

impl Drill {
    async fn begin() -> Self {
        let story = monitored::watched().await;
        story.connector.settings().set_monitor(MonitorSettings::default()).await.unwrap();
        Self { story, passed: TimeDelta::zero(), checked: TimeDelta::zero(), longest: TimeDelta::zero() }
    }

    async fn round(&mut self) -> RoundSummary {
        let (monitor, end) = (self.story.connector.monitor(), CancellationToken::new());
        let round = monitor.run_due_probes(&PassScope::Every, Audience::AWAY, None, &end).await.unwrap();
        if !round.outcomes.is_empty() {
            self.longest = self.longest.max(self.passed - self.checked);
            self.checked = self.passed;
        }
        round
    }

    /// Runs the due passes for a time, beginning with the wait of the pass before.
    async fn watch(&mut self, time: TimeDelta, mut next: TimeDelta) {
        let end = self.passed + time;
        while self.passed < end {
            let wait = next.clamp(TimeDelta::seconds(2), MAX_WAIT);
            self.story.pass(wait);
            self.passed += wait;
            let round = self.round().await;
            next = round.next.map_or(MAX_WAIT, |next| next - self.story.clock.now());
        }
    }

    /// Sets the clock. The worker notices at the next tick that it was set back, and otherwise when its wait ends.
    async fn set_clock(&mut self, by: TimeDelta) {
        self.story.clock.advance(by);
        let wait = if by < TimeDelta::zero() { TimeDelta::from_std(TICK).unwrap() } else { TimeDelta::seconds(2) };
        self.watch(TimeDelta::hours(1), wait).await;
    }

    async fn status(&self) -> Status {
        self.story.connector.connections().get(&self.story.id).await.unwrap().status
    }
}

#[tokio::test]
async fn setting_the_clock_forward_and_back_costs_no_check() {
    for jump in [TimeDelta::hours(5), TimeDelta::days(30)] {
        for has_network in [true, false] {
            let mut drill = Drill::begin().await;
            if !has_network {
                drill.story.control().fault(Some(Fault::on(Side::Okta, FaultKind::CaptivePage)));
            }
            drill.watch(TimeDelta::hours(1), MAX_WAIT).await;
            for by in [jump, -jump] {
                drill.story.clock.advance(by);
                assert!(drill.status().await.is_stale(), "{by}: nobody has checked at that time");
                drill.story.clock.advance(-by);
                drill.set_clock(by).await;
                let status = drill.status().await;
                assert!(!status.is_stale(), "{by} {has_network}: {status:?}");
                assert_eq!(status.state == State::Unknown, !has_network, "{by}: {status:?}");
            }
            let beyond = (drill.longest - INTERVAL).num_minutes().max(0);
            println!("by {jump} and back, network {has_network}: {beyond} minutes without a check beyond the interval");
            assert_eq!(beyond, 0, "{jump}, network {has_network}: {}", drill.longest);
        }
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_a_month_raises_no_other_alarm_than_that() {
    for wrong in [TimeDelta::days(30), TimeDelta::days(-30), TimeDelta::hours(5)] {
        let mut drill = Drill::begin().await;
        drill.story.control().emit(3);
        drill.story.clock.advance(wrong);
        drill.watch(TimeDelta::hours(2), TimeDelta::seconds(2)).await;
        let view = drill.story.connector.connections().get(&drill.story.id).await.unwrap();
        let found: Vec<Code> = view.monitor.conditions.iter().map(|one| one.condition.problem.code).collect();
        assert!(found.contains(&Code::ClockOff), "{wrong}: {found:?}");
        for code in
            [Code::RadiantLagging, Code::RadiantNoMatch, Code::RadiantNoEvents, Code::OktaQuiet, Code::LogsEmpty]
        {
            assert!(!found.contains(&code), "{wrong}: {found:?}");
        }
    }
}

#[tokio::test]
async fn the_proof_of_a_rotation_is_newer_than_the_switch_by_oktas_clock() {
    // This computer's clock is an hour behind when the administrator confirms the switch, and right afterwards.
    // Whether Okta can be asked for its time at the confirmation, or only later.
    let later = FaultKind::Status { status: 500, code: "E0000009".to_owned() };
    let later = Fault::on(Side::Okta, later).at("/.well-known");
    let cases = [(1, None), (-1, None), (1, Some(later.clone())), (-1, Some(later))];
    for (hours, fault) in cases {
        let behind = TimeDelta::hours(hours);
        let story = monitored::watched().await;
        story.control().emit(3);
        story.pass(TimeDelta::minutes(30));
        story.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
        let rotation = story.connector.rotation();
        rotation.begin(&story.id).await.unwrap();
        let next = story.practice.card().tokens.super_admin_next.clone();
        story.connector.tokens().store(&story.id, SecretName::NextOktaToken, next.clone().into(), false).await.unwrap();
        rotation.check_new_token(&story.id, CancellationToken::new(), |_| {}).await.unwrap();
        rotation.go_to_step(&story.id, RotationStep::Update).await.unwrap();
        story.clock.advance(-behind);
        let is_told = fault.is_none();
        story.control().fault(fault);
        let view = rotation.confirm_credential_updated(&story.id, true).await.unwrap();
        assert_eq!(view.rotation.unwrap().updated_by_okta.is_some(), is_told);
        story.control().fault(None);
        story.clock.advance(behind);
        rotation.go_to_step(&story.id, RotationStep::Watch).await.unwrap();
        let end = CancellationToken::new();
        let early = Clock::system().within(Duration::from_secs(2), rotation.watch(&story.id, end, |_| {})).await;
        assert!(!matches!(early, Some(Ok(Some(_)))), "{behind}: {early:?} is older than the switch");
        story.control().credential(Some(next));
        story.control().set(Change::RadiantLag { seconds: 0 });
        // In simulated time the watch does not pause between its requests, and used up the rate limit.
        story.pass(TimeDelta::minutes(2));
        story.control().emit(3);
        story.pass(TimeDelta::seconds(2));
        let found = rotation.watch(&story.id, CancellationToken::new(), |_| {}).await.unwrap().unwrap();
        let view = story.connector.connections().get(&story.id).await.unwrap();
        assert!(found.published >= view.rotation.unwrap().updated_by_okta.unwrap(), "{behind}");
        assert_eq!(view.connection.keep, Keep::Token);
    }
}
