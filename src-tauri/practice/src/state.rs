//! The state of one practice organization: accounts, tokens, the System Log, and how far Radiant has read it.
//!
//! The seed decides the accounts, every token and the order and content of events; the clock decides only their time. The
//! control secret is not seeded: it is new for each run.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;
use uuid::Uuid;

use crate::accounts::{self, Principal};
use crate::card::Card;
use crate::fault::{Fault, FaultKind};
use crate::fixture_users;
use crate::options::{Options, Variants};
use crate::random_events::{self, ActedThrough, AdminAction, TokenEvent};
use crate::random_faults::RunningRandomFaults;
use crate::random_ids_and_times::{random_text, system_now, timestamp};
use crate::rate_limits::RateLimits;
use crate::request::RecordedRequest;
use crate::user_access_state::{self, UserAccessState};
use crate::volume_log::RunningVolumeLog;
use crate::webhook_record::WebhookRecorder;
use crate::webhook_rules::WebhookRules;
use crate::zone_state::ZoneState;

/// Largest number of recorded requests, and of recorded webhook events.
const MAX_RECORDS: usize = 5_000;

/// The state, shared by the servers.
#[derive(Clone)]
pub(crate) struct SharedState(Arc<Mutex<State>>);

impl SharedState {
    pub(crate) fn new(state: State) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One event of the System Log, which is in persistence order.
pub(crate) struct LogEntry {
    /// Time of persistence by Okta's clock.
    pub(crate) persisted: DateTime<Utc>,
    /// The event's own time by Okta's clock.
    pub(crate) published: DateTime<Utc>,
    /// Time of persistence by this computer's clock: Radiant's delivery delay counts from here.
    pub(crate) arrived: DateTime<Utc>,
    pub(crate) event: Value,
}

pub(crate) struct State {
    pub(crate) options: Options,
    pub(crate) variants: Variants,
    pub(crate) rng: StdRng,
    pub(crate) org_id: String,
    pub(crate) principals: Vec<Principal>,
    /// Random users, who cause the random events.
    pub(crate) users: Vec<Value>,
    pub(crate) fixture_users: Vec<Value>,
    /// Access by user id; [`UserAccessState::default`] for a user who is not listed.
    pub(crate) user_access: BTreeMap<String, UserAccessState>,
    /// Each user whose status changed, as it was before, by id.
    pub(crate) former_users: BTreeMap<String, Value>,
    pub(crate) zones: ZoneState,
    /// User agent of the call that is answered.
    pub(crate) calling_user_agent: Option<String>,
    pub(crate) log: Vec<LogEntry>,
    pub(crate) rate_limits: RateLimits,
    pub(crate) fault: Option<Fault>,
    /// How far time was advanced.
    advanced: TimeDelta,
    pub(crate) clock_skew: TimeDelta,
    pub(crate) read_only_mode: bool,
    pub(crate) other_consumers: u32,
    pub(crate) byob: bool,
    /// The token with which Radiant polls.
    pub(crate) credential: Option<String>,
    /// Event types that Radiant reads and does not store.
    pub(crate) excluded_types: BTreeSet<String>,
    /// Number of events that Radiant has read.
    pub(crate) radiant_has: usize,
    pub(crate) search_token: String,
    pub(crate) events_token: String,
    pub(crate) control_secret: String,
    /// `None` until the servers have their addresses.
    pub(crate) card: Option<Card>,
    /// Requests by server and path.
    pub(crate) request_counts: BTreeMap<String, u64>,
    /// Requests with an `Authorization` header by server.
    pub(crate) authorized_counts: BTreeMap<String, u64>,
    pub(crate) recent_requests: VecDeque<RecordedRequest>,
    /// Events that the webhook accepted.
    pub(crate) webhook_events: VecDeque<Value>,
    pub(crate) webhook_rules: WebhookRules,
    pub(crate) webhook_record: WebhookRecorder,
    /// Replaces the log in `/api/v1/logs`.
    pub(crate) volume_log: Option<RunningVolumeLog>,
    /// Older cursors of the System Log are refused.
    pub(crate) oldest_cursor: DateTime<Utc>,
    pub(crate) random_faults: Option<RunningRandomFaults>,
    request_number: u64,
    /// Fraction of the next event that is due.
    pending_events: f64,
}

/// Returns what does not exist yet: a second token of the first account, and another account with two tokens.
fn tokens_of_later(first: &Principal, seed: u64, now: DateTime<Utc>) -> [Principal; 3] {
    let second = accounts::second_token(first, "super_admin_next", seed, now);
    let other = accounts::planned_account(first, seed ^ 1, now);
    let other_second = accounts::second_token(&other, "other_super_admin_next", seed ^ 2, now);
    [second, other, other_second]
}

impl State {
    pub(crate) fn new(options: Options, now: DateTime<Utc>) -> Self {
        let mut rng = StdRng::seed_from_u64(options.seed);
        let principals = accounts::principals(&mut rng, now);
        let users = (0..options.users).map(|number| random_events::random_user(&mut rng, number, now)).collect();
        let zones_since = timestamp(principals.first().map(|one| one.created).unwrap_or_default());
        let mut state = Self {
            variants: options.variants.clone(),
            org_id: format!("00o{}", random_text(&mut rng, 17)),
            principals,
            users,
            fixture_users: fixture_users::ALL.iter().map(|user| user.object(now)).collect(),
            user_access: user_access_state::of_fixture_users(),
            former_users: BTreeMap::new(),
            zones: ZoneState::new(&zones_since),
            calling_user_agent: None,
            log: Vec::new(),
            rate_limits: RateLimits::default(),
            fault: None,
            advanced: TimeDelta::zero(),
            clock_skew: TimeDelta::zero(),
            read_only_mode: false,
            other_consumers: 0,
            byob: false,
            credential: None,
            excluded_types: BTreeSet::new(),
            radiant_has: 0,
            search_token: random_text(&mut rng, 48),
            events_token: random_text(&mut rng, 48),
            control_secret: format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()),
            card: None,
            request_counts: BTreeMap::new(),
            authorized_counts: BTreeMap::new(),
            recent_requests: VecDeque::new(),
            webhook_events: VecDeque::new(),
            webhook_rules: WebhookRules::default(),
            webhook_record: WebhookRecorder::default(),
            volume_log: None,
            oldest_cursor: DateTime::UNIX_EPOCH,
            random_faults: None,
            request_number: 0,
            pending_events: 0.0,
            rng,
            options,
        };
        backfill(&mut state, now);
        let later = state.principals.first().map(|first| tokens_of_later(first, state.options.seed, now));
        state.principals.extend(later.into_iter().flatten());
        state
    }

