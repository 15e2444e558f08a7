//! The order of the questions, and the telling of their answers row by row.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::arrival::Compared;
use super::capabilities::{Seen, judge, table};
use super::finding::Finding;
use super::logs::LogsSeen;
use super::own::of_own_token;
use super::owner::OwnerConfirmation;
use super::report::with;
use super::{arrival, entry, logs, machine, owner, reach, rights};
use http_client::HttpClient;
use model::budget::Bucket;
use model::capability::CapabilityRow;
use model::check::{CheckId, CheckProgress, CheckReport, CheckRow, Outcome, Skip};
use model::code::Code;
use model::connection::Profile;
use model::origin::Origin;
use model::problem::Problem;
use model::radiant::RadiantSearch;
use okta::{Okta, RateLimit, RequestLog, Role, User};
use radiant::Search;
use runtime::Clock;
use secrets::Keychain;

/// Everything the questions need, as values.
pub struct Questions {
    /// Where the org is.
    pub origin: Origin,
    /// Okta's id of the org as it was when the domain was set.
    pub org_id: Option<String>,
    /// What the token is meant for.
    pub profile: Profile,
    /// Whether the token is the app's own, for monitoring alone.
    pub own: bool,
    /// The Okta token, or why there is none.
    pub token: Result<SecretString, Problem>,
    /// The name the token was given in the guide.
    pub token_name: String,
    /// Since when the guide is open, while it is.
    pub guide_since: Option<DateTime<Utc>>,
    /// What the administrator said of the owner.
    pub owner_word: OwnerConfirmation,
    /// Whether a TLS-inspecting proxy was accepted.
    pub inspection_accepted: bool,
    /// How Radiant is searched.
    pub radiant: RadiantSearch,
    /// Radiant's search token, or why there is none.
    pub radiant_token: Result<SecretString, Problem>,
    /// How late an event may be in Radiant.
    pub allowed_lag: TimeDelta,
    /// Event types that were found in Radiant before.
    pub carried: BTreeSet<String>,
    /// Since when the token is kept: what was found out before speaks of another one.
    pub token_since: Option<DateTime<Utc>>,
    /// Whether secrets of this run are kept in the keychain.
    pub keeps_secrets: bool,
    /// The keychain.
    pub vault: Keychain,
    /// How requests leave.
    pub web: HttpClient,
    /// The clock.
    pub clock: Clock,
    /// Counts what is asked of Okta.
    pub meter: RequestLog,
    /// The roles that were read with this token before, where watching has to know.
    pub roles_before: Option<Vec<String>>,
    /// Requests of the System Log that looks at this org made within the last window of Okta's limits.
    pub logs_before: u32,
}

impl Questions {
    /// Stamps what was found with its time, and says of the app's own token what is its own.
    pub(super) fn row(&self, check: CheckId, finding: Finding, ms: u32) -> CheckRow {
        let row = finding.row(check, self.clock.now(), ms);
        if self.own { of_own_token(row) } else { row }
    }

    fn practice(&self) -> bool {
        matches!(self.origin, Origin::Practice(_))
    }

    /// Why the keychain as a whole handed no secret out, where it did not. It is not asked again: it may be showing a prompt.
    pub(super) fn shut(&self) -> Option<&Problem> {
        let wanting = [self.token.as_ref().err(), self.radiant_token.as_ref().err()];
        wanting.into_iter().flatten().find(|problem| problem.code.is_keychain())
    }

    /// Requests of the System Log that are this app's own: of this run and of the looks just before it.
    pub(super) fn own_logs(&self) -> u32 {
        let now = self.meter.read().iter().filter(|one| one.bucket == Bucket::Logs).count();
        self.logs_before.saturating_add(u32::try_from(now).unwrap_or(u32::MAX))
    }
}

fn with_dependencies(only: &[CheckId]) -> BTreeSet<CheckId> {
    let mut wanted: BTreeSet<CheckId> = only.iter().copied().collect();
    let mut queue = only.to_vec();
    while let Some(check) = queue.pop() {
        queue.extend(check.depends().iter().filter(|one| wanted.insert(**one)));
    }
    wanted
}

