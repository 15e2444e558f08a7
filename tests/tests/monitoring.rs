//! Monitoring against the practice organization: the requests of a probe, the status after each fault, the notifications.
//!
//! The tests run the probes one after the other; when they are due is a pure function with its own tests.

mod support;

use chrono::TimeDelta;
use messages::Messages;
use model::active_conditions::ActiveCondition;
use model::check::CheckId;
use model::code::Code;
use model::condition_registry::Severity;
use model::history::Span;
use model::monitor::{MonitorState, ProbeKind};
use model::notification_event::{NotificationEvent, NotifiedState};
use model::preferences::Language;
use model::problem::Problem;
use model::radiant_search_settings::RadiantSearch;
use model::status::State;
use practice::{Change, Fault, FaultKind, Side};
use store::Store;
use tokio_util::sync::CancellationToken;

use support::monitored::{code, probe, probe_until_not_ok, requests, watched};

const OWNER: &str = "super_admin";

#[tokio::test]
async fn a_heartbeat_sends_one_request_and_a_delivery_probe_two_when_the_events_are_found() {
    let story = watched().await;
    // The practice Radiant polls the practice Okta by itself: it is not counted here.
    story.control().set(Change::RadiantPolls { on: false });
    story.pass(TimeDelta::milliseconds(1_200));
    let before = requests(&story);
    assert_eq!(probe(&story, ProbeKind::Heartbeat).await.0.state, State::Ok);
    assert_eq!(requests(&story), (before.0 + 1, before.1));
    assert_eq!(probe(&story, ProbeKind::Freshness).await.0.state, State::Ok);
    assert_eq!(requests(&story), (before.0 + 2, before.1 + 1));
}

#[tokio::test]
async fn a_revoked_token_stops_monitoring_and_is_notified_once_like_its_recovery() {
    let story = watched().await;
    story.control().set(Change::Revoke { principal: OWNER.to_owned() });
    let (status, notice) = probe(&story, ProbeKind::Heartbeat).await;
    assert_eq!(
        (status.state, code(&status), status.row),
        (State::Stopped, Some(Code::TokenRefused), Some(CheckId::Token))
    );
    let Some(NotificationEvent::Worse { problem, row, severity }) = notice else { panic!("no notice") };
    assert_eq!((problem.code, row, severity), (Code::TokenRefused, CheckId::Token, Severity::Stopped));
    assert_eq!(probe(&story, ProbeKind::Heartbeat).await.1, None, "told once");
    story.paste(&story.practice.card().tokens.person_super_admin.clone()).await;
    let (status, _) = probe(&story, ProbeKind::Full).await;
    // The new owner is a person: that is a decision for the administrator, and no longer a stop.
    assert_eq!((status.state, code(&status)), (State::Attention, Some(Code::OwnerIsPerson)));
}

#[tokio::test]
async fn a_refused_token_stops_monitoring_is_notified_once_and_a_new_token_resumes_it() {
    let story = watched().await;
    let known = story.connector.connections().get(&story.id).await.unwrap();
    story.control().set(Change::Revoke { principal: OWNER.to_owned() });
    let mut notices = Vec::new();
    for tier in
        [ProbeKind::Heartbeat, ProbeKind::Freshness, ProbeKind::Full, ProbeKind::Heartbeat, ProbeKind::Freshness]
    {
        let (status, notice) = probe(&story, tier).await;
        assert_eq!((status.state, code(&status)), (State::Stopped, Some(Code::TokenRefused)), "{tier:?}");
        notices.extend(notice);
    }
    assert!(matches!(notices.as_slice(), [NotificationEvent::Worse { .. }]), "{notices:?}");
    let stopped = story.connector.connections().get(&story.id).await.unwrap();
    assert_eq!(stopped.monitor.newest_in_okta, known.monitor.newest_in_okta, "where it stood is kept");
    assert_eq!(stopped.monitor.conditions.len(), 1, "root cause only: {:?}", stopped.monitor.conditions);
    story.control().set(Change::TokenMade { principal: "super_admin_next".to_owned() });
    story.paste(&story.practice.card().tokens.super_admin_next.clone()).await;
    // Nothing is due for hours but what the new token asks for.
    let cancel = CancellationToken::new();
    let round = story
        .connector
        .monitor()
        .run_due_probes(&connector::PassScope::Every, connector::Audience::AWAY, None, &cancel)
        .await
        .unwrap();
    let [resumed] = round.outcomes.as_slice() else { panic!("not looked at: {round:?}") };
    // What was found with the old token says nothing about the new one.
    assert_eq!((resumed.before.state, resumed.after.state), (State::Working, State::Ok), "{:?}", resumed.after);
    assert!(
        matches!(&resumed.notification, Some(NotificationEvent::Recovered { problem }) if problem.code == Code::TokenRefused)
    );
    assert_eq!(
        story
            .connector
            .monitor()
            .run_due_probes(&connector::PassScope::Every, connector::Audience::AWAY, None, &cancel)
            .await
            .unwrap()
            .outcomes
            .len(),
        0,
        "once"
    );
}

