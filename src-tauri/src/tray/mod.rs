//! The tray: a face, a tooltip and a menu, drawn from the same status the window draws.
//!
//! What is drawn is decided by [`drawing`], a pure function. A desktop without a place for it is no fault: the app is fully
//! usable, says so (`AppInfo::tray`), and takes its place when one appears.

mod drawing;
mod icons;

use std::time::Duration;

use chrono::{DateTime, Utc};
use model::connection::ConnectionId;
use model::problem::Problem;
use runtime::Clock;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager as _, Runtime};
use tokio_util::sync::CancellationToken;

use self::drawing::{Drawing, Item};
use crate::desk::Desk;
use crate::doors::Doors;
use crate::{monitor, window};

const ID: &str = "tray";
/// How long to wait before asking again for a place in the tray.
const AGAIN: Duration = Duration::from_secs(5);

/// Tells whether the tray icon has a place.
pub(crate) fn is_there<R: Runtime>(app: &AppHandle<R>) -> bool {
    app.tray_by_id(ID).is_some()
}

/// Keeps asking for a place in the tray until there is one.
pub(crate) async fn settle<R: Runtime>(app: AppHandle<R>, clock: Clock) {
    while !is_there(&app) {
        let drawn = drawing(&app).await;
        let handle = app.clone();
        let asked = app.run_on_main_thread(move || {
            if let Err(error) = place(&handle, &drawn) {
                tracing::debug!(%error, "no place in the tray yet");
            }
        });
        if let Err(error) = asked {
            tracing::debug!(%error, "the app is ending");
            return;
        }
        clock.sleep(AGAIN).await;
    }
}

/// Draws the tray anew, when it has a place.
pub(crate) async fn redraw<R: Runtime>(app: &AppHandle<R>) {
    let Some(tray) = app.tray_by_id(ID) else { return };
    let drawn = drawing(app).await;
    let shown = menu(app, &drawn)
        .and_then(|menu| tray.set_menu(Some(menu)))
        .and_then(|()| tray.set_tooltip(Some(&drawn.tooltip)))
        .and_then(|()| tray.set_icon(Some(icons::of(drawn.face)?)));
    if let Err(error) = shown {
        tracing::warn!(%error, "the tray was not redrawn");
    }
}

async fn drawing<R: Runtime>(app: &AppHandle<R>) -> Drawing {
    let messages = app.state::<Desk>().words(app);
    let doors = app.state::<Doors>().inner().clone();
    match doors.connections().await {
        Ok(views) => {
            let paused = monitor::pause_end(&doors).await.is_some_and(|until| doors.now() < until);
            Drawing::of(&views, paused, &messages, doors.practice_only())
        }
        Err(problem) => Drawing::of_problem(&problem, &messages),
    }
}

fn place<R: Runtime>(app: &AppHandle<R>, drawn: &Drawing) -> tauri::Result<()> {
    TrayIconBuilder::with_id(ID)
        .icon(icons::of(drawn.face)?)
        .tooltip(&drawn.tooltip)
        .menu(&menu(app, drawn)?)
        .show_menu_on_left_click(false)
        .on_menu_event(|app, event| chosen(app, &event.id().0))
        .on_tray_icon_event(|tray, event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
                window::open(tray.app_handle());
            }
        })
        .build(app)
        .map(drop)
}

fn menu<R: Runtime>(app: &AppHandle<R>, drawn: &Drawing) -> tauri::Result<Menu<R>> {
    let menu = Menu::new(app)?;
    for item in &drawn.items {
        match item {
            Item::Line => menu.append(&PredefinedMenuItem::separator(app)?)?,
            Item::Entry { id, text, enabled } => {
                menu.append(&MenuItem::with_id(app, *id, text, *enabled, None::<&str>)?)?;
            }
        }
    }
    Ok(menu)
}

fn chosen<R: Runtime>(app: &AppHandle<R>, id: &str) {
    match id {
        drawing::QUIT => app.exit(0),
        drawing::PAUSE => pause(app, Some(app.state::<Doors>().now() + monitor::PAUSE)),
        drawing::RESUME => pause(app, None),
        drawing::CHECK_NOW => {
            let app = app.clone();
            tauri::async_runtime::spawn(async move { check_all(&app.state::<Doors>().inner().clone()).await });
        }
        _ => window::open(app),
    }
}

fn pause<R: Runtime>(app: &AppHandle<R>, until: Option<DateTime<Utc>>) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if let Err(problem) = monitor::pause_notices(&app, until).await {
            tracing::warn!(code = %problem.code, "notices were not paused");
        }
    });
}

/// Runs the checks of every connection that can be checked, one after the other.
async fn check_all(doors: &Doors) {
    for view in doors.connections().await.unwrap_or_default() {
        if drawing::is_checkable(&view) {
            let checked = check(doors, &view.connection.id).await;
            if let Err(problem) = checked {
                tracing::warn!(code = %problem.code, "checks from the tray did not run");
            }
        }
    }
}

async fn check(doors: &Doors, id: &ConnectionId) -> Result<(), Problem> {
    let run = doors.of(id)?.run_checks(id, None, CancellationToken::new(), drop).await;
    doors.tell(id, run).map(drop)
}
