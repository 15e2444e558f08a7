//! What a host asks of the process it runs in.

use connector::Connector;
use messages::Messages;
use model::connection::ConnectionId;
use model::navigation_target::NavigationTarget;
use model::problem::Problem;
use serde::{Deserialize, Serialize};

/// A request to show the window.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowRequest {
    /// The place to open; absent to show the window as it is.
    pub target: Option<NavigationTarget>,
    /// The token by which the desktop lets the window take the focus (XDG activation).
    pub activation_token: Option<String>,
}

/// The process around a host: the agent, or the window's own process.
pub trait HostContext: Send + Sync + 'static {
    /// Returns the connector of the hosted connections.
    ///
    /// # Errors
    /// The problem that keeps the database from being used.
    fn connector(&self) -> Result<Connector, Problem>;

    /// Tells whether the connections belong to a practice organization, which marks icon and notifications.
    fn is_practice(&self) -> bool;

    /// Returns the messages in the language in use.
    fn messages(&self) -> Messages;

    /// Tells whether this process is to watch a connection, unless another one already does.
    fn hosts(&self, id: &ConnectionId) -> bool;

    /// Tells whether this process is to show a tray icon.
    fn shows_tray(&self) -> bool;

    /// Tells whether a window has the focus; it shows what a notification would.
    fn is_window_in_front(&self) -> bool;

    /// Takes note that the icon appeared in the tray or disappeared from it.
    fn on_tray_change(&self) {}

    /// Shows the window.
    fn show_window(&self, request: ShowRequest);

    /// Ends the app.
    fn quit(&self);
}
