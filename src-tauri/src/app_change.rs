//! Changes that window, tray and notifications follow.

use model::connection::ConnectionId;

/// A change of the app's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AppChange {
    /// A connection was created, changed or removed.
    Connection(ConnectionId),
    /// The monitoring settings changed, or a pause of notifications ended.
    Settings,
    /// Notifications are waiting to be shown.
    Notifications,
}
