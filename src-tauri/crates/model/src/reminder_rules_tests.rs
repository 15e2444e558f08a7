//! When each reminder is raised, what silences it, and what never raises one.

use proptest::prelude::*;

use super::*;
use crate::active_conditions::ActiveCondition;
use crate::check::{CheckReport, Fact};
use crate::condition_role::RankedCondition;
use crate::connection::{ConnectionId, Profile};
use crate::connection_view::ConnectionRecord;
use crate::guide::{Confirmation, GuideState};
use crate::monitor::MonitorState;
use crate::monitor_view::MonitorView;
use crate::problem::Problem;
use crate::radiant::RadiantSearch;
use crate::rotation::Attestation;
use crate::secret::SecretState;
use crate::status::Status;

fn at(days: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::days(days)
}

fn row(check: CheckId, day: i64, facts: &[(FactKey, &str)]) -> CheckRow {
    let facts = facts.iter().map(|(key, value)| Fact { key: *key, value: (*value).to_owned() }).collect();
    CheckRow {
        check,
        outcome: Outcome::Passed,
        skipped: None,
        code: None,
        args: BTreeMap::new(),
        facts,
        remembered: None,
        evidence: Vec::new(),
        link: None,
        blocked_by: None,
        at: at(day),
        ms: 0,
    }
}

/// A connection that was set up on day 0 with a token of that day, looked at on `day`.
fn seen(day: i64, entry: &[(FactKey, &str)], roles: &[&str]) -> ConnectionView {
    let roles: Vec<_> = roles.iter().map(|role| (FactKey::Role, *role)).collect();
    let rows = vec![
        row(CheckId::Token, day, &[]),
        row(CheckId::Owner, day, &[(FactKey::Owner, "svc@example.com")]),
        row(CheckId::Roles, day, &roles),
        row(CheckId::TokenEntry, day, entry),
    ];
    let report = CheckReport { started: at(day), finished: at(day), rows, capabilities: Vec::new() };
    let setup = GuideState { finished: Some(at(0)), ..GuideState::default() };
    let watched = MonitorState { heartbeat: Some(at(day)), ..MonitorState::default() };
    let connection = crate::connection::Connection {
        id: ConnectionId("a".to_owned()),
        name: "acme".to_owned(),
        origin: None,
        org_id: None,
        profile: Profile::default(),
        keep: Keep::Token,
        radiant: RadiantSearch::default(),
        created: at(0),
    };
    let token = SecretState { name: SecretName::OktaToken, since: Some(at(0)), bound_to: None, this_run_only: false };
    let secrets = vec![token];
    ConnectionRecord { connection, setup, secrets, report: Some(report), monitor: watched, rotation: None }.view()
}

fn well(day: i64) -> ConnectionView {
    seen(day, &[(FactKey::Network, "ANYWHERE")], &["Super Administrator"])
}

fn raised(view: &ConnectionView, day: i64) -> Vec<ReminderKind> {
    raised_with(view, &MonitorSettings::default(), &ReminderState::default(), day)
}

fn raised_with(view: &ConnectionView, settings: &MonitorSettings, care: &ReminderState, day: i64) -> Vec<ReminderKind> {
    ReminderInput { view, settings }.due_reminders(care, at(day)).into_iter().map(|one| one.kind).collect()
}

fn first(view: &ConnectionView) -> ReminderState {
    let settings = MonitorSettings::default();
    ReminderState {
        owner: ReminderInput { view, settings: &settings }.first_observed_owner(&ReminderState::default()),
        ..ReminderState::default()
    }
}

/// What stands in `view`: this alone.
fn standing(view: &ConnectionView, row: CheckId, code: Code) -> Vec<RankedCondition> {
    let one = ActiveCondition { row, problem: Problem::new(code), since: at(1), looks: 9 };
    let watched = MonitorState { standing: vec![one], ..MonitorState::default() };
    let status = Status::derive(&view.setup, view.report.as_ref(), &watched, Keep::Token);
    MonitorView::new(&watched, &status, &view.setup).standing
}

