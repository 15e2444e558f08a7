//! A monitored connection to a simulated organization. Both sides follow one simulated time that only this file advances, so
//! that the same seed gives the same events, probes and notifications on any day and under any load.

use chrono::{DateTime, TimeDelta, Utc};
use connector::power_events::WakeBurst;
use http_client::HttpSettings;
use model::check::CheckId;
use model::code::Code;
use model::connection::{Keep, Profile};
use model::monitor_settings::MonitorSettings;
use model::notification_event::NotificationEvent;
use practice::{Change, Fault, FaultKind, Options, Side};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use runtime::Clock;
use secrets::Keychain;
use tokio_util::sync::CancellationToken;

use super::organization::{Incident, Org, TransientFault};
use super::support::TestConnection;

/// A Monday at midnight.
const START: &str = "2026-03-02T00:00:00Z";
/// Longest and shortest step of the clock.
const LONGEST: TimeDelta = TimeDelta::seconds(60);
const SHORTEST: TimeDelta = TimeDelta::seconds(5);
/// Usual delivery delay in seconds: an event may have happened two minutes before Okta lists it, and a quarter of an hour is allowed.
const DELIVERY_DELAY_S: std::ops::Range<u64> = 20..770;
/// The practice organization keeps events this long; no probe reads further back than a day.
const RETENTION_DAYS: u32 = 3;
const PRINCIPAL: &str = "super_admin";

/// The simulation.
pub(crate) struct Simulation {
    story: TestConnection,
    clock: Clock,
    org: Org,
    rng: StdRng,
    start: DateTime<Utc>,
    has_holidays: bool,
    fault: Option<(TransientFault, DateTime<Utc>)>,
    incident: Option<Incident>,
    spell: Option<WakeBurst>,
    is_awake: bool,
    next_probe: DateTime<Utc>,
    pruned: DateTime<Utc>,
    /// Notifications since they were last taken: `worse` or `recovered` with the code, or `remind`.
    pub(crate) notifications: Vec<String>,
    /// Every event, fault, probe and notification with its time, in order.
    pub(crate) transcript: Vec<String>,
    pub(crate) events: u64,
    pub(crate) probes: u64,
    /// Probes during a transient fault.
    pub(crate) probes_during_faults: u64,
}