#[tokio::test]
async fn stale_data_raises_an_alarm_although_every_response_is_valid() {
    let story = watched().await;
    story.control().set(Change::RadiantPolls { on: false });
    story.pass(TimeDelta::milliseconds(1_200));
    story.control().emit(30);
    story.pass(TimeDelta::milliseconds(5_500));
    let (_, status, notice) = probe_until_not_ok(&story, ProbeKind::Freshness).await;
    assert_eq!((status.row, code(&status)), (Some(CheckId::Arrival), Some(Code::RadiantLagging)));
    assert!(matches!(notice, Some(NotificationEvent::Worse { row: CheckId::Arrival, .. })));
    let report = story.connector.connections().get(&story.id).await.unwrap().report.unwrap();
    let refused = report.rows.iter().flat_map(|row| &row.evidence).filter(|one| one.status != Some(200));
    assert_eq!(refused.count(), 0, "nobody refused anything");
    // A fault of another kind beside it hides nothing: the stale data goes on being told.
    let down = FaultKind::Status { status: 503, code: String::new() };
    story.control().fault(Some(Fault::on(Side::Okta, down).at("/api/v1/zones")));
    let (status, _) = probe(&story, ProbeKind::Full).await;
    assert_eq!((status.row, code(&status)), (Some(CheckId::Arrival), Some(Code::RadiantLagging)));
}

#[tokio::test]
async fn a_deactivated_owner_stops_monitoring() {
    let story = watched().await;
    story.control().set(Change::OwnerStatus { principal: OWNER.to_owned(), status: "DEPROVISIONED".to_owned() });
    let (count, status, _) = probe_until_not_ok(&story, ProbeKind::Heartbeat).await;
    assert_eq!((count, status.state), (1, State::Stopped));
    assert!(matches!(code(&status), Some(Code::TokenRefused | Code::OwnerNotActive)), "{status:?}");
}

#[tokio::test]
async fn a_lost_permission_is_found_by_the_daily_probe() {
    let story = watched().await;
    story.control().set(Change::Roles { principal: OWNER.to_owned(), roles: vec!["HELP_DESK_ADMIN".to_owned()] });
    let (status, _) = probe(&story, ProbeKind::Full).await;
    assert_eq!((status.state, code(&status)), (State::Stopped, Some(Code::LogsRefused)));
    story.control().set(Change::Roles { principal: OWNER.to_owned(), roles: vec!["READ_ONLY_ADMIN".to_owned()] });
    let (status, _) = probe(&story, ProbeKind::Full).await;
    assert_ne!(status.state, State::Stopped, "reading works again: {status:?}");
}

#[tokio::test]
async fn a_removed_role_is_found_by_the_next_delivery_probe_although_events_stay_readable() {
    let story = watched().await;
    story.control().set(Change::Roles { principal: OWNER.to_owned(), roles: vec!["REPORT_ADMIN".to_owned()] });
    let (status, _) = probe(&story, ProbeKind::Freshness).await;
    assert_eq!((status.state, code(&status)), (State::Attention, Some(Code::UsersRefused)));
    let (before, _) = requests(&story);
    probe(&story, ProbeKind::Freshness).await;
    assert!(requests(&story).0 - before < 10, "the same event does not ask everything again");
}