/// What a run of checks yielded.
#[derive(Debug)]
pub struct RunResult {
    /// The answers.
    pub report: CheckReport,
    /// What comparing both sides yielded beside its row.
    pub compared: Compared,
}

/// Asks the questions (all, or `only` some with what they depend on) and tells each row as it comes.
///
/// Rows that were not asked are taken from `before`. When `cancel` is triggered, what is running becomes `skipped:
/// cancelled` and the report is returned at once.
pub async fn run(
    questions: &Questions,
    only: Option<&[CheckId]>,
    before: Option<&CheckReport>,
    cancel: &CancellationToken,
    news: &(dyn Fn(CheckProgress) + Send + Sync),
) -> RunResult {
    let mut wanted = with_dependencies(only.unwrap_or(&CheckId::ALL));
    // The root is told, whatever was asked for.
    wanted.extend(questions.shut().map(|_| CheckId::Keychain));
    let started = questions.clock.now();
    let teller = Teller { q: questions, cancel, news, wanted, rows: Mutex::new(Vec::new()) };
    let (capabilities, compared) = all(questions, &teller).await;
    let asked = teller.wants(CheckId::Capabilities);
    let rows = teller.rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    // A table of an earlier run says nothing of this one; it stays only where it was not asked for.
    let old = before.filter(|_| !asked).map(|report| report.capabilities.clone());
    let capabilities = capabilities.or(old).unwrap_or_default();
    let report = CheckReport { started, finished: questions.clock.now(), rows, capabilities };
    let report = before.map_or_else(|| report.clone(), |before| with(before, &report, questions.token_since));
    RunResult { report, compared: compared.unwrap_or_default() }
}

async fn all(q: &Questions, teller: &Teller<'_>) -> (Option<Vec<CapabilityRow>>, Option<Compared>) {
    let search = search(q);
    let ready = async {
        match &search {
            Some(Ok(search)) => {
                teller.ask(CheckId::RadiantSearch, arrival::accepted(search, &q.radiant)).await.map(|()| search)
            }
            Some(Err(problem)) => teller.tell(CheckId::RadiantSearch, unread(problem)),
            None => teller.tell(CheckId::RadiantSearch, Finding::skipped(Skip::NoSearchToken)),
        }
    };
    let keychain = async {
        if let Some(problem) = q.shut() {
            return teller.tell(CheckId::Keychain, problem_found(problem));
        }
        let asked = async { (machine::keychain(&q.vault, q.keeps_secrets).await, Some(())) };
        teller.ask(CheckId::Keychain, asked).await
    };
    let (tell, told) = oneshot::channel();
    let arrival = async {
        let (ready, seen) = tokio::join!(ready, told);
        arrived(q, teller, without(search.as_ref()), ready, seen.ok()).await
    };
    // The keychain may be waiting for its owner to answer a prompt: nothing else waits for it.
    let (capabilities, compared, _) = tokio::join!(okta_side(q, teller, tell), arrival, keychain);
    (capabilities, compared)
}

pub(super) fn search(q: &Questions) -> Option<Result<Search, Problem>> {
    match &q.radiant_token {
        Ok(token) => Some(Search::new(&q.radiant, q.practice(), token.clone(), &q.web, &q.clock)),
        Err(problem) => (problem.code != Code::RadiantTokenMissing).then(|| Err(problem.clone())),
    }
}

/// Why arrival is not asked where nothing answered: no search token, no keychain, or what it depends on.
fn without(search: Option<&Result<Search, Problem>>) -> Skip {
    match search {
        None => Skip::NoSearchToken,
        Some(Err(problem)) if problem.code.is_keychain() => Skip::Keychain,
        Some(_) => Skip::Depends,
    }
}

/// What is said of a secret that could not be read: the keychain's own row says why, where that is it.
fn unread(problem: &Problem) -> Finding {
    if problem.code.is_keychain() { Finding::skipped(Skip::Keychain) } else { problem_found(problem) }
}

