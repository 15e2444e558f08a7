//! Starts the app over, without a window, once its window has been closed for a while (Linux).
//!
//! Closing the window ends the page's process. What would stay for as long as the app runs is WebKit's network process, and
//! in this process all that window and page left in memory, a pasted text perhaps among it: more than twice what the tray
//! needs. So the app quits in its usual way and becomes what it is after a start at login, under the same process id. It
//! does not while anything would be lost that a quit loses: see [`held`]; nor into a program that may not start: see `program`.
//! Elsewhere the system ends such processes by itself.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use runtime::Clock;
use tauri::{AppHandle, Manager as _, Wry};

use crate::clipboard::Clipboard;
use crate::desk::Desk;
use crate::doors::Doors;
use crate::notices::Wanted;
use crate::presence::Presence;
use crate::window;

/// How long the window must have been closed. Whoever opens it again within that time finds the app as it was.
const AFTER: Duration = Duration::from_secs(60);

/// Whether the app is to start over when it has ended. Clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Renewal {
    due: Arc<Mutex<Option<PathBuf>>>,
    closings: Arc<AtomicU64>,
}

impl Renewal {
    /// Returns, at the end of the app, the program it is to become, if it is to start over.
    pub(crate) fn is_due(&self) -> Option<PathBuf> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn becomes(&self, program: PathBuf) {
        *self.due.lock().unwrap_or_else(PoisonError::into_inner) = Some(program);
    }

    /// Counts a closing of the window and returns its number.
    fn closed(&self) -> u64 {
        self.closings.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Tells whether this closing is still the newest.
    fn is_newest(&self, closing: u64) -> bool {
        self.closings.load(Ordering::Relaxed) == closing
    }
}

/// Notes that the window was closed, and starts over when it stays closed and nothing is held.
pub(crate) fn window_closed(app: &AppHandle<Wry>) {
    if !cfg!(target_os = "linux") || app.state::<Doors>().practice_only() {
        return;
    }
    let (app, renewal) = (app.clone(), app.state::<Renewal>().inner().clone());
    let closing = renewal.closed();
    tauri::async_runtime::spawn(async move {
        let clock = Clock::system();
        loop {
            clock.sleep(AFTER).await;
            if !renewal.is_newest(closing) || window::is_there(&app) {
                return;
            }
            match may_leave(&app).await {
                Err(why) => tracing::debug!(why, "not started over yet"),
                Ok(program) => return leave(&app, renewal, program),
            }
        }
    });
}

/// Returns the program the app may become now.
///
/// # Errors
/// What keeps it.
async fn may_leave(app: &AppHandle<Wry>) -> Result<PathBuf, &'static str> {
    match held(app).await {
        Some(what) => Err(what),
        None => next_program().await,
    }
}

#[cfg(target_os = "linux")]
use crate::program::next as next_program;

/// Elsewhere nothing asks for it.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unused_async, reason = "its twin waits")]
async fn next_program() -> Result<PathBuf, &'static str> {
    Err("not on this system")
}

/// Returns what a quit would lose now, if anything.
async fn held(app: &AppHandle<Wry>) -> Option<&'static str> {
    let held = [
        ("a secret for this run, practice, or something under way", app.state::<Doors>().is_busy()),
        ("a question to the person", app.state::<Presence>().is_open()),
        ("a notice that can be clicked", app.state::<Wanted>().is_awaited(Clock::system().now())),
        ("a problem of the preferences", app.state::<Desk>().preferences_problem().is_some()),
        ("a text on the clipboard", app.state::<Clipboard>().is_ours().await),
    ];
    held.into_iter().find(|(_, holds)| *holds).map(|(what, _)| what)
}

/// Ends the app so that it starts over. On the main thread, where windows are made, it is looked once more for one.
fn leave(app: &AppHandle<Wry>, renewal: Renewal, program: PathBuf) {
    let handle = app.clone();
    let asked = app.run_on_main_thread(move || {
        if !window::is_there(&handle) {
            tracing::info!("starting over without a window");
            renewal.becomes(program);
            handle.exit(0);
        }
    });
    if let Err(error) = asked {
        tracing::debug!(%error, "the app is ending");
    }
}

/// Puts a new start of `program` in the place of this process, or else one of the program it is, whatever became of its file;
/// returns only when both failed.
#[cfg(target_os = "linux")]
pub(crate) fn start_over(program: &Path) -> std::io::Error {
    use std::os::unix::process::CommandExt as _;
    end_web_processes();
    // The web view opens some files for every program its process becomes; they would add up.
    close_fds::set_fds_cloexec(3, &[]);
    drop(std::process::Command::new(program).arg("--hidden").exec());
    std::process::Command::new(crate::program::RUNNING).arg0(program).arg("--hidden").exec()
}

/// Elsewhere nothing asks for it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn start_over(_program: &Path) -> std::io::Error {
    std::io::ErrorKind::Unsupported.into()
}

/// Ends what WebKit left below this process and takes notice of its end: nobody would after the new start.
#[cfg(target_os = "linux")]
fn end_web_processes() {
    use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
    let own = std::process::id().to_string();
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let web = ids.filter(|id| {
        std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| is_web_process_of(&stat, &own))
    });
    for pid in web.filter_map(Pid::from_raw) {
        let ended = kill_process(pid, Signal::KILL).and_then(|()| waitpid(Some(pid), WaitOptions::empty()));
        if let Err(error) = ended {
            tracing::debug!(%error, "a process of WebKit was gone already");
        }
    }
}

/// Reads `/proc/<id>/stat`: `id (name) state parent ...`; the name is cut to 15 characters and may hold anything.
#[cfg(target_os = "linux")]
fn is_web_process_of(stat: &str, parent: &str) -> bool {
    let parts = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')'));
    parts.is_some_and(|(name, rest)| name.starts_with("WebKit") && rest.split_whitespace().nth(1) == Some(parent))
}

#[cfg(test)]
mod tests {
    use super::Renewal;

    #[test]
    fn only_the_newest_closing_counts() {
        let renewal = Renewal::default();
        let first = renewal.closed();
        assert!(renewal.is_newest(first));
        let second = renewal.closed();
        assert!(!renewal.is_newest(first));
        assert!(renewal.is_newest(second));
        assert_eq!(renewal.is_due(), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn only_webkits_own_processes_below_this_one_are_ended() {
        let is = super::is_web_process_of;
        assert!(is("41 (WebKitNetworkPr) S 7 41 41 0", "7"));
        assert!(!is("41 (WebKitNetworkPr) S 70 41 41 0", "7"));
        assert!(!is("41 (bash) S 7 41 41 0", "7"));
        assert!(!is("41 (x) (WebKit) S 7 41 0", "7"));
        assert!(!is("", "7"));
    }
}