#[tokio::test]
async fn a_token_restricted_to_another_network_becomes_unknown() {
    let story = watched().await;
    story.control().set(Change::Restrict { principal: OWNER.to_owned(), on: true });
    // A refused System Log is not the root: the token itself is asked before anything is told.
    for tier in [ProbeKind::Freshness, ProbeKind::Heartbeat, ProbeKind::Freshness] {
        let (status, _) = probe(&story, tier).await;
        assert_eq!((status.state, code(&status)), (State::Attention, Some(Code::TokenRestricted)), "{tier:?}");
    }
}

#[tokio::test]
async fn an_outage_of_okta_does_not_clear_a_refused_token() {
    let story = watched().await;
    story.control().set(Change::Revoke { principal: OWNER.to_owned() });
    assert_eq!(code(&probe_until_not_ok(&story, ProbeKind::Heartbeat).await.1), Some(Code::TokenRefused));
    story.control().fault(Some(Fault::on(Side::Okta, FaultKind::Status { status: 503, code: String::new() })));
    for tier in [ProbeKind::Heartbeat, ProbeKind::Freshness, ProbeKind::Full, ProbeKind::Heartbeat] {
        let (status, notice) = probe(&story, tier).await;
        assert_eq!((status.state, code(&status)), (State::Stopped, Some(Code::TokenRefused)), "{tier:?}");
        assert_eq!(notice, None, "{tier:?}: nothing was asked that could have become well");
    }
}

#[tokio::test]
async fn an_outage_of_okta_is_notified_after_three_probes_as_the_only_cause_and_resolves_itself() {
    let story = watched().await;
    let down = Fault::on(Side::Okta, FaultKind::Status { status: 503, code: String::new() });
    story.control().fault(Some(down));
    let (count, status, notice) = probe_until_not_ok(&story, ProbeKind::Heartbeat).await;
    assert_eq!((count, status.state, code(&status)), (3, State::Attention, Some(Code::OktaUnavailable)));
    assert!(matches!(notice, Some(NotificationEvent::Worse { .. })));
    let view = story.connector.connections().get(&story.id).await.unwrap();
    assert_eq!(view.monitor.conditions.len(), 1, "root cause only: {:?}", view.monitor.conditions);
    story.control().fault(None);
    let (status, notice) = probe(&story, ProbeKind::Heartbeat).await;
    assert_eq!((status.state, status.problem), (State::Ok, None));
    assert!(matches!(notice, Some(NotificationEvent::Recovered { .. })));
}

#[tokio::test]
async fn a_short_outage_is_never_notified() {
    let story = watched().await;
    let down = Fault::on(Side::Okta, FaultKind::Status { status: 503, code: String::new() });
    story.control().fault(Some(Fault { times: Some(3), ..down }));
    for _ in 0..3 {
        let (status, notice) = probe(&story, ProbeKind::Heartbeat).await;
        assert_eq!((status.state, notice), (State::Ok, None));
    }
}

#[tokio::test]
async fn an_exhausted_rate_limit_is_notified_only_when_it_persists() {
    let story = watched().await;
    story.control().fault(Some(Fault::on(Side::Okta, FaultKind::RateLimited { reset_s: 48 }).at("/api/v1/users/me")));
    let (count, status, _) = probe_until_not_ok(&story, ProbeKind::Heartbeat).await;
    assert!(count >= 2, "{count}");
    assert_eq!((status.state, code(&status)), (State::Attention, Some(Code::OktaRateLimited)));
}

#[tokio::test]
async fn without_a_network_nothing_raises_an_alarm_and_earlier_results_stay() {
    let story = watched().await;
    story.control().fault(Some(Fault::on(Side::Okta, FaultKind::CaptivePage)));
    for _ in 0..4 {
        let (status, notice) = probe(&story, ProbeKind::Heartbeat).await;
        assert_eq!((status.state, code(&status), notice), (State::Working, Some(Code::CaptivePortal), None));
    }
    let view = story.connector.connections().get(&story.id).await.unwrap();
    assert!(view.monitor.offline_since.is_some());
    assert_eq!(view.report.unwrap().row(CheckId::Token).unwrap().code, None, "the old answer stays");
    story.control().fault(None);
    let before = requests(&story).0;
    assert_eq!(probe(&story, ProbeKind::Heartbeat).await.0.state, State::Ok);
    assert!(requests(&story).0 > before + 5, "back on the network, everything is asked");
}

