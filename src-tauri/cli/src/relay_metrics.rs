//! The metrics of a relay for Prometheus: events, delay, backlog, requests, rate limit, undeliverable events.

use chrono::{DateTime, Utc};
use model::relay::{RelayPhase, RelayView};

use crate::metrics_text::{Kind, MetricsText};

/// Every phase, so that each has a sample and a query needs no absent series.
const PHASES: [RelayPhase; 10] = [
    RelayPhase::Off,
    RelayPhase::Paused,
    RelayPhase::Starting,
    RelayPhase::CatchingUp,
    RelayPhase::CaughtUp,
    RelayPhase::Delivering,
    RelayPhase::HeldByOkta,
    RelayPhase::HeldByRadiant,
    RelayPhase::Full,
    RelayPhase::Stopped,
];

/// Returns the metrics as text. `used_rate_percent` is the part of Okta's limit that the relay used in the current window.
pub(crate) fn text(view: &RelayView, used_rate_percent: u32, now: DateTime<Utc>) -> String {
    let mut out = MetricsText::default();
    state(&mut out, view);
    events(&mut out, view);
    waiting(&mut out, view, now);
    out.each(
        Kind::Gauge,
        "okta_relay_rate_limit_used_ratio",
        "Part of the System Log's rate limit that the relay used in the current window.",
        &[(&[], f64::from(used_rate_percent) / 100.0)],
    );
    let share = f64::from(view.settings.rate_share) / 100.0;
    out.one(Kind::Gauge, "okta_relay_rate_limit_share_ratio", "Part of the rate limit that the relay may use.", share);
    out.finish()
}

fn state(out: &mut MetricsText, view: &RelayView) {
    let names = PHASES.map(|phase| (phase, <&str>::from(phase)));
    let labels = names.map(|(phase, name)| ([("phase", name)], f64::from(u8::from(phase == view.phase))));
    let samples: Vec<(&[(&str, &str)], f64)> =
        labels.iter().map(|(labels, value)| (labels.as_slice(), *value)).collect();
    out.each(Kind::Gauge, "okta_relay_phase", "1 for what the relay does now.", &samples);
    let codes: Vec<_> = view.problems.iter().map(|problem| problem.code.to_string()).collect();
    let labels: Vec<_> = codes.iter().map(|code| [("code", code.as_str())]).collect();
    let samples: Vec<(&[(&str, &str)], f64)> = labels.iter().map(|labels| (labels.as_slice(), 1.0)).collect();
    out.each(Kind::Gauge, "okta_relay_problem", "1 for each problem that needs attention.", &samples);
}

fn events(out: &mut MetricsText, view: &RelayView) {
    let counters = &view.state.counters;
    for (name, help, value) in [
        ("okta_relay_events_received_total", "Events that Okta returned for the first time.", counters.received),
        ("okta_relay_events_duplicate_total", "Events that Okta returned again.", counters.duplicates),
        ("okta_relay_events_unreadable_total", "Entries without a uuid, which are relayed too.", counters.unreadable),
        ("okta_relay_events_delivered_total", "Events that Radiant accepted.", counters.delivered),
    ] {
        out.one(Kind::Counter, name, help, number(value));
    }
    out.each(
        Kind::Counter,
        "okta_relay_requests_total",
        "Requests.",
        &[
            (&[("to", "okta")], number(counters.okta_requests)),
            (&[("to", "radiant")], number(counters.radiant_requests)),
        ],
    );
    out.one(Kind::Gauge, "okta_relay_dead_letters", "Events that could not be delivered.", number(view.undeliverable));
}

fn waiting(out: &mut MetricsText, view: &RelayView, now: DateTime<Utc>) {
    let state = &view.state;
    out.one(Kind::Gauge, "okta_relay_backlog_events", "Events that wait for delivery.", number(state.backlog_events));
    out.one(Kind::Gauge, "okta_relay_backlog_bytes", "Their bytes before compression.", number(state.backlog_bytes));
    let bound = number(view.settings.max_backlog_bytes());
    out.one(Kind::Gauge, "okta_relay_backlog_limit_bytes", "Bytes at which the relay stops reading.", bound);
    let oldest = view.oldest_waiting.map_or(0.0, |at| seconds(now, at).max(0.0));
    out.one(Kind::Gauge, "okta_relay_oldest_waiting_seconds", "Age of the oldest event that waits.", oldest);
    let delay = state.delay_ms.map_or(f64::NAN, |ms| number(ms) / 1000.0);
    out.one(Kind::Gauge, "okta_relay_delay_seconds", "Time from Okta to Radiant of the newest delivery.", delay);
    for (name, help, at) in [
        ("okta_relay_last_read_timestamp_seconds", "When Okta was read last.", state.polled),
        ("okta_relay_last_delivery_timestamp_seconds", "When Radiant accepted events last.", state.delivered),
        ("okta_relay_last_caught_up_timestamp_seconds", "When everything was read last.", state.caught_up),
    ] {
        out.one(Kind::Gauge, name, help, at.map_or(f64::NAN, |at| seconds(at, DateTime::UNIX_EPOCH)));
    }
}

/// Returns the seconds from `before` to `at`.
fn seconds(at: DateTime<Utc>, before: DateTime<Utc>) -> f64 {
    let milliseconds = (at - before).num_milliseconds();
    let absolute = number(milliseconds.unsigned_abs()) / 1000.0;
    if milliseconds < 0 { -absolute } else { absolute }
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus has no other numbers, and these stay far below 2^53")]
fn number(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use model::code::Code;
    use model::problem::Problem;
    use model::relay::{RelayCounters, RelayState};
    use model::relay_settings::RelaySettings;

    use super::*;

    fn view() -> RelayView {
        let at = |seconds: i64| DateTime::from_timestamp(1_800_000_000 + seconds, 0);
        let counters = RelayCounters { received: 12, delivered: 9, okta_requests: 3, ..RelayCounters::default() };
        let state =
            RelayState { polled: at(0), delay_ms: Some(31_500), backlog_events: 3, counters, ..RelayState::default() };
        RelayView {
            settings: RelaySettings::default(),
            state,
            phase: RelayPhase::HeldByRadiant,
            problems: vec![Problem::new(Code::RelayHeld)],
            backfill: None,
            oldest_waiting: at(-60),
            undeliverable: 2,
            gaps: Vec::new(),
            has_token: true,
        }
    }

    #[test]
    fn each_number_has_its_metric() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let text = text(&view(), 12, now);
        for line in [
            "okta_relay_phase{phase=\"held_by_radiant\"} 1",
            "okta_relay_phase{phase=\"caught_up\"} 0",
            "okta_relay_problem{code=\"relay_held\"} 1",
            "okta_relay_events_received_total 12",
            "okta_relay_events_delivered_total 9",
            "okta_relay_requests_total{to=\"okta\"} 3",
            "okta_relay_dead_letters 2",
            "okta_relay_backlog_events 3",
            "okta_relay_backlog_limit_bytes 2147483648",
            "okta_relay_oldest_waiting_seconds 60",
            "okta_relay_delay_seconds 31.5",
            "okta_relay_last_read_timestamp_seconds 1800000000",
            "okta_relay_rate_limit_used_ratio 0.12",
            "okta_relay_rate_limit_share_ratio 0.5",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in:\n{text}");
        }
        let times = text.lines().filter(|line| line.starts_with("okta_relay_last_delivery"));
        assert_eq!(times.count(), 0, "a time that is not known has no sample");
    }
}
