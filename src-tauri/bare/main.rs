//! The baseline that `cargo xtask bench idle` compares the app with: a tray icon, one window, one static page.
//!
//! It is a binary of the shell's package, so that versions, features and profile are the same. It is built only with
//! `--features bare` and is in no package. `--hidden` starts it without a window.

#![expect(clippy::expect_used, reason = "a baseline that does not start cannot be measured")]

use tauri::image::Image;
use tauri::menu::{Menu, MenuItem};
use tauri::tray::TrayIconBuilder;
use tauri::{App, Builder, RunEvent, WebviewUrl, WebviewWindowBuilder};

fn main() {
    let app = Builder::default().setup(set_up).build(tauri::generate_context!("bare/tauri.conf.json"));
    app.expect("the bare app starts").run(|_, event| {
        if let RunEvent::ExitRequested { api, code: None, .. } = event {
            api.prevent_exit();
        }
    });
}

fn set_up(app: &mut App) -> Result<(), Box<dyn std::error::Error>> {
    let menu = Menu::with_items(app, &[&MenuItem::with_id(app, "quit", "Quit", true, None::<&str>)?])?;
    TrayIconBuilder::new()
        .icon(Image::from_bytes(include_bytes!("../../icons/tray/ok-dark@2x.png"))?)
        .tooltip("Bare")
        .menu(&menu)
        .on_menu_event(|app, _| app.exit(0))
        .build(app)?;
    if !std::env::args().any(|arg| arg == "--hidden") {
        WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into()))
            .title("Okta Connector for Radiant: bare")
            .inner_size(1080.0, 720.0)
            .build()?;
    }
    Ok(())
}
