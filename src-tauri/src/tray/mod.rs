//! The tray: an icon, a tooltip and a menu, drawn from the same status as the window.
//!
//! [`content`] decides what is shown; it is pure. A desktop without a tray is not an error: the app is fully usable, reports
//! it (`AppInfo::tray`) and adds its icon as soon as there is a tray.

mod content;
mod icon_images;

use std::time::Duration;

use chrono::{DateTime, Utc};
use model::connection::ConnectionId;
use model::problem::Problem;
use runtime::Clock;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager as _, Runtime};
use tokio_util::sync::CancellationToken;

use self::content::{MenuEntry, TrayContent};
use crate::app_state::AppState;
use crate::connectors::Connectors;
use crate::{monitor_control, window};

const ID: &str = "tray";
/// How long to wait before another attempt to add the icon.
const RETRY: Duration = Duration::from_secs(5);

/// Tells whether the tray shows the icon.
pub(crate) fn is_there<R: Runtime>(app: &AppHandle<R>) -> bool {
    app.tray_by_id(ID).is_some()
}

/// Tries to add the icon until there is a tray.
pub(crate) async fn add<R: Runtime>(app: AppHandle<R>, clock: Clock) {
    while !is_there(&app) {
        let content = content(&app).await;
        let handle = app.clone();
        let scheduled = app.run_on_main_thread(move || {
            if let Err(error) = build(&handle, &content) {
                tracing::debug!(%error, "there is no tray yet");
            }
        });
        if let Err(error) = scheduled {
            tracing::debug!(%error, "the app is ending");
            return;
        }
        clock.sleep(RETRY).await;
    }
}

/// Redraws the icon, where the tray shows one.
pub(crate) async fn redraw<R: Runtime>(app: &AppHandle<R>) {
    let Some(tray) = app.tray_by_id(ID) else { return };
    let content = content(app).await;
    let shown = menu(app, &content)
        .and_then(|menu| tray.set_menu(Some(menu)))
        .and_then(|()| tray.set_tooltip(Some(&content.tooltip)))
        .and_then(|()| tray.set_icon(Some(icon_images::of(content.icon)?)));
    if let Err(error) = shown {
        tracing::warn!(%error, "the tray was not redrawn");
    }
}

async fn content<R: Runtime>(app: &AppHandle<R>) -> TrayContent {
    let state = app.state::<AppState>();
    let (connectors, messages) = (&state.connectors, state.messages(app));
    match connectors.connections().await {
        Ok(views) => {
            let paused = connectors
                .notifications_paused_until()
                .await
                .is_some_and(|until| connectors.config().clock.now() < until);
            TrayContent::of(&views, paused, &messages, connectors.practice_only())
        }
        Err(problem) => TrayContent::of_problem(&problem, &messages),
    }
}

fn build<R: Runtime>(app: &AppHandle<R>, content: &TrayContent) -> tauri::Result<()> {
    TrayIconBuilder::with_id(ID)
        .icon(icon_images::of(content.icon)?)
        .tooltip(&content.tooltip)
        .menu(&menu(app, content)?)
        .show_menu_on_left_click(false)
        .on_menu_event(|app, event| on_menu_item(app, &event.id().0))
        .on_tray_icon_event(|tray, event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
                window::open(tray.app_handle());
            }
        })
        .build(app)
        .map(drop)
}

fn menu<R: Runtime>(app: &AppHandle<R>, content: &TrayContent) -> tauri::Result<Menu<R>> {
    let menu = Menu::new(app)?;
    for entry in &content.entries {
        match entry {
            MenuEntry::Separator => menu.append(&PredefinedMenuItem::separator(app)?)?,
            MenuEntry::Item { id, text, enabled } => {
                menu.append(&MenuItem::with_id(app, *id, text, *enabled, None::<&str>)?)?;
            }
        }
    }
    Ok(menu)
}

fn on_menu_item<R: Runtime>(app: &AppHandle<R>, id: &str) {
    match id {
        content::QUIT => app.exit(0),
        content::PAUSE => {
            pause(app, Some(app.state::<AppState>().connectors.config().clock.now() + monitor_control::PAUSE))
        }
        content::RESUME => pause(app, None),
        content::CHECK_NOW => {
            let app = app.clone();
            tauri::async_runtime::spawn(async move { check_all(&app.state::<AppState>().connectors).await });
        }
        _ => window::open(app),
    }
}

fn pause<R: Runtime>(app: &AppHandle<R>, until: Option<DateTime<Utc>>) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let state = app.state::<AppState>();
        if let Err(problem) = state.monitor.pause_notifications(&state.connectors, until).await {
            tracing::warn!(code = %problem.code, "notifications were not paused");
        }
    });
}

/// Runs the checks of every connection that can be checked, one after the other.
async fn check_all(connectors: &Connectors) {
    for view in connectors.connections().await.unwrap_or_default() {
        if content::is_checkable(&view)
            && let Err(problem) = check(connectors, &view.connection.id).await
        {
            tracing::warn!(code = %problem.code, "checks from the tray did not run");
        }
    }
}

async fn check(connectors: &Connectors, id: &ConnectionId) -> Result<(), Problem> {
    connectors.for_connection(id)?.checks().run(id, None, CancellationToken::new(), drop).await.map(drop)
}
