//! Reminders about future risks, and what the administrator did with each of them.
//!
//! A reminder changes neither the status nor the tray icon. It is snoozed or dismissed for one subject (a token, a pause) and
//! appears again for the next subject. `reminder_rules` decides which are due. The default numbers are this app's choice.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::link_target::LinkTarget;
use crate::rotation::Attestation;

/// The settings of reminders, in days; 0 is never.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct ReminderSettings {
    /// Whether reminders are on.
    pub on: bool,
    /// Age from which a token should be replaced. This app's default; Okta expires no token because of its age.
    pub token_age_days: u32,
    /// Days between confirmations of the token's owner.
    pub owner_days: u32,
}

impl Default for ReminderSettings {
    fn default() -> Self {
        Self { on: true, token_age_days: 180, owner_days: 90 }
    }
}

impl ReminderSettings {
    /// Clamps the numbers to their bounds: never, or from one month to two years.
    #[must_use]
    pub fn bounded(self) -> Self {
        let bounded = |days: u32| if days == 0 { 0 } else { days.clamp(30, 730) };
        Self { token_age_days: bounded(self.token_age_days), owner_days: bounded(self.owner_days), ..self }
    }
}

/// The kind of a reminder, most urgent first. Its texts are `reminder.<kind>.*` in the message catalog.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
pub enum ReminderKind {
    /// The end time of a response action has come, and it was not undone.
    ActionEnds,
    /// The owner's roles differ from those observed first.
    RolesChanged,
    /// The owner's roles could be read before, but no longer can.
    RolesUntold,
    /// According to Okta's token list, the token expires soon unless it is used.
    TokenExpires,
    /// This app does not use the token, so that it may expire after 30 days without use.
    TokenIdle,
    /// The token is allowed from certain networks only.
    NetworkRestricted,
    /// The token belongs to a person; this was accepted some time ago.
    OwnerPerson,
    /// The last confirmation that the owner is a service account is old.
    OwnerService,
    /// The token is old.
    TokenAge,
    /// Checks have been paused for a long time.
    ChecksPaused,
    /// Notifications have been off for a long time.
    NoticesOff,
}

/// An action that the app offers for a reminder, in addition to its link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReminderAct {
    /// Replace the token.
    Rotate,
    /// Confirm that the present state is right.
    Confirm,
    /// Resume the checks.
    Resume,
    /// Open the settings of notifications.
    Notices,
}

/// A reminder that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Reminder {
    /// Its kind.
    pub kind: ReminderKind,
    /// Identifies its subject by the time it began: when the token was stored or the pause started.
    pub of: DateTime<Utc>,
    /// Since when it is due.
    pub since: DateTime<Utc>,
    /// When the underlying fact was observed, if it was observed.
    pub observed_at: Option<DateTime<Utc>>,
    /// Values for its texts; dates as `2026-03-10`.
    pub args: BTreeMap<String, String>,
    /// The offered action.
    pub act: Option<ReminderAct>,
    /// The page where it can be checked or fixed.
    pub link: Option<LinkTarget>,
}

/// The owner of the token in use as it was observed first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ObservedOwner {
    /// Since when that token is stored.
    pub of: DateTime<Utc>,
    /// The login.
    pub owner: String,
    /// The roles, sorted; empty if they could not be read.
    pub roles: Vec<String>,
    /// When it was observed.
    pub at: DateTime<Utc>,
}

/// What the administrator did with one reminder, and whether it was notified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReminderMark {
    /// The kind of the reminder.
    pub kind: ReminderKind,
    /// Its subject, as in [`Reminder::of`].
    pub of: DateTime<Utc>,
    /// Snoozed until this time.
    #[serde(alias = "later")]
    pub snoozed_until: Option<DateTime<Utc>>,
    /// Dismissed for its subject.
    pub dismissed: bool,
    /// Whether a notification was shown, or the window showed it.
    #[serde(alias = "told")]
    pub notified: bool,
}

/// The state of reminders for one connection.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct ReminderState {
    /// The owner as it was observed first.
    pub owner: Option<ObservedOwner>,
    /// The newest confirmation of the owner after set-up.
    pub confirmed: Option<Attestation>,
    /// The marks of reminders.
    pub marks: Vec<ReminderMark>,
}

/// Maximum number of marks; each kind needs one for its present subject and perhaps one for the previous subject.
const MAX_MARKS: usize = 40;
/// The longest time for which a reminder is snoozed.
const MAX_SNOOZE: TimeDelta = TimeDelta::days(90);

impl ReminderState {
    /// Returns the due reminders that are neither snoozed nor dismissed.
    #[must_use]
    pub fn visible(&self, due: Vec<Reminder>, now: DateTime<Utc>) -> Vec<Reminder> {
        let is_hidden = |one: &Reminder| {
            self.mark(one.kind, one.of)
                .is_some_and(|mark| mark.dismissed || mark.snoozed_until.is_some_and(|at| now < at))
        };
        due.into_iter().filter(|one| !is_hidden(one)).collect()
    }

    /// Snoozes a reminder for a number of days. Afterwards it is notified again.
    #[must_use]
    pub fn snooze(self, one: &Reminder, days: u32, now: DateTime<Utc>) -> Self {
        let until = now + TimeDelta::days(i64::from(days)).min(MAX_SNOOZE);
        self.marked(one, |mark| ReminderMark { snoozed_until: Some(until), notified: false, ..mark })
    }

