//! When each reminder is due, and what suppresses it.

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
use crate::radiant_search_settings::RadiantSearch;
use crate::rotation::Attestation;
use crate::secret_name::SecretState;
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

/// A connection that was set up on day 0 with a token of that day, and checked on `day`.
fn checked(day: i64, entry: &[(FactKey, &str)], roles: &[&str]) -> ConnectionView {
    let roles: Vec<_> = roles.iter().map(|role| (FactKey::Role, *role)).collect();
    let rows = vec![
        row(CheckId::Token, day, &[]),
        row(CheckId::Owner, day, &[(FactKey::Owner, "svc@example.com")]),
        row(CheckId::Roles, day, &roles),
        row(CheckId::TokenEntry, day, entry),
    ];
    let report = CheckReport { started: at(day), finished: at(day), rows, capabilities: Vec::new() };
    let setup = GuideState { finished: Some(at(0)), ..GuideState::default() };
    let monitor = MonitorState { heartbeat: Some(at(day)), ..MonitorState::default() };
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
    ConnectionRecord { connection, setup, secrets, report: Some(report), monitor, rotation: None }
        .view(MonitorSettings::default().status_clock(at(1)))
}

fn without_problem(day: i64) -> ConnectionView {
    checked(day, &[(FactKey::Network, "ANYWHERE")], &["Super Administrator"])
}

fn due(view: &ConnectionView, day: i64) -> Vec<ReminderKind> {
    due_with(view, &MonitorSettings::default(), &ReminderState::default(), day)
}

fn due_with(view: &ConnectionView, settings: &MonitorSettings, state: &ReminderState, day: i64) -> Vec<ReminderKind> {
    ReminderInput { view, settings }.due_reminders(state, at(day)).into_iter().map(|one| one.kind).collect()
}

fn first(view: &ConnectionView) -> ReminderState {
    let settings = MonitorSettings::default();
    ReminderState {
        owner: ReminderInput { view, settings: &settings }.first_observed_owner(&ReminderState::default()),
        ..ReminderState::default()
    }
}

/// Returns the ranked conditions of `view` with this condition only.
fn only_condition(view: &ConnectionView, row: CheckId, code: Code) -> Vec<RankedCondition> {
    let one = ActiveCondition { row, problem: Problem::new(code), since: at(1), probes: 9 };
    let monitor = MonitorState { conditions: vec![one], ..MonitorState::default() };
    let clock = MonitorSettings::default().status_clock(at(1));
    let status = Status::derive(&view.setup, view.report.as_ref(), &monitor, Keep::Token, None, clock);
    MonitorView::new(&monitor, &status, &view.setup).conditions
}

#[test]
fn a_connection_without_a_problem_has_no_reminder_for_three_months() {
    for day in 0..90 {
        assert_eq!(due(&without_problem(day), day), [], "day {day}");
    }
}

#[test]
fn the_owner_is_confirmed_again_after_the_configured_days() {
    assert_eq!(due(&without_problem(90), 90), [ReminderKind::OwnerService]);
    let attestation = Attestation { at: at(90), by: "admin".to_owned() };
    let state = ReminderState::default().confirm(None, attestation);
    assert_eq!(due_with(&without_problem(179), &MonitorSettings::default(), &state, 179), []);
    let again = due_with(&without_problem(180), &MonitorSettings::default(), &state, 180);
    assert_eq!(again, [ReminderKind::OwnerService, ReminderKind::TokenAge]);
}

#[test]
fn an_accepted_person_has_a_reminder_of_its_own_kind() {
    let mut view = without_problem(95);
    let person = Confirmation { what: Confirmable::OwnerIsPerson, at: at(2), by: "admin".to_owned() };
    view.setup.confirmed.push(person);
    view.monitor.conditions = only_condition(&view, CheckId::Owner, Code::OwnerIsPerson);
    assert_eq!(due(&view, 91), []);
    assert_eq!(due(&view, 92), [ReminderKind::OwnerPerson]);
    view.setup.confirmed.clear();
    view.monitor.conditions = only_condition(&view, CheckId::Owner, Code::OwnerIsPerson);
    assert_eq!(due(&view, 92), [], "a person that was not accepted is an active condition");
}

#[test]
fn a_tokens_age_comes_from_okta_or_else_from_the_time_it_was_pasted() {
    let old = |created: &str| checked(10, &[(FactKey::CreatedAt, created)], &["Super Administrator"]);
    assert_eq!(due(&old(&at(-175).to_rfc3339()), 4), []);
    assert_eq!(due(&old(&at(-175).to_rfc3339()), 5), [ReminderKind::TokenAge]);
    assert_eq!(due(&old("garbage"), 5), []);
    let mut rotating = old(&at(-175).to_rfc3339());
    rotating.rotation = Some(crate::rotation::Rotation::default());
    assert_eq!(due(&rotating, 5), [], "a rotation is open");
    let mut never = MonitorSettings::default();
    never.reminders.token_age_days = 0;
    assert_eq!(due_with(&old(&at(-175).to_rfc3339()), &never, &ReminderState::default(), 5), []);
}