pub(super) fn problem_found(problem: &Problem) -> Finding {
    problem.args.iter().fold(Finding::failed(problem.code), |finding, (key, value)| finding.arg(key, value))
}

async fn arrived(
    q: &Questions,
    teller: &Teller<'_>,
    otherwise: Skip,
    ready: Option<&Search>,
    seen: Option<(Okta, LogsSeen)>,
) -> Option<Compared> {
    match (ready, seen) {
        (Some(search), Some((okta, seen))) => {
            let looking = arrival::Looking { carried: &q.carried, allowed: q.allowed_lag, now: q.clock.now() };
            teller.ask(CheckId::Arrival, arrival::arrival(&okta, search, seen.events, looking)).await
        }
        _ => teller.tell(CheckId::Arrival, Finding::skipped(otherwise)),
    }
}

/// Everything asked of Okta. Returns the capability table; what the System Log showed is told as soon as it is known.
async fn okta_side(
    q: &Questions,
    teller: &Teller<'_>,
    tell: oneshot::Sender<(Okta, LogsSeen)>,
) -> Option<Vec<CapabilityRow>> {
    let token = q.token.as_ref().ok().cloned();
    let okta = match Okta::new(&q.origin, token, &q.web, &q.clock) {
        Ok(okta) => okta.metered(&q.meter),
        Err(problem) => {
            teller.tell::<()>(CheckId::Domain, problem_found(&problem));
            return skip_rest(teller, CheckId::Domain, Skip::Depends);
        }
    };
    let (reached, safe) = tokio::join!(
        teller.ask(CheckId::Domain, reach::domain(&okta, q.org_id.as_deref())),
        teller.ask(CheckId::Tls, reach::tls(&q.origin, q.inspection_accepted, &q.web, &q.clock)),
    );
    let Some(reached) = reached else { return skip_rest(teller, CheckId::Domain, Skip::Depends) };
    teller.tell::<()>(CheckId::Clock, machine::clock(reached.server_time));
    if let Err(problem) = &q.token {
        let missing = problem.code == Code::TokenMissing;
        let finding = if missing { Finding::skipped(Skip::NoToken) } else { unread(problem) };
        teller.tell::<()>(CheckId::Token, finding);
        let why = if problem.code.is_keychain() { Skip::Keychain } else { Skip::NoToken };
        return skip_rest(teller, CheckId::Token, why);
    }
    if safe.is_none() {
        return skip_rest(teller, CheckId::Clock, Skip::Depends);
    }
    // The System Log is asked along with the token's owner: it needs no answer of his, and Radiant waits for its events.
    let okta_now = reached.server_time.map_or_else(|| q.clock.now(), |told| told.okta);
    let (user, log) = tokio::join!(
        teller.ask(CheckId::Token, owner::token(&okta)),
        teller.hold(CheckId::SystemLog, logs::system_log(&okta, okta_now)),
    );
    let Some(user) = user.map(|answer| answer.value) else { return skip_rest(teller, CheckId::Token, Skip::Depends) };
    let seen = log.and_then(|(row, seen)| {
        teller.keep(row);
        seen
    });
    teller.tell::<()>(CheckId::Owner, owner::owner(&user, q.owner_word));
    let rate = seen.as_ref().map(|seen| seen.rate.clone());
    // Nobody may be waiting for it, when arrival is not asked.
    drop(seen.map(|seen| tell.send((okta.clone(), seen))));
    with_user(q, teller, &okta, &user, okta_now, rate).await
}

async fn with_user(
    q: &Questions,
    teller: &Teller<'_>,
    okta: &Okta,
    user: &User,
    okta_now: DateTime<Utc>,
    rate: Option<Option<RateLimit>>,
) -> Option<Vec<CapabilityRow>> {
    let response = q.profile == Profile::Response;
    let (roles, _, users, zones) = tokio::join!(
        teller.ask(CheckId::Roles, rights::roles(okta, user, q.profile, q.roles_before.as_deref())),
        teller.ask(CheckId::TokenEntry, entry::entry(okta, user, &q.token_name, q.guide_since, okta_now, response)),
        teller.ask(CheckId::Users, rights::users(okta, q.profile)),
        teller.ask(CheckId::Zones, rights::zones(okta, q.profile)),
    );
    let rate = match rate {
        Some(rate) => logs::head_room(rate.as_ref(), q.own_logs()),
        None => Finding::skipped(Skip::Depends),
    };
    teller.tell::<()>(CheckId::RateLimit, rate);
    let read = Seen { logs: teller.said(CheckId::SystemLog), users, zones };
    teller.wants(CheckId::Capabilities).then(|| capability_rows(teller, q.profile, roles.as_deref(), read))
}