#[test]
fn a_connection_that_is_well_reminds_of_nothing_for_three_months() {
    for day in 0..90 {
        assert_eq!(raised(&well(day), day), [], "day {day}");
    }
}

#[test]
fn the_owner_is_asked_about_after_the_days_chosen_and_again_after_each_word() {
    assert_eq!(raised(&well(90), 90), [ReminderKind::OwnerService]);
    let word = Attestation { at: at(90), by: "admin".to_owned() };
    let care = ReminderState::default().confirm(None, word);
    assert_eq!(raised_with(&well(179), &MonitorSettings::default(), &care, 179), []);
    let again = raised_with(&well(180), &MonitorSettings::default(), &care, 180);
    assert_eq!(again, [ReminderKind::OwnerService, ReminderKind::TokenAge]);
}

#[test]
fn a_person_that_was_accepted_is_asked_about_as_a_person() {
    let mut view = well(95);
    let person = Confirmation { what: Confirmable::OwnerIsPerson, at: at(2), by: "admin".to_owned() };
    view.setup.confirmed.push(person);
    view.watch.standing = standing(&view, CheckId::Owner, Code::OwnerIsPerson);
    assert_eq!(raised(&view, 91), []);
    assert_eq!(raised(&view, 92), [ReminderKind::OwnerPerson]);
    view.setup.confirmed.clear();
    view.watch.standing = standing(&view, CheckId::Owner, Code::OwnerIsPerson);
    assert_eq!(raised(&view, 92), [], "not accepted, it is a condition that stands and speaks for itself");
}

#[test]
fn a_token_is_old_by_the_list_where_the_list_tells_and_else_by_when_it_was_pasted() {
    let old = |created: &str| seen(10, &[(FactKey::CreatedAt, created)], &["Super Administrator"]);
    assert_eq!(raised(&old(&at(-175).to_rfc3339()), 4), []);
    assert_eq!(raised(&old(&at(-175).to_rfc3339()), 5), [ReminderKind::TokenAge]);
    assert_eq!(raised(&old("garbage"), 5), []);
    let mut rotating = old(&at(-175).to_rfc3339());
    rotating.rotation = Some(crate::rotation::Rotation::default());
    assert_eq!(raised(&rotating, 5), [], "it is being replaced");
    let mut never = MonitorSettings::default();
    never.reminders.token_age_days = 0;
    assert_eq!(raised_with(&old(&at(-175).to_rfc3339()), &never, &ReminderState::default(), 5), []);
}

#[test]
fn roles_that_changed_are_told_until_they_are_right_or_confirmed() {
    let care = first(&well(1));
    let changed = seen(5, &[], &["Help Desk Administrator", "Report Administrator"]);
    let settings = MonitorSettings::default();
    let one = ReminderInput { view: &changed, settings: &settings }.due_reminders(&care, at(5)).remove(0);
    assert_eq!((one.kind, one.seen), (ReminderKind::RolesChanged, Some(at(5))));
    assert_eq!(one.args["before"], "Super Administrator");
    let now_right = ReminderInput { view: &changed, settings: &settings }.observed_owner();
    let confirmed = care.clone().confirm(now_right, Attestation { at: at(5), by: "admin".to_owned() });
    assert_eq!(raised_with(&changed, &settings, &confirmed, 6), []);
    let mut refused = changed.clone();
    refused.watch.standing = standing(&refused, CheckId::Roles, Code::RoleTooSmall);
    assert_eq!(raised_with(&refused, &settings, &care, 6), [], "the condition says it");
    let mut other_token = changed;
    other_token.secrets[0].since = Some(at(4));
    assert_eq!(raised_with(&other_token, &settings, &care, 6), [], "what was seen first was of another token");
}