#[test]
fn changed_roles_cause_a_reminder_until_they_are_confirmed() {
    let state = first(&without_problem(1));
    let changed = checked(5, &[], &["Help Desk Administrator", "Report Administrator"]);
    let settings = MonitorSettings::default();
    let one = ReminderInput { view: &changed, settings: &settings }.due_reminders(&state, at(5)).remove(0);
    assert_eq!((one.kind, one.observed_at), (ReminderKind::RolesChanged, Some(at(5))));
    assert_eq!(one.args["before"], "Super Administrator");
    let now_right = ReminderInput { view: &changed, settings: &settings }.observed_owner();
    let confirmed = state.clone().confirm(now_right, Attestation { at: at(5), by: "admin".to_owned() });
    assert_eq!(due_with(&changed, &settings, &confirmed, 6), []);
    let mut refused = changed.clone();
    refused.monitor.conditions = only_condition(&refused, CheckId::Roles, Code::RoleTooSmall);
    assert_eq!(due_with(&refused, &settings, &state, 6), [], "the condition reports it");
    let mut other_token = changed;
    other_token.secrets[0].since = Some(at(4));
    assert_eq!(due_with(&other_token, &settings, &state, 6), [], "the first observation belongs to another token");
}

#[test]
fn roles_that_can_no_longer_be_read_cause_a_reminder() {
    let mut unreadable = checked(5, &[], &[]);
    let roles = unreadable.report.as_mut().unwrap().rows.iter_mut().find(|row| row.check == CheckId::Roles).unwrap();
    (roles.outcome, roles.code) = (Outcome::Unknown, Some(Code::RolesNotTold));
    let settings = MonitorSettings::default();
    assert_eq!(due_with(&unreadable, &settings, &first(&unreadable), 5), [], "they never could be read");
    let state = first(&without_problem(1));
    assert_eq!(due_with(&unreadable, &settings, &state, 5), [ReminderKind::RolesUntold]);
    let right = ReminderInput { view: &unreadable, settings: &settings }.observed_owner();
    let confirmed = state.confirm(right, Attestation { at: at(5), by: "admin".to_owned() });
    assert_eq!(due_with(&unreadable, &settings, &confirmed, 6), []);
}

#[test]
fn a_restricted_network_is_due_immediately_and_a_near_expiry_only_if_the_check_does_not_report_it() {
    let zone = checked(3, &[(FactKey::Network, "ZONE")], &[]);
    assert_eq!(due(&zone, 3), [ReminderKind::NetworkRestricted]);
    let ends = |days: i64| {
        let end = (at(3) + TimeDelta::days(days)).to_rfc3339();
        checked(3, &[(FactKey::Network, "ANYWHERE"), (FactKey::ExpiresAt, &end)], &[])
    };
    assert_eq!(due(&ends(14), 3), []);
    assert_eq!(due(&ends(13), 3), [ReminderKind::TokenExpires]);
    let mut sooner = ends(5);
    sooner.monitor.conditions = only_condition(&sooner, CheckId::TokenEntry, Code::EntryExpiresSoon);
    assert_eq!(due(&sooner, 3), []);
}

#[test]
fn a_long_pause_causes_a_reminder_and_later_one_about_the_unused_token() {
    let mut view = without_problem(10);
    view.monitor.paused_since = Some(at(10));
    assert_eq!(due(&view, 16), []);
    assert_eq!(due(&view, 17), [ReminderKind::ChecksPaused]);
    assert_eq!(due(&view, 31), [ReminderKind::TokenIdle], "one cause has one reminder");
}

#[test]
fn without_a_kept_token_the_token_may_expire_and_the_owner_comes_from_the_guide() {
    let mut view = without_problem(0);
    view.connection.keep = Keep::Nothing;
    view.secrets.clear();
    assert_eq!(due(&view, 20), []);
    assert_eq!(due(&view, 21), [ReminderKind::TokenIdle]);
    let state = first(&without_problem(0));
    let later = due_with(&view, &MonitorSettings::default(), &state, 90);
    assert_eq!(later, [ReminderKind::TokenIdle, ReminderKind::OwnerService], "the owner was observed in the guide");
}

