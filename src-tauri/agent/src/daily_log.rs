//! The log's file of the day, which only its owner can read from its creation on.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use connector::log_files::{MAX_LOG_FILES, log_files};
use connector::owner_only_files::{open_private, private_folder};
use runtime::Clock;

/// Appends to the file of the day and keeps the newest files. Several processes append to the same file.
#[derive(Debug)]
pub(crate) struct DailyLog {
    folder: PathBuf,
    clock: Clock,
    /// The open file and its day.
    current: Option<(NaiveDate, File)>,
}

impl DailyLog {
    /// Opens the log in a folder, which is created or closed to other accounts, as are the files of earlier days.
    ///
    /// # Errors
    /// When the folder or the file of the day cannot be used.
    pub(crate) fn open(folder: &Path, clock: Clock) -> io::Result<Self> {
        private_folder(folder)?;
        for file in log_files(folder) {
            // A file of another account stays as it is: this account cannot change it.
            drop(open_private(OpenOptions::new().append(true), &file));
        }
        let mut log = Self { folder: folder.to_owned(), clock, current: None };
        log.file()?;
        Ok(log)
    }

    /// Returns the file of the day.
    fn file(&mut self) -> io::Result<&mut File> {
        let today = self.clock.now().date_naive();
        let current = match self.current.take().filter(|(day, _)| *day == today) {
            Some(current) => current,
            None => (today, self.create(today)?),
        };
        Ok(&mut self.current.insert(current).1)
    }

    fn create(&self, day: NaiveDate) -> io::Result<File> {
        let path = self.folder.join(format!("okta-connector.{day}.log"));
        let file = open_private(OpenOptions::new().append(true).create(true), &path)?;
        let files = log_files(&self.folder);
        for old in &files[..files.len().saturating_sub(MAX_LOG_FILES)] {
            // Another process may have deleted it at the same time.
            drop(fs::remove_file(old));
        }
        Ok(file)
    }
}

impl Write for DailyLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.current.as_mut().map_or(Ok(()), |(_, file)| file.flush())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    fn log(folder: &Path) -> (DailyLog, Clock) {
        let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        (DailyLog::open(folder, clock.clone()).unwrap(), clock)
    }

    #[test]
    fn each_day_has_its_file_and_the_newest_ones_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (mut log, clock) = log(folder.path());
        for day in 0..10 {
            writeln!(log, "day {day}").unwrap();
            writeln!(log, "again {day}").unwrap();
            clock.advance(TimeDelta::days(1));
        }
        let files = log_files(folder.path());
        assert_eq!(files.len(), MAX_LOG_FILES);
        assert!(files[0].ends_with("okta-connector.2027-01-18.log"), "{files:?}");
        assert_eq!(fs::read_to_string(&files[MAX_LOG_FILES - 1]).unwrap(), "day 9\nagain 9\n");
    }

    #[test]
    #[cfg(unix)]
    fn every_file_is_closed_to_other_accounts_also_one_of_an_older_version() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("logs");
        fs::create_dir(&folder).unwrap();
        let old = folder.join("okta-connector.2027-01-14.log");
        fs::write(&old, "old\n").unwrap();
        fs::set_permissions(&old, fs::Permissions::from_mode(0o644)).unwrap();
        let (mut log, clock) = log(&folder);
        clock.advance(TimeDelta::days(1));
        writeln!(log, "tomorrow").unwrap();
        let files = log_files(&folder);
        assert_eq!((files.len(), fs::read_to_string(&old).unwrap().as_str()), (3, "old\n"));
        for path in files.iter().chain([&folder]) {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
        }
    }
}
