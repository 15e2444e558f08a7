//! Runs all checks, or some, in the order of their dependencies.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use model::capability::CapabilityRow;
use model::check::{CheckId, CheckReport, Skip};
use model::code::Code;
use model::connection::Profile;
use model::problem::Problem;
use okta::{List, Okta, RateLimit, Role, User};
use radiant::Search;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::capability_table::{ReadAccess, finding_of, table_with_proof};
use super::finding::Finding;
use super::input::{ProbeHandles, ProbeInput};
use super::radiant_search_checks::{self, DeliveryResult};
use super::report_merge::with;
use super::row_sink::{Progress, RowSink, Stop};
use super::system_log::LogSample;
use super::{host_and_certificates, system_log, this_computer, token_list_entry, token_owner, token_rights};

/// The result of a run.
#[derive(Debug)]
pub(crate) struct RunResult {
    /// The rows and the capability table.
    pub(crate) report: CheckReport,
    /// The comparison of both sides, beside its row.
    pub(crate) delivery: DeliveryResult,
}

/// Runs the checks (`None`: all; `only` these with their dependencies) and reports each row as it comes.
///
/// Checks that were not run keep their row of `before`. When `cancel` is triggered, running checks become `skipped: cancelled`
/// and the report is returned at once. After the time limit, checks without an answer become unknown.
pub(crate) async fn run(
    input: &ProbeInput,
    only: Option<&[CheckId]>,
    before: Option<&CheckReport>,
    cancel: &CancellationToken,
    progress: Progress<'_>,
) -> RunResult {
    let mut wanted = with_dependencies(only.unwrap_or(&CheckId::ALL));
    // A keychain problem is the root cause of others, so its row is always wanted.
    wanted.extend(input.keychain_problem().map(|_| CheckId::Keychain));
    let clock = &input.handles.clock;
    let started = clock.now();
    let expired = CancellationToken::new();
    let sink = RowSink::new(input, wanted, Stop { cancel, expired: &expired }, progress);
    // On the heap, because every caller would carry the requests of all checks on its stack.
    let work = Box::pin(run_all(input, &sink));
    let (capabilities, delivery) = tokio::select! {
        done = work => done,
        never = expire(input, &expired) => never,
    };
    // The table of an earlier run stays only if it was not wanted now.
    let old = before.filter(|_| !sink.wants(CheckId::Capabilities)).map(|report| report.capabilities.clone());
    let capabilities = capabilities.or(old).unwrap_or_default();
    let report = CheckReport { started, finished: clock.now(), rows: sink.into_rows(), capabilities };
    let report = before.map_or_else(|| report.clone(), |before| with(before, &report, input.history.token_since));
    RunResult { report, delivery: delivery.unwrap_or_default() }
}

/// Triggers `expired` after the time limit, and never returns, because the run itself ends then.
async fn expire<T>(input: &ProbeInput, expired: &CancellationToken) -> T {
    let ProbeHandles { clock, time_limit, time_used, .. } = &input.handles;
    let never: Option<T> = clock.within(time_limit.saturating_sub(*time_used), std::future::pending()).await;
    expired.cancel();
    match never {
        Some(never) => never,
        None => std::future::pending().await,
    }
}

/// Returns these checks with those that they depend on, and with the search beside the certificate of Radiant.
fn with_dependencies(only: &[CheckId]) -> BTreeSet<CheckId> {
    let mut wanted: BTreeSet<CheckId> = only.iter().copied().collect();
    let mut queue = only.to_vec();
    // A request without the search token may take another way than the search: only the search shows that no proxy is met.
    if wanted.contains(&CheckId::RadiantTls) && wanted.insert(CheckId::RadiantSearch) {
        queue.push(CheckId::RadiantSearch);
    }
    while let Some(check) = queue.pop() {
        queue.extend(check.dependencies().iter().filter(|dependency| wanted.insert(**dependency)));
    }
    wanted
}