#[test]
fn a_tokens_age_offers_a_rotation_and_restarts_once_radiant_has_another_token() {
    let of = |view: &ConnectionView, day| {
        let settings = MonitorSettings::default();
        let due = ReminderInput { view, settings: &settings }.due_reminders(&ReminderState::default(), at(day));
        due.into_iter().find(|one| one.kind == ReminderKind::TokenAge)
    };
    for keep in [Keep::Token, Keep::MonitoringToken, Keep::Nothing] {
        let mut view = without_problem(0);
        view.connection.keep = keep;
        if keep != Keep::Token {
            view.secrets.clear();
        }
        assert_eq!(of(&view, 179), None, "{keep:?}");
        let due = of(&view, 181).unwrap();
        assert_eq!((due.act, due.link), (Some(ReminderAct::Rotate), None), "{keep:?}");
    }
    let mut lost = without_problem(0);
    lost.secrets.clear();
    lost.rotation_guide.may_begin = false;
    let due = of(&lost, 181).unwrap();
    assert_eq!((due.act, due.link), (None, Some(LinkTarget::OktaTokens)), "a rotation needs the stored token");
    let mut replaced = lost;
    replaced.connection.keep = Keep::Nothing;
    replaced.rotation_guide.may_begin = true;
    let added = Confirmation { what: Confirmable::CredentialAdded, at: at(100), by: "admin".to_owned() };
    replaced.setup.confirmed.push(added);
    assert_eq!(of(&replaced, 279), None);
    assert!(of(&replaced, 281).is_some());
}

#[test]
fn notifications_that_are_off_for_a_week_cause_a_reminder() {
    let off = MonitorSettings { notices: false, ..MonitorSettings::default() };
    let off = off.with_dates(&MonitorSettings::default(), at(1));
    let kept = off.clone().with_dates(&off, at(5));
    assert_eq!(kept.notices_off_since, Some(at(1)), "another change does not restart the period");
    assert_eq!(due_with(&without_problem(7), &kept, &ReminderState::default(), 7), []);
    assert_eq!(due_with(&without_problem(8), &kept, &ReminderState::default(), 8), [ReminderKind::NoticesOff]);
    let on = MonitorSettings { notices: true, ..kept.clone() }.with_dates(&kept, at(9));
    assert_eq!(on.notices_off_since, None);
    assert_eq!(on.probes_changed, None, "notifications are no interval");
}

#[test]
fn a_refused_token_an_open_guide_or_disabled_reminders_cause_none() {
    let mut refused = checked(3, &[(FactKey::Network, "ZONE")], &[]);
    refused.monitor.conditions = only_condition(&refused, CheckId::Token, Code::TokenRefused);
    assert_eq!(due(&refused, 400), []);
    let mut open = without_problem(3);
    open.setup.finished = None;
    assert_eq!(due(&open, 400), []);
    let mut off = MonitorSettings::default();
    off.reminders.on = false;
    assert_eq!(due_with(&without_problem(3), &off, &ReminderState::default(), 400), []);
}

proptest! {
    /// A due reminder stays due while nothing changes, is never due in the future, and each kind occurs once.
    #[test]
    fn time_alone_removes_no_reminder(
        probed in 0_i64..400, day in 0_i64..800, more in 0_i64..400, paused in proptest::option::of(0_i64..400),
        keep in 0_usize..3, zone in any::<bool>(), age in 0_u32..800, owner in 0_u32..800,
    ) {
        let mut view = checked(probed, &[(FactKey::Network, if zone { "ZONE" } else { "ANYWHERE" })], &["A"]);
        view.connection.keep = [Keep::Token, Keep::MonitoringToken, Keep::Nothing][keep];
        view.monitor.paused_since = paused.map(at);
        let mut settings = MonitorSettings::default();
        settings.reminders.token_age_days = age;
        settings.reminders.owner_days = owner;
        let settings = settings.bounded(60);
        let input = ReminderInput { view: &view, settings: &settings };
        let (now, later) = (input.due_reminders(&ReminderState::default(), at(day)), input.due_reminders(&ReminderState::default(), at(day + more)));
        prop_assert!(now.iter().all(|one| one.since <= at(day)));
        prop_assert!(now.is_sorted_by(|a, b| a.kind < b.kind), "each kind once, most urgent first");
        let removed = now.iter().filter(|one| later.iter().all(|other| other.kind != one.kind));
        for one in removed {
            let is_unused = later.iter().any(|other| other.kind == ReminderKind::TokenIdle);
            prop_assert!(one.kind == ReminderKind::ChecksPaused && is_unused, "{:?} disappeared without a change", one.kind);
        }
    }

    /// A mark hides its own reminder and no other.
    #[test]
    fn a_mark_affects_only_its_own_reminder(days in 1_u32..60, day in 90_i64..400, dismiss in any::<bool>()) {
        let view = checked(day, &[(FactKey::Network, "ZONE")], &["A"]);
        let settings = MonitorSettings::default();
        let all = ReminderInput { view: &view, settings: &settings }.due_reminders(&ReminderState::default(), at(day));
        prop_assert!(all.len() >= 2);
        for one in &all {
            let state = if dismiss { ReminderState::default().dismiss(one) } else { ReminderState::default().snooze(one, days, at(day)) };
            let shown = state.visible(all.clone(), at(day));
            prop_assert_eq!(shown.len(), all.len() - 1);
            prop_assert!(shown.iter().all(|other| other.kind != one.kind));
            let back = state.visible(all.clone(), at(day + i64::from(days))).len();
            prop_assert_eq!(back, if dismiss { all.len() - 1 } else { all.len() });
        }
    }
}