#[test]
fn roles_that_okta_no_longer_tells_are_told_once_they_had_been() {
    let mut untold = seen(5, &[], &[]);
    let roles = untold.report.as_mut().unwrap().rows.iter_mut().find(|row| row.check == CheckId::Roles).unwrap();
    (roles.outcome, roles.code) = (Outcome::Unknown, Some(Code::RolesNotTold));
    let settings = MonitorSettings::default();
    assert_eq!(raised_with(&untold, &settings, &first(&untold), 5), [], "they never were");
    let care = first(&well(1));
    assert_eq!(raised_with(&untold, &settings, &care, 5), [ReminderKind::RolesUntold]);
    let right = ReminderInput { view: &untold, settings: &settings }.observed_owner();
    let confirmed = care.confirm(right, Attestation { at: at(5), by: "admin".to_owned() });
    assert_eq!(raised_with(&untold, &settings, &confirmed, 6), []);
}

#[test]
fn a_restricted_network_is_told_at_once_and_a_near_end_only_when_the_check_does_not_say_so() {
    let zone = seen(3, &[(FactKey::Network, "ZONE")], &[]);
    assert_eq!(raised(&zone, 3), [ReminderKind::NetworkRestricted]);
    let ends = |days: i64| {
        let end = (at(3) + TimeDelta::days(days)).to_rfc3339();
        seen(3, &[(FactKey::Network, "ANYWHERE"), (FactKey::ExpiresAt, &end)], &[])
    };
    assert_eq!(raised(&ends(14), 3), []);
    assert_eq!(raised(&ends(13), 3), [ReminderKind::TokenExpires]);
    let mut sooner = ends(5);
    sooner.watch.standing = standing(&sooner, CheckId::TokenEntry, Code::EntryExpiresSoon);
    assert_eq!(raised(&sooner, 3), []);
}

#[test]
fn a_long_pause_is_told_and_then_that_the_tokens_clock_may_run() {
    let mut view = well(10);
    view.watch.paused_since = Some(at(10));
    assert_eq!(raised(&view, 16), []);
    assert_eq!(raised(&view, 17), [ReminderKind::ChecksPaused]);
    assert_eq!(raised(&view, 31), [ReminderKind::TokenIdle], "one thing is said of one cause");
}

#[test]
fn where_nothing_is_kept_the_clock_may_run_and_nothing_of_the_owner_is_made_up() {
    let mut view = well(0);
    view.connection.keep = Keep::Nothing;
    view.secrets.clear();
    assert_eq!(raised(&view, 20), []);
    assert_eq!(raised(&view, 21), [ReminderKind::TokenIdle]);
    let care = first(&well(0));
    let later = raised_with(&view, &MonitorSettings::default(), &care, 90);
    assert_eq!(later, [ReminderKind::TokenIdle, ReminderKind::OwnerService], "whose owner was seen in the guide");
}

#[test]
fn a_tokens_age_leads_to_the_guide_however_it_is_kept_and_counts_anew_once_radiant_has_another() {
    let of = |view: &ConnectionView, day| {
        let settings = MonitorSettings::default();
        let due = ReminderInput { view, settings: &settings }.due_reminders(&ReminderState::default(), at(day));
        due.into_iter().find(|one| one.kind == ReminderKind::TokenAge)
    };
    for keep in [Keep::Token, Keep::MonitoringToken, Keep::Nothing] {
        let mut view = well(0);
        view.connection.keep = keep;
        if keep != Keep::Token {
            view.secrets.clear();
        }
        assert_eq!(of(&view, 179), None, "{keep:?}");
        let due = of(&view, 181).unwrap();
        assert_eq!((due.act, due.link), (Some(ReminderAct::Rotate), None), "{keep:?}");
    }
    let mut lost = well(0);
    lost.secrets.clear();
    lost.rotation_guide.may_begin = false;
    let due = of(&lost, 181).unwrap();
    assert_eq!((due.act, due.link), (None, Some(LinkTarget::OktaTokens)), "the guide cannot be opened without it");
    let mut replaced = lost;
    replaced.connection.keep = Keep::Nothing;
    replaced.rotation_guide.may_begin = true;
    let added = Confirmation { what: Confirmable::CredentialAdded, at: at(100), by: "admin".to_owned() };
    replaced.setup.confirmed.push(added);
    assert_eq!(of(&replaced, 279), None);
    assert!(of(&replaced, 281).is_some());
}

