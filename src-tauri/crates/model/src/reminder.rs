//! Reminders: what becomes a risk later, though nothing is wrong today. What they are, and what the administrator did with each.
//!
//! A reminder weighs nothing: it changes no status and no face of the tray. It is put off or put away for what it is about (a
//! token, a pause), and comes again for the next one. When each is raised stands in `reminding`. The figures are ours.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::link_target::LinkTarget;
use crate::rotation::Attestation;

/// What reminds, and from when. Days; 0 is never.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct ReminderSettings {
    /// Whether there are reminders at all.
    pub on: bool,
    /// Age from which a token is to be replaced. Ours; Okta ends no token for its age.
    pub token_age_days: u32,
    /// How often it is asked whether the owner is still the right one.
    pub owner_days: u32,
}

impl Default for ReminderSettings {
    fn default() -> Self {
        Self { on: true, token_age_days: 180, owner_days: 90 }
    }
}

impl ReminderSettings {
    /// Brings the figures into bounds: never, or from a month to two years.
    #[must_use]
    pub fn bounded(self) -> Self {
        let bounded = |days: u32| if days == 0 { 0 } else { days.clamp(30, 730) };
        Self { token_age_days: bounded(self.token_age_days), owner_days: bounded(self.owner_days), ..self }
    }
}

/// What a reminder is about, the nearest risk first. Its sentences are `reminder.<kind>.*` in the message catalogue.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
pub enum ReminderKind {
    /// The owner's roles are not those that were seen first.
    RolesChanged,
    /// Okta told the owner's roles before and no longer does.
    RolesUntold,
    /// The list says that the token ends soon unless it is used.
    TokenExpires,
    /// This app does not use the token, so that its 30 days may run.
    TokenIdle,
    /// The token may be used from certain networks only.
    NetworkRestricted,
    /// The token belongs to a person, which was accepted a while ago.
    OwnerPerson,
    /// Whether the owner is still a service account was not said for a while.
    OwnerService,
    /// The token is old.
    TokenAge,
    /// Checks are paused for long.
    ChecksPaused,
    /// Notices are switched off for long.
    NoticesOff,
}

/// What can be done about a reminder from here, besides the place it links to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReminderAct {
    /// Replace the token.
    Rotate,
    /// Say that it is right.
    Confirm,
    /// Resume the checks.
    Resume,
    /// Look at the settings of notices.
    Notices,
}

/// A reminder that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Reminder {
    /// What it is about.
    pub kind: ReminderKind,
    /// Since when the very thing stands: the token is kept, the pause began. Another one is another reminder.
    pub of: DateTime<Utc>,
    /// Since when it is due.
    pub since: DateTime<Utc>,
    /// When what it rests on was seen, where it rests on something seen.
    pub seen: Option<DateTime<Utc>>,
    /// Values for its sentences; days as `2026-03-10`.
    pub args: BTreeMap<String, String>,
    /// What can be done from here.
    pub act: Option<ReminderAct>,
    /// Where to look or to mend it.
    pub link: Option<LinkTarget>,
}

/// What was seen of the owner first with the token in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ObservedOwner {
    /// Since when that token is kept.
    pub of: DateTime<Utc>,
    /// The login.
    pub owner: String,
    /// The roles, sorted; none where Okta did not tell them.
    pub roles: Vec<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// What the administrator did with one reminder, and whether it was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ReminderMark {
    /// Which.
    pub kind: ReminderKind,
    /// About which token, pause or the like.
    pub of: DateTime<Utc>,
    /// Put off until then.
    pub later: Option<DateTime<Utc>>,
    /// Put away for what it is about.
    pub dismissed: bool,
    /// Whether a notice was shown, or the window showed it.
    pub told: bool,
}

/// What is remembered for the reminders of one connection.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct ReminderState {
    /// What was seen of the owner first.
    pub owner: Option<ObservedOwner>,
    /// When the owner was confirmed last, after set-up.
    pub confirmed: Option<Attestation>,
    /// What was done with reminders.
    pub marks: Vec<ReminderMark>,
}

/// How many marks are kept; each kind needs one for what stands and perhaps one for what stood.
const MARKS_KEPT: usize = 40;
/// Longest time a reminder is put off.
const LONGEST_LATER: TimeDelta = TimeDelta::days(90);

impl ReminderState {
    /// Leaves out what was put off or put away.
    #[must_use]
    pub fn visible(&self, due: Vec<Reminder>, now: DateTime<Utc>) -> Vec<Reminder> {
        let hidden = |one: &Reminder| {
            self.mark(one.kind, one.of).is_some_and(|mark| mark.dismissed || mark.later.is_some_and(|at| now < at))
        };
        raised.into_iter().filter(|one| !hidden(one)).collect()
    }

    /// Puts a reminder off for so many days; it is told once more then.
    #[must_use]
    pub fn snooze(self, one: &Reminder, days: u32, now: DateTime<Utc>) -> Self {
        let until = now + TimeDelta::days(i64::from(days)).min(LONGEST_LATER);
        self.marked(one, |mark| ReminderMark { later: Some(until), told: false, ..mark })
    }