impl Simulation {
    /// Creates an organization that is a day old; the connection is set up and was never probed.
    pub(crate) async fn new(org: Org, seed: u64, has_holidays: bool) -> Self {
        let start = START.parse().unwrap();
        let clock = Clock::manual(start);
        let options =
            Options { seed, starts_at: Some(start), events_per_second: 0.0, backfill: 0, ..Options::default() };
        let story = TestConnection::keeping(options, clock.clone(), HttpSettings::default(), Keychain::memory()).await;
        story.paste_super_admin().await;
        story.profile(Profile::Response).await;
        story.join_radiant().await;
        story.connector.settings().set_monitor(MonitorSettings::default()).await.unwrap();
        story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
        let types = vec!["policy.evaluate_sign_on".to_owned()];
        story.control().set(Change::RadiantExcludes { types });
        let mut simulation = Self {
            story,
            clock,
            org,
            rng: StdRng::seed_from_u64(seed),
            start,
            has_holidays,
            fault: None,
            incident: None,
            spell: None,
            is_awake: false,
            next_probe: start,
            pruned: start,
            notifications: Vec::new(),
            transcript: Vec::new(),
            events: 0,
            probes: 0,
            probes_during_faults: 0,
        };
        while simulation.now() - start < TimeDelta::days(1) {
            simulation.step(LONGEST);
        }
        simulation
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Runs for `time`.
    pub(crate) async fn run(&mut self, time: TimeDelta) {
        let end = self.now() + time;
        self.run_until(end, |_| false).await;
    }

    /// Runs to an hour at which people work and no fault is active.
    pub(crate) async fn run_to_working_hours(&mut self) {
        let is_working = |this: &Self| this.fault.is_none() && this.org.is_working(this.now());
        assert!(self.run_until(self.now() + TimeDelta::days(8), is_working).await, "no working day in a week");
    }

    /// Returns the code of a check in the newest report, if any.
    pub(crate) async fn code(&self, check: CheckId) -> Option<Code> {
        self.story.connector.connections().get(&self.story.id).await.unwrap().report.unwrap().row(check).unwrap().code
    }

    /// Runs until the condition holds, at the latest to `end`; tells whether it held.
    pub(crate) async fn run_until(&mut self, end: DateTime<Utc>, condition: impl Fn(&Self) -> bool) -> bool {
        while self.now() < end {
            if condition(self) {
                return true;
            }
            let step = if self.is_awake { (self.next_probe - self.now()).clamp(SHORTEST, LONGEST) } else { LONGEST };
            self.step(step);
            let is_awake = self.org.is_monitored(self.now());
            if is_awake && !self.is_awake {
                self.wake();
            }
            self.is_awake = is_awake;
            if is_awake && self.now() >= self.next_probe {
                self.run_due_probes().await;
            }
        }
        condition(self)
    }

    /// Begins an incident.
    pub(crate) fn begin(&mut self, incident: Incident) {
        self.incident = Some(incident);
        self.apply(incident, true);
    }

    /// Ends the incident.
    pub(crate) fn resolve(&mut self) {
        if let Some(incident) = self.incident.take() {
            self.apply(incident, false);
        }
    }

    fn apply(&mut self, incident: Incident, begins: bool) {
        self.record(format!("incident {incident:?} {}", if begins { "begins" } else { "ends" }));
        let (control, principal) = (self.story.control(), PRINCIPAL.to_owned());
        let down = FaultKind::Status { status: 500, code: "E0000009".to_owned() };
        match incident {
            Incident::TokenRevoked if begins => control.set(Change::Revoke { principal }),
            Incident::TokenRevoked => control.set(Change::Revive { principal }),
            Incident::OktaDown => control.fault(begins.then(|| Fault::on(Side::Okta, down))),
            Incident::DeliveryStopped => control.set(Change::RadiantPolls { on: !begins }),
            Incident::Silence => {}
        }
    }

    /// The computer resumed or its network is back: probes are due at once.
    fn wake(&mut self) {
        let now = self.now();
        self.spell = Some(self.spell.map_or(WakeBurst::new(now), |burst| burst.with_event(now)));
        self.next_probe = now;
        self.record("wake".to_owned());
    }

    /// Advances the time of both sides, and lets happen what happens in it.
    fn step(&mut self, time: TimeDelta) {
        let time = TimeDelta::milliseconds(time.num_milliseconds());
        self.clock.advance(time);
        self.story.control().set(Change::AdvanceTime { ms: time.num_milliseconds().unsigned_abs() });
        let now = self.now();
        self.emit_events(now, time);
        // An incident is judged alone.
        if self.incident.is_none() {
            self.change_conditions(now, time);
        }
        if now - self.pruned > TimeDelta::days(1) {
            self.pruned = now;
            self.story.control().set(Change::DeleteEvents { days: RETENTION_DAYS });
        }
    }

    fn emit_events(&mut self, now: DateTime<Utc>, time: TimeDelta) {
        if self.incident == Some(Incident::Silence) {
            return;
        }
        let seconds = f64::from(i32::try_from(time.num_seconds()).unwrap());
        let mut expected = self.org.events_per_hour(self.start, now, self.has_holidays) * seconds / 3600.0;
        while expected >= 1.0 || (expected > 0.0 && self.rng.random_bool(expected)) {
            expected -= 1.0;
            let late = if self.rng.random_ratio(1, 200) { 3_600..8 * 3_600 } else { 0..120 };
            let seconds_ago = self.rng.random_range(late);
            self.story.control().set(Change::AddEvent { seconds_ago });
            self.events += 1;
            self.record(format!("event of {seconds_ago} s ago"));
        }
    }

    /// Begins and ends transient faults, about twice a day, and makes delivery faster or slower.
    fn change_conditions(&mut self, now: DateTime<Utc>, time: TimeDelta) {
        let days = f64::from(i32::try_from(time.num_seconds()).unwrap()) / 86_400.0;
        let control = self.story.control();
        if self.rng.random_bool(24.0 * days) {
            control.set(Change::RadiantLag { seconds: self.rng.random_range(DELIVERY_DELAY_S) });
        }
        match self.fault {
            Some((fault, until)) if now >= until => {
                self.fault = None;
                self.record(format!("fault {fault:?} ends"));
                control.fault(None);
                fault.change(false).into_iter().for_each(|change| control.set(change));
                // The operating system may report that the network is back.
                if fault == TransientFault::CaptivePortal && self.rng.random_bool(0.5) {
                    self.wake();
                }
            }
            None if self.rng.random_bool(4.0 * days) => {
                let (fault, duration) = TransientFault::random(&mut self.rng);
                self.fault = Some((fault, now + duration));
                self.record(format!("fault {fault:?} begins"));
                control.fault(fault.fault());
                fault.change(true).into_iter().for_each(|change| control.set(change));
            }
            Some(_) | None => {}
        }
    }

    async fn run_due_probes(&mut self) {
        let cancel = CancellationToken::new();
        let round = self
            .story
            .connector
            .monitor()
            .run_due_probes(&connector::PassScope::Every, connector::Audience::AWAY, self.spell, &cancel)
            .await
            .unwrap();
        self.next_probe = round.next.unwrap_or(self.now() + LONGEST);
        for probe in round.outcomes {
            self.probes += 1;
            self.probes_during_faults += u64::from(self.fault.is_some());
            let (state, since, as_of) = (probe.after.state, probe.after.since, probe.after.as_of);
            let code = probe.after.problem.map(|problem| problem.code);
            self.record(format!("probe {state:?} {code:?} since {since:?} as of {as_of:?}"));
            let notification = probe.notification.map(described);
            self.transcript.extend(notification.clone());
            self.notifications.extend(notification);
        }
    }

    fn record(&mut self, what: String) {
        self.transcript.push(format!("{} {what}", self.now()));
    }
}

fn described(notice: NotificationEvent) -> String {
    match notice {
        NotificationEvent::Worse { problem, .. } => format!("worse {}", problem.code),
        NotificationEvent::Recovered { problem } => format!("recovered {}", problem.code),
        NotificationEvent::Remind { .. } => "remind".to_owned(),
    }
}
