//! The two kinds of transaction. Their methods are beside the tables they read and write.

use std::collections::BTreeSet;
use std::ops::Deref;

use rusqlite::Connection;

use model::app_change::AppChange;
use model::connection::ConnectionId;

/// One consistent snapshot of the database. A row that cannot be read is [`StoreError::Unreadable`](crate::StoreError).
pub struct ReadTx<'a> {
    db: &'a Connection,
}

impl<'a> ReadTx<'a> {
    pub(super) fn new(db: &'a Connection) -> Self {
        Self { db }
    }

    pub(super) fn db(&self) -> &'a Connection {
        self.db
    }
}

/// A transaction that may write. What is read through it cannot be changed by another writer before it is committed.
///
/// A write for a connection that does not exist is [`StoreError::Missing`](crate::StoreError); any write may be `Full` or
/// `ReadOnly`.
pub struct WriteTx<'a> {
    read: ReadTx<'a>,
    touched: BTreeSet<AppChange>,
}

impl<'a> WriteTx<'a> {
    pub(super) fn new(db: &'a Connection) -> Self {
        Self { read: ReadTx::new(db), touched: BTreeSet::new() }
    }

    pub(super) fn touch(&mut self, id: &ConnectionId) {
        self.touched.insert(AppChange::Connection(id.clone()));
    }

    pub(super) fn touch_settings(&mut self) {
        self.touched.insert(AppChange::Settings);
    }

    pub(super) fn into_touched(self) -> BTreeSet<AppChange> {
        self.touched
    }
}

impl<'a> Deref for WriteTx<'a> {
    type Target = ReadTx<'a>;

    fn deref(&self) -> &ReadTx<'a> {
        &self.read
    }
}
