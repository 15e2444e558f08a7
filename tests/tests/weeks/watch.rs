//! A connection to a simulated organisation, and the watch over it: the product's own, on a clock that both share.

use chrono::{DateTime, Datelike as _, TimeDelta, Timelike as _, Utc};
use connector::computer::Spell;
use http_client::HttpClient;
use model::check::CheckId;
use model::code::Code;
use model::connection::{Keep, Profile};
use model::monitor_settings::MonitorSettings;
use model::notification::NotificationEvent;
use practice::{Change, Fault, FaultKind, Options, Side};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use runtime::Clock;
use secrets::Keychain;
use tokio_util::sync::CancellationToken;

use super::org::{Org, Passing, Wrong};
use super::support::Story;

/// Longest and shortest step of the clock.
const LONGEST: TimeDelta = TimeDelta::seconds(60);
const SHORTEST: TimeDelta = TimeDelta::seconds(5);
/// The feed's own way: from a read at once to one just in time, where an event may say it is two minutes older than it is.
const FEED_S: std::ops::Range<u64> = 20..770;
/// Events are kept this long; no look goes further back than a day.
const KEPT_DAYS: u32 = 3;
const PRINCIPAL: &str = "super_admin";

/// The watch.
pub(crate) struct Watch {
    story: Story,
    clock: Clock,
    org: Org,
    dice: StdRng,
    begun: DateTime<Utc>,
    holidays: bool,
    passing: Option<(Passing, DateTime<Utc>)>,
    wrong: Option<Wrong>,
    spell: Option<Spell>,
    awake: bool,
    next: DateTime<Utc>,
    tidied: DateTime<Utc>,
    /// The notices: `worse` or `recovered` with the code, or `remind`.
    pub(crate) told: Vec<String>,
    pub(crate) looks: u64,
    /// Looks that were taken while a trouble was passing.
    pub(crate) troubled: u64,
    pub(crate) events: u64,
}

impl Watch {
    /// An organisation a day old, on a Tuesday at midnight; its connection's guide is done, nothing was looked at.
    pub(crate) async fn begin(org: Org, seed: u64, holidays: bool) -> Self {
        let options = Options { seed, events_per_second: 0.0, backfill: 0, ..Options::default() };
        let clock = Clock::system();
        let story = Story::keeping(options, clock.clone(), HttpClient::default(), Keychain::memory()).await;
        story.paste_super_admin().await;
        story.profile(Profile::Response).await;
        story.join_radiant().await;
        story.connector.set_monitor_settings(MonitorSettings::default()).await.unwrap();
        story.connector.finish_setup(&story.id, Keep::Token).await.unwrap();
        let types = vec!["policy.evaluate_sign_on".to_owned()];
        story.control().set(Change::RadiantExcludes { types });
        let now = clock.now();
        let mut watch = Self {
            story,
            clock,
            org,
            dice: StdRng::seed_from_u64(seed),
            begun: now,
            holidays,
            passing: None,
            wrong: None,
            spell: None,
            awake: false,
            next: now,
            tidied: now,
            told: Vec::new(),
            looks: 0,
            troubled: 0,
            events: 0,
        };
        watch.begin_on_monday(now);
        while watch.now() - watch.begun < TimeDelta::days(1) {
            watch.step(LONGEST);
        }
        watch
    }

