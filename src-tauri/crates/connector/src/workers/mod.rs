//! The background workers of a connector, as values: agent, window and `connectorctl watch` run the same list.

mod alerts;
mod hosted_connections;
mod monitoring;
mod pass_memory;
mod relay;
mod stale_status;
mod stale_status_alerts;
mod updates;
mod worker_host;

use std::sync::Arc;

use runtime::{Clock, Wake, Worker};
use tokio_util::sync::CancellationToken;

use crate::Connector;
use crate::power_events::PowerEvents;
use monitoring::MonitoringPass;
use relay::RelayPass;

pub use worker_host::WorkerHost;

/// Every background worker of a connector.
pub struct Workers {
    workers: Vec<Worker>,
    monitoring: MonitoringPass,
    wake: Wake,
    power_events: PowerEvents,
    clock: Clock,
    end: CancellationToken,
}

impl Workers {
    /// Returns what wakes the workers: something changed that may make work due.
    #[must_use]
    pub fn wake(&self) -> Wake {
        self.wake.clone()
    }

    /// Runs the workers until their `end`, which cancels the probes in progress. Other processes can watch the connections as
    /// soon as this has returned.
    pub async fn run(self) {
        self.power_events.supervise(self.workers, self.clock, self.end).await;
        self.monitoring.release().await;
    }
}

impl Connector {
    /// Returns every background worker. They run until `end`, which also cancels the probes in progress.
    #[must_use]
    pub fn workers(&self, host: Arc<dyn WorkerHost>, power_events: PowerEvents, end: CancellationToken) -> Workers {
        let (wake, clock) = (Wake::default(), self.clock());
        let sender = Wake::default();
        let wakes = (wake.clone(), sender.clone());
        let relay =
            RelayPass::new(self.relay().clone(), Arc::clone(&host), (wake.clone(), power_events.wake()), end.clone());
        let monitoring = MonitoringPass::new(self.clone(), Arc::clone(&host), power_events.clone(), wakes, end.clone());
        let workers = vec![
            monitoring.clone().into_worker(),
            relay.into_worker(),
            alerts::worker(self.clone(), monitoring.locks(), sender, end.clone()),
            updates::worker(self.clone(), host, end.clone()),
        ];
        Workers { workers, monitoring, wake, power_events, clock, end }
    }
}
