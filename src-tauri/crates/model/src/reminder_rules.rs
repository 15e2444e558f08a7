//! The rules that decide which reminders are due for a connection. Pure.
//!
//! A reminder never repeats an active condition, and while Okta refuses the token no reminder about that token is due. Facts that
//! were not observed, or that were observed with another token, cause no reminder.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::check::{CheckId, CheckRow, FactKey, Outcome};
use crate::code::Code;
use crate::condition_role::ConditionRole;
use crate::connection::Keep;
use crate::connection_view::ConnectionView;
use crate::external_time;
use crate::guide::Confirmable;
use crate::link_target::LinkTarget;
use crate::monitor_settings::MonitorSettings;
use crate::reminder::{ObservedOwner, Reminder, ReminderAct, ReminderKind, ReminderState};
use crate::secret_name::SecretName;

/// Okta expires an API token after this time without use (Okta Help, "API token management").
const TOKEN_LIFE_UNUSED: TimeDelta = TimeDelta::days(30);
/// Time without use after which the reminder is due.
const REMIND_UNUSED_AFTER: TimeDelta = TimeDelta::days(21);
/// Remaining lifetime below which the reminder is due; below seven days the check itself reports it.
const EXPIRES_SOON: TimeDelta = TimeDelta::days(14);
/// How long checks may be paused, or notifications be off, before a reminder is due.
const REMIND_OFF_AFTER: TimeDelta = TimeDelta::days(7);

/// The input of the rules.
#[derive(Clone, Copy)]
pub struct ReminderInput<'a> {
    /// The connection with its guide, secrets, newest report and state of monitoring.
    pub view: &'a ConnectionView,
    /// The settings of monitoring.
    pub settings: &'a MonitorSettings,
}