#[tokio::test]
async fn a_radiant_that_stopped_polling_is_found_by_missing_events() {
    let story = watched().await;
    let proof = async || story.connector.connections().get(&story.id).await.unwrap().monitor.delivery_proof.unwrap();
    assert_eq!(probe(&story, ProbeKind::Freshness).await.0.state, State::Ok);
    let verified = proof().await;
    assert!(verified.since.is_some());
    story.control().set(Change::RadiantPolls { on: false });
    story.pass(TimeDelta::milliseconds(1_200));
    // Some of these are published in the past, as Okta does: they are due at once, the rest in five seconds.
    story.control().emit(30);
    story.pass(TimeDelta::milliseconds(5_500));
    let (count, status, _) = probe_until_not_ok(&story, ProbeKind::Freshness).await;
    assert_eq!((count, status.state, code(&status)), (2, State::Attention, Some(Code::RadiantLagging)));
    let ended = proof().await;
    assert_eq!(ended.since, None);
    assert!(ended.last >= verified.last, "the last proof keeps its time");
    story.control().set(Change::RadiantPolls { on: true });
    story.pass(TimeDelta::seconds(3));
    let (status, _) = probe(&story, ProbeKind::Freshness).await;
    assert_eq!(status.state, State::Ok);
    let view = story.connector.connections().get(&story.id).await.unwrap();
    assert!(view.monitor.delivery_proof.unwrap().since > Some(ended.last));
    assert!(
        view.monitor.unchanged_since >= view.monitor.delivery_proof.unwrap().since,
        "receiving since the new proof"
    );
}

#[tokio::test]
async fn problems_with_radiants_token_and_index_are_reported_by_their_cause() {
    let story = watched().await;
    story.search(|search| RadiantSearch { index: Some("elsewhere".to_owned()), ..search }).await;
    let (_, status, _) = probe_until_not_ok(&story, ProbeKind::Full).await;
    assert!(matches!(code(&status), Some(Code::RadiantIndexWrong | Code::RadiantNoEvents)), "{status:?}");
    assert_eq!(status.row, Some(CheckId::RadiantSearch));
}

#[tokio::test]
async fn observations_become_history() {
    let story = watched().await;
    probe(&story, ProbeKind::Freshness).await;
    let compared = story.connector.monitor().history(&story.id, Span::Day).await.unwrap();
    assert_eq!((compared.delay_newest, compared.compared_at.is_some()), (Some(0), true));
    story.control().set(Change::Revoke { principal: OWNER.to_owned() });
    probe(&story, ProbeKind::Heartbeat).await;
    let history = story.connector.monitor().history(&story.id, Span::Day).await.unwrap();
    let states: Vec<State> = history.changes.iter().map(|change| change.state).collect();
    assert_eq!(states[0], State::Stopped);
    assert!(states.contains(&State::Ok), "{states:?}");
    let (ok, stopped): (u32, u32) =
        history.hours.iter().fold((0, 0), |(ok, stopped), point| (ok + point.hour.ok, stopped + point.hour.stopped));
    assert_eq!((ok, stopped), (2, 1));
    assert_eq!((history.delay_newest, history.delay_p50), (None, Some(0)), "both sides can no longer be compared");
    let csv = story.connector.reports().history_csv(&story.id, Span::Day).await.unwrap();
    assert!(csv.lines().count() >= 2);
}

#[tokio::test]
async fn of_many_changes_the_newest_are_shown_the_rest_counted_and_the_file_has_all() {
    let story = watched().await;
    story.connector.connections().rename(&story.id, "=cmd|' /C calc'!A0".to_owned()).await.unwrap();
    for pause in [true, false].into_iter().cycle().take(210) {
        story.connector.monitor().pause(&story.id, pause).await.unwrap();
    }
    let history = story.connector.monitor().history(&story.id, Span::Day).await.unwrap();
    assert_eq!(history.changes.len(), 200);
    assert!(history.changes_total >= 210, "{}", history.changes_total);
    let csv = story.connector.reports().changes_csv(&story.id, Span::Day, &Messages::load(Language::De)).await.unwrap();
    assert_eq!(csv.lines().count(), usize::try_from(history.changes_total).unwrap() + 1);
    assert!(csv.lines().skip(1).all(|line| line.contains("Z,'=cmd|' /C calc'!A0,")), "{csv}");
    assert!(csv.contains(",paused,Angehalten,"), "{csv}");
}

