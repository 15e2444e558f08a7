//! When each reminder is raised: what is known of a connection in, what is due out. Pure.
//!
//! Root cause only: what a standing condition says already is not said again, and where Okta refuses the token nothing is said
//! of it at all. What was not seen, or was seen of another token, raises nothing.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::check::{CheckId, CheckRow, FactKey, Outcome};
use crate::code::Code;
use crate::condition_role::ConditionRole;
use crate::connection::Keep;
use crate::connection_view::ConnectionView;
use crate::guide::Confirmable;
use crate::link_target::LinkTarget;
use crate::monitor_settings::MonitorSettings;
use crate::reminder::{ObservedOwner, Reminder, ReminderAct, ReminderKind, ReminderState};
use crate::secret::SecretName;

/// Okta lets an API token expire after this time without use (Okta Help, "API token management").
const IDLE_LIFE: TimeDelta = TimeDelta::days(30);
/// Time without use from which the clock is spoken of.
const IDLE: TimeDelta = TimeDelta::days(21);
/// A token that ends sooner than this, as the list says, is spoken of; from seven days on the check itself does.
const ENDS_SOON: TimeDelta = TimeDelta::days(14);
/// How long checks may be paused, or notices be off, before it is spoken of.
const FORGOTTEN: TimeDelta = TimeDelta::days(7);

/// What is known of a connection.
#[derive(Clone, Copy)]
pub struct ReminderInput<'a> {
    /// The connection with its guide, its secrets' index, its newest report and what is watched.
    pub view: &'a ConnectionView,
    /// How connections are watched.
    pub settings: &'a MonitorSettings,
}

