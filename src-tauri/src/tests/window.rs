//! A window without a screen: the app's own commands behind Tauri's mock runtime.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::preferences::Language;
use runtime::Clock;
use secrets::Keychain;
use serde_json::Value;
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder, mock_context, noop_assets};
use tauri::webview::InvokeRequest;
use tauri::{App, Listener as _, Manager as _, State, WebviewWindow, WebviewWindowBuilder};
use tempfile::TempDir;

use crate::alive::Alive;
use crate::bindings::mock_builder_of_commands;
use crate::clipboard::Clipboard;
use crate::desk::Desk;
use crate::doors::{Doors, Home};
use crate::held::Held;
use crate::monitor::Watching;
use crate::notices::Wanted;
use crate::preferences;
use crate::presence::{Presence, System};
use crate::running::Running;

use super::presence::Scripted;

/// The app with one window.
pub(super) struct Window {
    app: App<MockRuntime>,
    window: WebviewWindow<MockRuntime>,
    folder: TempDir,
}

impl Window {
    /// Opens it over an empty folder.
    pub(super) fn open(practice_only: bool) -> Self {
        Self::over(tempfile::tempdir().unwrap(), practice_only)
    }

    /// Opens it over a folder that may hold something, on a system that cannot ask who sits there.
    pub(super) fn over(folder: TempDir, practice_only: bool) -> Self {
        Self::asking(Box::new(Scripted::default()), folder, practice_only)
    }

    /// Opens it over a folder, on a system that asks.
    pub(super) fn asking(system: Box<dyn System>, folder: TempDir, practice_only: bool) -> Self {
        let home = home(&folder, practice_only);
        Self::of(system, folder, home)
    }

    /// Opens it for a home over a folder.
    pub(super) fn of(system: Box<dyn System>, folder: TempDir, home: Home) -> Self {
        let contract = mock_builder_of_commands();
        let app = mock_builder()
            .plugin(tauri_plugin_store::Builder::new().build())
            .plugin(tauri_plugin_opener::init())
            .invoke_handler(contract.invoke_handler())
            .build(mock_context(noop_assets()))
            .unwrap();
        contract.mount_events(&app);
        let preferences_file = folder.path().join("preferences.json");
        app.manage(Desk {
            preferences_problem: Mutex::new(preferences::set_damaged_aside(&preferences_file, Clock::system().now())),
            preferences_file,
            system_language: Some(Language::En),
        });
        app.manage(Doors::open(home));
        app.manage(Presence::new(system, Clock::system(), Duration::from_secs(20), Box::new(drop)));
        app.manage(Running::default());
        app.manage(Watching::default());
        app.manage(Wanted::default());
        app.manage(Held::default());
        app.manage(Clipboard::start(drop).unwrap());
        let window = WebviewWindowBuilder::new(&app, "main", tauri::WebviewUrl::default()).build().unwrap();
        Self { app, window, folder }
    }

    /// Calls a command as the page would.
    pub(super) fn call(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: home_page(),
            body: InvokeBody::Json(arguments),
            headers: tauri::http::HeaderMap::default(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        get_ipc_response(&self.window, request).map(|body| body.deserialize().unwrap())
    }

    /// Counts an event from now on, as a page that listens to it.
    pub(super) fn count(&self, event: &str) -> Arc<AtomicUsize> {
        let heard = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&heard);
        self.window.listen(event, move |_| {
            counts.fetch_add(1, Ordering::Relaxed);
        });
        heard
    }

    /// The doors behind it.
    pub(super) fn doors(&self) -> State<'_, Doors> {
        self.app.state()
    }

    /// What was shown before it is saved or taken in.
    pub(super) fn held(&self) -> State<'_, Held> {
        self.app.state()
    }

    /// Closes it and returns its folder.
    pub(super) fn into_folder(self) -> TempDir {
        self.folder
    }

    /// The folder of the real database.
    pub(super) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

fn home_page() -> tauri::Url {
    if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" }.parse().unwrap()
}

/// A home over a folder, with keychains in memory.
pub(super) fn home(folder: &TempDir, practice_only: bool) -> Home {
    Home {
        data_dir: folder.path().to_owned(),
        practice_only,
        operator: "operator".to_owned(),
        clock: Clock::system(),
        vault: Keychain::memory(),
        practice_vault: Keychain::memory(),
        policy: None,
        practice_runs: Alive::file("test"),
    }
}
