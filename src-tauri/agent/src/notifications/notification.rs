//! What every desktop is asked to show.

use std::sync::Arc;

use model::navigation_target::NavigationTarget;

use crate::host_context::ShowRequest;

/// The product's name, which is also the name of its desktop entry.
pub(super) const APP: &str = "Okta Connector for Radiant";
/// The action of a click on the notification itself (Desktop Notifications specification).
pub(super) const CLICK: &str = "default";

/// Takes the click on a notification.
pub type OnClick = Arc<dyn Fn(ShowRequest) + Send + Sync>;

/// A notification with every text that the desktop shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notification {
    pub(super) summary: String,
    pub(super) body: String,
    /// The text of its button, where the desktop shows one.
    pub(super) open: Option<String>,
    /// Where a click leads.
    pub(super) target: NavigationTarget,
}
