//! What the workers ask the process that runs them, and what they report to it.

use model::connection::ConnectionId;
use model::update_notice::UpdateNotice;

use crate::monitor::RoundSummary;
use crate::probe_pass::Audience;

/// The process that runs the workers.
pub trait WorkerHost: Send + Sync + 'static {
    /// Returns to whom notifications are shown now.
    fn audience(&self) -> Audience;

    /// Tells whether this process is to watch a connection, unless another one already does. After a change of the answer,
    /// the workers are to be woken.
    fn hosts(&self, id: &ConnectionId) -> bool;

    /// Takes what a round found; there is one after each pass. Changes of connections and settings are published by the
    /// connector itself.
    fn on_round(&self, round: RoundSummary);

    /// Takes a newer version that a notification is to be shown for, once for each version. A process without notifications
    /// gets none.
    fn on_update(&self, _notice: &UpdateNotice) {}
}
