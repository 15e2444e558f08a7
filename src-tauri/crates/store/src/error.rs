//! Errors of the store, and how those of SQLite and of the file system map to them.
//!
//! The text of an error contains no stored value.

use std::io;

use rusqlite::ErrorCode;

use model::code::Code;
use model::problem::Problem;

/// Why the store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is not a SQLite database, or SQLite found it damaged.
    #[error("the database is damaged")]
    Corrupt,
    /// A newer version of the app wrote it. Nothing was changed.
    #[error("the database has version {found}, this app knows {known}")]
    Newer {
        /// Its version.
        found: u32,
        /// The newest version this app knows.
        known: u32,
    },
    /// The file or its folder cannot be written.
    #[error("the database cannot be written")]
    ReadOnly,
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// Another process was writing for longer than the store waits.
    #[error("another process holds the database")]
    Busy,
    /// There is no such connection.
    #[error("there is no such connection")]
    Missing,
    /// A row contains something this app cannot read.
    #[error("a row cannot be read")]
    Unreadable(#[source] serde_json::Error),
    /// The file system failed.
    #[error("the file system failed: {0}")]
    File(#[source] io::Error),
    /// A transaction ended without a result, because it panicked or the app is shutting down.
    #[error("a transaction was aborted")]
    Aborted,
    /// SQLite failed in another way.
    #[error("the database failed: {0}")]
    Sqlite(#[source] rusqlite::Error),
}

impl StoreError {
    /// Returns the code of the problem that is shown.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Corrupt | Self::Unreadable(_) => Code::StoreCorrupt,
            Self::Newer { .. } => Code::StoreNewer,
            Self::ReadOnly => Code::StoreReadOnly,
            Self::Full => Code::DiskFull,
            Self::Busy => Code::StoreBusy,
            Self::Missing => Code::ConnectionUnknown,
            Self::File(_) | Self::Sqlite(_) => Code::StoreFailed,
            Self::Aborted => Code::Internal,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let Some(code) = error.sqlite_error_code() else { return Self::Sqlite(error) };
        let is = |codes: &[ErrorCode]| codes.contains(&code);
        if is(&[ErrorCode::DatabaseCorrupt, ErrorCode::NotADatabase]) {
            Self::Corrupt
        } else if is(&[ErrorCode::ReadOnly, ErrorCode::CannotOpen, ErrorCode::PermissionDenied]) {
            // SQLite reports "cannot open" when it must not create the -wal or -shm file of a database it can read.
            Self::ReadOnly
        } else if is(&[ErrorCode::DiskFull]) {
            Self::Full
        } else if is(&[ErrorCode::DatabaseBusy, ErrorCode::DatabaseLocked]) {
            Self::Busy
        } else {
            Self::Sqlite(error)
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        let kind = error.kind();
        if [PermissionDenied, ReadOnlyFilesystem].contains(&kind) {
            Self::ReadOnly
        } else if [StorageFull, QuotaExceeded].contains(&kind) {
            Self::Full
        } else {
            Self::File(error)
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let problem = Self::new(error.code()).detail(error.to_string());
        if let StoreError::Newer { found, known } = error {
            problem.arg("found", found.to_string()).arg("known", known.to_string())
        } else {
            problem
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_file_system_error_has_its_own_code() {
        let code = |kind: io::ErrorKind| StoreError::from(io::Error::from(kind)).code();
        assert_eq!(code(io::ErrorKind::PermissionDenied), Code::StoreReadOnly);
        assert_eq!(code(io::ErrorKind::ReadOnlyFilesystem), Code::StoreReadOnly);
        assert_eq!(code(io::ErrorKind::StorageFull), Code::DiskFull);
        assert_eq!(code(io::ErrorKind::QuotaExceeded), Code::DiskFull);
        assert_eq!(code(io::ErrorKind::NotADirectory), Code::StoreFailed);
    }
}