async fn run_all(input: &ProbeInput, sink: &RowSink<'_>) -> (Option<Vec<CapabilityRow>>, Option<DeliveryResult>) {
    let search = input.search();
    let search_ready = async {
        match &search {
            Some(Ok(search)) => match sink.check(CheckId::RadiantTls, host_and_certificates::radiant_tls(search)).await
            {
                Some(()) => {
                    let probe = radiant_search_checks::search_token(search, &input.target.radiant);
                    sink.check(CheckId::RadiantSearch, probe).await.map(|()| search)
                }
                None => sink.found(CheckId::RadiantSearch, Finding::skipped(Skip::Depends)),
            },
            Some(Err(problem)) => {
                sink.found::<()>(CheckId::RadiantTls, Finding::skipped(Skip::Depends));
                sink.found(CheckId::RadiantSearch, unreadable_secret(problem))
            }
            None => {
                sink.found::<()>(CheckId::RadiantTls, Finding::skipped(Skip::NoSearchToken));
                sink.found(CheckId::RadiantSearch, Finding::skipped(Skip::NoSearchToken))
            }
        }
    };
    let keychain = async {
        if let Some(problem) = input.keychain_problem() {
            return sink.found(CheckId::Keychain, Finding::of_problem(problem));
        }
        let probe = this_computer::keychain(&input.handles.keychain, &input.target);
        sink.check(CheckId::Keychain, async { (probe.await, Some(())) }).await
    };
    let (send_log, log) = oneshot::channel::<(Okta, LogSample)>();
    let delivery = async {
        let (search_ready, log) = tokio::join!(search_ready, log);
        match (search_ready, log) {
            (Some(search), Ok((okta, log))) => {
                let rules = radiant_search_checks::DeliveryRules::of(input).at(log.server_time);
                sink.check(CheckId::Arrival, radiant_search_checks::delivery(&okta, search, log.events, rules)).await
            }
            _ => sink.found(CheckId::Arrival, Finding::skipped(delivery_skip(search.as_ref()))),
        }
    };
    // The keychain may be waiting for an answer to its prompt, so nothing else waits for the keychain.
    let (capabilities, delivery, _) = tokio::join!(Box::pin(run_okta(input, sink, send_log)), delivery, keychain);
    (capabilities, delivery)
}

/// Returns why the delivery check is skipped: no search token, no keychain, or a failed dependency.
fn delivery_skip(search: Option<&Result<Search, Problem>>) -> Skip {
    match search {
        None => Skip::NoSearchToken,
        Some(Err(problem)) if problem.code.is_keychain() => Skip::Keychain,
        Some(_) => Skip::Depends,
    }
}

/// Returns the finding for a secret that could not be read. A keychain problem is explained in the keychain's own row.
fn unreadable_secret(problem: &Problem) -> Finding {
    if problem.code.is_keychain() { Finding::skipped(Skip::Keychain) } else { Finding::of_problem(problem) }
}

/// Runs the checks of Okta and returns the capability table. The System Log is sent on as soon as it was read.
async fn run_okta(
    input: &ProbeInput,
    sink: &RowSink<'_>,
    send_log: oneshot::Sender<(Okta, LogSample)>,
) -> Option<Vec<CapabilityRow>> {
    let okta = match input.okta(input.target.token.as_ref().ok().cloned()) {
        Ok(okta) => okta,
        Err(problem) => {
            sink.found::<()>(CheckId::Domain, Finding::of_problem(&problem));
            return skip_rest(sink, CheckId::Domain, Skip::Depends);
        }
    };
    let (org, is_safe) = tokio::join!(
        sink.check(CheckId::Domain, host_and_certificates::domain(&okta, input.target.org_id.as_deref())),
        sink.check(CheckId::Tls, host_and_certificates::tls(input, okta.host())),
    );
    let Some(org) = org else { return skip_rest(sink, CheckId::Domain, Skip::Depends) };
    sink.found::<()>(CheckId::Clock, this_computer::clock(org.server_time));
    if let Err(problem) = &input.target.token {
        let is_still_to_do = problem.code == Code::TokenMissing && !input.target.is_monitored;
        let finding = if is_still_to_do { Finding::skipped(Skip::NoToken) } else { unreadable_secret(problem) };
        sink.found::<()>(CheckId::Token, finding);
        let why = if problem.code.is_keychain() { Skip::Keychain } else { Skip::NoToken };
        return skip_rest(sink, CheckId::Token, why);
    }
    if is_safe.is_none() {
        return skip_rest(sink, CheckId::Clock, Skip::Depends);
    }
    let okta_now = org.server_time.map_or_else(|| input.handles.clock.now(), |time| time.okta);
    run_with_token(input, sink, &okta, okta_now, send_log).await
}

