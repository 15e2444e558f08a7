//! The place in the window that a clicked notification leads to.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::check::CheckId;
use crate::connection::ConnectionId;

/// A place in the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct NavigationTarget {
    /// The connection; absent for several connections, which open the overview.
    pub id: Option<ConnectionId>,
    /// The check that found the problem.
    pub row: Option<CheckId>,
}