    /// Adds random events now; every seventh is up to 90 s late.
    pub(crate) fn emit(&mut self, count: u32) {
        let now = self.okta_now();
        for _ in 0..count {
            self.add_random_event(now, 90);
        }
    }

    fn add_random_event(&mut self, persisted: DateTime<Utc>, max_seconds_late: i64) {
        let late = if self.rng.random_ratio(1, 7) { self.rng.random_range(1..max_seconds_late) } else { 0 };
        self.add_late_event(persisted, TimeDelta::seconds(late));
    }

    /// Adds a random event that was published this long before it was persisted.
    pub(crate) fn add_late_event(&mut self, persisted: DateTime<Utc>, late: TimeDelta) {
        let published = persisted - late;
        let event = random_events::random_event(&mut self.rng, &self.users, published);
        self.add(persisted, published, event);
    }

    /// Adds an event with this content now.
    pub(crate) fn add_event(&mut self, event: Value) {
        let now = self.okta_now();
        let published = event["published"].as_str().and_then(|text| text.parse().ok()).unwrap_or(now);
        self.add(now, published, event);
    }

    /// Adds a random event now with a text of this many bytes in it.
    pub(crate) fn add_large_event(&mut self, bytes: usize) {
        let now = self.okta_now();
        let mut event = random_events::random_event(&mut self.rng, &self.users, now);
        event["debugContext"]["debugData"]["text"] = Value::String("x".repeat(bytes));
        self.add(now, now, event);
    }

