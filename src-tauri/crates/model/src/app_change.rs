//! Changes of stored data, which window, tray and notifications follow.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::connection::ConnectionId;

/// A part of the stored data that a write changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum AppChange {
    /// A connection, or anything stored for it.
    Connection(ConnectionId),
    /// A setting.
    Settings,
    /// Notifications are waiting to be shown. Sent by the process that shows them, never by a write.
    Notifications,
}
