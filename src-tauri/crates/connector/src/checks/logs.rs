//! Is the System Log readable, how fresh is it, and is there head-room below its rate limit?

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::Finding;
use model::check::{FactKey, Outcome};
use model::code::Code;
use model::event::LogEvent;
use model::link::LinkTarget;
use okta::{LogQuery, Okta, RateLimit, ServerTime};

/// How far back the newest events are looked for.
pub(super) const WINDOW: TimeDelta = TimeDelta::hours(24);
/// At most this many events are looked at.
pub(super) const SAMPLE: u32 = 100;

/// What reading the System Log yielded for the questions after it.
#[derive(Debug, Clone)]
pub(super) struct LogsSeen {
    /// Newest first.
    pub(super) events: Vec<LogEvent>,
    /// Head-room, as Okta told it.
    pub(super) rate: Option<RateLimit>,
    /// Okta's clock, as it told it.
    pub(super) server_time: Option<ServerTime>,
}

/// Reads one page of the newest events.
pub(super) async fn system_log(okta: &Okta, okta_now: DateTime<Utc>) -> (Finding, Option<LogsSeen>) {
    match okta.logs(&newest(okta_now)).await {
        Ok(answer) => {
            let events = answer.value.events;
            let newest = events.iter().map(|event| event.published).max();
            let finding = match (events.is_empty(), answer.value.unreadable) {
                (false, _) => Finding::passed(),
                (true, 0) => Finding::attention(Code::LogsEmpty),
                // There was something, and none of it was an event.
                (true, _) => Finding::unknown(Code::AnswerUnreadable),
            };
            let finding = finding
                .fact_if(FactKey::NewestEvent, newest.map(|at| at.to_rfc3339()))
                .fact(FactKey::EventCount, events.len().to_string())
                .evidence(&answer.evidence)
                .link(LinkTarget::OktaSystemLog);
            (finding, Some(LogsSeen { events, rate: answer.rate, server_time: answer.server_time }))
        }
        Err(failure) => {
            let finding = Finding::of(&failure);
            let refused = failure.code() == Code::PermissionRefused;
            let refusal = |finding: Finding| finding.code(Code::LogsRefused).link(LinkTarget::OktaAdministrators);
            (if refused { refusal(finding) } else { finding }, None)
        }
    }
}

/// The query for the newest events: bounded, newest first (DOCS system-log-query).
pub(super) fn newest(okta_now: DateTime<Utc>) -> LogQuery {
    LogQuery {
        since: Some(okta_now - WINDOW),
        until: Some(okta_now + TimeDelta::minutes(5)),
        limit: SAMPLE,
        descending: true,
        ..LogQuery::default()
    }
}

/// Is there head-room? `ours` is the number of System Log requests that this app made itself in Okta's window.
pub(super) fn head_room(rate: Option<&RateLimit>, ours: u32) -> Finding {
    let Some(rate) = rate.filter(|rate| rate.limit > 0) else {
        return Finding::unknown(Code::RateNotTold).link(LinkTarget::OktaRateLimits);
    };
    let others = rate.limit.saturating_sub(rate.remaining).saturating_sub(ours);
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
    fn our_own_requests_are_not_taken_for_another_client() {
        let finding = head_room(Some(&rate(60, 58)), 2);
        assert_eq!(finding.outcome, Outcome::Passed);
        assert_eq!(finding.code, None);
    }

    #[test]
    fn little_left_and_busy_others_are_told_apart() {
        assert_eq!(head_room(Some(&rate(60, 5)), 1).code, Some(Code::RateLow));
        assert_eq!(head_room(Some(&rate(60, 20)), 1).code, Some(Code::RateOtherConsumers));
    }

    #[test]
    fn no_usable_header_is_unknown() {
        assert_eq!(head_room(None, 1).code, Some(Code::RateNotTold));
        assert_eq!(head_room(Some(&rate(0, 0)), 1).outcome, Outcome::Unknown);
    }
}
