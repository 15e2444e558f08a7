//! Gathers the addresses that are not blocked: where the token is used, where administrators sign in, where this computer is.
//!
//! Each is read generously: an address too many is refused with its reason and can be looked at; one too few locks somebody out.

use std::collections::BTreeMap;
use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use model::ip_range::IpRange;
use model::log_event::LogEvent;
use model::protected_address::{ProtectedAddress, ProtectionFacts, ProtectionReason, UnknownProtectionFact};
use okta::{LogQuery, Okta};

use super::zone_survey::ZoneSurvey;

/// How long the System Log is kept (DOCS system-log-query).
const TOKEN_USE: TimeDelta = TimeDelta::days(90);
/// How long an administrator's sign-in counts as recent. Our own choice.
const SIGN_INS: TimeDelta = TimeDelta::days(30);
/// Events of one page, and most pages.
const PAGE: u32 = 1_000;
const MAX_PAGES: usize = 5;
/// Most addresses of one event's chain that are read.
const MAX_CHAIN: usize = 10;
/// The beginning of this app's user agent.
const USER_AGENT: &str = "okta-connector-for-radiant/";
/// The beginning of the client ID of Okta's own console (field case F71).
const OKTA_CLIENT: &str = "okta.";

/// What the facts are gathered for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtectionQuery {
    /// Okta's ID of the token's owner.
    pub owner_id: String,
    /// Okta's time.
    pub okta_now: DateTime<Utc>,
    /// Whether IPv6 addresses may be blocked.
    pub is_ipv6_allowed: bool,
}

pub(super) async fn read(okta: &Okta, survey: &ZoneSurvey, query: &ProtectionQuery) -> ProtectionFacts {
    let (used, zones, sign_ins) = tokio::join!(
        token_use(okta, query),
        token_zones(okta, survey, &query.owner_id),
        administrator_sign_ins(okta, query)
    );
    let mut facts = ProtectionFacts { is_ipv6_allowed: query.is_ipv6_allowed, ..ProtectionFacts::default() };
    for found in [used, zones, sign_ins] {
        facts.found.extend(found.addresses);
        facts.unknown.extend(found.unknown);
    }
    facts
}

/// Addresses of one source, and what is unknown about it.
#[derive(Debug, Default)]
struct Found {
    addresses: Vec<ProtectedAddress>,
    unknown: Vec<UnknownProtectionFact>,
}

/// Reads the addresses of the owner's events: those of the token are among them, and no API tells the others apart for certain.
/// This computer is known by the user agent of the app in the newest of them.
async fn token_use(okta: &Okta, query: &ProtectionQuery) -> Found {
    let filter = format!("actor.id eq \"{}\"", query.owner_id.replace(['"', '\\'], ""));
    let events = events(okta, query.okta_now - TOKEN_USE, query.okta_now, filter).await;
    let mut newest = Newest::default();
    for event in &events.read {
        newest.add(event, ProtectionReason::TokenUse, None);
    }
    let own = events.read.iter().find(|event| {
        let agent = event.text("/client/userAgent/rawUserAgent");
        agent.is_some_and(|agent| agent.starts_with(USER_AGENT))
    });
    if let Some(event) = own {
        newest.add(event, ProtectionReason::ThisComputer, None);
    }
    let unknown = [
        (!events.is_complete).then_some(UnknownProtectionFact::TokenUse),
        own.is_none().then_some(UnknownProtectionFact::ThisComputer),
    ];
    Found { addresses: newest.into_addresses(), unknown: unknown.into_iter().flatten().collect() }
}

/// Reads the addresses from which administrators opened the Admin Console. An event of Okta's own console has an address of Okta.
async fn administrator_sign_ins(okta: &Okta, query: &ProtectionQuery) -> Found {
    let filter = "eventType eq \"user.session.access_admin_app\"".to_owned();
    let events = events(okta, query.okta_now - SIGN_INS, query.okta_now, filter).await;
    let mut newest = Newest::default();
    for event in &events.read {
        let is_console = event.text("/client/id").is_some_and(|id| id.starts_with(OKTA_CLIENT));
        let who = event.text("/actor/alternateId");
        if is_console {
            newest.add_address(event, "/client/ipAddress", ProtectionReason::OktaConsole, None);
            newest.add_chain(event, ProtectionReason::AdministratorSignIn, who);
        } else {
            newest.add(event, ProtectionReason::AdministratorSignIn, who);
        }
    }
    let unknown = (!events.is_complete).then_some(UnknownProtectionFact::AdministratorSignIns);
    Found { addresses: newest.into_addresses(), unknown: unknown.into_iter().collect() }
}

