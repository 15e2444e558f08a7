//! Simulated weeks of a quiet, a normal and a busy organisation: nothing that is no fault may ever be told, and what is one is.
//!
//! Time is simulated, minute by minute. Okta's events come in the organisation's own rhythm and partly late; Radiant polls
//! every five minutes, takes some minutes more, and leaves a type of event out; Okta and Radiant have short outages, the
//! computer sleeps at night and loses its network at times. The rules are the product's own. `cargo xtask drill faults` shows
//! the figures.

use std::collections::VecDeque;

use chrono::{DateTime, Datelike as _, TimeDelta, Timelike as _, Utc};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::value::RawValue;

use super::*;
use crate::checks::Compared;
use crate::model::{CheckId, CheckRow, Code, Fact, Keep, LogEvent, Notice, SetupState, Severity, Skip, Status};

const WEEKS: i64 = 4;
/// Other dice, other weeks.
const SEEDS: [u64; 3] = [7, 8, 9];
/// A type of event that the feed leaves out; which ones it does is not public.
const LEFT_OUT: &str = "policy.evaluate_sign_on";

#[derive(Debug, Clone, Copy, PartialEq)]
enum Org {
    /// A handful of events on working days, none at weekends.
    Quiet,
    /// Some hundreds a day, few at night.
    Normal,
    /// Several a minute, day and night.
    Busy,
}

/// What is really broken, and since when.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Broken {
    Nothing,
    TokenRevoked(i64),
    RadiantStopped(i64),
    OktaDown(i64),
}

/// An event, when Okta lets it be read, and when Radiant has it.
type Known = (LogEvent, DateTime<Utc>, Option<DateTime<Utc>>);

struct World {
    org: Org,
    broken: Broken,
    dice: StdRng,
    /// Oldest first by the time they could be read.
    events: VecDeque<Known>,
    number: u64,
}

fn start() -> DateTime<Utc> {
    // A Monday, 00:00 UTC.
    DateTime::from_timestamp(1_799_971_200, 0).unwrap()
}

impl World {
    fn new(org: Org, broken: Broken, seed: u64) -> Self {
        Self { org, broken, dice: StdRng::seed_from_u64(seed), events: VecDeque::new(), number: 0 }
    }

    fn pass_a_minute(&mut self, minute: i64, now: DateTime<Utc>) {
        let working = now.weekday().num_days_from_monday() < 5 && (7..18).contains(&now.hour());
        let expected = match self.org {
            Org::Quiet if working => 0.01,
            Org::Quiet => 0.0,
            Org::Normal if working => 0.7,
            Org::Normal => 0.02,
            Org::Busy => 15.0,
        };
        let mut count: f64 = expected;
        while count >= 1.0 || (count > 0.0 && self.dice.random_bool(count)) {
            count -= 1.0;
            self.happen(minute, now);
        }
        let yesterday = now - TimeDelta::hours(25);
        while self.events.front().is_some_and(|(_, readable, _)| *readable < yesterday) {
            self.events.pop_front();
        }
    }

    fn happen(&mut self, minute: i64, now: DateTime<Utc>) {
        self.number += 1;
        let published = now - TimeDelta::seconds(self.dice.random_range(0..120));
        let kind = if self.dice.random_bool(0.2) { LEFT_OUT } else { "user.session.start" };
        let raw = RawValue::from_string("{}".to_owned()).unwrap();
        let event = LogEvent { uuid: format!("{:08x}", self.number), published, event_type: kind.to_owned(), raw };
        // The next poll comes within five minutes, and the event shows some minutes after it.
        let arrives =
            now + TimeDelta::minutes(5 - minute.rem_euclid(5)) + TimeDelta::seconds(self.dice.random_range(20..240));
        let stopped = matches!(self.broken, Broken::RadiantStopped(since) if minute >= since);
        let arrives = (kind != LEFT_OUT && !stopped).then_some(arrives);
        self.events.push_back((event, now, arrives));
    }

    /// Short troubles that mend themselves: minutes of a week in which Okta or Radiant's search is away.
    fn hiccup(minute: i64) -> Option<Code> {
        match minute.rem_euclid(7 * 24 * 60) {
            2_000..2_006 | 5_500..5_507 | 8_100..8_104 => Some(Code::OktaUnavailable),
            3_300..3_306 => Some(Code::OktaRateLimited),
            _ => None,
        }
    }

