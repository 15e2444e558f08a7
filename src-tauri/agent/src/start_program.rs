//! Starts the other part: the agent starts the window, and the window the agent (Linux).
//!
//! A started program outlives the one that started it: it has no terminal, no open files but the null device, and its own
//! session. `setsid` can only be called by the started program itself, so each calls [`start_new_session`] first thing: the
//! agent always, the window when it is started with [`NEW_SESSION`].

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::RawFd;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::channel::Role;

/// The running program, whatever became of its file.
pub(crate) const RUNNING: &str = "/proc/self/exe";
/// The suffix that the system adds to the path of a program whose file was replaced or removed.
const DELETED: &str = " (deleted)";

/// The agent's program.
pub const AGENT_PROGRAM: &str = "okta-connector-agent";
/// The window's program.
pub const WINDOW_PROGRAM: &str = "okta-connector-for-radiant";
/// The argument with which the window's program executes the agent instead. The agent gets it only at login.
pub const HIDDEN: &str = "--hidden";
/// The argument beside [`HIDDEN`] with which a window starts an AppImage: the start is no login.
pub const FROM_WINDOW: &str = "--from-window";
/// The argument with which the window's program begins with [`start_new_session`].
pub const NEW_SESSION: &str = "--new-session";

/// The variable with the token by which a started window may take the focus.
const ACTIVATION_TOKEN: &str = "XDG_ACTIVATION_TOKEN";
/// The older variable of the same purpose. What this process was started with is no longer valid.
const STARTUP_ID: &str = "DESKTOP_STARTUP_ID";
/// The variable with the number of heaps that the GNU C library makes for threads (mallopt(3)). The agent works in short bursts
/// on many threads; with a heap for each it would keep twice the memory afterwards, and it can be set only before the start.
const HEAPS: (&str, &str) = ("MALLOC_ARENA_MAX", "1");
/// A thread that only waits needs little.
const STACK_OF_WAITING_THREAD: usize = 64 * 1024;

/// Where the programs of both parts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    /// The AppImage that contains both. It is started itself, because its files are gone when the last program in it ends.
    appimage: Option<PathBuf>,
    /// The folder of both programs.
    folder: PathBuf,
}

impl Programs {
    /// Finds the programs from this process' own file and its environment. It must be called at the start, while the file is
    /// still at its path.
    ///
    /// # Errors
    /// When the system does not say which program is running.
    pub fn find() -> io::Result<Self> {
        Ok(Self::beside(&own_path()?, std::env::var_os("APPIMAGE"), std::env::var_os("APPDIR")))
    }

    /// An AppImage counts only if `own` is a file in it: a terminal that is one itself passes its variables on.
    fn beside(own: &Path, appimage: Option<OsString>, appdir: Option<OsString>) -> Self {
        let mount = appdir.map(PathBuf::from).filter(|mount| mount.is_absolute());
        let is_inside = mount.is_some_and(|mount| {
            own.starts_with(&mount) || fs::canonicalize(mount).is_ok_and(|mount| own.starts_with(mount))
        });
        let appimage = appimage.map(PathBuf::from).filter(|file| is_inside && file.is_absolute());
        Self { appimage, folder: own.parent().unwrap_or(Path::new("/")).to_owned() }
    }

