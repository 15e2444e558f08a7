//! The tray icon of Windows and macOS, drawn by Tauri on the main thread.

use std::sync::Arc;

use agent::tray::content::{MenuEntry, TrayContent};
use agent::tray::{OnChoice, OnPresenceChange, Tray, TrayChoice, TraySetup, icon_images};
use tauri::image::Image;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Runtime};

/// The icon of one host.
pub(crate) struct TauriTray<R: Runtime> {
    app: AppHandle<R>,
    id: &'static str,
    on_choice: OnChoice,
    on_presence_change: OnPresenceChange,
}

impl<R: Runtime> TauriTray<R> {
    /// Creates the tray; the icon appears with its first content.
    pub(crate) fn new(app: &AppHandle<R>, practice: bool, setup: TraySetup) -> Self {
        let id = if practice { "tray-practice" } else { "tray" };
        let TraySetup { on_choice, on_presence_change, .. } = setup;
        Self { app: app.clone(), id, on_choice, on_presence_change }
    }
}

impl<R: Runtime> Tray for TauriTray<R> {
    fn draw(&self, content: Option<TrayContent>) {
        let (app, id, on_choice) = (self.app.clone(), self.id, Arc::clone(&self.on_choice));
        let on_presence_change = Arc::clone(&self.on_presence_change);
        let scheduled = self.app.run_on_main_thread(move || {
            let was_there = app.tray_by_id(id).is_some();
            let shown = match content {
                Some(content) => show(&app, id, &content, &on_choice),
                None => {
                    drop(app.remove_tray_by_id(id));
                    Ok(())
                }
            };
            if let Err(error) = shown {
                tracing::warn!(%error, "the tray was not redrawn");
            }
            if app.tray_by_id(id).is_some() != was_there {
                on_presence_change();
            }
        });
        if let Err(error) = scheduled {
            tracing::debug!(%error, "the app is ending");
        }
    }

    fn is_there(&self) -> bool {
        self.app.tray_by_id(self.id).is_some()
    }
}

fn show<R: Runtime>(app: &AppHandle<R>, id: &str, content: &TrayContent, on_choice: &OnChoice) -> tauri::Result<()> {
    let Some(tray) = app.tray_by_id(id) else { return build(app, id, content, on_choice) };
    tray.set_menu(Some(menu(app, content)?))?;
    tray.set_tooltip(Some(&content.tooltip))?;
    tray.set_icon(Some(Image::from_bytes(icon_images::png(content.icon))?))
}

fn build<R: Runtime>(app: &AppHandle<R>, id: &str, content: &TrayContent, on_choice: &OnChoice) -> tauri::Result<()> {
    let (on_menu, on_click) = (Arc::clone(on_choice), Arc::clone(on_choice));
    TrayIconBuilder::with_id(id)
        .icon(Image::from_bytes(icon_images::png(content.icon))?)
        .tooltip(&content.tooltip)
        .menu(&menu(app, content)?)
        .show_menu_on_left_click(false)
        .on_menu_event(move |_, event| {
            if let Some(choice) = TrayChoice::from_id(&event.id().0) {
                on_menu(choice);
            }
        })
        .on_tray_icon_event(move |_, event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
                on_click(TrayChoice::Open(None));
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
            MenuEntry::Item { choice, text, enabled } => {
                menu.append(&MenuItem::with_id(app, choice.id(), text, *enabled, None::<&str>)?)?;
            }
        }
    }
    Ok(menu)
}