    /// Whether the computer is awake and has a network.
    fn awake(now: DateTime<Utc>) -> bool {
        (6..22).contains(&now.hour())
    }

    fn offline(now: DateTime<Utc>) -> bool {
        now.hour() == 12 && now.minute() < 40
    }

    fn look(&self, minute: i64, now: DateTime<Utc>, tier: Tier, before: &Before<'_>) -> After {
        let row = |check, outcome, code| CheckRow { outcome, code, ..blank(check, now) };
        let settled = |rows, compared| {
            let newer = CheckReport { started: now, finished: now, rows, capabilities: Vec::new() };
            let report = checks::with(before.report.unwrap(), &newer, None);
            settle(before, Ran { report, compared }, Asked { tier, since: now, looks: 1 }, Hour::default())
        };
        let failing = |check, outcome, code| settled(vec![row(check, outcome, Some(code))], Compared::default());
        if Self::offline(now) {
            return failing(CheckId::Domain, Outcome::Failed, Code::NetworkDown);
        }
        let down = matches!(self.broken, Broken::OktaDown(since) if minute >= since).then_some(Code::OktaUnavailable);
        if let Some(code) = down.or_else(|| Self::hiccup(minute)) {
            return failing(CheckId::Domain, Outcome::Failed, code);
        }
        if matches!(self.broken, Broken::TokenRevoked(since) if minute >= since) {
            let mut after = failing(CheckId::Token, Outcome::Failed, Code::TokenRefused);
            after.watched.standing.retain(|one| one.row == CheckId::Token);
            return after;
        }
        let mut rows = vec![row(CheckId::Domain, Outcome::Passed, None), row(CheckId::Token, Outcome::Passed, None)];
        let mut compared = Compared::default();
        if tier != Tier::Heartbeat {
            let seen = self.page(now, before.settings.allowed_lag());
            let events: Vec<LogEvent> = seen.iter().map(|(event, ..)| event.clone()).collect();
            let there = |at: &Option<DateTime<Utc>>| at.is_some_and(|at| at <= now);
            let found: Vec<&LogEvent> = seen.iter().filter(|(.., at)| there(at)).map(|(event, ..)| event).collect();
            let carried = &before.watched.carried;
            let (arrival, lag, types) = checks::judged(&events, &found, carried, before.settings.allowed_lag(), now);
            let empty = if events.is_empty() { Some(Code::LogsEmpty) } else { None };
            let newest = events.iter().map(|event| event.published.to_rfc3339()).max();
            let facts = newest.map(|value| Fact { key: FactKey::NewestEvent, value }).into_iter().collect();
            rows.push(CheckRow { facts, ..row(CheckId::SystemLog, Outcome::Passed, empty) });
            rows.push(arrival);
            compared = Compared { lag, types };
        }
        settled(rows, compared)
    }

    /// The newest page of the last day; an older one where all of it is too young.
    fn page(&self, now: DateTime<Utc>, allowed: TimeDelta) -> Vec<&Known> {
        let day = now - TimeDelta::hours(24);
        let newest = |until: DateTime<Utc>| {
            // Late by two minutes at most: a few more than a page, from the newest on, hold the page.
            let some = self.events.iter().rev().filter(|(event, ..)| event.published <= until).take(300);
            let mut page: Vec<_> = some.filter(|(event, ..)| event.published > day).collect();
            page.sort_by_key(|(event, ..)| std::cmp::Reverse(event.published));
            page.truncate(100);
            page
        };
        let page = newest(now);
        let young = !page.is_empty() && page.iter().all(|(event, ..)| now - event.published <= allowed);
        if young { newest(now - allowed) } else { page }
    }
}

fn blank(check: CheckId, at: DateTime<Utc>) -> CheckRow {
    CheckRow {
        check,
        outcome: Outcome::Passed,
        skipped: (check == CheckId::Tls).then_some(Skip::Practice),
        code: None,
        args: std::collections::BTreeMap::new(),
        facts: Vec::new(),
        remembered: None,
        evidence: Vec::new(),
        link: None,
        at,
        ms: 0,
    }
}

/// What came of the weeks.
struct Weeks {
    /// The minute, and what was told.
    told: Vec<(i64, String)>,
    looks: u64,
    events: u64,
}