    fn begin_on_monday(&mut self, now: DateTime<Utc>) {
        let days = i64::from(7 - now.weekday().num_days_from_monday());
        self.pass(TimeDelta::days(days) - TimeDelta::seconds(i64::from(now.num_seconds_from_midnight())));
        self.begun = self.now();
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Goes on for so long.
    pub(crate) async fn on(&mut self, time: TimeDelta) {
        let end = self.now() + time;
        self.until(end, |_| false).await;
    }

    /// Goes on to an hour at which somebody works, and nothing is in the way.
    pub(crate) async fn on_to_work(&mut self) {
        let works = |watch: &Self| watch.passing.is_none() && watch.org.works(watch.now());
        assert!(self.until(self.now() + TimeDelta::days(8), works).await, "no working day in a week");
    }

    /// What the newest report says of a check, if anything.
    pub(crate) async fn code(&self, check: CheckId) -> Option<Code> {
        self.story.connector.connection(&self.story.id).await.unwrap().report.unwrap().row(check).unwrap().code
    }

    /// Goes on until then at the latest, or until something holds; tells whether it did.
    pub(crate) async fn until(&mut self, end: DateTime<Utc>, holds: impl Fn(&Self) -> bool) -> bool {
        while self.now() < end {
            if holds(self) {
                return true;
            }
            let step = if self.awake { (self.next - self.now()).clamp(SHORTEST, LONGEST) } else { LONGEST };
            self.step(step);
            let awake = self.org.is_watched(self.now());
            if awake && !self.awake {
                self.stirred();
            }
            self.awake = awake;
            if awake && self.now() >= self.next {
                self.tend().await;
            }
        }
        holds(self)
    }

    /// Lets something really go wrong.
    pub(crate) fn break_down(&mut self, wrong: Wrong) {
        self.wrong = Some(wrong);
        self.turn(wrong, true);
    }

    /// Mends it.
    pub(crate) fn mend(&mut self) {
        if let Some(wrong) = self.wrong.take() {
            self.turn(wrong, false);
        }
    }

    fn turn(&self, wrong: Wrong, broken: bool) {
        let (control, principal) = (self.story.control(), PRINCIPAL.to_owned());
        let down = FaultKind::Status { status: 500, code: "E0000009".to_owned() };
        match wrong {
            Wrong::TokenRevoked if broken => control.set(Change::Revoke { principal }),
            Wrong::TokenRevoked => control.set(Change::Revive { principal }),
            Wrong::OktaDown => control.fault(broken.then(|| Fault::on(Side::Okta, down))),
            Wrong::FeedStopped => control.set(Change::RadiantPolls { on: !broken }),
            Wrong::Silence => {}
        }
    }

    /// The computer woke or its network is back: the watch is told at once.
    fn stirred(&mut self) {
        let now = self.now();
        self.spell = Some(self.spell.map_or(Spell::of(now), |spell| spell.and(now)));
        self.next = now;
    }

    fn pass(&self, time: TimeDelta) {
        let time = TimeDelta::milliseconds(time.num_milliseconds());
        self.clock.pass(time);
        self.story.control().set(Change::AdvanceTime { ms: time.num_milliseconds().unsigned_abs() });
    }

    /// Lets a little time pass, and what happens in it happen.
    fn step(&mut self, time: TimeDelta) {
        self.pass(time);
        let now = self.now();
        self.happen(now, time);
        // One thing at a time: what is really wrong has the stage to itself.
        if self.wrong.is_none() {
            self.weather(now, time);
        }
        if now - self.tidied > TimeDelta::days(1) {
            self.tidied = now;
            self.story.control().set(Change::DeleteEvents { days: KEPT_DAYS });
        }
    }

    fn happen(&mut self, now: DateTime<Utc>, time: TimeDelta) {
        if self.wrong == Some(Wrong::Silence) {
            return;
        }
        let seconds = f64::from(i32::try_from(time.num_seconds()).unwrap());
        // So many a step on average, by the dice.
        let mut expected = self.org.an_hour(self.begun, now, self.holidays) * seconds / 3600.0;
        while expected >= 1.0 || (expected > 0.0 && self.dice.random_bool(expected)) {
            expected -= 1.0;
            let late = if self.dice.random_ratio(1, 200) { 3_600..8 * 3_600 } else { 0..120 };
            self.story.control().set(Change::AddEvent { seconds_ago: self.dice.random_range(late) });
            self.events += 1;
        }
    }

    /// Begins and ends what passes by itself, about twice a day, and lets the feed be faster or slower.
    fn weather(&mut self, now: DateTime<Utc>, time: TimeDelta) {
        let a_day = f64::from(i32::try_from(time.num_seconds()).unwrap()) / 86_400.0;
        let control = self.story.control();
        if self.dice.random_bool(24.0 * a_day) {
            control.set(Change::RadiantLag { seconds: self.dice.random_range(FEED_S) });
        }
        match self.passing {
            Some((one, until)) if now >= until => {
                self.passing = None;
                control.fault(None);
                one.change(false).into_iter().for_each(|change| control.set(change));
                // This computer may be told that its network is back.
                if one == Passing::NoNetwork && self.dice.random_bool(0.5) {
                    self.stirred();
                }
            }
            None if self.dice.random_bool(4.0 * a_day) => {
                let (one, long) = Passing::some(&mut self.dice);
                self.passing = Some((one, now + long));
                control.fault(one.fault());
                one.change(true).into_iter().for_each(|change| control.set(change));
            }
            Some(_) | None => {}
        }
    }

    async fn tend(&mut self) {
        let cancel = CancellationToken::new();
        let round = self.story.connector.tend(connector::Audience::AWAY, self.spell, &cancel).await.unwrap();
        let now = self.now();
        self.next = round.next.unwrap_or(now + LONGEST);
        for one in round.looks {
            self.looks += 1;
            self.troubled += u64::from(self.passing.is_some());
            self.told.extend(one.notice.map(named));
        }
    }
}

fn named(notice: NotificationEvent) -> String {
    match notice {
        NotificationEvent::Worse { problem, .. } => format!("worse {}", problem.code),
        NotificationEvent::Recovered { problem } => format!("recovered {}", problem.code),
        NotificationEvent::Remind { .. } => "remind".to_owned(),
    }
}