    /// Starts a part and returns its process id. The environment passes on, with the activation token if one is given.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(&self, part: Role, activation_token: Option<&str>) -> io::Result<u32> {
        start(self.command(part), activation_token)
    }

    /// Becomes the agent's program. Returns only when that fails. In an AppImage this is the agent in the same mount, which
    /// stays there for as long as this process runs. At a login the agent replaces that of an earlier one.
    #[must_use]
    pub fn become_agent(&self, is_login: bool) -> io::Error {
        let mut command = Command::new(self.folder.join(AGENT_PROGRAM));
        with_one_heap(&mut command).args(is_login.then_some(HIDDEN)).exec()
    }

    /// Returns the program that is started at login, with [`HIDDEN`].
    #[must_use]
    pub fn at_login(&self) -> PathBuf {
        self.appimage.clone().unwrap_or_else(|| self.folder.join(WINDOW_PROGRAM))
    }

    fn command(&self, part: Role) -> Command {
        let (name, arguments): (_, &[&str]) = match (part, &self.appimage) {
            (Role::Agent, None) => (AGENT_PROGRAM, &[]),
            (Role::Agent, Some(_)) => (WINDOW_PROGRAM, &[HIDDEN, FROM_WINDOW]),
            (Role::Window, _) => (WINDOW_PROGRAM, &[NEW_SESSION]),
        };
        let mut command = Command::new(self.appimage.clone().unwrap_or_else(|| self.folder.join(name)));
        command.args(arguments);
        if part == Role::Agent {
            with_one_heap(&mut command);
        }
        command
    }
}

/// Lets a program use one heap, unless the environment says how many.
fn with_one_heap(command: &mut Command) -> &mut Command {
    let (name, one) = HEAPS;
    command.envs(std::env::var_os(name).is_none().then_some((name, one)))
}

fn start(mut command: Command, activation_token: Option<&str>) -> io::Result<u32> {
    command.env_remove(STARTUP_ID).env_remove(ACTIVATION_TOKEN);
    command.envs(activation_token.map(|token| (ACTIVATION_TOKEN, token)));
    // A folder of another file system would stay mounted for it.
    command.current_dir("/");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let pid = child.id();
    let reap = move || match child.wait() {
        Ok(status) => tracing::debug!(pid, %status, "a started program ended"),
        Err(error) => tracing::warn!(pid, %error, "the end of a started program is unknown"),
    };
    let waiting = std::thread::Builder::new().name("wait".to_owned()).stack_size(STACK_OF_WAITING_THREAD);
    if let Err(error) = waiting.spawn(reap) {
        tracing::warn!(pid, %error, "a started program cannot be waited for");
    }
    Ok(pid)
}

/// Replaces this process by a program, with the same process id and environment. Returns only when that fails. Files opened by
/// this process are closed by it, and its locks released.
#[must_use]
pub fn become_program(program: &Path) -> io::Error {
    Command::new(program).exec()
}

/// Makes this process the leader of a session without a terminal. The leader of a process group cannot be one, such as a
/// program that a shell started; it stays in the shell's session.
pub fn start_new_session() {
    if let Err(error) = rustix::process::setsid() {
        tracing::debug!(%error, "no new session");
    }
}

/// Closes every file but the standard streams that the starting program left open. A web view opens files that would
/// otherwise pass to the agent. It must be called first in `main`, before this process has opened a file or started a thread.
///
/// # Errors
/// When the system does not list the open files.
pub fn close_inherited_files() -> io::Result<()> {
    for file in open_files()?.into_iter().filter(|file| *file > 2) {
        if let Err(error) = nix::unistd::close(file) {
            tracing::debug!(%error, file, "a file was already closed");
        }
    }
    Ok(())
}