#[tokio::test]
async fn a_paused_connection_is_not_probed_and_shows_that_it_is_paused() {
    let story = watched().await;
    let view = story.connector.monitor().pause(&story.id, true).await.unwrap();
    assert_eq!(view.status.state, State::Paused);
    let before = requests(&story).0;
    let round = story
        .connector
        .monitor()
        .run_due_probes(&connector::PassScope::Every, connector::Audience::AWAY, None, &CancellationToken::new())
        .await
        .unwrap();
    assert!(round.outcomes.is_empty() && round.next.is_none());
    story.control().set(Change::RadiantPolls { on: false });
    assert!(requests(&story).0 <= before + 2, "only the practice Radiant asks");
    story.connector.monitor().pause(&story.id, false).await.unwrap();
    let round = story
        .connector
        .monitor()
        .run_due_probes(&connector::PassScope::Every, connector::Audience::AWAY, None, &CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(round.outcomes.len(), 1);
    assert_eq!(round.outcomes[0].after.state, State::Ok);
    assert!(round.next.is_some());
}

#[tokio::test]
async fn a_relay_problem_that_was_notified_during_a_pause_is_not_notified_again_by_the_first_probe_after_it() {
    let story = watched().await;
    let (since, problem) = (story.clock.now(), Problem::new(Code::RelayStopped));
    let failed = ActiveCondition { row: CheckId::Arrival, problem: problem.clone(), since, probes: 2 };
    let relay_notified = NotifiedState {
        severity: Some(Severity::InDoubt),
        problem: Some(problem),
        shown: true,
        recovered: None,
        codes_since_ok: [Code::RelayStopped].into(),
    };
    let store = Store::open(story.folder.path()).unwrap();
    let id = story.id.clone();
    let paused = move |state| MonitorState { relay_conditions: vec![failed], relay_notified, ..state };
    store.write(move |tx| tx.update(&id, paused).map(drop)).await.unwrap();
    let (status, notification) = probe(&story, ProbeKind::Heartbeat).await;
    assert_eq!((code(&status), notification), (Some(Code::RelayStopped), None));
    let id = story.id.clone();
    let over = |state| MonitorState { relay_conditions: Vec::new(), ..state };
    store.write(move |tx| tx.update(&id, over).map(drop)).await.unwrap();
    let recovered = |found: &Option<NotificationEvent>| matches!(found, Some(NotificationEvent::Recovered { .. }));
    let found = [probe(&story, ProbeKind::Heartbeat).await.1, probe(&story, ProbeKind::Heartbeat).await.1];
    assert_eq!(found.each_ref().map(recovered), [true, false]);
}

#[tokio::test]
async fn a_pause_with_an_end_is_over_at_that_time_and_every_check_runs() {
    let story = watched().await;
    let monitor = story.connector.monitor();
    let (every, away, cancel) = (connector::PassScope::Every, connector::Audience::AWAY, CancellationToken::new());
    let until = story.clock.now() + TimeDelta::hours(1);
    let view = monitor.pause_until(&story.id, true, Some(until)).await.unwrap();
    assert_eq!((view.status.state, view.monitor.paused_until), (State::Paused, Some(until)));
    let round = monitor.run_due_probes(&every, away, None, &cancel).await.unwrap();
    assert!(round.outcomes.is_empty());
    assert_eq!(round.next, Some(until));
    story.pass(TimeDelta::hours(1));
    let round = monitor.run_due_probes(&every, away, None, &cancel).await.unwrap();
    assert_eq!(round.outcomes.len(), 1);
    let view = story.connector.connections().get(&story.id).await.unwrap();
    assert_eq!((view.monitor.paused_since, view.monitor.paused_until), (None, None));
}

#[tokio::test]
async fn two_processes_do_not_probe_one_connection_at_once() {
    let story = watched().await;
    let held = store::lock(story.folder.path(), &story.id).unwrap();
    let looked = story
        .connector
        .monitor()
        .probe_now(&story.id, ProbeKind::Heartbeat, connector::Audience::AWAY, &CancellationToken::new())
        .await
        .unwrap();
    assert!(looked.is_none());
    drop(held);
    assert_eq!(probe(&story, ProbeKind::Heartbeat).await.0.state, State::Ok);
}
