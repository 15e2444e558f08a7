//! The state of one practice organisation: people, tokens, the System Log, what Radiant has read.
//!
//! The seed decides who exists, every token and the order and content of events; the clock decides only when. The control
//! secret alone is not seeded: it is new for each run.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::control::Request;
use crate::events::{self, TokenEvent};
use crate::fault::{Fault, FaultKind, Side};
use crate::limits::Limits;
use crate::people::{self, Principal};
use crate::start::{Card, Options};
use crate::variants::Variants;

/// How many requests and webhook events are remembered.
const REMEMBERED: usize = 5_000;

/// One event in persistence order.
pub(crate) struct Stored {
    /// When it was kept, by Okta's clock.
    pub(crate) persisted: DateTime<Utc>,
    /// What the event says of itself, by Okta's clock.
    pub(crate) published: DateTime<Utc>,
    /// When it was kept, by this computer's clock: Radiant's lag counts from here.
    pub(crate) arrived: DateTime<Utc>,
    pub(crate) value: Value,
}

pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) variants: Variants,
    pub(crate) rng: StdRng,
    pub(crate) org_id: String,
    pub(crate) principals: Vec<Principal>,
    pub(crate) users: Vec<Value>,
    pub(crate) log: Vec<Stored>,
    pub(crate) limits: Limits,
    pub(crate) fault: Option<Fault>,
    /// Time that passed at once.
    pub(crate) passed: TimeDelta,
    pub(crate) skew: TimeDelta,
    pub(crate) read_only_mode: bool,
    pub(crate) other_consumers: u32,
    pub(crate) byob: bool,
    /// The token Radiant was given.
    pub(crate) credential: Option<String>,
    /// Event types that Radiant reads and does not keep.
    pub(crate) left_out: BTreeSet<String>,
    /// How many events Radiant has read.
    pub(crate) radiant_has: usize,
    pub(crate) search_token: String,
    pub(crate) events_token: String,
    pub(crate) control_secret: String,
    /// Where everything is, once it is known.
    pub(crate) card: Option<Card>,
    /// Requests by side and path.
    pub(crate) requests: BTreeMap<String, u64>,
    /// Requests with an `Authorization` header by side.
    pub(crate) authorized: BTreeMap<String, u64>,
    /// The latest requests.
    pub(crate) heard: VecDeque<Request>,
    /// Events the webhook accepted.
    pub(crate) webhook: VecDeque<Value>,
    pub(crate) number: u64,
    pub(crate) emitted: f64,
}