#[test]
fn notices_that_are_off_for_a_week_are_told() {
    let off = MonitorSettings { notices: false, ..MonitorSettings::default() };
    let off = off.with_dates(&MonitorSettings::default(), at(1));
    let kept = off.clone().with_dates(&off, at(5));
    assert_eq!(kept.notices_off_since, Some(at(1)), "another change does not begin it anew");
    assert_eq!(raised_with(&well(7), &kept, &ReminderState::default(), 7), []);
    assert_eq!(raised_with(&well(8), &kept, &ReminderState::default(), 8), [ReminderKind::NoticesOff]);
    let on = MonitorSettings { notices: true, ..kept.clone() }.with_dates(&kept, at(9));
    assert_eq!(on.notices_off_since, None);
}

#[test]
fn a_refused_token_an_open_guide_and_reminders_switched_off_are_silent() {
    let mut dead = seen(3, &[(FactKey::Network, "ZONE")], &[]);
    dead.watch.standing = standing(&dead, CheckId::Token, Code::TokenRefused);
    assert_eq!(raised(&dead, 400), []);
    let mut open = well(3);
    open.setup.finished = None;
    assert_eq!(raised(&open, 400), []);
    let mut off = MonitorSettings::default();
    off.reminders.on = false;
    assert_eq!(raised_with(&well(3), &off, &ReminderState::default(), 400), []);
}

proptest! {
    /// Whatever a day brings: what is due stays due while nothing changes, is never due in the future, and each kind comes once.
    #[test]
    fn time_alone_takes_no_reminder_away(
        looked in 0_i64..400, day in 0_i64..800, more in 0_i64..400, paused in proptest::option::of(0_i64..400),
        keep in 0_usize..3, zone in any::<bool>(), age in 0_u32..800, owner in 0_u32..800,
    ) {
        let mut view = seen(looked, &[(FactKey::Network, if zone { "ZONE" } else { "ANYWHERE" })], &["A"]);
        view.connection.keep = [Keep::Token, Keep::MonitoringToken, Keep::Nothing][keep];
        view.watch.paused_since = paused.map(at);
        let mut settings = MonitorSettings::default();
        settings.reminders.token_age_days = age;
        settings.reminders.owner_days = owner;
        let settings = settings.bounded(60);
        let known = ReminderInput { view: &view, settings: &settings };
        let (now, later) = (known.due_reminders(&ReminderState::default(), at(day)), known.due_reminders(&ReminderState::default(), at(day + more)));
        prop_assert!(now.iter().all(|one| one.since <= at(day)));
        prop_assert!(now.is_sorted_by(|a, b| a.kind < b.kind), "each once, the nearest risk first");
        let gone = now.iter().filter(|one| later.iter().all(|other| other.kind != one.kind));
        for one in gone {
            let grew = later.iter().any(|other| other.kind == ReminderKind::TokenIdle);
            prop_assert!(one.kind == ReminderKind::ChecksPaused && grew, "{:?} went away by itself", one.kind);
        }
    }

    /// A mark hides its own reminder and no other, whatever was done before.
    #[test]
    fn what_is_done_with_a_reminder_touches_it_alone(days in 1_u32..60, day in 90_i64..400, dismiss in any::<bool>()) {
        let view = seen(day, &[(FactKey::Network, "ZONE")], &["A"]);
        let settings = MonitorSettings::default();
        let all = ReminderInput { view: &view, settings: &settings }.due_reminders(&ReminderState::default(), at(day));
        prop_assert!(all.len() >= 2);
        for one in &all {
            let care = if dismiss { ReminderState::default().dismiss(one) } else { ReminderState::default().snooze(one, days, at(day)) };
            let shown = care.visible(all.clone(), at(day));
            prop_assert_eq!(shown.len(), all.len() - 1);
            prop_assert!(shown.iter().all(|other| other.kind != one.kind));
            let back = care.visible(all.clone(), at(day + i64::from(days))).len();
            prop_assert_eq!(back, if dismiss { all.len() - 1 } else { all.len() });
        }
    }
}