/// Returns the numbers of this process' open files. One of them, already closed again, read the list.
fn open_files() -> io::Result<Vec<RawFd>> {
    let entries = fs::read_dir("/proc/self/fd")?.collect::<Result<Vec<_>, _>>()?;
    Ok(entries.iter().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
}

/// Returns the path of the running program, also when its file was replaced or removed.
pub(crate) fn own_path() -> io::Result<PathBuf> {
    Ok(without_suffix(&fs::read_link(RUNNING)?))
}

fn without_suffix(program: &Path) -> PathBuf {
    let text = program.to_string_lossy();
    text.strip_suffix(DELETED).map_or_else(|| program.to_owned(), PathBuf::from)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use runtime::Clock;

    use super::*;

    fn programs(own: &str, appimage: Option<&str>, appdir: Option<&str>) -> Programs {
        Programs::beside(Path::new(own), appimage.map(OsString::from), appdir.map(OsString::from))
    }

    fn line(programs: &Programs, part: Role) -> String {
        let command = programs.command(part);
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        words.map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    /// Waits until `/proc/<pid>` shows what is expected; `None` if it never does.
    async fn until<T>(what: impl Fn() -> Option<T>) -> Option<T> {
        let clock = Clock::system();
        let shown = async {
            loop {
                match what() {
                    Some(found) => return found,
                    None => clock.sleep(Duration::from_millis(5)).await,
                }
            }
        };
        clock.within(Duration::from_secs(60), shown).await
    }

    /// Returns the open files of a process once it executes `program`.
    fn files_of(pid: u32, program: &str) -> Option<BTreeMap<u32, PathBuf>> {
        let own = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        let list = || fs::read_dir(format!("/proc/{pid}/fd")).ok()?.collect::<Result<Vec<_>, _>>().ok();
        let file =
            |entry: fs::DirEntry| Some((entry.file_name().to_str()?.parse().ok()?, fs::read_link(entry.path()).ok()?));
        (own.trim() == program).then(list).flatten()?.into_iter().map(file).collect()
    }

    /// Returns the files that the test runner left open to this process and its children.
    fn inheritable_files() -> BTreeMap<u32, PathBuf> {
        let is_inheritable = |number: &u32| {
            let info = fs::read_to_string(format!("/proc/self/fdinfo/{number}")).unwrap_or_default();
            let flags = info.lines().find_map(|line| u32::from_str_radix(line.strip_prefix("flags:")?.trim(), 8).ok());
            flags.is_some_and(|flags| flags & rustix::fs::OFlags::CLOEXEC.bits() == 0)
        };
        let numbers = open_files().unwrap().into_iter().filter_map(|number| u32::try_from(number).ok());
        let other = numbers.filter(|number| *number > 2).filter(is_inheritable);
        // Another test may close one of its files meanwhile.
        other.filter_map(|number| Some((number, fs::read_link(format!("/proc/self/fd/{number}")).ok()?))).collect()
    }

    fn kill(pid: u32) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }

    #[test]
    fn each_part_is_started_beside_the_running_program() {
        let installed = programs("/usr/bin/okta-connector-agent", None, None);
        assert_eq!(line(&installed, Role::Agent), "/usr/bin/okta-connector-agent");
        assert_eq!(line(&installed, Role::Window), "/usr/bin/okta-connector-for-radiant --new-session");
    }

    #[test]
    fn the_agent_uses_one_heap_unless_the_environment_says_how_many() {
        let installed = programs("/usr/bin/okta-connector-agent", None, None);
        let heaps = |part| {
            let command = installed.command(part);
            command.get_envs().find_map(|(name, value)| (name == HEAPS.0).then(|| value.unwrap().to_owned()))
        };
        assert_eq!(heaps(Role::Agent), std::env::var_os(HEAPS.0).is_none().then(|| HEAPS.1.into()));
        assert_eq!(heaps(Role::Window), None);
    }

    #[test]
    fn in_an_appimage_the_appimage_itself_is_started() {
        let own = "/tmp/.mount_okta/usr/bin/okta-connector-for-radiant";
        let inside = programs(own, Some("/home/jo/Okta.AppImage"), Some("/tmp/.mount_okta"));
        assert_eq!(line(&inside, Role::Agent), "/home/jo/Okta.AppImage --hidden --from-window");
        assert_eq!(line(&inside, Role::Window), "/home/jo/Okta.AppImage --new-session");
    }

    #[test]
    fn the_appimage_of_another_program_is_not_started() {
        let own = "/usr/bin/okta-connector-agent";
        for (appimage, appdir) in [
            (Some("/home/jo/Terminal.AppImage"), Some("/tmp/.mount_term")),
            (Some("/home/jo/Terminal.AppImage"), None),
            (Some("Okta.AppImage"), Some("/usr")),
            (Some("/home/jo/Okta.AppImage"), Some("")),
        ] {
            assert_eq!(line(&programs(own, appimage, appdir), Role::Agent), own, "{appimage:?} {appdir:?}");
        }
    }

    #[test]
    fn a_replaced_program_is_found_under_its_own_name() {
        assert_eq!(without_suffix(Path::new("/usr/bin/app (deleted)")), Path::new("/usr/bin/app"));
        assert_eq!(without_suffix(Path::new("/usr/bin/app")), Path::new("/usr/bin/app"));
        assert_eq!(own_path().unwrap(), std::env::current_exe().unwrap());
    }

    #[tokio::test]
    async fn a_started_program_inherits_no_open_file_and_leaves_no_zombie() {
        let open = tempfile::tempfile().unwrap();
        let mut command = Command::new("sleep");
        command.arg("600");
        let null = PathBuf::from("/dev/null");
        let mut expected = BTreeMap::from([(0, null.clone()), (1, null.clone()), (2, null)]);
        expected.extend(inheritable_files());
        let pid = start(command, None).unwrap();
        // A program that begins opens libraries and locales and closes them again. What it inherited stays open.
        let files = || files_of(pid, "sleep");
        let settled = until(|| files().filter(|files| *files == expected)).await.or_else(files);
        kill(pid);
        assert_eq!(settled, Some(expected));
        drop(open);
        let reaped = until(|| (!Path::new(&format!("/proc/{pid}")).exists()).then_some(())).await;
        assert!(reaped.is_some(), "it is still there");
    }

    #[tokio::test]
    async fn the_environment_passes_on_with_the_new_activation_token_alone() {
        for (token, expected) in [(Some("new"), Some("XDG_ACTIVATION_TOKEN=new")), (None, None)] {
            let mut command = Command::new("sleep");
            command.arg("600").env("XDG_ACTIVATION_TOKEN", "old").env("DESKTOP_STARTUP_ID", "old").env("OTHER", "kept");
            let pid = start(command, token).unwrap();
            // The system shows the program's name before its environment.
            let read = || fs::read_to_string(format!("/proc/{pid}/environ")).ok().filter(|text| !text.is_empty());
            let environment = until(|| files_of(pid, "sleep").and_then(|_| read())).await;
            kill(pid);
            let environment = environment.expect("the program shows no environment");
            let has = |name: &str| environment.split('\0').find(|one| one.starts_with(name));
            assert_eq!(has("XDG_ACTIVATION_TOKEN="), expected);
            assert_eq!(has("DESKTOP_STARTUP_ID="), None);
            assert_eq!(has("OTHER="), Some("OTHER=kept"));
            assert!(has("PATH=").is_some());
        }
    }

    /// Runs itself again in a process with more open files, since closing them here would close those of other tests.
    #[test]
    fn files_that_the_starting_program_left_open_are_closed() {
        const IS_CHILD: &str = "OKTA_CONNECTOR_TEST_OPEN_FILES";
        const NAME: &str = "start_program::tests::files_that_the_starting_program_left_open_are_closed";
        if std::env::var_os(IS_CHILD).is_some() {
            assert!([7, 9].iter().all(|file| open_files().unwrap().contains(file)));
            close_inherited_files().unwrap();
            assert!(inheritable_files().is_empty());
            return;
        }
        let script = format!("exec \"$0\" --exact {NAME} --nocapture 7</dev/null 9</dev/null");
        let own = std::env::current_exe().unwrap();
        let child = Command::new("sh").arg("-c").arg(script).arg(own).env(IS_CHILD, "1").output().unwrap();
        let text = String::from_utf8_lossy(&child.stdout);
        assert!(
            child.status.success() && text.contains("1 passed"),
            "{text} {}",
            String::from_utf8_lossy(&child.stderr)
        );
    }

    #[test]
    fn a_program_that_is_missing_is_an_error() {
        let missing = programs("/nonexistent/okta-connector-agent", None, None);
        assert_eq!(missing.start(Role::Window, None).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