    /// Puts a reminder away for what it is about.
    #[must_use]
    pub fn dismiss(self, one: &Reminder) -> Self {
        self.marked(one, |mark| ReminderMark { dismissed: true, ..mark })
    }

    /// Notes that the owner and its roles, as seen now, are right. What was done with reminders of the owner is forgotten.
    #[must_use]
    pub fn confirm(mut self, owner: Option<ObservedOwner>, word: Attestation) -> Self {
        let of_owner = [
            ReminderKind::RolesChanged,
            ReminderKind::RolesUntold,
            ReminderKind::OwnerPerson,
            ReminderKind::OwnerService,
        ];
        self.marks.retain(|mark| !of_owner.contains(&mark.kind));
        Self { owner: owner.or(self.owner), confirmed: Some(word), ..self }
    }

    /// Returns those of `shown` that were not told yet.
    #[must_use]
    pub fn unnotified(&self, shown: &[Reminder]) -> Vec<Reminder> {
        let told = |one: &&Reminder| self.mark(one.kind, one.of).is_some_and(|mark| mark.told);
        shown.iter().filter(|one| !told(one)).cloned().collect()
    }

    /// Notes that these were told.
    #[must_use]
    pub fn mark_notified(self, told: &[Reminder]) -> Self {
        told.iter().fold(self, |care, one| care.marked(one, |mark| ReminderMark { told: true, ..mark }))
    }

    fn mark(&self, kind: ReminderKind, of: DateTime<Utc>) -> Option<&ReminderMark> {
        self.marks.iter().find(|mark| mark.kind == kind && mark.of == of)
    }

    fn marked(mut self, one: &Reminder, change: impl FnOnce(ReminderMark) -> ReminderMark) -> Self {
        let fresh = ReminderMark { kind: one.kind, of: one.of, later: None, dismissed: false, told: false };
        let mark = change(self.mark(one.kind, one.of).cloned().unwrap_or(fresh));
        self.marks.retain(|mark| mark.kind != one.kind || mark.of != one.of);
        self.marks.push(mark);
        let surplus = self.marks.len().saturating_sub(MARKS_KEPT);
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
        Reminder { kind, of: at(of), since: at(of), seen: None, args: BTreeMap::new(), act: None, link: None }
    }

    fn shown(care: &ReminderState, day: i64) -> Vec<Reminder> {
        care.visible(vec![reminder(ReminderKind::TokenAge, 0)], at(day))
    }

    #[test]
    fn put_off_it_is_gone_until_its_day_and_then_told_once_more() {
        let one = reminder(ReminderKind::TokenAge, 0);
        let care = ReminderState::default().mark_notified(std::slice::from_ref(&one));
        assert_eq!(care.unnotified(&shown(&care, 0)), []);
        let care = care.snooze(&one, 7, at(0));
        assert_eq!(shown(&care, 6), []);
        assert_eq!(care.unnotified(&shown(&care, 7)), [one]);
    }

    #[test]
    fn put_away_it_is_gone_for_this_token_and_comes_for_the_next() {
        let care = ReminderState::default().dismiss(&reminder(ReminderKind::TokenAge, 0));
        assert_eq!(shown(&care, 900), []);
        let next = reminder(ReminderKind::TokenAge, 5);
        assert_eq!(care.visible(vec![next.clone()], at(900)), [next]);
    }

    #[test]
    fn what_was_done_with_one_leaves_the_others_alone() {
        let (age, paused) = (reminder(ReminderKind::TokenAge, 0), reminder(ReminderKind::ChecksPaused, 0));
        let care = ReminderState::default().dismiss(&age);
        assert_eq!(care.visible(vec![age, paused.clone()], at(1)), [paused]);
    }

    #[test]
    fn confirming_the_owner_lets_the_next_change_be_told_again() {
        let roles = reminder(ReminderKind::RolesChanged, 0);
        let word = Attestation { at: at(1), by: "admin".to_owned() };
        let care = ReminderState::default().dismiss(&roles).confirm(None, word);
        assert_eq!(care.unnotified(&care.visible(vec![roles.clone()], at(2))), [roles]);
    }

    #[test]
    fn nothing_is_put_off_for_ever_and_the_marks_stay_few() {
        let one = reminder(ReminderKind::TokenAge, 0);
        let care = ReminderState::default().snooze(&one, u32::MAX, at(0));
        assert_eq!(care.visible(vec![one.clone()], at(91)), [one]);
        let many = (0..500).fold(care, |care, of| care.dismiss(&reminder(ReminderKind::TokenIdle, of)));
        assert_eq!(many.marks.len(), MARKS_KEPT);
    }

    #[test]
    fn figures_out_of_bounds_are_brought_into_them_and_never_stays_never() {
        let settings = ReminderSettings { on: true, token_age_days: 1, owner_days: 0 }.bounded();
        assert_eq!((settings.token_age_days, settings.owner_days), (30, 0));
    }
}
