//! The two small looks of monitoring: a heartbeat of one request, and a comparison of both sides of three.
//!
//! Both send the token at once, without asking first who signed the certificate: their connection trusts public authorities
//! alone unless the full checks found otherwise, so that a proxy that reads along breaks it before the token leaves.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::arrival::{self, Compared, Looking};
use super::finding::Finding;
use super::run::{Questions, problem_found, search};
use super::{logs, owner, touched};
use crate::model::{CheckId, CheckReport, CheckRow, Code, FactKey, Outcome, Skip};
use crate::okta::{LogQuery, Okta, Rate};

/// What a look yielded.
#[derive(Debug, Clone, Default)]
pub struct Looked {
    /// The rows that were asked.
    pub rows: Vec<CheckRow>,
    /// Requests made of Okta.
    pub okta_requests: u32,
    /// Requests made of Radiant.
    pub radiant_requests: u32,
    /// How long the longest missing event has been waiting.
    pub lag: Option<TimeDelta>,
    /// `published` of Okta's newest event.
    pub newest_in_okta: Option<DateTime<Utc>>,
    /// Event types found in Radiant.
    pub types: BTreeSet<String>,
    /// `published` of the newest event after which the token's rights or its owner may be others.
    pub rights_touched: Option<DateTime<Utc>>,
    /// Share of the rate limit that was left, in percent.
    pub left: Option<u32>,
}

/// Tells whether the small looks may be taken: the full checks have recognised the org and its certificate.
#[must_use]
pub fn may_look(before: &CheckReport) -> bool {
    let passed = |check| before.row(check).is_some_and(|row| row.outcome == Outcome::Passed);
    let practice = before.row(CheckId::Tls).is_some_and(|row| row.skipped == Some(Skip::Practice));
    passed(CheckId::Domain) && (passed(CheckId::Tls) || practice)
}

/// Does Okta accept the token, and is its owner active? One request: `GET /api/v1/users/me`.
pub async fn heartbeat(q: &Questions) -> Looked {
    let mut looked = Looked::default();
    let Some(okta) = door(q, &mut looked) else { return looked };
    let watch = q.clock.stopwatch();
    let (finding, user) = owner::token(&okta).await;
    looked.okta_requests = 1;
    looked.rows.push(finding.row(CheckId::Token, q.clock.now(), watch.ms()));
    if let Some(user) = user {
        looked.rows.push(owner::owner(&user, q.owner_word).row(CheckId::Owner, q.clock.now(), 0));
    }
    looked
}

/// Is the System Log readable, and are its due events in Radiant? `carried` are the event types found there before, `owner` the
/// login of the token's owner as it was seen last.
pub async fn freshness(q: &Questions, allowed: TimeDelta, carried: &BTreeSet<String>, owner: Option<&str>) -> Looked {
    let mut looked = Looked::default();
    let Some(okta) = door(q, &mut looked) else { return looked };
    let watch = q.clock.stopwatch();
    let now = q.clock.now();
    let (finding, seen) = logs::system_log(&okta, now).await;
    looked.okta_requests = 1;
    looked.rows.push(finding.row(CheckId::SystemLog, q.clock.now(), watch.ms()));
    let Some(seen) = seen else { return looked };
    looked.newest_in_okta = seen.events.iter().map(|event| event.published).max();
    looked.left = seen.rate.as_ref().and_then(left);
    let touching = seen.events.iter().filter(|event| touched::are_touched_by(event, owner));
    looked.rights_touched = touching.map(|event| event.published).max();
    let mut events = seen.events;
    if !events.is_empty() && events.iter().all(|event| now - event.published <= allowed) {
        // A busy org: its newest page is too young to be expected in Radiant, so an older one is looked for.
        looked.okta_requests += 1;
        let older = LogQuery { until: Some(now - allowed), ..logs::newest(now) };
        events = okta.logs(&older).await.map(|answer| answer.value.events).unwrap_or(events);
    }
    let search = match search(q) {
        Some(Ok(search)) => search,
        Some(Err(_)) => return with_keychain(q, looked),
        None => return looked,
    };
    let watch = q.clock.stopwatch();
    let (finding, compared) = arrival::arrival(&search, Looking { events: &events, carried, allowed, now }).await;
    let Compared { lag, types, requests } = compared.unwrap_or(Compared { requests: 2, ..Compared::default() });
    looked.rows.push(finding.row(CheckId::Arrival, q.clock.now(), watch.ms()));
    Looked { lag, types, radiant_requests: requests, ..looked }
}

/// Says that Okta has been quiet for longer than ever before, in the row of the System Log.
pub fn quiet(row: &mut CheckRow, gap: TimeDelta, longest: TimeDelta) {
    row.outcome = Outcome::Attention;
    row.code = Some(Code::OktaQuiet);
    row.args.insert("hours".to_owned(), gap.num_hours().to_string());
    row.args.insert("longest".to_owned(), longest.num_hours().max(1).to_string());
    row.facts.retain(|fact| fact.key != FactKey::EventCount);
}

/// Tells in the keychain's row that the search token could not be read from it.
fn with_keychain(q: &Questions, mut looked: Looked) -> Looked {
    looked.rows.extend(q.shut().map(|problem| problem_found(problem).row(CheckId::Keychain, q.clock.now(), 0)));
    looked
}

/// The door to Okta for a small look; a door that cannot be opened is told in the token's row, a shut keychain in its own.
fn door(q: &Questions, looked: &mut Looked) -> Option<Okta> {
    if q.token.as_ref().is_err_and(|problem| problem.code.is_keychain()) {
        *looked = with_keychain(q, std::mem::take(looked));
        return None;
    }
    let token = q.token.as_ref().map_err(|problem| Finding::failed(problem.code));
    let okta = token.and_then(|token| {
        Okta::for_a_look(&q.origin, token.clone(), q.inspection_accepted, &q.web, &q.clock)
            .map_err(|problem| Finding::failed(problem.code))
    });
    let okta = okta.map(|okta| okta.metered(&q.meter));
    okta.map_err(|finding| looked.rows.push(finding.row(CheckId::Token, q.clock.now(), 0))).ok()
}

fn left(rate: &Rate) -> Option<u32> {
    (rate.limit > 0).then(|| rate.remaining.saturating_mul(100) / rate.limit)
}
