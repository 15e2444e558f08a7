//! The worker that sends team alerts, apart from monitoring, so that a slow receiver delays no probe.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use runtime::{Wake, Worker};
use tokio_util::sync::CancellationToken;

use crate::Connector;
use crate::monitor::MonitoringLocks;

/// The longest time between two passes, because another process may leave alerts to this one.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// The wait before the next pass when the database could not be used.
const RETRY: TimeDelta = TimeDelta::seconds(30);

/// Returns the worker. It sends the alerts about the connections that this process watches.
pub(super) fn worker(connector: Connector, locks: MonitoringLocks, wake: Wake, end: CancellationToken) -> Worker {
    let worker = Worker::new("alerts", MAX_WAIT, move || {
        let (connector, locks, end) = (connector.clone(), locks.clone(), end.clone());
        async move {
            tokio::select! {
                biased;
                // An alert that is being sent is tried again by another process, with the same id.
                () = end.cancelled() => None,
                next = pass(&connector, &locks) => next,
            }
        }
    });
    worker.woken_by(wake)
}

async fn pass(connector: &Connector, locks: &MonitoringLocks) -> Option<DateTime<Utc>> {
    match connector.alerts().send_due(&locks.held()).await {
        Ok(next) => next,
        Err(problem) => {
            tracing::warn!(code = %problem.code, "the outbox of alerts could not be used");
            Some(connector.clock().now() + RETRY)
        }
    }
}
