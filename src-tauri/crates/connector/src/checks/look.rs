//! The two small looks of monitoring: a heartbeat of one request, and a comparison of both sides of three.
//!
//! Both send the token at once, without asking first who signed the certificate: their connection trusts public authorities
//! alone unless the full checks found otherwise, so that a proxy that reads along breaks it before the token leaves.

use chrono::{DateTime, TimeDelta, Utc};

use super::arrival::{self, Compared, Looking};
use super::finding::Finding;
use super::run::{Questions, problem_found, search};
use super::{logs, machine, owner, touched};
use model::check::{CheckId, CheckReport, CheckRow, FactKey, Outcome, Skip};
use model::code::Code;
use okta::{Okta, RateLimit};

/// What a look yielded.
#[derive(Debug, Clone, Default)]
pub struct ProbeResult {
    /// The rows that were asked.
    pub rows: Vec<CheckRow>,
    /// What comparing both sides yielded beside its row.
    pub compared: Compared,
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

/// Does Okta accept the token, is its owner active, and do the clocks agree? One request: `GET /api/v1/users/me`.
pub async fn heartbeat(q: &Questions) -> ProbeResult {
    let mut looked = ProbeResult::default();
    let Some(okta) = door(q, &mut looked) else { return looked };
    let watch = q.clock.stopwatch();
    let (finding, answer) = owner::token(&okta).await;
    looked.rows.push(q.row(CheckId::Token, finding, watch.ms()));
    if let Some(answer) = answer {
        looked.rows.push(q.row(CheckId::Clock, machine::clock(answer.server_time), 0));
        looked.rows.push(q.row(CheckId::Owner, owner::owner(&answer.value, q.owner_word), 0));
    }
    looked
}

/// Is the System Log readable, with head-room below its limit, and are its due events in Radiant? `owner` is the login of the
/// token's owner as it was seen last.
pub async fn freshness(q: &Questions, owner: Option<&str>) -> ProbeResult {
    let mut looked = ProbeResult::default();
    let Some(okta) = door(q, &mut looked) else { return looked };
    let watch = q.clock.stopwatch();
    let now = q.clock.now();
    let (finding, seen) = logs::system_log(&okta, now).await;
    looked.rows.push(q.row(CheckId::SystemLog, finding, watch.ms()));
    let Some(seen) = seen else { return looked };
    looked.left = seen.rate.as_ref().and_then(left);
    looked.rows.push(q.row(CheckId::Clock, machine::clock(seen.server_time), 0));
    // A page that was answered: what a refusal says of a limit is of another kind.
    looked.rows.push(q.row(CheckId::RateLimit, logs::head_room(seen.rate.as_ref(), q.own_logs()), 0));
    let touching = seen.events.iter().filter(|event| touched::are_touched_by(event, owner));
    looked.rights_touched = touching.map(|event| event.published).max();
    let search = match search(q) {
        Some(Ok(search)) => search,
        Some(Err(_)) => return with_keychain(q, looked),
        None => return looked,
    };
    let watch = q.clock.stopwatch();
    let looking = Looking { carried: &q.carried, allowed: q.allowed_lag, now };
    let (finding, compared) = arrival::arrival(&okta, &search, seen.events, looking).await;
    looked.rows.push(q.row(CheckId::Arrival, finding, watch.ms()));
    ProbeResult { compared: compared.unwrap_or_default(), ..looked }
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
fn with_keychain(q: &Questions, mut looked: ProbeResult) -> ProbeResult {
    looked.rows.extend(q.shut().map(|problem| problem_found(problem).row(CheckId::Keychain, q.clock.now(), 0)));
    looked
}

/// The door to Okta for a small look; a door that cannot be opened is told in the token's row, a shut keychain in its own.
fn door(q: &Questions, looked: &mut ProbeResult) -> Option<Okta> {
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
    okta.map_err(|finding| looked.rows.push(q.row(CheckId::Token, finding, 0))).ok()
}

fn left(rate: &RateLimit) -> Option<u32> {
    (rate.limit > 0).then(|| rate.remaining.saturating_mul(100) / rate.limit)
}
