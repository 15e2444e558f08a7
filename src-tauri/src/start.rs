//! Start and end of the app: plugins, state, tray, window; and what is cleared away when it ends.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

use messages::Messages;
use model::preferences::Language;
use runtime::Clock;
use secrets::Keychain;
use tauri::{App, AppHandle, Builder, Manager as _, RunEvent, WindowEvent, Wry};
use tauri_specta::Event as _;

use crate::alive::Alive;
use crate::args::{Args, NAME, VERSION};
use crate::clipboard::Clipboard;
use crate::desk::{Desk, system_language};
use crate::doors::{Doors, Home};
use crate::events::{PresenceNews, StatusChanged};
use crate::held::Held;
use crate::monitor::Watching;
use crate::notices::Wanted;
use crate::presence::{self, Presence};
use crate::renewal::{self, Renewal};
use crate::running::Running;
use crate::{bindings, hardening, logging, login, monitor, notices, preferences, rush, tray, window};

/// Keychain service of real connections; the command line uses the same.
const SERVICE: &str = connector::place::KEYCHAIN;
/// Keychain service of practice.
const PRACTICE_SERVICE: &str = connector::place::PRACTICE_KEYCHAIN;
/// How long the end of the app waits for practice to be cleared away.
const FAREWELL: Duration = Duration::from_secs(3);

/// Runs the app until it is quit.
#[must_use]
pub fn run() -> ExitCode {
    hardening::no_core_dumps();
    let args = match Args::read(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(unknown) => return refuse(&format!("unknown argument: {unknown}. Known: --practice, --hidden, --version")),
    };
    if args.version {
        return say_version();
    }
    let renewal = Renewal::default();
    let app = match builder(args).manage(renewal.clone()).build(tauri::generate_context!()) {
        Ok(app) => app,
        Err(error) => return refuse_unseen(args, &error.to_string()),
    };
    let code = app.run_return(happened);
    if let Some(program) = renewal.is_due() {
        return refuse_unseen(args, &renewal::start_over(&program).to_string());
    }
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

fn builder(args: Args) -> Builder<Wry> {
    let bindings = bindings::builder();
    let autostart = tauri_plugin_autostart::Builder::new().arg("--hidden").build();
    let builder = Builder::default();
    // Practice shares nothing with the real thing, so it may run beside it; a second real start shows the first's window.
    let builder = if args.practice {
        builder
    } else {
        builder.plugin(tauri_plugin_single_instance::init(|app, words, _| started_again(app, words)))
    };
    presence::plugged(builder)
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

/// Shows the window when the app is started again, unless that start asked for none, as the one at login does.
fn started_again(app: &AppHandle<Wry>, words: Vec<String>) {
    let hidden = Args::read(words.into_iter().skip(1)).is_ok_and(|args| args.hidden);
    if !hidden {
        window::open(app);
    }
}

fn set_up(app: &mut App<Wry>, args: Args) -> Result<(), Box<dyn std::error::Error>> {
    let (data_dir, clock) = (app.path().app_data_dir()?, Clock::system());
    // First of all: the log and the web view would make it readable by others. A failure shows as the store's problem.
    let closed = hardening::private_folder(&data_dir);
    logging::start(&app.path().app_log_dir()?, std::env::var("RUST_LOG").ok().as_deref());
    if let Err(error) = closed {
        tracing::warn!(%error, "the data folder could not be closed to others");
    }
    let preferences_file = data_dir.join("preferences.json");
    let handle = app.handle().clone();
    app.manage(Desk {
        preferences_problem: Mutex::new(preferences::set_damaged_aside(&preferences_file, clock.now())),
        preferences_file,
        system_language: system_language(sys_locale::get_locale()),
    });
    let operator = whoami::username();
    app.manage(Doors::open(Home {
        data_dir,
        practice_only: args.practice,
        practice_runs: Alive::file(&operator),
        operator,
        clock: clock.clone(),
        vault: Keychain::system(SERVICE),
        practice_vault: Keychain::system(PRACTICE_SERVICE),
        policy: connector::place::policy(),
    }));
    app.manage(Running::default());
    app.manage(Watching::default());
    app.manage(Wanted::default());
    app.manage(Held::default());
    app.manage(Clipboard::start(move |news| {
        if let Err(error) = news.emit(&handle) {
            tracing::debug!(%error, "the window did not hear of the clipboard");
        }
    })?);
    let handle = app.handle().clone();
    let tell = move |news: PresenceNews| {
        if let Err(error) = news.emit(&handle) {
            tracing::debug!(%error, "the window did not hear of the system's question");
        }
    };
    let system = presence::system(app.handle());
    app.manage(Presence::new(system, clock.clone(), presence::WAITS, Box::new(tell)));
    tauri::async_runtime::spawn(monitor::watch(app.handle().clone(), clock.clone()));
    tauri::async_runtime::spawn(tray::settle(app.handle().clone(), clock));
    tauri::async_runtime::spawn(login::obey(app.handle().clone()));
    tauri::async_runtime::spawn(pass_on_changes(app.handle().clone()));
    if !args.hidden {
        window::open(app.handle());
    }
    Ok(())
}

/// Tells window and tray of every change, in this order. What changed at once is told at once: the tray is drawn anew for all
/// of it together.
async fn pass_on_changes(app: AppHandle<Wry>) {
    let doors = app.state::<Doors>().inner().clone();
    let mut changes = doors.changes();
    while let Some(changed) = rush::next(&mut changes).await {
        for id in changed.ids(&doors).await {
            if let Err(error) = (StatusChanged { id }).emit(&app) {
                tracing::debug!(%error, "the window did not hear of a change");
            }
        }
        app.state::<Watching>().wake();
        tray::redraw(&app).await;
    }
}

fn happened(app: &AppHandle<Wry>, event: RunEvent) {
    match event {
        // The last window was closed: with a tray the app stays, without one there would be no way back.
        RunEvent::ExitRequested { api, code: None, .. } if tray::is_there(app) => api.prevent_exit(),
        RunEvent::Exit => farewell(app),
        RunEvent::WindowEvent { label, event: WindowEvent::Destroyed, .. } if label == window::LABEL => {
            renewal::window_closed(app);
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::open(app),
        _ => {}
    }
}

/// Cancels what runs, clears a secret from the clipboard, and removes all that practice left.
fn farewell(app: &AppHandle<Wry>) {
    app.state::<Running>().cancel_all();
    app.state::<Watching>().end();
    app.state::<Clipboard>().end();
    let doors = app.state::<Doors>().inner().clone();
    tauri::async_runtime::block_on(async move {
        if Clock::system().within(FAREWELL, doors.end_practice()).await.is_none() {
            tracing::warn!("practice was not cleared away in time");
        }
    });
}

/// Says why the app does not start, or has ended, where nobody reads standard error: nobody would know that it no longer watches.
fn refuse_unseen(args: Args, reason: &str) -> ExitCode {
    if !args.practice {
        let language = system_language(sys_locale::get_locale()).unwrap_or(Language::En);
        notices::say_not_started(&Messages::of(language));
    }
    refuse(reason)
}

fn say_version() -> ExitCode {
    match writeln!(std::io::stdout(), "{NAME} {VERSION}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Says on standard error why the app does not start.
fn refuse(reason: &str) -> ExitCode {
    // Nobody may be reading; the exit code tells as well.
    drop(writeln!(std::io::stderr(), "okta-connector-for-radiant: {reason}"));
    ExitCode::from(2)
}