impl World {
    pub(crate) fn new(options: Options, now: DateTime<Utc>) -> Self {
        let mut rng = StdRng::seed_from_u64(options.seed);
        let principals = people::principals(&mut rng, now);
        let users = (0..options.users).map(|n| events::person(&mut rng, n, now)).collect();
        let mut world = Self {
            variants: options.variants.clone(),
            org_id: format!("00o{}", word(&mut rng, 17)),
            principals,
            users,
            log: Vec::new(),
            limits: Limits::default(),
            fault: None,
            passed: TimeDelta::zero(),
            skew: TimeDelta::zero(),
            read_only_mode: false,
            other_consumers: 0,
            byob: false,
            credential: None,
            left_out: BTreeSet::new(),
            radiant_has: 0,
            search_token: word(&mut rng, 48),
            events_token: word(&mut rng, 48),
            control_secret: format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()),
            card: None,
            requests: BTreeMap::new(),
            authorized: BTreeMap::new(),
            heard: VecDeque::new(),
            webhook: VecDeque::new(),
            number: 0,
            emitted: 0.0,
            rng,
            options,
        };
        world.backfill(now);
        let second = world.principals.first().map(|first| people::second(first, world.options.seed, now));
        world.principals.extend(second);
        world
    }

    /// The tokens being made, the person's sign-ins of a week, then the past day's events, oldest first.
    fn backfill(&mut self, now: DateTime<Utc>) {
        for at in 0..self.principals.len() {
            self.token_event(TokenEvent::Create, at, now - TimeDelta::days(20));
        }
        let person = self.principals.iter().find(|one| one.mobile.is_some()).map(Principal::actor);
        for day in (1..=6).rev() {
            let at = now - TimeDelta::days(day) - TimeDelta::hours(1);
            if let Some(actor) = person.clone() {
                let value = events::signed_in(&mut self.rng, actor, at);
                self.keep(at, at, value);
            }
        }
        let count = i64::from(self.options.backfill.max(1));
        for n in 0..i64::from(self.options.backfill) {
            self.late(now - TimeDelta::seconds((count - n) * 86_000 / count), (3 * 86_000 / count).clamp(90, 900));
        }
    }

    /// Appends one made-up event; every seventh says it was published up to 90 s before it was persisted.
    pub(crate) fn append(&mut self, persisted: DateTime<Utc>) {
        self.late(persisted, 90);
    }

    fn late(&mut self, persisted: DateTime<Utc>, longest: i64) {
        let late = if self.rng.random_ratio(1, 7) { self.rng.random_range(1..longest) } else { 0 };
        self.happens(persisted, TimeDelta::seconds(late));
    }

    /// Keeps one made-up event that was published so long before.
    pub(crate) fn happens(&mut self, persisted: DateTime<Utc>, late: TimeDelta) {
        let published = persisted - late;
        let value = events::event(&mut self.rng, &self.users, published);
        self.keep(persisted, published, value);
    }

    fn keep(&mut self, persisted: DateTime<Utc>, published: DateTime<Utc>, value: Value) {
        self.log.push(Stored { persisted, published, arrived: persisted - self.skew, value });
    }

    /// Notes something that happened to a principal's token, as the System Log would.
    pub(crate) fn token_event(&mut self, what: TokenEvent, at: usize, now: DateTime<Utc>) {
        let uuid = Uuid::from_u128(self.rng.random());
        let event = self.principals.get(at).map(|one| events::token(what, one, uuid, now));
        if let Some(value) = event {
            self.keep(now, now, value);
        }
    }

    /// The same by the principal's key.
    pub(crate) fn token_event_of(&mut self, what: TokenEvent, key: &str, now: DateTime<Utc>) {
        if let Some(at) = self.principals.iter().position(|one| one.key == key) {
            self.token_event(what, at, now);
        }
    }

    /// Notes that an account's roles were changed, as the System Log would.
    pub(crate) fn privilege_event_of(&mut self, key: &str, now: DateTime<Utc>) {
        let uuid = Uuid::from_u128(self.rng.random());
        let event = self.principals.iter().find(|one| one.key == key).map(|one| events::privilege(one, uuid, now));
        if let Some(value) = event {
            self.keep(now, now, value);
        }
    }

    /// Changes an account: every token of it.
    pub(crate) fn account(&mut self, key: &str, change: impl Fn(&mut Principal)) {
        let id = self.principals.iter().find(|one| one.key == key).map(|one| one.id.clone());
        self.principals.iter_mut().filter(|one| Some(&one.id) == id.as_ref()).for_each(change);
    }

    /// Changes a principal by its key.
    pub(crate) fn each(&mut self, key: &str, change: impl Fn(&mut Principal)) {
        self.principals.iter_mut().filter(|one| one.key == key).for_each(change);
    }

    /// Okta's clock.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.here() + self.skew
    }

    /// This computer's clock, and Radiant's.
    pub(crate) fn here(&self) -> DateTime<Utc> {
        self.options.starts_at.unwrap_or_else(right_now) + self.passed
    }

    /// Lets time pass at once. No events happen by themselves meanwhile.
    pub(crate) fn passes(&mut self, time: TimeDelta) {
        self.passed += time;
        self.tick(0.0);
    }

    /// Drops the events both sides have that were kept before then.
    pub(crate) fn forgets(&mut self, before: DateTime<Utc>) {
        let old = self.log.iter().take(self.radiant_has).take_while(|event| event.persisted < before).count();
        self.log.drain(..old);
        self.radiant_has -= old;
    }

    /// Notes a request, without its headers and body.
    pub(crate) fn hear(&mut self, request: Request, authorized: bool) {
        *self.requests.entry(format!("{} {}", request.side, request.path)).or_default() += 1;
        if authorized {
            *self.authorized.entry(request.side.clone()).or_default() += 1;
        }
        if self.heard.len() == REMEMBERED {
            self.heard.pop_front();
        }
        self.heard.push_back(request);
    }

    /// Notes an event the webhook accepted.
    pub(crate) fn accept(&mut self, event: Value) {
        if self.webhook.len() == REMEMBERED {
            self.webhook.pop_front();
        }
        self.webhook.push_back(event);
    }

    /// Lets time pass: new events, and what Radiant reads.
    pub(crate) fn tick(&mut self, seconds: f64) {
        let now = self.now();
        self.emitted += seconds * self.options.events_per_second;
        while self.emitted >= 1.0 {
            self.emitted -= 1.0;
            self.append(now);
        }
        let Some(reader) = self.radiant_reads() else { return };
        if let Some(reader) = self.principals.get_mut(reader) {
            reader.renew(now);
        }
        let until = now - self.skew - TimeDelta::from_std(self.options.radiant_lag).unwrap_or_default();
        while self.log.get(self.radiant_has).is_some_and(|event| event.arrived <= until) {
            self.radiant_has += 1;
        }
    }

    /// The owner of the token Radiant polls with: it was given one, Okta accepts it, it may read the System Log, and Okta
    /// answers. Radiant itself polls from an allowed address, so a token restricted to others is refused to it too.
    fn radiant_reads(&self) -> Option<usize> {
        let given = self.credential.as_deref()?;
        let reads = |one: &Principal| one.token == given && one.accepted() && !one.restricted && one.reads_logs();
        let at = self.principals.iter().position(reads)?;
        (self.options.radiant_polls && self.okta_answers()).then_some(at)
    }

    /// A lasting fault of Okta itself; the others strike between this computer and Okta alone.
    fn okta_answers(&self) -> bool {
        let Some(fault) = self.fault.as_ref().filter(|fault| fault.side == Side::Okta && fault.times.is_none()) else {
            return true;
        };
        let down = matches!(fault.kind, FaultKind::Status { status: 500.., .. });
        !(down && fault.path.as_ref().is_none_or(|path| "/api/v1/logs".starts_with(path.as_str())))
    }
}

/// Random letters and digits.
pub(crate) fn word(rng: &mut StdRng, length: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    (0..length).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())])).collect()
}

/// This computer's time, which the organisation's own clocks go by.
#[expect(clippy::disallowed_methods, reason = "practice leans on no package of ours, and so has no other clock")]
pub(crate) fn right_now() -> DateTime<Utc> {
    Utc::now()
}

/// Okta's time format: milliseconds and `Z`.
pub(crate) fn time(at: DateTime<Utc>) -> Value {
    json!(at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
}