impl ReminderInput<'_> {
    /// Returns every due reminder, most urgent first, including those that were snoozed or dismissed.
    #[must_use]
    pub fn due_reminders(&self, state: &ReminderState, now: DateTime<Utc>) -> Vec<Reminder> {
        if self.view.setup.finished.is_none() || !self.settings.reminders.on {
            return Vec::new();
        }
        let idle = self.idle();
        let about_token = [
            self.roles_changed(state),
            self.roles_unreadable(state),
            self.expires(),
            idle.clone(),
            self.network_restricted(),
            self.owner(state),
            self.age(),
        ];
        let about_app = [self.paused().filter(|_| idle.is_none_or(|one| now < one.since)), self.notifications_off()];
        let about_token = about_token.into_iter().filter(|_| !self.has_condition(CheckId::Token));
        let due = about_token.chain(about_app).flatten().filter(|one| one.since <= now);
        let mut due: Vec<Reminder> = due.collect();
        due.sort_by_key(|one| one.kind);
        due
    }

    /// Returns the owner of Radiant's token, if the newest report is about that token.
    #[must_use]
    pub fn observed_owner(&self) -> Option<ObservedOwner> {
        let row = self.row(CheckId::Owner)?;
        let mut roles: Vec<String> = self.row(CheckId::Roles).map(|row| facts(row, FactKey::Role)).unwrap_or_default();
        roles.sort();
        Some(ObservedOwner { of: self.token_since()?, owner: fact(row, FactKey::Owner)?, roles, at: row.at })
    }

    /// Returns the owner to remember, if none is remembered for the token in use.
    #[must_use]
    pub fn first_observed_owner(&self, state: &ReminderState) -> Option<ObservedOwner> {
        let observed = self.observed_owner()?;
        let known = state.owner.as_ref().filter(|first| first.of == observed.of);
        known.is_none_or(|first| first.roles.is_empty() && !observed.roles.is_empty()).then_some(observed)
    }

    /// Returns since when Radiant's token is in use: when it was stored, or else confirmed in Radiant, or else set up.
    fn token_since(&self) -> Option<DateTime<Utc>> {
        let stored_at =
            self.view.secrets.iter().find(|state| state.name == SecretName::OktaToken).and_then(|state| state.since);
        stored_at.or_else(|| self.confirmed(Confirmable::CredentialAdded)).or(self.view.setup.finished)
    }

    fn confirmed(&self, what: Confirmable) -> Option<DateTime<Utc>> {
        self.view.setup.confirmed.iter().find(|one| one.what == what).map(|one| one.at)
    }

    /// Returns the newest result of `check`, if it ran with Radiant's token.
    fn row(&self, check: CheckId) -> Option<&CheckRow> {
        let row = self.view.report.as_ref().filter(|_| self.view.connection.keep == Keep::Token)?.row(check)?;
        let has_result = matches!(row.outcome, Outcome::Passed | Outcome::Attention | Outcome::Unknown);
        (has_result && self.token_since().is_some_and(|since| row.at >= since)).then_some(row)
    }

    /// Returns whether a condition of `check` is shown, which makes a reminder superfluous.
    fn has_condition(&self, check: CheckId) -> bool {
        let mut all = self.view.monitor.conditions.iter().filter(|one| one.condition.row == check);
        all.any(|one| one.condition.shown_severity().is_some() && one.role != ConditionRole::Accepted)
    }

    fn reminder(&self, kind: ReminderKind, since: DateTime<Utc>) -> Option<Reminder> {
        let of = self.token_since()?;
        Some(Reminder { kind, of, since, observed_at: None, args: BTreeMap::new(), act: None, link: None })
    }

    fn roles_changed(&self, state: &ReminderState) -> Option<Reminder> {
        let (observed, first) = (self.observed_owner()?, state.owner.as_ref()?);
        let comparable = first.of == observed.of && !first.roles.is_empty() && !observed.roles.is_empty();
        let is_reported =
            [CheckId::Owner, CheckId::Roles, CheckId::SystemLog].into_iter().any(|row| self.has_condition(row));
        if !comparable || is_reported || first.roles == observed.roles {
            return None;
        }
        let row = self.row(CheckId::Roles)?;
        let one = self.reminder(ReminderKind::RolesChanged, row.at)?;
        let args = [
            ("owner", observed.owner),
            ("before", first.roles.join(", ")),
            ("now", observed.roles.join(", ")),
            ("time", day(first.at)),
        ];
        Some(Reminder {
            act: Some(ReminderAct::Confirm),
            link: row.link.clone(),
            ..observed_at(with_args(one, args), row)
        })
    }

    /// Only super administrators can read roles: if reading is refused now, that role was probably removed.
    fn roles_unreadable(&self, state: &ReminderState) -> Option<Reminder> {
        let first = state.owner.as_ref().filter(|first| !first.roles.is_empty())?;
        let row =
            self.view.report.as_ref().filter(|_| self.view.connection.keep == Keep::Token)?.row(CheckId::Roles)?;
        let is_same_token = self.token_since().is_some_and(|since| since == first.of && row.at >= since);
        if row.code != Some(Code::RolesNotTold) || !is_same_token || self.has_condition(CheckId::SystemLog) {
            return None;
        }
        let one = self.reminder(ReminderKind::RolesUntold, row.at)?;
        let args = [("owner", first.owner.clone()), ("before", first.roles.join(", ")), ("time", day(first.at))];
        Some(Reminder {
            act: Some(ReminderAct::Confirm),
            link: row.link.clone(),
            ..observed_at(with_args(one, args), row)
        })
    }

    fn expires(&self) -> Option<Reminder> {
        let row =
            self.view.report.as_ref()?.row(CheckId::TokenEntry).filter(|_| !self.has_condition(CheckId::TokenEntry))?;
        let expires: DateTime<Utc> = fact(row, FactKey::ExpiresAt)?.parse().ok()?;
        // Each use after the check extends the lifetime: only an expiry that was near at the time of the check counts.
        if self.is_unused() || expires - row.at >= EXPIRES_SOON {
            return None;
        }
        let one = self.reminder(ReminderKind::TokenExpires, row.at)?;
        let args = [("name", fact(row, FactKey::TokenName).unwrap_or_default()), ("time", day(expires))];
        Some(Reminder { link: Some(LinkTarget::OktaTokens), ..observed_at(with_args(one, args), row) })
    }

    /// Returns whether this app leaves the token unused.
    fn is_unused(&self) -> bool {
        self.view.connection.keep == Keep::Nothing || self.view.monitor.paused_since.is_some()
    }

    fn idle(&self) -> Option<Reminder> {
        let checked = self.view.monitor.last.max(self.view.report.as_ref().map(|report| report.finished));
        let last =
            checked.or(self.view.monitor.paused_since).or(self.view.setup.finished).filter(|_| self.is_unused())?;
        let one = self.reminder(ReminderKind::TokenIdle, last + REMIND_UNUSED_AFTER)?;
        let paused = self.view.monitor.paused_since.filter(|_| self.view.connection.keep != Keep::Nothing);
        let (act, link) = match paused {
            Some(_) => (Some(ReminderAct::Resume), None),
            None => (None, Some(LinkTarget::OktaTokens)),
        };
        let one = Reminder { of: paused.unwrap_or(one.of), observed_at: Some(last), act, link, ..one };
        Some(with_args(one, [("time", day(last)), ("until", day(last + TOKEN_LIFE_UNUSED))]))
    }

    fn network_restricted(&self) -> Option<Reminder> {
        let row = self.row(CheckId::TokenEntry).filter(|_| !self.has_condition(CheckId::TokenEntry))?;
        fact(row, FactKey::Network).filter(|network| network != "ANYWHERE")?;
        let condition =
            self.view.monitor.conditions.iter().find(|one| one.condition.problem.code == Code::EntryNetworkRestricted);
        let one =
            self.reminder(ReminderKind::NetworkRestricted, condition.map_or(row.at, |one| one.condition.since))?;
        let args = [("name", fact(row, FactKey::TokenName).unwrap_or_default())];
        Some(Reminder { link: Some(LinkTarget::OktaTokens), ..observed_at(with_args(one, args), row) })
    }

    /// Returns the reminder to confirm the owner again, some time after the last confirmation.
    fn owner(&self, state: &ReminderState) -> Option<Reminder> {
        let days = i64::from(self.settings.reminders.owner_days);
        let owner = self.observed_owner().or_else(|| state.owner.clone())?.owner;
        if days == 0 || self.has_condition(CheckId::Owner) {
            return None;
        }
        let person = self.confirmed(Confirmable::OwnerIsPerson);
        let confirmed =
            person.or_else(|| self.confirmed(Confirmable::OwnerIsServiceAccount)).or(self.view.setup.finished);
        let confirmed = confirmed.max(state.confirmed.as_ref().map(|attestation| attestation.at))?;
        let kind = if person.is_some() { ReminderKind::OwnerPerson } else { ReminderKind::OwnerService };
        let one = self.reminder(kind, confirmed + TimeDelta::days(days))?;
        let link = self.row(CheckId::Owner).and_then(|row| row.link.clone()).or(Some(LinkTarget::OktaPeople));
        let one = Reminder {
            observed_at: self.row(CheckId::Owner).map(|row| row.at),
            act: Some(ReminderAct::Confirm),
            link,
            ..one
        };
        Some(with_args(one, [("owner", owner), ("time", day(confirmed))]))
    }

    fn age(&self) -> Option<Reminder> {
        let days = i64::from(self.settings.reminders.token_age_days);
        let is_rotating = self.view.rotation.as_ref().is_some_and(|rotation| rotation.finished.is_none());
        if days == 0 || is_rotating {
            return None;
        }
        let row = self.row(CheckId::TokenEntry);
        let created = row.and_then(|row| fact(row, FactKey::CreatedAt)).and_then(|at| external_time::parse(&at));
        let from = created.into_iter().chain(self.token_since()).min()?;
        let one = self.reminder(ReminderKind::TokenAge, from.checked_add_signed(TimeDelta::try_days(days)?)?)?;
        let can_rotate = self.view.rotation_guide.may_begin;
        let act = can_rotate.then_some(ReminderAct::Rotate);
        let one = Reminder { act, link: (!can_rotate).then_some(LinkTarget::OktaTokens), ..one };
        Some(with_args(one, [("time", day(from)), ("days", days.to_string())]))
    }

    fn paused(&self) -> Option<Reminder> {
        let since = self.view.monitor.paused_since.filter(|_| self.view.connection.keep != Keep::Nothing)?;
        let one = self.reminder(ReminderKind::ChecksPaused, since + REMIND_OFF_AFTER)?;
        let one = Reminder { of: since, act: Some(ReminderAct::Resume), ..one };
        Some(with_args(one, [("time", day(since))]))
    }

    fn notifications_off(&self) -> Option<Reminder> {
        let since = self.settings.notices_off_since.filter(|_| !self.settings.notices)?;
        let one = self.reminder(ReminderKind::NoticesOff, since + REMIND_OFF_AFTER)?;
        let one = Reminder { of: since, act: Some(ReminderAct::Notices), ..one };
        Some(with_args(one, [("time", day(since))]))
    }
}

fn with_args<const N: usize>(mut one: Reminder, args: [(&str, String); N]) -> Reminder {
    one.args.extend(args.into_iter().map(|(name, value)| (name.to_owned(), value)));
    one
}

fn observed_at(one: Reminder, row: &CheckRow) -> Reminder {
    Reminder { observed_at: Some(row.at), ..one }
}

fn facts(row: &CheckRow, key: FactKey) -> Vec<String> {
    row.facts.iter().filter(|fact| fact.key == key).map(|fact| fact.value.clone()).collect()
}

fn fact(row: &CheckRow, key: FactKey) -> Option<String> {
    facts(row, key).into_iter().next()
}

/// Formats a date in a form that the window can localize.
fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

#[cfg(test)]
#[path = "reminder_rules_tests.rs"]
mod tests;
