//! The one subscriber of changes in this process: it updates the window and tells the agent.

use agent::coalesce::{ChangeBatch, next_batch};
use model::app_change::AppChange;
use model::connection::ConnectionId;
use tauri::{AppHandle, Manager as _, Runtime};
use tokio::sync::broadcast::Receiver;

use crate::app_state::AppState;
use crate::connector_registry::{ConnectorRegistry, is_practice};
use crate::{events, window_host_context};

/// Applies changes until the app ends.
pub(crate) async fn run<R: Runtime>(app: AppHandle<R>, mut changes: Receiver<AppChange>) {
    while let Some(batch) = next_batch(&mut changes).await {
        let state = app.state::<AppState>();
        let connections = changed_connections(&state.connectors, &batch).await;
        if connections.iter().any(is_practice) {
            window_host_context::update_practice(&app);
        }
        let settings = includes(&batch, &AppChange::Settings);
        let real: Vec<ConnectionId> = connections.iter().filter(|id| !is_practice(id)).cloned().collect();
        let watched = real.iter().map(|id| state.agent.set_watched(id, state.connectors.keeps_for_this_run(id)));
        // Each is recorded, whatever the others are.
        if watched.filter(|is_new| *is_new).count() > 0 {
            state.hosts.refresh();
        }
        state.agent.report_changes(if settings { None } else { Some(real) });
        events::send_changes(&app, connections, settings);
    }
}

fn includes(batch: &ChangeBatch, change: &AppChange) -> bool {
    match batch {
        ChangeBatch::These(changes) => changes.contains(change),
        ChangeBatch::Any => true,
    }
}

/// Returns the connections that the window has to read again.
async fn changed_connections(connectors: &ConnectorRegistry, batch: &ChangeBatch) -> Vec<ConnectionId> {
    let id = |change: &AppChange| match change {
        AppChange::Connection(id) => Some(id.clone()),
        AppChange::Settings | AppChange::Notifications => None,
    };
    match batch {
        ChangeBatch::These(changes) => changes.iter().filter_map(id).collect(),
        ChangeBatch::Any => {
            let views = connectors.connections().await.unwrap_or_default();
            views.into_iter().map(|view| view.connection.id).collect()
        }
    }
}
