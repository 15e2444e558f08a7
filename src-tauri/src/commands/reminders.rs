//! Reminders: put off, put away, the owner confirmed again.

use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::reminder::ReminderKind;
use tauri::State;

use crate::doors::Doors;

/// Puts a reminder off for so many days.
#[tauri::command]
#[specta::specta]
pub(crate) async fn put_off_reminder(
    doors: State<'_, Doors>,
    id: ConnectionId,
    kind: ReminderKind,
    days: u32,
) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.of(&id)?.put_off_reminder(&id, kind, days).await)
}

/// Puts a reminder away for what it is about.
#[tauri::command]
#[specta::specta]
pub(crate) async fn dismiss_reminder(
    doors: State<'_, Doors>,
    id: ConnectionId,
    kind: ReminderKind,
) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.of(&id)?.dismiss_reminder(&id, kind).await)
}

/// Notes that the token's owner and its roles, as they were seen last, are right.
#[tauri::command]
#[specta::specta]
pub(crate) async fn confirm_owner(doors: State<'_, Doors>, id: ConnectionId) -> Result<ConnectionView, Problem> {
    doors.tell(&id, doors.of(&id)?.confirm_owner(&id).await)
}
