//! The one subscriber of changes: it updates the window, shows notifications and redraws the tray.

use tauri::{AppHandle, Manager as _, Runtime};
use tauri_specta::Event;
use tokio::sync::broadcast::Receiver;

use model::connection::ConnectionId;

use crate::app_state::AppState;
use crate::coalesce::{ChangeBatch, next_batch};
use crate::connectors::Connectors;
use crate::events::{SettingsChanged, StatusChanged};
use crate::{notifications, tray};
use model::app_change::AppChange;

/// Applies changes until the app ends. Changes that arrive together redraw the tray once.
pub(crate) async fn run<R: Runtime>(app: AppHandle<R>, mut changes: Receiver<AppChange>) {
    while let Some(batch) = next_batch(&mut changes).await {
        let state = app.state::<AppState>();
        let connections = changed_connections(&state.connectors, &batch).await;
        let settings = includes(&batch, &AppChange::Settings);
        if settings {
            emit(&app, &SettingsChanged);
        }
        // The monitor's own notifications do not wake it.
        if settings || !connections.is_empty() {
            state.monitor.wake();
        }
        for id in connections {
            emit(&app, &StatusChanged { id });
        }
        notifications::show(&app, &state.monitor.take_outcomes());
        tray::redraw(&app).await;
    }
}

fn includes(batch: &ChangeBatch, change: &AppChange) -> bool {
    match batch {
        ChangeBatch::These(changes) => changes.contains(change),
        ChangeBatch::Any => true,
    }
}

/// Returns the connections that the window has to read again.
async fn changed_connections(connectors: &Connectors, batch: &ChangeBatch) -> Vec<ConnectionId> {
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

fn emit<R: Runtime, E: Event + serde::Serialize + Clone>(app: &AppHandle<R>, event: &E) {
    if let Err(error) = event.emit(app) {
        tracing::debug!(%error, "the window did not receive a change");
    }
}
