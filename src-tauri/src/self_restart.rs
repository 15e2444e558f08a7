//! Restarts the app without a window once its window has been closed for a while (Linux).
//!
//! Closing the window ends the page's process. WebKit's network process would remain for as long as the app runs, and in this
//! process the memory of window and page, perhaps with a pasted text in it: more than twice what the tray needs. So the app
//! quits in its usual way and replaces itself by a start as at login, under the same process id. It does not restart while a
//! quit would lose something ([`blocker`]), nor with a program that may not start (`restart_target`). Other systems end such
//! processes by themselves.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use runtime::Clock;
use tauri::{AppHandle, Manager as _, Wry};

use crate::app_state::AppState;
use crate::window;

/// How long the window must have been closed. If it is opened again within that time, the app is unchanged.
const DELAY: Duration = Duration::from_secs(60);

/// Whether the app is to restart when it has ended. Clones share one request.
#[derive(Debug, Clone, Default)]
pub(crate) struct RestartRequest {
    program: Arc<Mutex<Option<PathBuf>>>,
    closings: Arc<AtomicU64>,
}

impl RestartRequest {
    /// Returns the program to start when the app has ended, if it is to restart.
    pub(crate) fn program(&self) -> Option<PathBuf> {
        self.program.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, program: PathBuf) {
        *self.program.lock().unwrap_or_else(PoisonError::into_inner) = Some(program);
    }

    /// Counts a closing of the window and returns its number.
    fn count_closing(&self) -> u64 {
        self.closings.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Tells whether this closing is still the latest one.
    fn is_latest(&self, closing: u64) -> bool {
        self.closings.load(Ordering::Relaxed) == closing
    }
}

/// Restarts the app if the window stays closed and a quit would lose nothing.
pub(crate) fn on_window_closed(app: &AppHandle<Wry>) {
    if !cfg!(target_os = "linux") || app.state::<AppState>().connectors.practice_only() {
        return;
    }
    let (app, request) = (app.clone(), app.state::<RestartRequest>().inner().clone());
    let closing = request.count_closing();
    tauri::async_runtime::spawn(async move {
        let clock = Clock::system();
        loop {
            clock.sleep(DELAY).await;
            if !request.is_latest(closing) || window::is_there(&app) {
                return;
            }
            match target(&app).await {
                Err(why) => tracing::debug!(why, "not restarted yet"),
                Ok(program) => return quit_and_restart(&app, request, program),
            }
        }
    });
}

/// Returns the program that the app can be replaced by now.
///
/// # Errors
/// The reason why it must not restart yet.
async fn target(app: &AppHandle<Wry>) -> Result<PathBuf, &'static str> {
    match blocker(app).await {
        Some(reason) => Err(reason),
        None => next_program().await,
    }
}

#[cfg(target_os = "linux")]
use crate::restart_target::find as next_program;

/// Other systems never restart.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unused_async, reason = "the Linux function of this name waits")]
async fn next_program() -> Result<PathBuf, &'static str> {
    Err("not on this system")
}

/// Returns what a quit would lose now, if anything.
async fn blocker(app: &AppHandle<Wry>) -> Option<&'static str> {
    let state = app.state::<AppState>();
    let blockers = [
        ("a secret for this run, practice, or a call in progress", state.connectors.is_busy()),
        ("a re-authentication prompt", state.reauthentication.is_open()),
        ("a notification that can be clicked", state.navigation.is_pending(Clock::system().now())),
        ("a problem of the preferences file", state.preferences.problem.is_some()),
        ("a text on the clipboard", state.clipboard.is_ours().await),
    ];
    blockers.into_iter().find(|(_, blocks)| *blocks).map(|(reason, _)| reason)
}

/// Quits the app so that it restarts. It checks once more for a window on the main thread, where windows are created.
fn quit_and_restart(app: &AppHandle<Wry>, request: RestartRequest, program: PathBuf) {
    let handle = app.clone();
    let scheduled = app.run_on_main_thread(move || {
        if !window::is_there(&handle) {
            tracing::info!("restarting without a window");
            request.set(program);
            handle.exit(0);
        }
    });
    if let Err(error) = scheduled {
        tracing::debug!(%error, "the app is ending");
    }
}

/// Replaces this process by `program`, or by the running program if that fails, whatever became of its file. Returns only when
/// both failed.
#[cfg(target_os = "linux")]
pub(crate) fn restart(program: &Path) -> std::io::Error {
    use std::os::unix::process::CommandExt as _;
    end_web_processes();
    // The web view leaves some files open across exec; they would accumulate.
    close_fds::set_fds_cloexec(3, &[]);
    drop(std::process::Command::new(program).arg("--hidden").exec());
    std::process::Command::new(crate::restart_target::RUNNING).arg0(program).arg("--hidden").exec()
}

/// Other systems never restart.
#[cfg(not(target_os = "linux"))]
pub(crate) fn restart(_program: &Path) -> std::io::Error {
    std::io::ErrorKind::Unsupported.into()
}

/// Kills and reaps the child processes that WebKit left, because the restarted program would not.
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
            tracing::debug!(%error, "a WebKit process had already ended");
        }
    }
}

/// Parses `/proc/<id>/stat`: `id (name) state parent ...`. The name is truncated to 15 characters and may contain any character.
#[cfg(target_os = "linux")]
fn is_web_process_of(stat: &str, parent: &str) -> bool {
    let parts = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')'));
    parts.is_some_and(|(name, rest)| name.starts_with("WebKit") && rest.split_whitespace().nth(1) == Some(parent))
}

#[cfg(test)]
mod tests {
    use super::RestartRequest;

    #[test]
    fn only_the_latest_closing_counts() {
        let request = RestartRequest::default();
        let first = request.count_closing();
        assert!(request.is_latest(first));
        let second = request.count_closing();
        assert!(!request.is_latest(first));
        assert!(request.is_latest(second));
        assert_eq!(request.program(), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn only_webkit_child_processes_of_this_process_are_killed() {
        let is = super::is_web_process_of;
        assert!(is("41 (WebKitNetworkPr) S 7 41 41 0", "7"));
        assert!(!is("41 (WebKitNetworkPr) S 70 41 41 0", "7"));
        assert!(!is("41 (bash) S 7 41 41 0", "7"));
        assert!(!is("41 (x) (WebKit) S 7 41 0", "7"));
        assert!(!is("", "7"));
    }
}