/// Reads the zones that tokens of this owner are bound to. No API says which token is ours, so that the zones of all of them count.
async fn token_zones(okta: &Okta, survey: &ZoneSurvey, owner_id: &str) -> Found {
    let unknown = || Found { addresses: Vec::new(), unknown: vec![UnknownProtectionFact::TokenZones] };
    let Ok(tokens) = okta.api_tokens().await else { return unknown() };
    let mut found = Found::default();
    let mut is_known = tokens.value.is_complete && tokens.value.unreadable == 0;
    for token in tokens.value.entries.iter().filter(|token| token.user_id.as_deref() == Some(owner_id)) {
        let Some(zones) = &token.network_zones else {
            is_known = false;
            continue;
        };
        for id in zones {
            match survey.zone(id) {
                Some(zone) if zone.is_ip() => found.addresses.extend(zone.gateways.iter().filter_map(|entry| {
                    let of = Some(zone.name.clone());
                    Some(ProtectedAddress { of, ..ProtectedAddress::new(entry.range?, ProtectionReason::TokenZone) })
                })),
                // A zone by place or provider, or one that was not read.
                Some(_) | None => is_known = false,
            }
        }
    }
    found.unknown.extend((!is_known).then_some(UnknownProtectionFact::TokenZones));
    found
}

/// Events of a period, newest first.
struct Events {
    read: Vec<LogEvent>,
    is_complete: bool,
}

async fn events(okta: &Okta, since: DateTime<Utc>, until: DateTime<Utc>, filter: String) -> Events {
    let query = LogQuery {
        since: Some(since),
        until: Some(until + TimeDelta::minutes(5)),
        limit: PAGE,
        descending: true,
        filter: Some(filter),
    };
    let mut events = Events { read: Vec::new(), is_complete: false };
    let mut page = okta.logs(&query).await;
    for _ in 0..MAX_PAGES {
        let Ok(answer) = page else { return events };
        let is_last = answer.value.entries.is_empty();
        let is_readable = answer.value.unreadable == 0;
        events.read.extend(answer.value.entries);
        match answer.value.next.filter(|_| !is_last && is_readable) {
            Some(next) => page = okta.logs_after(&next).await,
            None => {
                events.is_complete = is_readable;
                return events;
            }
        }
    }
    events
}

/// The newest observation of each address and reason.
#[derive(Debug, Default)]
struct Newest(BTreeMap<(ProtectionReason, IpRange), ProtectedAddress>);

impl Newest {
    /// Adds every address of an event.
    fn add(&mut self, event: &LogEvent, reason: ProtectionReason, of: Option<String>) {
        self.add_address(event, "/client/ipAddress", reason, of.clone());
        self.add_chain(event, reason, of);
    }

    fn add_chain(&mut self, event: &LogEvent, reason: ProtectionReason, of: Option<String>) {
        for place in 0..MAX_CHAIN {
            self.add_address(event, &format!("/request/ipChain/{place}/ip"), reason, of.clone());
        }
    }

    fn add_address(&mut self, event: &LogEvent, pointer: &str, reason: ProtectionReason, of: Option<String>) {
        let Some(address) = event.text(pointer).and_then(|text| text.parse::<IpAddr>().ok()) else { return };
        let range = IpRange::single(address);
        let found = ProtectedAddress { at: Some(event.published), of, ..ProtectedAddress::new(range, reason) };
        let newest = self.0.entry((reason, range)).or_insert_with(|| found.clone());
        if newest.at < found.at {
            *newest = found;
        }
    }

    fn into_addresses(self) -> Vec<ProtectedAddress> {
        self.0.into_values().collect()
    }
}