impl ReminderInput<'_> {
    /// Returns every reminder that is due, the nearest risk first; also what was put off or put away.
    #[must_use]
    pub fn due_reminders(&self, care: &ReminderState, now: DateTime<Utc>) -> Vec<Reminder> {
        if self.view.setup.finished.is_none() || !self.settings.reminders.on {
            return Vec::new();
        }
        let idle = self.idle();
        let of_token = [
            self.roles_changed(care),
            self.roles_untold(care),
            self.expires(),
            idle.clone(),
            self.restricted(),
            self.owner(care),
            self.age(),
        ];
        let of_app = [self.paused().filter(|_| idle.is_none_or(|one| now < one.since)), self.silent()];
        let of_token = of_token.into_iter().filter(|_| !self.stands(CheckId::Token));
        let due = of_token.chain(of_app).flatten().filter(|one| one.since <= now);
        let mut due: Vec<Reminder> = due.collect();
        due.sort_by_key(|one| one.kind);
        due
    }

    /// Returns what is seen of the owner of Radiant's token now, if the newest report is of that token.
    #[must_use]
    pub fn observed_owner(&self) -> Option<ObservedOwner> {
        let row = self.row(CheckId::Owner)?;
        let mut roles: Vec<String> = self.row(CheckId::Roles).map(|row| facts(row, FactKey::Role)).unwrap_or_default();
        roles.sort();
        Some(ObservedOwner { of: self.token_since()?, owner: fact(row, FactKey::Owner)?, roles, at: row.at })
    }

    /// Returns what is to be remembered of the owner, when nothing is remembered for the token in use.
    #[must_use]
    pub fn first_observed_owner(&self, care: &ReminderState) -> Option<ObservedOwner> {
        let seen = self.observed_owner()?;
        let known = care.owner.as_ref().filter(|first| first.of == seen.of);
        known.is_none_or(|first| first.roles.is_empty() && !seen.roles.is_empty()).then_some(seen)
    }

    /// Since when the token that Radiant has is known: kept here, else confirmed to be in Radiant, else set up.
    fn token_since(&self) -> Option<DateTime<Utc>> {
        let kept =
            self.view.secrets.iter().find(|state| state.name == SecretName::OktaToken).and_then(|state| state.since);
        kept.or_else(|| self.confirmed(Confirmable::CredentialAdded)).or(self.view.setup.finished)
    }

    fn confirmed(&self, what: Confirmable) -> Option<DateTime<Utc>> {
        self.view.setup.confirmed.iter().find(|one| one.what == what).map(|one| one.at)
    }

    /// The newest answer to `check` about the token Radiant has, if it was asked with it.
    fn row(&self, check: CheckId) -> Option<&CheckRow> {
        let row = self.view.report.as_ref().filter(|_| self.view.connection.keep == Keep::Token)?.row(check)?;
        let told = matches!(row.outcome, Outcome::Passed | Outcome::Attention | Outcome::Unknown);
        (told && self.token_since().is_some_and(|since| row.at >= since)).then_some(row)
    }

    /// Tells whether a condition is shown at `check`: then it speaks, and no reminder.
    fn stands(&self, check: CheckId) -> bool {
        let mut all = self.view.watch.standing.iter().filter(|one| one.condition.row == check);
        all.any(|one| one.condition.shown_severity().is_some() && one.weighs != ConditionRole::Accepted)
    }

    fn reminder(&self, kind: ReminderKind, since: DateTime<Utc>) -> Option<Reminder> {
        let of = self.token_since()?;
        Some(Reminder { kind, of, since, seen: None, args: BTreeMap::new(), act: None, link: None })
    }

    fn roles_changed(&self, care: &ReminderState) -> Option<Reminder> {
        let (seen, first) = (self.observed_owner()?, care.owner.as_ref()?);
        let comparable = first.of == seen.of && !first.roles.is_empty() && !seen.roles.is_empty();
        let told_elsewhere =
            [CheckId::Owner, CheckId::Roles, CheckId::SystemLog].into_iter().any(|row| self.stands(row));
        if !comparable || told_elsewhere || first.roles == seen.roles {
            return None;
        }
        let row = self.row(CheckId::Roles)?;
        let one = self.reminder(ReminderKind::RolesChanged, row.at)?;
        let args = [
            ("owner", seen.owner),
            ("before", first.roles.join(", ")),
            ("now", seen.roles.join(", ")),
            ("time", day(first.at)),
        ];
        Some(Reminder { act: Some(ReminderAct::Confirm), link: row.link.clone(), ..seen_at(with(one, args), row) })
    }

    /// Okta tells roles to super administrators alone: told before and refused now, that role was probably taken away.
    fn roles_untold(&self, care: &ReminderState) -> Option<Reminder> {
        let first = care.owner.as_ref().filter(|first| !first.roles.is_empty())?;
        let row =
            self.view.report.as_ref().filter(|_| self.view.connection.keep == Keep::Token)?.row(CheckId::Roles)?;
        let of_this_token = self.token_since().is_some_and(|since| since == first.of && row.at >= since);
        if row.code != Some(Code::RolesNotTold) || !of_this_token || self.stands(CheckId::SystemLog) {
            return None;
        }
        let one = self.reminder(ReminderKind::RolesUntold, row.at)?;
        let args = [("owner", first.owner.clone()), ("before", first.roles.join(", ")), ("time", day(first.at))];
        Some(Reminder { act: Some(ReminderAct::Confirm), link: row.link.clone(), ..seen_at(with(one, args), row) })
    }

    fn expires(&self) -> Option<Reminder> {
        let row = self.view.report.as_ref()?.row(CheckId::TokenEntry).filter(|_| !self.stands(CheckId::TokenEntry))?;
        let ends: DateTime<Utc> = fact(row, FactKey::ExpiresAt)?.parse().ok()?;
        // From the look on, each use moves the end: only an end that was near when it was seen says something.
        if self.is_unused() || ends - row.at >= ENDS_SOON {
            return None;
        }
        let one = self.reminder(ReminderKind::TokenExpires, row.at)?;
        let args = [("name", fact(row, FactKey::TokenName).unwrap_or_default()), ("time", day(ends))];
        Some(Reminder { link: Some(LinkTarget::OktaTokens), ..seen_at(with(one, args), row) })
    }

    /// Tells whether this app leaves the token unused.
    fn is_unused(&self) -> bool {
        self.view.connection.keep == Keep::Nothing || self.view.watch.paused_since.is_some()
    }

    fn idle(&self) -> Option<Reminder> {
        let looked = self.view.watch.last.max(self.view.report.as_ref().map(|report| report.finished));
        let last = looked.or(self.view.watch.paused_since).or(self.view.setup.finished).filter(|_| self.is_unused())?;
        let one = self.reminder(ReminderKind::TokenIdle, last + IDLE)?;
        let paused = self.view.watch.paused_since.filter(|_| self.view.connection.keep != Keep::Nothing);
        let (act, link) = match paused {
            Some(_) => (Some(ReminderAct::Resume), None),
            None => (None, Some(LinkTarget::OktaTokens)),
        };
        let one = Reminder { of: paused.unwrap_or(one.of), seen: Some(last), act, link, ..one };
        Some(with(one, [("time", day(last)), ("until", day(last + IDLE_LIFE))]))
    }

    fn restricted(&self) -> Option<Reminder> {
        let row = self.row(CheckId::TokenEntry).filter(|_| !self.stands(CheckId::TokenEntry))?;
        fact(row, FactKey::Network).filter(|network| network != "ANYWHERE")?;
        let stood =
            self.view.watch.standing.iter().find(|one| one.condition.problem.code == Code::EntryNetworkRestricted);
        let one = self.reminder(ReminderKind::NetworkRestricted, stood.map_or(row.at, |one| one.condition.since))?;
        let args = [("name", fact(row, FactKey::TokenName).unwrap_or_default())];
        Some(Reminder { link: Some(LinkTarget::OktaTokens), ..seen_at(with(one, args), row) })
    }

    /// The owner is asked about again some time after it was vouched for last.
    fn owner(&self, care: &ReminderState) -> Option<Reminder> {
        let days = i64::from(self.settings.reminders.owner_days);
        let owner = self.observed_owner().or_else(|| care.owner.clone())?.owner;
        if days == 0 || self.stands(CheckId::Owner) {
            return None;
        }
        let person = self.confirmed(Confirmable::OwnerIsPerson);
        let said = person.or_else(|| self.confirmed(Confirmable::OwnerIsServiceAccount)).or(self.view.setup.finished);
        let said = said.max(care.confirmed.as_ref().map(|word| word.at))?;
        let kind = if person.is_some() { ReminderKind::OwnerPerson } else { ReminderKind::OwnerService };
        let one = self.reminder(kind, said + TimeDelta::days(days))?;
        let link = self.row(CheckId::Owner).and_then(|row| row.link.clone()).or(Some(LinkTarget::OktaPeople));
        let one =
            Reminder { seen: self.row(CheckId::Owner).map(|row| row.at), act: Some(ReminderAct::Confirm), link, ..one };
        Some(with(one, [("owner", owner), ("time", day(said))]))
    }

    fn age(&self) -> Option<Reminder> {
        let days = i64::from(self.settings.reminders.token_age_days);
        let under_way = self.view.rotation.as_ref().is_some_and(|rotation| rotation.finished.is_none());
        if days == 0 || under_way {
            return None;
        }
        let row = self.row(CheckId::TokenEntry);
        let created = row.and_then(|row| fact(row, FactKey::CreatedAt)).and_then(|at| at.parse::<DateTime<Utc>>().ok());
        let from = created.into_iter().chain(self.token_since()).min()?;
        let one = self.reminder(ReminderKind::TokenAge, from + TimeDelta::days(days))?;
        let can = self.view.rotation_guide.may_begin;
        let act = can.then_some(ReminderAct::Rotate);
        let one = Reminder { act, link: (!can).then_some(LinkTarget::OktaTokens), ..one };
        Some(with(one, [("time", day(from)), ("days", days.to_string())]))
    }

    fn paused(&self) -> Option<Reminder> {
        let since = self.view.watch.paused_since.filter(|_| self.view.connection.keep != Keep::Nothing)?;
        let one = self.reminder(ReminderKind::ChecksPaused, since + FORGOTTEN)?;
        let one = Reminder { of: since, act: Some(ReminderAct::Resume), ..one };
        Some(with(one, [("time", day(since))]))
    }

    fn silent(&self) -> Option<Reminder> {
        let since = self.settings.notices_off_since.filter(|_| !self.settings.notices)?;
        let one = self.reminder(ReminderKind::NoticesOff, since + FORGOTTEN)?;
        let one = Reminder { of: since, act: Some(ReminderAct::Notices), ..one };
        Some(with(one, [("time", day(since))]))
    }
}

fn with<const N: usize>(mut one: Reminder, args: [(&str, String); N]) -> Reminder {
    one.args.extend(args.into_iter().map(|(name, value)| (name.to_owned(), value)));
    one
}

fn seen_at(one: Reminder, row: &CheckRow) -> Reminder {
    Reminder { seen: Some(row.at), ..one }
}

fn facts(row: &CheckRow, key: FactKey) -> Vec<String> {
    row.facts.iter().filter(|fact| fact.key == key).map(|fact| fact.value.clone()).collect()
}

fn fact(row: &CheckRow, key: FactKey) -> Option<String> {
    facts(row, key).into_iter().next()
}

/// A day as every language's window can write it anew.
fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

#[cfg(test)]
#[path = "reminder_rules_tests.rs"]
mod tests;