    /// Dismisses a reminder for its subject.
    #[must_use]
    pub fn dismiss(self, one: &Reminder) -> Self {
        self.marked(one, |mark| ReminderMark { dismissed: true, ..mark })
    }

    /// Records that the owner and its roles, as observed now, are right, and removes the marks of reminders about the owner.
    #[must_use]
    pub fn confirm(mut self, owner: Option<ObservedOwner>, attestation: Attestation) -> Self {
        let about_owner = [
            ReminderKind::RolesChanged,
            ReminderKind::RolesUntold,
            ReminderKind::OwnerPerson,
            ReminderKind::OwnerService,
        ];
        self.marks.retain(|mark| !about_owner.contains(&mark.kind));
        Self { owner: owner.or(self.owner), confirmed: Some(attestation), ..self }
    }

    /// Returns those of `visible` that were not notified yet.
    #[must_use]
    pub fn unnotified(&self, visible: &[Reminder]) -> Vec<Reminder> {
        let was_notified = |one: &&Reminder| self.mark(one.kind, one.of).is_some_and(|mark| mark.notified);
        visible.iter().filter(|one| !was_notified(one)).cloned().collect()
    }

    /// Records that these reminders were notified.
    #[must_use]
    pub fn mark_notified(self, notified: &[Reminder]) -> Self {
        notified.iter().fold(self, |state, one| state.marked(one, |mark| ReminderMark { notified: true, ..mark }))
    }

    fn mark(&self, kind: ReminderKind, of: DateTime<Utc>) -> Option<&ReminderMark> {
        self.marks.iter().find(|mark| mark.kind == kind && mark.of == of)
    }

    fn marked(mut self, one: &Reminder, change: impl FnOnce(ReminderMark) -> ReminderMark) -> Self {
        let new = ReminderMark { kind: one.kind, of: one.of, snoozed_until: None, dismissed: false, notified: false };
        let mark = change(self.mark(one.kind, one.of).cloned().unwrap_or(new));
        self.marks.retain(|mark| mark.kind != one.kind || mark.of != one.of);
        self.marks.push(mark);
        let surplus = self.marks.len().saturating_sub(MAX_MARKS);
        self.marks.drain(..surplus);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(days)
    }

    fn reminder(kind: ReminderKind, of: i64) -> Reminder {
        Reminder { kind, of: at(of), since: at(of), observed_at: None, args: BTreeMap::new(), act: None, link: None }
    }

    fn visible(state: &ReminderState, day: i64) -> Vec<Reminder> {
        state.visible(vec![reminder(ReminderKind::TokenAge, 0)], at(day))
    }

    #[test]
    fn a_snoozed_reminder_is_hidden_until_its_day_and_then_notified_again() {
        let one = reminder(ReminderKind::TokenAge, 0);
        let state = ReminderState::default().mark_notified(std::slice::from_ref(&one));
        assert_eq!(state.unnotified(&visible(&state, 0)), []);
        let state = state.snooze(&one, 7, at(0));
        assert_eq!(visible(&state, 6), []);
        assert_eq!(state.unnotified(&visible(&state, 7)), [one]);
    }

    #[test]
    fn a_dismissed_reminder_is_hidden_for_this_token_and_appears_for_the_next() {
        let state = ReminderState::default().dismiss(&reminder(ReminderKind::TokenAge, 0));
        assert_eq!(visible(&state, 900), []);
        let next = reminder(ReminderKind::TokenAge, 5);
        assert_eq!(state.visible(vec![next.clone()], at(900)), [next]);
    }

    #[test]
    fn dismissing_one_reminder_keeps_the_others() {
        let (age, paused) = (reminder(ReminderKind::TokenAge, 0), reminder(ReminderKind::ChecksPaused, 0));
        let state = ReminderState::default().dismiss(&age);
        assert_eq!(state.visible(vec![age, paused.clone()], at(1)), [paused]);
    }

    #[test]
    fn confirming_the_owner_allows_a_notification_of_the_next_change() {
        let roles = reminder(ReminderKind::RolesChanged, 0);
        let attestation = Attestation { at: at(1), by: "admin".to_owned() };
        let state = ReminderState::default().dismiss(&roles).confirm(None, attestation);
        assert_eq!(state.unnotified(&state.visible(vec![roles.clone()], at(2))), [roles]);
    }

    #[test]
    fn snoozing_and_the_number_of_marks_are_limited() {
        let one = reminder(ReminderKind::TokenAge, 0);
        let state = ReminderState::default().snooze(&one, u32::MAX, at(0));
        assert_eq!(state.visible(vec![one.clone()], at(91)), [one]);
        let many = (0..500).fold(state, |state, of| state.dismiss(&reminder(ReminderKind::TokenIdle, of)));
        assert_eq!(many.marks.len(), MAX_MARKS);
    }

    #[test]
    fn numbers_are_clamped_and_never_stays_never() {
        let settings = ReminderSettings { on: true, token_age_days: 1, owner_days: 0 }.bounded();
        assert_eq!((settings.token_age_days, settings.owner_days), (30, 0));
    }
}
