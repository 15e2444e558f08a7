//! A window without a screen: the app's commands behind Tauri's mock runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use connector::ConnectorConfig;
use model::preferences::Language;
use runtime::Clock;
use serde_json::Value;
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder, mock_context, noop_assets};
use tauri::webview::InvokeRequest;
use tauri::{App, Listener as _, Manager as _, State, WebviewWindow, WebviewWindowBuilder};
use tempfile::TempDir;

use super::scripted_prompt::ScriptedPrompt;
use crate::agent_link::AgentLink;
use crate::app_state::AppState;
use crate::bindings::mock_builder_of_commands;
use crate::change_subscriber;
use crate::clipboard::Clipboard;
use crate::connector_registry::ConnectorRegistry;
use crate::reauthentication::{Reauthentication, SystemPrompt};
use crate::start_config::StartConfig;
use agent::preferences_file::PreferencesFile;

/// The app with one window.
pub(super) struct FixtureWindow {
    app: App<MockRuntime>,
    window: WebviewWindow<MockRuntime>,
    folder: TempDir,
}

impl FixtureWindow {
    /// Opens a window over an empty folder.
    pub(super) fn open(practice_only: bool) -> Self {
        Self::with_folder(tempfile::tempdir().unwrap(), practice_only)
    }

    /// Opens a window over an existing folder, on a system that cannot show a re-authentication prompt.
    pub(super) fn with_folder(folder: TempDir, practice_only: bool) -> Self {
        Self::with_prompt(Box::new(ScriptedPrompt::default()), folder, practice_only)
    }

    /// Opens a window over a folder, on a system with this prompt.
    pub(super) fn with_prompt(prompt: Box<dyn SystemPrompt>, folder: TempDir, practice_only: bool) -> Self {
        let config = start_config(&folder, practice_only);
        Self::with_config(prompt, folder, config)
    }

    /// Opens a window with this configuration over a folder.
    pub(super) fn with_config(prompt: Box<dyn SystemPrompt>, folder: TempDir, config: StartConfig) -> Self {
        let contract = mock_builder_of_commands();
        let app = mock_builder()
            .plugin(tauri_plugin_opener::init())
            .invoke_handler(contract.invoke_handler())
            .build(mock_context(noop_assets()))
            .unwrap();
        contract.mount_events(&app);
        let (file, clock) = (folder.path().join("preferences.json"), Clock::system());
        app.manage(AppState::new(
            ConnectorRegistry::open(config),
            PreferencesFile::open(file, Some(Language::En), clock.now()),
            AgentLink::new(false),
            Clipboard::start(drop).unwrap(),
            Reauthentication::new(prompt, clock, Duration::from_secs(20), Box::new(drop)),
        ));
        let changes = app.state::<AppState>().connectors.changes();
        tauri::async_runtime::spawn(change_subscriber::run(app.handle().clone(), changes));
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

    /// Counts an event from now on, as a page that listens to it does.
    pub(super) fn count(&self, event: &str) -> EventCount {
        let received = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&received);
        self.window.listen(event, move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        EventCount(received)
    }

    /// Returns the state behind the window.
    pub(super) fn state(&self) -> State<'_, AppState> {
        self.app.state()
    }

    /// Closes the window and returns its folder.
    pub(super) fn into_folder(self) -> TempDir {
        self.folder
    }

    /// Returns the folder of the real database.
    pub(super) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

/// The number of times that an event was received.
pub(super) struct EventCount(Arc<AtomicUsize>);

impl EventCount {
    /// Returns the count as soon as it is at least `expected`, or after 20 seconds.
    pub(super) fn wait_for(&self, expected: usize) -> usize {
        let clock = Clock::system();
        tauri::async_runtime::block_on(clock.within(Duration::from_secs(20), async {
            while self.0.load(Ordering::Relaxed) < expected {
                clock.sleep(Duration::from_millis(5)).await;
            }
        }));
        self.0.load(Ordering::Relaxed)
    }
}

fn home_page() -> tauri::Url {
    if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" }.parse().unwrap()
}

/// Returns a configuration over a folder, with secrets in memory.
pub(super) fn start_config(folder: &TempDir, practice_only: bool) -> StartConfig {
    StartConfig {
        practice_only,
        real: ConnectorConfig::in_memory(folder.path().to_owned()),
        practice: ConnectorConfig::in_memory(folder.path().to_owned()),
    }
}