async fn run_with_token(
    input: &ProbeInput,
    sink: &RowSink<'_>,
    okta: &Okta,
    okta_now: DateTime<Utc>,
    send_log: oneshot::Sender<(Okta, LogSample)>,
) -> Option<Vec<CapabilityRow>> {
    // The System Log is read along with the token's owner: it does not depend on the owner, and the delivery check waits for it.
    let (user, log) = tokio::join!(
        sink.check(CheckId::Token, token_owner::token(okta)),
        sink.withheld(CheckId::SystemLog, system_log::system_log(okta, okta_now)),
    );
    let Some(user) = user.map(|answer| answer.value) else { return skip_rest(sink, CheckId::Token, Skip::Depends) };
    let log = log.and_then(|(row, log)| {
        sink.add(row);
        log
    });
    sink.found::<()>(CheckId::Owner, token_owner::owner(&user, input.history.owner));
    let rate = log.as_ref().map(|log| log.rate.clone());
    // The receiver is gone if the delivery check is not wanted.
    drop(log.map(|log| send_log.send((okta.clone(), log))));
    run_with_user(input, sink, okta, &user, okta_now, rate).await
}

async fn run_with_user(
    input: &ProbeInput,
    sink: &RowSink<'_>,
    okta: &Okta,
    user: &User,
    okta_now: DateTime<Utc>,
    rate: Option<Option<RateLimit>>,
) -> Option<Vec<CapabilityRow>> {
    let profile = input.target.profile;
    let (roles, _, users, zones) = tokio::join!(
        sink.check(CheckId::Roles, token_rights::roles(okta, user, profile, input.history.roles.as_deref())),
        sink.check(CheckId::TokenEntry, token_list_entry::token_entry(okta, user, input, okta_now)),
        sink.check(CheckId::Users, token_rights::users(okta, profile)),
        sink.check(CheckId::Zones, token_rights::zones(okta, profile)),
    );
    let rate = match rate {
        Some(rate) => system_log::rate_limit(rate.as_ref(), input.own_log_requests()),
        None => Finding::skipped(Skip::Depends),
    };
    sink.found::<()>(CheckId::RateLimit, rate);
    let access = ReadAccess { logs: sink.was_allowed(CheckId::SystemLog), users, zones };
    sink.wants(CheckId::Capabilities).then(|| capability_rows(sink, input, profile, roles.as_ref(), access))
}

fn capability_rows(
    sink: &RowSink<'_>,
    input: &ProbeInput,
    profile: Profile,
    roles: Option<&List<Role>>,
    access: ReadAccess,
) -> Vec<CapabilityRow> {
    let rows = table_with_proof(profile, roles, access, &input.history.proven);
    sink.found::<()>(CheckId::Capabilities, finding_of(&rows));
    rows
}

/// Adds a skipped row for every check of Okta after `last` that has no row.
fn skip_rest(sink: &RowSink<'_>, last: CheckId, why: Skip) -> Option<Vec<CapabilityRow>> {
    let okta = CheckId::ALL.into_iter().filter(|check| *check > last && *check < CheckId::RadiantTls);
    for check in okta.filter(|check| !sink.has_row(*check)) {
        sink.found::<()>(check, Finding::skipped(why));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_run_with_its_dependencies_and_no_more() {
        let wanted = with_dependencies(&[CheckId::RateLimit]);
        let expected = [CheckId::Domain, CheckId::Tls, CheckId::Token, CheckId::SystemLog, CheckId::RateLimit];
        assert_eq!(wanted, expected.into_iter().collect());
        let radiant = [CheckId::RadiantTls, CheckId::RadiantSearch];
        assert_eq!(with_dependencies(&radiant[..1]), radiant.into_iter().collect());
        assert_eq!(with_dependencies(&CheckId::ALL).len(), CheckId::ALL.len());
    }
}