    /// Returns the random fault of one request, if it is one for the System Log.
    pub(crate) fn random_log_fault(&mut self, is_okta: bool, path: &str) -> Option<FaultKind> {
        let faults = self.random_faults.as_mut().filter(|_| is_okta && path == "/api/v1/logs")?;
        faults.log()
    }

    pub(crate) fn add(&mut self, persisted: DateTime<Utc>, published: DateTime<Utc>, event: Value) {
        self.log.push(LogEntry { persisted, published, arrived: persisted - self.clock_skew, event });
    }

    /// Adds a token event of the principal at this index.
    pub(crate) fn add_token_event(&mut self, kind: TokenEvent, index: usize, now: DateTime<Utc>) {
        let uuid = Uuid::from_u128(self.rng.random());
        if let Some(owner) = self.principals.get(index) {
            let event = random_events::token_event(kind, owner, uuid, now);
            self.add(now, now, event);
        }
    }

    /// Returns the access of the user with this id.
    pub(crate) fn access_of(&self, id: &str) -> UserAccessState {
        self.user_access.get(id).cloned().unwrap_or_default()
    }

    /// Adds the event of an action of the principal at this index.
    pub(crate) fn add_action_event(
        &mut self,
        actor: usize,
        action: AdminAction,
        through: ActedThrough,
        targets: &[Value],
    ) {
        let (uuid, now) = (Uuid::from_u128(self.rng.random()), self.okta_now());
        if let Some(actor) = self.principals.get(actor) {
            let mut event = random_events::action_event(actor, action, through, targets, uuid, now);
            if matches!(through, ActedThrough::Api { .. }) {
                random_events::set_client(&mut event, self.options.client_address, self.calling_user_agent.as_deref());
            }
            self.add(now, now, event);
        }
    }

    /// Adds a token event of the principal with this key.
    pub(crate) fn add_token_event_of(&mut self, kind: TokenEvent, key: &str, now: DateTime<Utc>) {
        if let Some(index) = self.principals.iter().position(|one| one.key == key) {
            self.add_token_event(kind, index, now);
        }
    }

    /// Adds an event that the roles of this principal's account changed.
    pub(crate) fn add_privilege_event_of(&mut self, key: &str, now: DateTime<Utc>) {
        let uuid = Uuid::from_u128(self.rng.random());
        if let Some(account) = self.principals.iter().find(|one| one.key == key) {
            let event = random_events::privilege_event(account, uuid, now);
            self.add(now, now, event);
        }
    }

    /// Changes the account of this principal: every principal that shares it.
    pub(crate) fn change_account(&mut self, key: &str, change: impl Fn(&mut Principal)) {
        let id = self.principals.iter().find(|one| one.key == key).map(|one| one.id.clone());
        self.principals.iter_mut().filter(|one| Some(&one.id) == id.as_ref()).for_each(change);
    }

    /// Changes one principal.
    pub(crate) fn change_principal(&mut self, key: &str, change: impl Fn(&mut Principal)) {
        self.principals.iter_mut().filter(|one| one.key == key).for_each(change);
    }

    /// Returns the time by Okta's clock.
    pub(crate) fn okta_now(&self) -> DateTime<Utc> {
        self.local_now() + self.clock_skew
    }

    /// Returns the time by this computer's clock, which is also Radiant's.
    pub(crate) fn local_now(&self) -> DateTime<Utc> {
        self.options.starts_at.unwrap_or_else(system_now) + self.advanced
    }

    /// Advances the time at once. No events happen meanwhile.
    pub(crate) fn advance_time(&mut self, time: TimeDelta) {
        self.advanced += time;
        self.tick(0.0);
    }

    /// Ends the difference between the clocks. Events that were logged meanwhile get the time at which they arrived here, tokens
    /// no renewal that lies ahead, and every rate limit a new window.
    pub(crate) fn reset_clock(&mut self) {
        self.clock_skew = TimeDelta::zero();
        for entry in &mut self.log {
            let ahead = entry.persisted - entry.arrived;
            if !ahead.is_zero() {
                entry.persisted -= ahead;
                entry.published -= ahead;
                if let Some(published) = entry.event.get_mut("published") {
                    *published = timestamp(entry.published);
                }
            }
        }
        let now = self.okta_now();
        for principal in &mut self.principals {
            principal.created = principal.created.min(now);
            principal.renewed = principal.renewed.min(now);
        }
        self.rate_limits = RateLimits::default();
    }

