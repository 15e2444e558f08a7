//! A file lock that every practice run holds until its process ends, however it ends.
//!
//! A run that starts knows by it whether the data it finds was left by a killed run. The file itself stays empty.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use connector::owner_only_files::{open_private, private_folder};

/// A lock on the file. Dropping it, or the end of the process, releases it.
#[derive(Debug)]
pub(crate) struct PracticeRunMarker(#[expect(dead_code, reason = "the lock belongs to the open file")] File);

impl PracticeRunMarker {
    /// Returns the lock file, in the data folder beside the locks of connections.
    pub(crate) fn file(data_dir: &Path) -> PathBuf {
        data_dir.join("practice.lock")
    }

    /// Locks the file exclusively, which other runs wait for; `None` while another run holds a lock.
    ///
    /// # Errors
    /// When the file cannot be created or locked.
    pub(crate) fn exclusive(file: &Path) -> io::Result<Option<Self>> {
        let file = open(file)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Locks the file together with other runs. Waits while a run holds the exclusive lock.
    ///
    /// # Errors
    /// As [`PracticeRunMarker::exclusive`].
    pub(crate) fn shared(file: &Path) -> io::Result<Self> {
        let file = open(file)?;
        file.lock_shared()?;
        Ok(Self(file))
    }
}

/// Opens the file for its owner only, so that no other account can hold the lock.
fn open(file: &Path) -> io::Result<File> {
    if let Some(folder) = file.parent() {
        private_folder(folder)?;
    }
    open_private(OpenOptions::new().create(true).truncate(false).read(true).write(true), file)
}

#[cfg(test)]
mod tests {
    use super::PracticeRunMarker;

    #[test]
    fn a_run_is_the_only_one_until_another_joins_and_again_after_all_others_ended() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("runs.lock");
        let only = PracticeRunMarker::exclusive(&file).unwrap();
        assert!(only.is_some());
        assert!(PracticeRunMarker::exclusive(&file).unwrap().is_none());
        drop(only);
        let (one, two) = (PracticeRunMarker::shared(&file).unwrap(), PracticeRunMarker::shared(&file).unwrap());
        assert!(PracticeRunMarker::exclusive(&file).unwrap().is_none());
        drop(one);
        assert!(PracticeRunMarker::exclusive(&file).unwrap().is_none());
        drop(two);
        assert!(PracticeRunMarker::exclusive(&file).unwrap().is_some());
    }

    #[test]
    #[cfg(unix)]
    fn the_lock_is_in_the_data_folder_and_only_its_owner_can_open_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = PracticeRunMarker::file(&folder.path().join("data"));
        let lock = PracticeRunMarker::shared(&file).unwrap();
        for (path, mode) in [(file.as_path(), 0o600), (file.parent().unwrap(), 0o700)] {
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
        }
        drop(lock);
    }
}
