//! Checks the System Log: whether it is readable, its newest event, and its rate limit.

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::Finding;
use model::check::{FactKey, Outcome};
use model::code::Code;
use model::link_target::LinkTarget;
use model::log_event::LogEvent;
use okta::{Answer, Failure, LogQuery, Okta, Page, RateLimit, ServerTime};

/// The period in which the newest events are searched.
const PERIOD: TimeDelta = TimeDelta::hours(24);
/// The largest error of the assumed time with which the newest events are found: less than the query reaches into the future.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(4);
/// Most events that are read.
const MAX_EVENTS: u32 = 100;

/// The newest page of the System Log.
#[derive(Debug, Clone)]
pub(super) struct LogSample {
    /// The events, newest first.
    pub(super) events: Vec<LogEvent>,
    /// The rate limit, if the headers named it.
    pub(super) rate: Option<RateLimit>,
    /// Okta's clock, if the headers named it.
    pub(super) server_time: Option<ServerTime>,
}

/// Checks that the System Log is readable, by one page of the newest events.
pub(super) async fn system_log(okta: &Okta, okta_now: DateTime<Utc>) -> (Finding, Option<LogSample>) {
    match newest_page(okta, okta_now).await {
        Ok(answer) => {
            let (events, unreadable) = (answer.value.entries, answer.value.unreadable);
            let newest = events.iter().map(|event| event.published).max();
            let read = if events.is_empty() { Finding::attention(Code::LogsEmpty) } else { Finding::passed() };
            let finding = Finding::of_unreadable_list(events.len(), unreadable)
                .unwrap_or(read)
                .fact_if(FactKey::NewestEvent, newest.map(|at| at.to_rfc3339()))
                .fact(FactKey::EventCount, events.len().to_string())
                .left_out(unreadable)
                .evidence(&answer.evidence)
                .link(LinkTarget::OktaSystemLog);
            // Without a readable event it is unknown whether there is something that could have arrived in Radiant.
            let is_sample = !events.is_empty() || unreadable == 0;
            let sample = LogSample { events, rate: answer.rate, server_time: answer.server_time };
            (finding, is_sample.then_some(sample))
        }
        Err(failure) => {
            let finding = Finding::of_okta_path(&failure);
            if failure.code() != Code::PermissionRefused {
                return (finding, None);
            }
            (finding.code(Code::LogsRefused).link(LinkTarget::OktaAdministrators), None)
        }
    }
}

/// Reads the newest page. If the response shows that `okta_now` was wrong, the page of another day was asked for, and the right
/// one is read instead.
pub(crate) async fn newest_page(okta: &Okta, okta_now: DateTime<Utc>) -> Result<Answer<Page<LogEvent>>, Failure> {
    let answer = okta.logs(&newest_events(okta_now)).await?;
    let is_wrong = |time: &ServerTime| (time.to_okta(time.received) - okta_now).abs() > CLOCK_TOLERANCE;
    match answer.server_time.filter(is_wrong) {
        Some(time) => okta.logs(&newest_events(time.to_okta(time.received))).await,
        None => Ok(answer),
    }
}

/// Returns the query of the newest events: bounded, newest first (DOCS system-log-query).
pub(super) fn newest_events(okta_now: DateTime<Utc>) -> LogQuery {
    LogQuery {
        since: Some(okta_now - PERIOD),
        until: Some(okta_now + TimeDelta::minutes(5)),
        limit: MAX_EVENTS,
        descending: true,
        ..LogQuery::default()
    }
}

/// Checks how much is left of the rate limit. `own` is the number of this app's own requests in Okta's window.
pub(super) fn rate_limit(rate: Option<&RateLimit>, own: u32) -> Finding {
    let Some(rate) = rate.filter(|rate| rate.limit > 0) else {
        return Finding::unknown(Code::RateNotTold).link(LinkTarget::OktaRateLimits);
    };
    let others = rate.limit.saturating_sub(rate.remaining).saturating_sub(own);
    let mut finding = if rate.remaining.saturating_mul(5) < rate.limit {
        Finding::attention(Code::RateLow)
    } else if others.saturating_mul(2) > rate.limit {
        Finding::attention(Code::RateOtherConsumers)
    } else {
        Finding::passed()
    };
    if others > 0 {
        finding = finding.fact(FactKey::OtherConsumer, others.to_string());
    }
    if finding.outcome == Outcome::Attention {
        finding = finding.link(LinkTarget::OktaRateLimits);
    }
    finding
        .arg("remaining", rate.remaining.to_string())
        .arg("limit", rate.limit.to_string())
        .arg("count", others.to_string())
        .fact(FactKey::RateLimit, rate.limit.to_string())
        .fact(FactKey::RateRemaining, rate.remaining.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(limit: u32, remaining: u32) -> RateLimit {
        RateLimit { limit, remaining, reset: None }
    }

    #[test]
    fn own_requests_are_not_counted_as_another_clients() {
        let finding = rate_limit(Some(&rate(60, 58)), 2);
        assert_eq!(finding.outcome, Outcome::Passed);
        assert_eq!(finding.code, None);
    }

    #[test]
    fn a_low_limit_and_other_consumers_are_distinguished() {
        assert_eq!(rate_limit(Some(&rate(60, 5)), 1).code, Some(Code::RateLow));
        assert_eq!(rate_limit(Some(&rate(60, 20)), 1).code, Some(Code::RateOtherConsumers));
    }

    #[test]
    fn unusable_headers_are_unknown() {
        assert_eq!(rate_limit(None, 1).code, Some(Code::RateNotTold));
        assert_eq!(rate_limit(Some(&rate(0, 0)), 1).outcome, Outcome::Unknown);
    }
}