fn capability_rows(teller: &Teller<'_>, profile: Profile, roles: Option<&[Role]>, read: Seen) -> Vec<CapabilityRow> {
    let rows = table(profile, roles, read);
    teller.tell::<()>(CheckId::Capabilities, judge(&rows));
    rows
}

/// Says of every check of Okta after `last` why it was not asked.
fn skip_rest(teller: &Teller<'_>, last: CheckId, why: Skip) -> Option<Vec<CapabilityRow>> {
    let okta = CheckId::ALL.into_iter().filter(|check| *check > last && *check < CheckId::RadiantSearch);
    for check in okta.filter(|check| !teller.told(*check)) {
        teller.tell::<()>(check, Finding::skipped(why));
    }
    None
}

/// Tells rows as they come and keeps them.
struct Teller<'a> {
    q: &'a Questions,
    cancel: &'a CancellationToken,
    news: &'a (dyn Fn(CheckProgress) + Send + Sync),
    wanted: BTreeSet<CheckId>,
    rows: Mutex<Vec<CheckRow>>,
}

impl Teller<'_> {
    fn wants(&self, check: CheckId) -> bool {
        self.wanted.contains(&check)
    }

    fn told(&self, check: CheckId) -> bool {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|row| row.check == check)
    }

    /// What Okta said to a question that was asked: yes, no, or nothing.
    fn said(&self, check: CheckId) -> Option<bool> {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.iter().find(|row| row.check == check).and_then(|row| match row.outcome {
            Outcome::Passed | Outcome::Attention => Some(true),
            Outcome::Failed => row.code.filter(|code| code.is_refusal()).map(|_| false),
            Outcome::Skipped | Outcome::Unknown => None,
        })
    }

    /// Asks one question, unless it is not wanted or the run was cancelled.
    async fn ask<T>(&self, check: CheckId, question: impl Future<Output = (Finding, Option<T>)>) -> Option<T> {
        let (row, value) = self.hold(check, question).await?;
        self.keep(row);
        value
    }

    /// Asks one question and keeps its row back, for the case that it turns out to be moot.
    async fn hold<T>(
        &self,
        check: CheckId,
        question: impl Future<Output = (Finding, Option<T>)>,
    ) -> Option<(CheckRow, Option<T>)> {
        if !self.wants(check) {
            return None;
        }
        let watch = self.q.clock.stopwatch();
        (self.news)(CheckProgress::Running(check));
        let (finding, value) = tokio::select! {
            biased;
            () = self.cancel.cancelled() => (Finding::skipped(Skip::Cancelled), None),
            answer = question => answer,
        };
        Some((self.q.row(check, finding, watch.ms()), value))
    }

    /// Tells an answer that needed no asking. Always yields nothing, so that it can stand where an answer would.
    fn tell<T>(&self, check: CheckId, finding: Finding) -> Option<T> {
        if self.wants(check) {
            self.keep(self.q.row(check, finding, 0));
        }
        None
    }

    fn keep(&self, row: CheckRow) {
        (self.news)(CheckProgress::Answered(row.clone()));
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).push(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_check_brings_what_it_depends_on_and_no_more() {
        let wanted = with_dependencies(&[CheckId::RateLimit]);
        let expected = [CheckId::Domain, CheckId::Tls, CheckId::Token, CheckId::SystemLog, CheckId::RateLimit];
        assert_eq!(wanted, expected.into_iter().collect());
        assert_eq!(with_dependencies(&CheckId::ALL).len(), CheckId::ALL.len());
    }
}
