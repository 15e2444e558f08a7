//! Team alerts that nobody is checking a connection: noticed as for a desktop notification, but whoever is in front of the screen,
//! and kept until they are stored, because the database may be what fails.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use model::alert::AlertEvent;
use model::connection::ConnectionId;
use model::monitor_settings::MonitorSettings;
use model::notification_event::NotificationEvent;
use model::status::Status;

use super::stale_status::StaleStatuses;
use crate::monitor::{KeyedAlert, MonitoredConnection, alert_context};
use crate::probe_pass::ProbeOutcome;
use model::condition_registry::Severity;

/// The connections as they were read last, and what was noticed of them.
#[derive(Debug, Default)]
pub(super) struct StaleStatusAlerts {
    stale: StaleStatuses,
    monitored: Vec<MonitoredConnection>,
    /// When the status of each stale connection was renewed last, by which several processes name the same alert.
    renewed: BTreeMap<ConnectionId, Option<DateTime<Utc>>>,
    unqueued: Vec<KeyedAlert>,
}

impl StaleStatusAlerts {
    /// Notices what is stale at `now`. While the connections cannot be read, `monitored` is `None` and those read last are kept.
    pub(super) fn observe(
        &mut self,
        monitored: Option<Vec<MonitoredConnection>>,
        settings: &MonitorSettings,
        now: DateTime<Utc>,
        woke: Option<DateTime<Utc>>,
    ) {
        if let Some(monitored) = monitored {
            self.stale.update(monitored.clone());
            self.monitored = monitored;
        }
        let status = Status::nobody_checks(None, None);
        let outcome = |one: &MonitoredConnection| ProbeOutcome {
            id: one.id.clone(),
            name: one.name.clone(),
            before: status.clone(),
            after: status.clone(),
            notification: None,
        };
        // A recovery is added to the outcome of its connection.
        let mut outcomes: Vec<_> = self.monitored.iter().map(outcome).collect();
        self.stale.notify(&mut outcomes, settings.status_clock(now), woke, alert_context(settings, now));
        for ProbeOutcome { id, notification, .. } in outcomes {
            self.take(id, notification);
        }
    }

    /// Returns the alerts that are not in the outbox yet.
    pub(super) fn unqueued(&self) -> Vec<KeyedAlert> {
        self.unqueued.clone()
    }

    /// Forgets them, because they were added.
    pub(super) fn queued(&mut self) {
        self.unqueued.clear();
    }

    /// Forgets the problems that ended before they could be added, because alerts are forbidden. The others are kept.
    pub(super) fn held_back(&mut self) {
        let is_worse = |one: &KeyedAlert| matches!(one.event, AlertEvent::Worse { .. });
        let mut kept: Vec<KeyedAlert> = Vec::new();
        for alert in std::mem::take(&mut self.unqueued) {
            let before = kept.iter().rposition(|one| one.connection == alert.connection);
            match before.filter(|at| is_worse(&kept[*at]) && !is_worse(&alert)) {
                Some(at) => {
                    kept.remove(at);
                }
                None => kept.push(alert),
            }
        }
        self.unqueued = kept;
    }

    fn take(&mut self, id: ConnectionId, notification: Option<NotificationEvent>) {
        let (event, renewed) = match notification {
            Some(NotificationEvent::Worse { problem, severity, .. }) => {
                let renewed = self.monitored.iter().find(|one| one.id == id).and_then(|one| one.renewed);
                self.renewed.insert(id.clone(), renewed);
                (AlertEvent::Worse { problem, severity }, renewed)
            }
            Some(NotificationEvent::Recovered { problem }) => {
                let renewed = self.renewed.remove(&id).flatten();
                (AlertEvent::Recovered { problem, severity: Severity::InDoubt }, renewed)
            }
            Some(NotificationEvent::Remind { .. }) | None => return,
        };
        let kind = if matches!(event, AlertEvent::Worse { .. }) { "unchecked" } else { "checked" };
        let key = format!("{kind}-{id}-{}", renewed.map_or(0, |at| at.timestamp_millis()));
        self.unqueued.push(KeyedAlert { connection: id, event, key });
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use model::code::Code;

    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
    }

    fn connection(renewed: i64) -> Vec<MonitoredConnection> {
        let id = ConnectionId("a".to_owned());
        vec![MonitoredConnection { id, name: "acme".to_owned(), renewed: Some(at(renewed)) }]
    }

    #[test]
    fn while_alerts_are_forbidden_a_problem_that_lasts_is_kept_and_one_that_ended_is_not() {
        let settings = MonitorSettings::default();
        let mut alerts = StaleStatusAlerts::default();
        for minute in [0, 31, 34] {
            alerts.observe(Some(connection(0)), &settings, at(minute), None);
        }
        alerts.held_back();
        assert_eq!(alerts.unqueued().len(), 1);
        alerts.observe(Some(connection(50)), &settings, at(50), None);
        assert_eq!(alerts.unqueued().len(), 2);
        alerts.held_back();
        assert!(alerts.unqueued().is_empty());
    }

    #[test]
    fn processes_that_notice_the_same_stale_status_name_the_same_alerts_and_keep_them_until_they_are_stored() {
        // They read the renewed status at different times, and one of them shows notifications to nobody.
        let settings = MonitorSettings { notices: false, ..MonitorSettings::default() };
        let keys = |renewed_again: i64| {
            let mut alerts = StaleStatusAlerts::default();
            for minute in [0, 31, 34] {
                alerts.observe(Some(connection(0)), &settings, at(minute), None);
            }
            // While the database cannot be read.
            alerts.observe(None, &settings, at(40), None);
            alerts.observe(Some(connection(renewed_again)), &settings, at(renewed_again), None);
            alerts.unqueued().into_iter().map(|one| (one.key, one.event.code())).collect::<Vec<_>>()
        };
        let (one, other) = (keys(50), keys(61));
        assert_eq!(one, other);
        assert_eq!(one.len(), 2, "once worse, once resolved: {one:?}");
        assert!(one.iter().all(|(_, code)| *code == Some(Code::NobodyChecks)));
        let mut alerts = StaleStatusAlerts::default();
        for minute in [0, 31, 34] {
            alerts.observe(Some(connection(0)), &settings, at(minute), None);
        }
        alerts.queued();
        assert!(alerts.unqueued().is_empty());
    }
}
