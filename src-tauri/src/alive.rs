//! Which practice runs are alive: each holds a lock for as long as it runs, whatever ends it.
//!
//! So a run that begins knows whether what it finds was left by one that was killed. The file is empty and means nothing.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// A sign of life. Dropping it, or the end of the process, takes it back.
#[derive(Debug)]
pub(crate) struct Alive(#[expect(dead_code, reason = "the lock belongs to the open file")] File);

impl Alive {
    /// Returns the file of one account's runs: in the folder for passing things, since practice leaves nothing elsewhere.
    pub(crate) fn file(operator: &str) -> PathBuf {
        let name: String = operator.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        std::env::temp_dir().join(format!("okta-connector-practice-{name}.lock"))
    }

    /// Returns the sign of the only run, which no other can join until it is dropped; `None` when another is alive.
    ///
    /// # Errors
    /// When the file cannot be made or locked.
    pub(crate) fn only(file: &Path) -> io::Result<Option<Self>> {
        let file = open(file)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Joins the runs that are alive. Waits while the only one clears up.
    ///
    /// # Errors
    /// As [`Alive::only`].
    pub(crate) fn join(file: &Path) -> io::Result<Self> {
        let file = open(file)?;
        file.lock_shared()?;
        Ok(Self(file))
    }
}

/// For its owner alone, so that no other account can hold the lock.
fn open(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

#[cfg(test)]
mod tests {
    use super::Alive;

    #[test]
    fn a_run_is_the_only_one_until_another_joins_and_again_when_all_others_ended() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("runs.lock");
        let only = Alive::only(&file).unwrap();
        assert!(only.is_some());
        assert!(Alive::only(&file).unwrap().is_none());
        drop(only);
        let (one, two) = (Alive::join(&file).unwrap(), Alive::join(&file).unwrap());
        assert!(Alive::only(&file).unwrap().is_none());
        drop(one);
        assert!(Alive::only(&file).unwrap().is_none());
        drop(two);
        assert!(Alive::only(&file).unwrap().is_some());
    }

    #[test]
    fn an_accounts_name_is_no_path() {
        assert!(Alive::file("DOMAIN\\jo/../x").ends_with("okta-connector-practice-DOMAIN_jo____x.lock"));
    }
}