    /// Deletes the events that Radiant has read and that were persisted before this time.
    pub(crate) fn delete_events_before(&mut self, time: DateTime<Utc>) {
        let old = self.log.iter().take(self.radiant_has).take_while(|entry| entry.persisted < time).count();
        self.log.drain(..old);
        self.radiant_has -= old;
    }

    /// Records a request; `has_authorization` tells whether it had an `Authorization` header.
    pub(crate) fn record_request(&mut self, request: RecordedRequest, has_authorization: bool) {
        *self.request_counts.entry(format!("{} {}", request.side, request.path)).or_default() += 1;
        if has_authorization {
            *self.authorized_counts.entry(request.side.clone()).or_default() += 1;
        }
        push_bounded(&mut self.recent_requests, request);
    }

    /// Records an event that the webhook accepted.
    pub(crate) fn record_webhook_event(&mut self, event: Value) {
        push_bounded(&mut self.webhook_events, event);
    }

    /// Returns a new request id.
    pub(crate) fn next_request_id(&mut self) -> String {
        self.request_number += 1;
        format!("practice{:016}", self.request_number)
    }

    /// Emits the events of this many seconds and lets Radiant read what is due.
    pub(crate) fn tick(&mut self, seconds: f64) {
        self.pending_events += seconds * self.options.events_per_second;
        while self.pending_events >= 1.0 {
            self.pending_events -= 1.0;
            self.emit(1);
        }
        let now = self.okta_now();
        let Some(reader) = self.polling_principal() else { return };
        if let Some(reader) = self.principals.get_mut(reader) {
            reader.renew(now);
        }
        let delivery_delay = TimeDelta::from_std(self.options.radiant_lag).unwrap_or_default();
        let until = now - self.clock_skew - delivery_delay;
        while self.log.get(self.radiant_has).is_some_and(|entry| entry.arrived <= until) {
            self.radiant_has += 1;
        }
    }

    /// Returns the index of the principal with whose token Radiant polls: Radiant has a token, Okta accepts it, it may read
    /// the System Log, and Okta is up. Radiant polls from an allowed address, so a token restricted to other networks is
    /// refused to it too.
    fn polling_principal(&self) -> Option<usize> {
        let token = self.credential.as_deref()?;
        let can_read =
            |one: &Principal| one.token == token && one.is_accepted() && !one.is_restricted && one.can_read_logs();
        let index = self.principals.iter().position(can_read)?;
        (self.options.radiant_polls && !self.fault.as_ref().is_some_and(Fault::is_outage)).then_some(index)
    }
}

/// Adds the creation of the tokens, the person's sign-ins of a week and the past day's events, oldest first.
fn backfill(state: &mut State, now: DateTime<Utc>) {
    for index in 0..state.principals.len() {
        state.add_token_event(TokenEvent::Created, index, now - TimeDelta::days(20));
    }
    let person = state.principals.iter().find(|one| one.is_person()).map(Principal::actor);
    for day in (1..=6).rev() {
        let at = now - TimeDelta::days(day) - TimeDelta::hours(1);
        if let Some(actor) = person.clone() {
            let event = random_events::sign_in(&mut state.rng, actor, at);
            state.add(at, at, event);
        }
    }
    let count = i64::from(state.options.backfill.max(1));
    for n in 0..i64::from(state.options.backfill) {
        let persisted = now - TimeDelta::seconds((count - n) * 86_000 / count);
        state.add_random_event(persisted, (3 * 86_000 / count).clamp(90, 900));
    }
}

fn push_bounded<T>(records: &mut VecDeque<T>, record: T) {
    if records.len() == MAX_RECORDS {
        records.pop_front();
    }
    records.push_back(record);
}
