//! The worker that looks for newer versions once a day and announces each once.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use runtime::Worker;
use tokio_util::sync::CancellationToken;

use super::worker_host::WorkerHost;
use crate::Connector;
use model::problem::Problem;

/// The longest time between two passes. A pass that is not due reads one setting.
const MAX_WAIT: Duration = Duration::from_secs(3_600);
/// The wait before the next pass when the database could not be used.
const RETRY: TimeDelta = TimeDelta::minutes(5);

/// Returns the worker.
pub(super) fn worker(connector: Connector, host: Arc<dyn WorkerHost>, end: CancellationToken) -> Worker {
    Worker::new("updates", MAX_WAIT, move || {
        let (connector, host, end) = (connector.clone(), Arc::clone(&host), end.clone());
        async move {
            tokio::select! {
                biased;
                () = end.cancelled() => None,
                next = pass(&connector, &*host) => next,
            }
        }
    })
}

async fn pass(connector: &Connector, host: &dyn WorkerHost) -> Option<DateTime<Utc>> {
    let updates = connector.updates();
    let checked = updates.check_if_due().await;
    let notice = match may_notify(connector, host).await {
        Ok(true) => updates.take_notification().await,
        Ok(false) => Ok(None),
        Err(problem) => Err(problem),
    };
    match notice {
        Ok(Some(notice)) => host.on_update(&notice),
        Ok(None) => {}
        Err(problem) => tracing::warn!(code = %problem.code, "a newer version was not announced"),
    }
    match checked {
        Ok(next) => next,
        Err(problem) => {
            tracing::warn!(code = %problem.code, "newer versions were not looked for");
            Some(connector.clock().now() + RETRY)
        }
    }
}

/// Tells whether a notification may be shown now. A process without notifications leaves it to one that shows them; while they
/// are off or paused, or the window is in front, it waits for a later pass.
async fn may_notify(connector: &Connector, host: &dyn WorkerHost) -> Result<bool, Problem> {
    let settings = connector.settings().monitor().await?;
    let context = host.audience().context(&settings, connector.clock().now());
    Ok(context.is_some_and(|context| !context.is_quiet && !context.in_front))
}
