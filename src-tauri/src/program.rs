//! Which program a new start would run, and whether it may be left to it (Linux).
//!
//! Nobody watches between the end of this program and the start of the next, so the next is looked at first. It is the file
//! this process was started from, as it is there now. When a package was upgraded meanwhile that is another program: it has to
//! show that it can be started, by telling its version, and it must not be an older one, which could not read the database.
//! One that cannot is tried again later; it may be in the middle of being installed. Until then all stays as it is.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use runtime::Clock;

use crate::args::{NAME, VERSION};

/// The program of this process, whatever became of its file.
pub(crate) const RUNNING: &str = "/proc/self/exe";
/// What the system says of a program whose file was replaced or removed.
const GONE: &str = " (deleted)";
/// How long a program may take to tell its version.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked whether it has.
const OFTEN: Duration = Duration::from_millis(50);

/// Returns the program a new start would run.
///
/// # Errors
/// Why this process had better go on.
pub(crate) async fn next() -> Result<PathBuf, &'static str> {
    let named = named(&fs::read_link(RUNNING).map_err(|_| "its own program is not known")?);
    let (Ok(there), Ok(running)) = (fs::metadata(&named), fs::metadata(RUNNING)) else {
        return Err("the program's file is gone");
    };
    if !there.is_file() || rustix::fs::access(&named, rustix::fs::Access::EXEC_OK).is_err() {
        return Err("the program's file cannot be started");
    }
    if (there.dev(), there.ino()) == (running.dev(), running.ino()) {
        return Ok(named);
    }
    let told = version(&named).await.ok_or("the program that took its place does not start")?;
    if is_no_older(&told, VERSION) { Ok(named) } else { Err("the program that took its place is an older one") }
}

/// The file of a program, without what the system says of it.
fn named(program: &Path) -> PathBuf {
    let text = program.to_string_lossy();
    text.strip_suffix(GONE).map_or_else(|| program.to_owned(), PathBuf::from)
}

/// Lets a program tell its version; `None` when it tells none in time.
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
            clock.sleep(OFTEN).await;
        }
        Some(())
    };
    if clock.within(PATIENCE, ends).await.flatten().is_none() {
        // It may have ended by itself just now; either way it is taken notice of.
        drop(child.kill().and_then(|()| child.wait()));
        return None;
    }
    let output = child.wait_with_output().ok().filter(|output| output.status.success())?;
    let said = String::from_utf8(output.stdout).ok()?;
    Some(said.trim().strip_prefix(NAME)?.trim().to_owned())
}

/// Compares versions of three numbers; what cannot be read is taken for older.
fn is_no_older(told: &str, running: &str) -> bool {
    let numbers = |text: &str| {
        let plain = text.split(['-', '+']).next().unwrap_or_default();
        plain.split('.').map(|part| part.parse::<u32>().ok()).collect::<Option<Vec<u32>>>()
    };
    match (numbers(told), numbers(running)) {
        (Some(told), Some(running)) => told >= running,
        (_, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn an_older_program_is_not_left_to_and_a_newer_one_is() {
        assert!(is_no_older("0.1.0", "0.1.0") && is_no_older("0.10.0", "0.9.9") && is_no_older("1.0.0-rc.1", "0.9.0"));
        assert!(!is_no_older("0.1.0", "0.2.0") && !is_no_older("", "0.1.0") && !is_no_older("new", "0.1.0"));
    }

    #[test]
    fn a_file_that_was_replaced_is_looked_for_under_its_name() {
        assert_eq!(named(Path::new("/usr/bin/app (deleted)")), Path::new("/usr/bin/app"));
        assert_eq!(named(Path::new("/usr/bin/app")), Path::new("/usr/bin/app"));
    }

    #[tokio::test]
    async fn only_a_program_that_tells_its_version_can_be_started() {
        let folder = tempfile::tempdir().unwrap();
        let program = |name: &str, text: &str| {
            let file = folder.path().join(name);
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
            file
        };
        let tells = program("tells", &format!("#!/bin/sh\necho {NAME} 9.9.9\n"));
        assert_eq!(version(&tells).await.as_deref(), Some("9.9.9"));
        let fails = program("fails", &format!("#!/bin/sh\necho {NAME} 9.9.9\nexit 127\n"));
        assert_eq!(version(&fails).await, None, "a library it needs is missing");
        assert_eq!(version(&program("other", "#!/bin/sh\necho something else\n")).await, None);
        assert_eq!(version(&program("half", "\u{7f}ELF")).await, None, "half of a file");
    }
}
