//! The program that replaced the running one in an upgrade, and whether it is safe to become it (Linux).
//!
//! Nothing monitors between the end of one program and the start of the next, so the next one is checked first: it must
//! print its version, which proves that it starts, and it must not be older, because an older one could not read the
//! database. A failed check is repeated later, since the program may be in the middle of its installation.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use runtime::Clock;
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;

use crate::start_program::{RUNNING, own_path};
use crate::version_order::{VersionOrder, compare};

/// How long a program may take to print its version.
const VERSION_TIMEOUT: Duration = Duration::from_secs(10);
/// Interval between two checks whether it has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// The most bytes that are read of what it prints.
const MAX_OUTPUT: u64 = 256;

/// Why the program at our path is not to be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UpgradeError {
    /// The system does not say which program is running.
    #[error("the running program is unknown")]
    Unknown,
    /// There is no file at the path.
    #[error("the program's file is missing")]
    Missing,
    /// The file cannot be executed.
    #[error("the program's file cannot be started")]
    NotExecutable,
    /// The program does not print its version in time.
    #[error("the program that replaced it does not start")]
    DoesNotStart,
    /// The program is older than the running one.
    #[error("the program that replaced it is older")]
    Older,
}

/// Returns the program that has replaced the running one at its path, if it can be started and is not older; `None` while
/// the file is the one that is running. `name` and `version` are those of the running program, as `--version` prints them.
///
/// # Errors
/// Why the file at the path is not to be started, at least for now.
pub async fn find(name: &str, version: &str, clock: &Clock) -> Result<Option<PathBuf>, UpgradeError> {
    let program = own_path().map_err(|_| UpgradeError::Unknown)?;
    check(&program, Path::new(RUNNING), name, version, clock).await
}

async fn check(
    program: &Path,
    running: &Path,
    name: &str,
    own_version: &str,
    clock: &Clock,
) -> Result<Option<PathBuf>, UpgradeError> {
    let running = fs::metadata(running).map_err(|_| UpgradeError::Unknown)?;
    let there = fs::metadata(program).map_err(|_| UpgradeError::Missing)?;
    if (there.dev(), there.ino()) == (running.dev(), running.ino()) {
        return Ok(None);
    }
    if !there.is_file() || rustix::fs::access(program, rustix::fs::Access::EXEC_OK).is_err() {
        return Err(UpgradeError::NotExecutable);
    }
    let version = version(program, name, VERSION_TIMEOUT, clock).await.ok_or(UpgradeError::DoesNotStart)?;
    match compare(&version, own_version) {
        VersionOrder::Older => Err(UpgradeError::Older),
        VersionOrder::Same | VersionOrder::Newer => Ok(Some(program.to_owned())),
    }
}

/// Runs a program to read its version; `None` when it does not print one and end in time.
async fn version(program: &Path, name: &str, limit: Duration, clock: &Clock) -> Option<String> {
    let mut child = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let output = clock.within(limit, output(&mut child, clock)).await.flatten();
    if output.is_none() {
        // It may have ended by itself just now; it is reaped either way.
        drop(child.kill().and_then(|()| child.wait()));
    }
    Some(output?.trim().strip_prefix(name)?.trim().to_owned())
}

/// Returns what a program printed, once it has ended without an error.
async fn output(child: &mut Child, clock: &Clock) -> Option<String> {
    let mut text = String::new();
    reader(child.stdout.take()?)?.take(MAX_OUTPUT).read_to_string(&mut text).await.ok()?;
    loop {
        match child.try_wait().ok()? {
            Some(status) => return status.success().then_some(text),
            None => clock.sleep(POLL_INTERVAL).await,
        }
    }
}

/// Returns the reading end without blocking reads, because a child of the program may keep the pipe open.
fn reader(stdout: ChildStdout) -> Option<pipe::Receiver> {
    pipe::Receiver::from_owned_fd(OwnedFd::from(stdout)).ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use tempfile::TempDir;

    use super::*;

    const NAME: &str = "the-program";

    /// Creates a program. Another process writes it: a process that another test starts meanwhile would get the file that is
    /// open for writing here, and the system executes no such file.
    fn program(folder: &TempDir, file: &str, text: &str) -> PathBuf {
        let file = folder.path().join(file);
        let script = r#"printf %s "$1" > "$0""#;
        assert!(Command::new("sh").args(["-c", script]).arg(&file).arg(text).status().unwrap().success());
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        file
    }

    #[tokio::test]
    async fn only_a_program_that_prints_its_version_is_accepted() {
        let folder = tempfile::tempdir().unwrap();
        let read = async |file: &str, text: &str| {
            version(&program(&folder, file, text), NAME, Duration::from_secs(60), &Clock::system()).await
        };
        assert_eq!(read("prints", &format!("#!/bin/sh\necho {NAME} 9.9.9\n")).await.as_deref(), Some("9.9.9"));
        let fails = format!("#!/bin/sh\necho {NAME} 9.9.9\nexit 127\n");
        assert_eq!(read("fails", &fails).await, None, "a library it needs is missing");
        assert_eq!(read("other", "#!/bin/sh\necho something else\n").await, None);
        assert_eq!(read("half", "\u{7f}ELF").await, None, "half of a file");
    }

    #[tokio::test]
    async fn a_program_that_does_not_end_or_keeps_its_output_open_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["#!/bin/sh\nexec sleep 60\n", "#!/bin/sh\nsleep 60 &\necho the-program 9.9.9\n"] {
            let file = program(&folder, "waits", text);
            assert_eq!(version(&file, NAME, Duration::from_millis(200), &Clock::system()).await, None, "{text}");
        }
    }

    #[tokio::test]
    async fn a_changed_file_is_the_next_program_unless_it_is_older_or_not_whole() {
        let folder = tempfile::tempdir().unwrap();
        let running = program(&folder, "running", "");
        let found = async |file: &Path| check(file, &running, NAME, "0.2.0", &Clock::system()).await;
        assert_eq!(found(&running).await, Ok(None), "the file has not changed");
        for (printed, expected) in [("0.2.0", Ok(())), ("0.3.0", Ok(())), ("0.1.9", Err(UpgradeError::Older))] {
            let next = program(&folder, printed, &format!("#!/bin/sh\necho {NAME} {printed}\n"));
            assert_eq!(found(&next).await, expected.map(|()| Some(next)), "{printed}");
        }
        assert_eq!(found(&program(&folder, "half", "\u{7f}ELF")).await, Err(UpgradeError::DoesNotStart));
        assert_eq!(found(&folder.path().join("none")).await, Err(UpgradeError::Missing));
        let data = folder.path().join("data");
        fs::write(&data, "").unwrap();
        assert_eq!(found(&data).await, Err(UpgradeError::NotExecutable));
    }

    #[tokio::test]
    async fn the_program_of_this_test_has_not_changed() {
        assert_eq!(find(NAME, "0.1.0", &Clock::system()).await, Ok(None));
    }
}
