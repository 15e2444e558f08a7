//! The agent's process: its start, its end, and its upgrade (Linux).

mod agent_host_context;
mod claim;
mod window_link;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use connector::owner_only_files::private_folder;
use connector::power_events::PowerEvents;
use connector::{ConnectorConfig, paths};
use runtime::Clock;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::broadcast;

use self::agent_host_context::AgentHostContext;
use crate::channel::{Deadline, Hello, RuntimeFolder};
use crate::host::Host;
use crate::host_context::HostContext;
use crate::peer_config::PeerConfig;
use crate::preferences_file::{PreferencesFile, system_language};
use crate::start_program::{self, Programs};
use crate::tray::status_notifier::StatusNotifier;
use crate::version_order::VersionOrder;
use crate::{hardening, logging};

/// The program's name and version, as `--version` prints them.
const NAME: &str = start_program::AGENT_PROGRAM;
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// How often the agent looks whether its file was replaced, and whether an older window is gone.
const UPGRADE_INTERVAL: Duration = Duration::from_secs(60);
const OLDER_WINDOW_INTERVAL: Duration = Duration::from_secs(1);
/// Number of changes that the channel keeps for a slow receiver.
const CHANGES_KEPT: usize = 64;

/// Why the agent's process ends.
enum End {
    /// It was asked to quit or told to end by the system, or another agent is running.
    Quit,
    /// The program at its path was replaced by this one.
    Replaced(PathBuf),
}

/// Runs the agent until it is asked to end.
#[must_use]
pub fn run() -> ExitCode {
    let inherited = start_program::close_inherited_files();
    hardening::no_core_dumps();
    let mut is_login = false;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--version" => return print(&format!("{NAME} {VERSION}")),
            // The argument of an entry that starts the app without a window.
            start_program::HIDDEN => is_login = true,
            other => return report(&format!("unknown argument: {other}. Known: --hidden, --version")),
        }
    }
    start_program::start_new_session();
    // The web view of a window that started this process must not keep files open here.
    if let Err(error) = inherited {
        return report(&format!("the open files are unknown: {error}"));
    }
    // One thread is enough for what is mostly waiting, and keeps the process small.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&error.to_string()),
    };
    match runtime.block_on(claim_and_work(is_login)) {
        Ok(End::Quit) => ExitCode::SUCCESS,
        Ok(End::Replaced(program)) => report(&start_program::become_program(&program).to_string()),
        Err(error) => report(&error.to_string()),
    }
}

/// Works as the only agent of this data folder. Ends at once where there is another one.
async fn claim_and_work(is_login: bool) -> Result<End, Box<dyn std::error::Error>> {
    let (clock, programs) = (Clock::system(), Programs::find()?);
    let data_dir = paths::data_dir().ok_or_else(|| io::Error::other("there is no home folder"))?;
    private_folder(&data_dir)?;
    if let Some(folder) = paths::log_dir() {
        logging::start(&folder, std::env::var("RUST_LOG").ok().as_deref());
    }
    let folder = RuntimeFolder::of_environment(&data_dir)?;
    let (hello, deadline) = (Hello::of_this_process(VERSION, connector::SCHEMA_VERSION), Deadline::new(clock.clone()));
    let peer = PeerConfig { folder, hello, deadline, programs };
    let Some(mut instance) = claim::claim(&peer, is_login).await? else { return Ok(End::Quit) };
    let language = system_language(sys_locale::get_locale());
    let preferences = PreferencesFile::reader(data_dir.join("preferences.json"), language);
    let config = ConnectorConfig::for_this_computer(data_dir);
    let context = AgentHostContext::new(peer, preferences, config, broadcast::channel(CHANGES_KEPT).0);
    let end = tokio::select! {
        program = work(&context, &clock) => End::Replaced(program),
        () = window_link::serve(&context, &mut instance) => End::Quit,
        () = context.end.cancelled() => End::Quit,
        () = terminated() => End::Quit,
    };
    // The place is free only once nothing is watched any more.
    context.end_host().await;
    Ok(end)
}

/// Hosts the connections, until the agent's program was replaced; returns the program to become.
async fn work(context: &Arc<AgentHostContext>, clock: &Clock) -> PathBuf {
    // A newer version would change the database under the window's feet.
    while context.window_version().await == Some(VersionOrder::Older) {
        clock.sleep(OLDER_WINDOW_INTERVAL).await;
    }
    let changes = context.changes.subscribe();
    let host = Host::start(
        Arc::clone(context) as Arc<dyn HostContext>,
        StatusNotifier::start,
        clock.clone(),
        PowerEvents::default(),
        Handle::current(),
    );
    context.set_host(host);
    let replaced = async {
        loop {
            clock.sleep(UPGRADE_INTERVAL).await;
            if let Some(program) = context.replaced_program().await {
                return program;
            }
        }
    };
    tokio::select! {
        program = replaced => program,
        // The context holds a sender, so this does not return.
        () = window_link::forward_changes(context, changes) => std::future::pending().await,
    }
}

/// Waits until the system ends the process, for example at the end of the session.
async fn terminated() {
    let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    match (terminate, interrupt) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        (Err(error), _) | (_, Err(error)) => {
            tracing::warn!(%error, "the end of the session cannot be noticed");
            std::future::pending::<()>().await;
        }
    }
}

fn print(text: &str) -> ExitCode {
    match writeln!(io::stdout(), "{text}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Reports on standard error why the agent did not start.
fn report(reason: &str) -> ExitCode {
    tracing::error!(reason, "the agent ends");
    // Standard error may be closed; the exit code reports the failure as well.
    drop(writeln!(io::stderr(), "{NAME}: {reason}"));
    ExitCode::from(2)
}
