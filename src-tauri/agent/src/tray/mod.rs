//! The tray: an icon, a tooltip and a menu, drawn from the same status as the window.
//!
//! [`content`] decides what is shown; it is pure. A desktop without a tray is not an error: it is reported, and the icon is
//! added as soon as there is a tray. On Linux the icon is a [`status_notifier`]; elsewhere the window's process draws it.

pub mod choice;
pub mod content;
pub mod icon_images;
#[cfg(target_os = "linux")]
pub mod status_notifier;

use std::sync::Arc;

pub use choice::TrayChoice;

use content::TrayContent;
use runtime::Clock;

use crate::task_group::TaskGroup;

/// Takes what a person chose.
pub type OnChoice = Arc<dyn Fn(TrayChoice) + Send + Sync>;

/// Is called after [`Tray::is_there`] changed.
pub type OnPresenceChange = Arc<dyn Fn() + Send + Sync>;

/// What a host gives the tray that it starts.
#[derive(Clone)]
pub struct TraySetup {
    /// Takes what a person chooses in the tray.
    pub on_choice: OnChoice,
    /// Is called after the icon appeared or disappeared.
    pub on_presence_change: OnPresenceChange,
    /// The clock.
    pub clock: Clock,
    /// The host's tasks, which end together with it.
    pub tasks: TaskGroup,
}

/// A tray icon. It appears when there is a tray and something was drawn.
pub trait Tray: Send + Sync + 'static {
    /// Draws the content; `None` removes the icon.
    fn draw(&self, content: Option<TrayContent>);

    /// Tells whether the desktop shows the icon.
    fn is_there(&self) -> bool;
}
