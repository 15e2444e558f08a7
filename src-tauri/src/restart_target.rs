//! The program that a restart would run, and whether it is safe to restart with it (Linux).
//!
//! Nothing monitors between the end of this program and the start of the next, so the next one is checked first. It is the
//! file that this process was started from, as it is now. After an upgrade of the package it is another program: it must
//! print its version, which proves that it starts, and it must not be older, because an older one could not read the
//! database. A failed check is repeated later, since the program may be in the middle of its installation.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use runtime::Clock;

use crate::args::{NAME, VERSION};

/// The running program, whatever became of its file.
pub(crate) const RUNNING: &str = "/proc/self/exe";
/// The suffix that the system adds to the path of a program whose file was replaced or removed.
const DELETED: &str = " (deleted)";
/// How long a program may take to print its version.
const VERSION_TIMEOUT: Duration = Duration::from_secs(10);
/// Interval between two checks whether it has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Returns the program that a restart would run.
///
/// # Errors
/// The reason why the app must not restart.
pub(crate) async fn find() -> Result<PathBuf, &'static str> {
    let program = program_path(&fs::read_link(RUNNING).map_err(|_| "the running program is unknown")?);
    let (Ok(there), Ok(running)) = (fs::metadata(&program), fs::metadata(RUNNING)) else {
        return Err("the program's file is missing");
    };
    if !there.is_file() || rustix::fs::access(&program, rustix::fs::Access::EXEC_OK).is_err() {
        return Err("the program's file cannot be started");
    }
    if (there.dev(), there.ino()) == (running.dev(), running.ino()) {
        return Ok(program);
    }
    let version = version(&program).await.ok_or("the program that replaced it does not start")?;
    if is_not_older(&version, VERSION) { Ok(program) } else { Err("the program that replaced it is older") }
}

/// Removes the suffix of a replaced program from its path.
fn program_path(program: &Path) -> PathBuf {
    let text = program.to_string_lossy();
    text.strip_suffix(DELETED).map_or_else(|| program.to_owned(), PathBuf::from)
}

/// Runs a program to read its version; `None` when it prints none in time.
async fn version(program: &Path) -> Option<String> {
    let mut child = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let clock = Clock::system();
    let ends = async {
        while child.try_wait().ok()?.is_none() {
            clock.sleep(POLL_INTERVAL).await;
        }
        Some(())
    };
    if clock.within(VERSION_TIMEOUT, ends).await.flatten().is_none() {
        // It may have ended by itself just now; it is reaped either way.
        drop(child.kill().and_then(|()| child.wait()));
        return None;
    }
    let output = child.wait_with_output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().strip_prefix(NAME)?.trim().to_owned())
}

/// Compares versions of three numbers; one that cannot be parsed counts as older.
fn is_not_older(version: &str, running: &str) -> bool {
    let numbers = |text: &str| {
        let plain = text.split(['-', '+']).next().unwrap_or_default();
        plain.split('.').map(|part| part.parse::<u32>().ok()).collect::<Option<Vec<u32>>>()
    };
    match (numbers(version), numbers(running)) {
        (Some(version), Some(running)) => version >= running,
        (_, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn an_older_program_is_refused_and_a_newer_one_is_accepted() {
        assert!(
            is_not_older("0.1.0", "0.1.0") && is_not_older("0.10.0", "0.9.9") && is_not_older("1.0.0-rc.1", "0.9.0")
        );
        assert!(!is_not_older("0.1.0", "0.2.0") && !is_not_older("", "0.1.0") && !is_not_older("new", "0.1.0"));
    }

    #[test]
    fn a_replaced_program_is_found_under_its_own_name() {
        assert_eq!(program_path(Path::new("/usr/bin/app (deleted)")), Path::new("/usr/bin/app"));
        assert_eq!(program_path(Path::new("/usr/bin/app")), Path::new("/usr/bin/app"));
    }

    #[tokio::test]
    async fn only_a_program_that_prints_its_version_is_accepted() {
        let folder = tempfile::tempdir().unwrap();
        let program = |name: &str, text: &str| {
            let file = folder.path().join(name);
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
            file
        };
        let prints = program("prints", &format!("#!/bin/sh\necho {NAME} 9.9.9\n"));
        assert_eq!(version(&prints).await.as_deref(), Some("9.9.9"));
        let fails = program("fails", &format!("#!/bin/sh\necho {NAME} 9.9.9\nexit 127\n"));
        assert_eq!(version(&fails).await, None, "a library it needs is missing");
        assert_eq!(version(&program("other", "#!/bin/sh\necho something else\n")).await, None);
        assert_eq!(version(&program("half", "\u{7f}ELF")).await, None, "half of a file");
    }
}
