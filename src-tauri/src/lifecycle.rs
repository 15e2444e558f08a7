//! Start and end of the window's process: plugins, state, hosts and window at the start, cleanup at the end.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use agent::preferences_file::{PreferencesFile, system_language};
use agent::{hardening, logging, notifications};
use connector::owner_only_files::private_folder;
use connector::paths;
use messages::Messages;
use model::code::Code;
use model::preferences::Language;
use runtime::Clock;
use tauri::{App, AppHandle, Builder, Manager as _, RunEvent, WindowEvent, Wry};

use crate::agent_link::AgentLink;
use crate::app_state::AppState;
use crate::args::{Args, NAME, VERSION};
use crate::clipboard::Clipboard;
use crate::connector_registry::ConnectorRegistry;
use crate::events::{ClipboardCountdown, ReauthenticationPrompt};
use crate::reauthentication::{self, Reauthentication};
use crate::single_instance::{Claim, Place};
use crate::start_config::StartConfig;
use crate::{
    autostart, bindings, change_subscriber, events, first_close, open_window, single_instance, window,
    window_host_context,
};

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
    #[cfg(target_os = "linux")]
    if args.new_session {
        agent::start_program::start_new_session();
    }
    start_log();
    let place = match single_instance::claim(args) {
        Claim::First(place) => place,
        Claim::Done => return ExitCode::SUCCESS,
        Claim::NotResponding(pid) => return notify_not_responding(pid),
    };
    let app = match builder(args, place).build(tauri::generate_context!()) {
        Ok(app) => app,
        Err(error) => return notify_failure(args, &error.to_string()),
    };
    ExitCode::from(u8::try_from(app.run_return(on_event)).unwrap_or(1))
}

/// Closes the data folder to other accounts before the log and the web view would create it open, then starts the log.
fn start_log() {
    // A failure shows as the store's problem.
    let closed = paths::data_dir().map(|folder| private_folder(&folder));
    if let Some(folder) = paths::log_dir() {
        logging::start(&folder, std::env::var("RUST_LOG").ok().as_deref());
    }
    if let Some(Err(error)) = closed {
        tracing::warn!(%error, "the data folder could not be closed to other accounts");
    }
}

fn builder(args: Args, place: Option<Box<Place>>) -> Builder<Wry> {
    let bindings = bindings::builder();
    let builder = autostart::add_plugin(single_instance::add_plugin(Builder::default(), args));
    reauthentication::add_plugin(builder)
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .invoke_handler(bindings.invoke_handler())
        .setup(move |app| {
            bindings.mount_events(app);
            set_up(app, args, place)
        })
}

fn set_up(app: &mut App<Wry>, args: Args, place: Option<Box<Place>>) -> Result<(), Box<dyn std::error::Error>> {
    let data_dir = app.path().app_data_dir()?;
    let handle = app.handle().clone();
    let clock = Clock::system();
    let state = new_state(&handle, StartConfig::for_this_computer(data_dir, args.practice), place.is_some(), &clock)?;
    let changes = state.connectors.changes();
    app.manage(state);
    window_host_context::start_host(&handle);
    tauri::async_runtime::spawn(change_subscriber::run(handle.clone(), changes));
    autostart::find_entry(&handle);
    tauri::async_runtime::spawn(autostart::check_at_start(handle.clone()));
    single_instance::serve(&handle, place, clock);
    if !args.hidden {
        open_window::open(&handle, None);
    }
    Ok(())
}

fn new_state(app: &AppHandle<Wry>, config: StartConfig, uses_agent: bool, clock: &Clock) -> std::io::Result<AppState> {
    let language = system_language(sys_locale::get_locale());
    let file = config.real.data_dir.join("preferences.json");
    let preferences = match config.practice_only {
        true => PreferencesFile::of_practice(file, language),
        false => PreferencesFile::open(file, language, clock.now()),
    };
    let handle = app.clone();
    let on_countdown = move |countdown: ClipboardCountdown| events::send(&handle, &countdown);
    let handle = app.clone();
    let on_prompt = move |prompt: ReauthenticationPrompt| events::send(&handle, &prompt);
    let system = reauthentication::system_prompt(app);
    Ok(AppState::new(
        ConnectorRegistry::open(config),
        preferences,
        AgentLink::new(uses_agent),
        Clipboard::start(on_countdown)?,
        Reauthentication::new(system, clock.clone(), reauthentication::TIMEOUT, Box::new(on_prompt)),
    ))
}

fn on_event(app: &AppHandle<Wry>, event: RunEvent) {
    match event {
        // The last window was closed. The process stays where it has something to do.
        RunEvent::ExitRequested { api, code: None, .. } if stays_without_window(app) => api.prevent_exit(),
        RunEvent::Exit => clean_up(app),
        RunEvent::WindowEvent { label, event: WindowEvent::Focused(focused), .. } if label == window::LABEL => {
            app.state::<AppState>().agent.report_front(focused);
        }
        RunEvent::WindowEvent { label, event: WindowEvent::CloseRequested { .. }, .. } if label == window::LABEL => {
            app.state::<AppState>().set_window_closing(true);
        }
        RunEvent::WindowEvent { label, event: WindowEvent::Destroyed, .. } if label == window::LABEL => {
            on_window_closed(app);
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => {
            open_window::open(app, None);
        }
        _ => {}
    }
}

fn on_window_closed(app: &AppHandle<Wry>) {
    let state = app.state::<AppState>();
    state.set_window_closing(false);
    // A page that did not read where it was to go is gone.
    drop(state.navigation.take());
    state.agent.report_front(false);
    first_close::explain_once(app);
    #[cfg(target_os = "linux")]
    crate::exit_rules::on_window_closed(app);
}

/// Tells whether the process outlives its window for the moment. On Linux `exit_rules` ends it; elsewhere it has the tray, and
/// without an icon nobody could open the window again.
fn stays_without_window(app: &AppHandle<Wry>) -> bool {
    cfg!(target_os = "linux") || app.state::<AppState>().hosts.tray_is_there()
}

/// Cancels all runs, clears a secret from the clipboard, and removes practice.
fn clean_up(app: &AppHandle<Wry>) {
    let state = app.state::<AppState>();
    state.runs.cancel_all();
    state.hosts.end();
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
        notifications::show_not_started(&messages());
    }
    report_failure(reason)
}

/// Reports that another process has the window and does not respond.
fn notify_not_responding(pid: Option<u32>) -> ExitCode {
    let pid = pid.map_or_else(|| "?".to_owned(), |pid| pid.to_string());
    let text = messages().code(Code::WindowNotResponding, &[("pid".to_owned(), pid)].into());
    notifications::show_text(&text.title, &format!("{} {}", text.meaning, text.remedy));
    report_failure(&format!("{} {}", text.title, text.meaning))
}

/// Returns the messages in the system's language, before the preferences are read.
fn messages() -> Messages {
    Messages::load(system_language(sys_locale::get_locale()).unwrap_or(Language::En))
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
