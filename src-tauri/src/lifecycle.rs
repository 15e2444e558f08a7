//! Start and end of the app: plugins, state, tray and window at the start, cleanup at the end.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use messages::Messages;
use model::preferences::Language;
use runtime::Clock;
use tauri::{App, AppHandle, Builder, Manager as _, RunEvent, WindowEvent, Wry};
use tauri_specta::Event as _;

use crate::app_state::AppState;
use crate::args::{Args, NAME, VERSION};
use crate::clipboard::Clipboard;
use crate::connectors::Connectors;
use crate::events::{ClipboardCountdown, ReauthenticationPrompt};
use crate::preferences_file::{PreferencesFile, system_language};
use crate::reauthentication::{self, Reauthentication};
use crate::self_restart::{self, RestartRequest};
use crate::start_config::StartConfig;
use crate::{autostart, bindings, change_subscriber, hardening, logging, monitor_worker, notifications, tray, window};

/// How long the end of the app waits until practice is removed.
const CLEANUP_TIMEOUT: Duration = Duration::from_secs(3);

/// Runs the app until it is quit.
#[must_use]
pub fn run() -> ExitCode {
    hardening::no_core_dumps();
    let args = match Args::parse(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(unknown) => {
            return report_failure(&format!("unknown argument: {unknown}. Known: --practice, --hidden, --version"));
        }
    };
    if args.version {
        return print_version();
    }
    let restart = RestartRequest::default();
    let app = match builder(args).manage(restart.clone()).build(tauri::generate_context!()) {
        Ok(app) => app,
        Err(error) => return notify_failure(args, &error.to_string()),
    };
    let code = app.run_return(on_event);
    if let Some(program) = restart.program() {
        return notify_failure(args, &self_restart::restart(&program).to_string());
    }
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

fn builder(args: Args) -> Builder<Wry> {
    let bindings = bindings::builder();
    let autostart = tauri_plugin_autostart::Builder::new().arg("--hidden").build();
    let builder = Builder::default();
    // Practice shares nothing with real connections, so it may run beside them; a second real start shows the first's window.
    let builder = if args.practice {
        builder
    } else {
        builder.plugin(tauri_plugin_single_instance::init(|app, args, _| on_second_start(app, args)))
    };
    reauthentication::add_plugin(builder)
        .plugin(tauri_plugin_store::Builder::new().build())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .plugin(autostart)
        .invoke_handler(bindings.invoke_handler())
        .setup(move |app| {
            bindings.mount_events(app);
            set_up(app, args)
        })
}

/// Shows the window when the app is started again, unless that start is hidden, as the one at login is.
fn on_second_start(app: &AppHandle<Wry>, args: Vec<String>) {
    let hidden = Args::parse(args.into_iter().skip(1)).is_ok_and(|args| args.hidden);
    if !hidden {
        window::open(app);
    }
}

fn set_up(app: &mut App<Wry>, args: Args) -> Result<(), Box<dyn std::error::Error>> {
    let data_dir = app.path().app_data_dir()?;
    // This comes first, because the log and the web view would create a folder that others can read. A failure shows as the
    // store's problem.
    let closed = hardening::private_folder(&data_dir);
    logging::start(&app.path().app_log_dir()?, std::env::var("RUST_LOG").ok().as_deref());
    if let Err(error) = closed {
        tracing::warn!(%error, "the data folder could not be closed to other accounts");
    }
    let handle = app.handle().clone();
    let clock = Clock::system();
    let state = new_state(&handle, StartConfig::for_this_computer(data_dir, args.practice), &clock)?;
    let changes = state.connectors.changes();
    app.manage(state);
    tauri::async_runtime::spawn(change_subscriber::run(handle.clone(), changes));
    tauri::async_runtime::spawn(monitor_worker::run(handle.clone(), clock.clone()));
    tauri::async_runtime::spawn(tray::add(handle.clone(), clock));
    tauri::async_runtime::spawn(autostart::apply_policy(handle.clone()));
    if !args.hidden {
        window::open(&handle);
    }
    Ok(())
}

fn new_state(app: &AppHandle<Wry>, config: StartConfig, clock: &Clock) -> std::io::Result<AppState> {
    let language = system_language(sys_locale::get_locale());
    let preferences = PreferencesFile::open(config.real.data_dir.join("preferences.json"), language, clock.now());
    let handle = app.clone();
    let on_countdown = move |countdown: ClipboardCountdown| {
        if let Err(error) = countdown.emit(&handle) {
            tracing::debug!(%error, "the window did not receive the clipboard's countdown");
        }
    };
    let handle = app.clone();
    let on_prompt = move |prompt: ReauthenticationPrompt| {
        if let Err(error) = prompt.emit(&handle) {
            tracing::debug!(%error, "the window did not receive the state of the re-authentication prompt");
        }
    };
    let system = reauthentication::system_prompt(app);
    Ok(AppState::new(
        Connectors::open(config),
        preferences,
        Clipboard::start(on_countdown)?,
        Reauthentication::new(system, clock.clone(), reauthentication::TIMEOUT, Box::new(on_prompt)),
    ))
}

fn on_event(app: &AppHandle<Wry>, event: RunEvent) {
    match event {
        // The last window was closed. With a tray the app keeps running; without one nobody could open it again.
        RunEvent::ExitRequested { api, code: None, .. } if tray::is_there(app) => api.prevent_exit(),
        RunEvent::Exit => clean_up(app),
        RunEvent::WindowEvent { label, event: WindowEvent::Destroyed, .. } if label == window::LABEL => {
            self_restart::on_window_closed(app);
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::open(app),
        _ => {}
    }
}

/// Cancels all runs, clears a secret from the clipboard, and removes practice.
fn clean_up(app: &AppHandle<Wry>) {
    let state = app.state::<AppState>();
    state.runs.cancel_all();
    state.monitor.end();
    state.clipboard.end();
    tauri::async_runtime::block_on(async move {
        if Clock::system().within(CLEANUP_TIMEOUT, state.connectors.end_practice()).await.is_none() {
            tracing::warn!("practice was not removed in time");
        }
    });
}

/// Reports why the app did not start or ended, also by a notification: nobody reads standard error at login, and nobody would
/// know that the app no longer monitors.
fn notify_failure(args: Args, reason: &str) -> ExitCode {
    if !args.practice {
        let language = system_language(sys_locale::get_locale()).unwrap_or(Language::En);
        notifications::show_not_started(&Messages::load(language));
    }
    report_failure(reason)
}

fn print_version() -> ExitCode {
    match writeln!(std::io::stdout(), "{NAME} {VERSION}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Reports on standard error why the app did not start.
fn report_failure(reason: &str) -> ExitCode {
    // Standard error may be closed; the exit code reports the failure as well.
    drop(writeln!(std::io::stderr(), "{NAME}: {reason}"));
    ExitCode::from(2)
}