fn told(org: Org, broken: Broken) -> Vec<(i64, String)> {
    passed(org, broken, SEEDS[0]).told
}

/// Lets the weeks pass.
fn passed(org: Org, broken: Broken, seed: u64) -> Weeks {
    let (mut world, mut looks) = (World::new(org, broken, seed), 0);
    let settings = MonitorSettings::default();
    let setup = SetupState { finished: Some(start()), ..SetupState::default() };
    let rows = CheckId::ALL.map(|check| blank(check, start())).to_vec();
    let mut report = CheckReport { started: start(), finished: start(), rows, capabilities: Vec::new() };
    let mut watched = Watched::default();
    let mut hours: Vec<HourPoint> = Vec::new();
    let mut out = Vec::new();
    for minute in 0..WEEKS * 7 * 24 * 60 {
        let now = start() + TimeDelta::minutes(minute);
        world.pass_a_minute(minute, now);
        // A day to fill the System Log before the first look.
        if minute < 24 * 60 || !World::awake(now) {
            continue;
        }
        let Some(tier) = due(&watched, &settings, None, now) else { continue };
        let before = Before { report: Some(&report), watched: &watched, settings: &settings, hours: &hours };
        let after = world.look(minute, now, tier, &before);
        looks += 1;
        let status = Status::of(&setup, Some(&report), &after.watched, Keep::Token);
        let (said, next) = notice(&after.watched.told, &status, Around { now, quiet: false, in_front: false });
        out.extend(said.map(|notice| match notice {
            Notice::Worse { problem, severity, .. } => {
                let grave = if severity == Severity::Stopped { "stopped" } else { "attention" };
                (minute, format!("{grave} {}", problem.code))
            }
            Notice::Recovered { problem } => (minute, format!("recovered {}", problem.code)),
            Notice::Remind { reminders } => (minute, format!("remind {}", reminders.len())),
        }));
        watched = Watched { told: next, ..after.watched };
        report = after.report.unwrap_or(report);
        hours.push(HourPoint { from: now, hour: after.hour });
        if hours.len() > 3_000 {
            hours.drain(..1_000);
        }
    }
    Weeks { told: out, looks, events: world.number }
}

#[test]
fn weeks_without_a_fault_are_weeks_without_a_notice() {
    println!("| organisation | simulated weeks | events | looks | false alarms |\n|---|---|---|---|---|");
    let mut alarms = 0;
    for org in [Org::Quiet, Org::Normal, Org::Busy] {
        let all = SEEDS.map(|seed| passed(org, Broken::Nothing, seed));
        let sum = |of: fn(&Weeks) -> u64| all.iter().map(of).sum::<u64>();
        let told: Vec<_> = all.iter().flat_map(|weeks| &weeks.told).collect();
        let weeks = WEEKS * i64::try_from(SEEDS.len()).unwrap();
        println!(
            "| {org:?} | {weeks} | {} | {} | {} |",
            sum(|weeks| weeks.events),
            sum(|weeks| weeks.looks),
            told.len()
        );
        assert!(told.is_empty(), "{org:?}: {told:?}");
        alarms += told.len();
    }
    println!("{}", serde_json::json!({"drill": "weeks", "false_alarms": alarms}));
}

#[test]
fn a_real_fault_is_told_once_and_soon() {
    // Tuesday of the third week, 10:00.
    let when = (2 * 7 + 1) * 24 * 60 + 600;
    for (org, broken, code, within) in [
        (Org::Quiet, Broken::TokenRevoked(when), "stopped token_refused", 10),
        (Org::Normal, Broken::TokenRevoked(when), "stopped token_refused", 10),
        (Org::Normal, Broken::RadiantStopped(when), "attention radiant_lagging", 90),
        (Org::Busy, Broken::RadiantStopped(when), "stopped radiant_no_events", 60),
        (Org::Busy, Broken::OktaDown(when), "attention okta_unavailable", 30),
    ] {
        let all = told(org, broken);
        let first = all.first().unwrap_or_else(|| panic!("{org:?} {broken:?} was never told"));
        assert_eq!(first.1, code, "{org:?}");
        let minutes = first.0 - when;
        assert!((0..=within).contains(&minutes), "{org:?} {broken:?} after {minutes} minutes");
        println!("{org:?} {broken:?}: {code} after {minutes} simulated minutes; all told: {all:?}");
    }
}
