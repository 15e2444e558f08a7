//! Decides which probes run now, which wait for the rate budget, and when the next one is due. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use super::schedule::{Resumed, Schedule};
use crate::power_events::WakeBurst;
use crate::rate_budget::{hold, reserve};
use model::active_conditions::ActiveCondition;
use model::monitor::{MonitorState, ProbeKind};
use model::monitor_settings::MonitorSettings;
use model::okta_origin::Origin;
use model::rate_usage::{BudgetHold, RateUsage};

/// The wait before a probe is tried again, when another process ran it or it could not be stored.
const RETRY: TimeDelta = TimeDelta::seconds(2);

/// A connection for which probes are planned.
#[derive(Clone, Copy)]
pub(super) struct PlanInput<'a> {
    /// Its org, whose connections share one rate budget.
    pub(super) org: Option<&'a Origin>,
    /// The use of that budget.
    pub(super) usage: &'a RateUsage,
    /// Its state of monitoring.
    pub(super) state: &'a MonitorState,
    /// Whether it is monitored. One that is not may still have used the org's budget.
    pub(super) is_monitored: bool,
    /// Until when no probe runs, because the last ones failed.
    pub(super) not_before: Option<DateTime<Utc>>,
}

/// The probes to run and those that wait. Connections are named by their index in the input.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Plan {
    /// The probes to run now.
    pub(super) probes: Vec<(usize, ProbeKind)>,
    /// The probes that are due and wait for the rate budget.
    pub(super) held: Vec<(usize, BudgetHold)>,
    /// When the next probe is due, without those that run now.
    pub(super) next: Option<DateTime<Utc>>,
}

impl Plan {
    /// Returns when to plan again if none of the probes can run now.
    pub(super) fn again(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.next.into_iter().chain((!self.probes.is_empty()).then_some(now + RETRY)).min()
    }
}

/// Plans the probes: each at its time, all of an org within its budget, and one after the other after a wake.
pub(super) fn plan(
    all: &[PlanInput<'_>],
    settings: &MonitorSettings,
    burst: Option<WakeBurst>,
    now: DateTime<Utc>,
) -> Plan {
    let mut usage: Vec<RateUsage> = all.iter().map(|one| one.usage.clone()).collect();
    let mut plan = Plan::default();
    let monitored = all.iter().enumerate().filter(|(_, one)| one.is_monitored);
    for (place, (at, one)) in (0_u32..).zip(monitored) {
        let resumed = burst.map(|burst| Resumed { burst, place });
        let is_urgent = one.state.conditions.iter().any(ActiveCondition::is_pending);
        let schedule = Schedule { state: one.state, settings, resumed, now };
        let is_allowed = one.not_before.is_none_or(|at| now >= at);
        let mut holds = Vec::new();
        for kind in schedule.due().filter(|_| is_allowed) {
            match hold(&usage[at], kind, is_urgent, settings, now) {
                Some(hold) => holds.push(hold),
                None => {
                    let reserved = reserve(&usage[at], kind, now);
                    of_org(all, one.org).for_each(|at| usage[at].clone_from(&reserved));
                    plan.probes.push((at, kind));
                    break;
                }
            }
        }
        // The most thorough probe gives the reason.
        plan.held.extend(holds.first().map(|hold| (at, *hold)));
        let next =
            schedule.next().map(|next| one.not_before.map_or(next, |at| next.max(at))).filter(|next| *next > now);
        plan.next = plan.next.into_iter().chain(next).chain(holds.iter().map(|hold| hold.until)).min();
    }
    plan
}

/// Tells whether the rate budget has room for every check of a connection now.
pub(super) fn has_room(one: &PlanInput<'_>, settings: &MonitorSettings, now: DateTime<Utc>) -> bool {
    let is_urgent = one.state.conditions.iter().any(ActiveCondition::is_pending);
    hold(one.usage, ProbeKind::Full, is_urgent, settings, now).is_none()
}

/// Returns the indexes of an org's connections.
fn of_org<'a>(all: &'a [PlanInput<'_>], org: Option<&'a Origin>) -> impl Iterator<Item = usize> {
    all.iter().enumerate().filter(move |(_, one)| one.org == org).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::okta_origin::OktaDomain;
    use model::rate_usage::HoldReason;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn org(name: &str) -> Origin {
        Origin::Okta(OktaDomain::from_host(&format!("{name}.okta.com")).unwrap())
    }

    fn planned(orgs: &[&Origin], state: &MonitorState, usage: &RateUsage, seconds: i64) -> Plan {
        let all: Vec<PlanInput<'_>> = orgs
            .iter()
            .map(|org| PlanInput { org: Some(*org), usage, state, is_monitored: true, not_before: None })
            .collect();
        plan(&all, &MonitorSettings::default(), None, at(seconds))
    }

    #[test]
    fn connections_of_one_org_wait_for_each_other_and_those_of_other_orgs_do_not() {
        let (acme, globex) = (org("acme"), org("globex"));
        let plan = planned(&[&acme, &acme, &globex], &MonitorState::default(), &RateUsage::default(), 0);
        assert_eq!(plan.probes, [(0, ProbeKind::Full), (2, ProbeKind::Full)]);
        let [(1, held)] = plan.held.as_slice() else { panic!("{plan:?}") };
        // Three requests to the System Log at one per minute.
        assert_eq!((held.reason, held.until), (HoldReason::Share, at(180)));
        // A heartbeat may run sooner.
        assert_eq!(plan.next, Some(at(60)));
    }

    #[test]
    fn every_check_has_room_once_the_requests_to_the_org_are_paid_back() {
        let (acme, globex) = (org("acme"), org("globex"));
        let used = reserve(&RateUsage::default(), ProbeKind::Full, at(0));
        let (none, new) = (RateUsage::default(), MonitorState::default());
        let input = |org, usage| PlanInput { org: Some(org), usage, state: &new, is_monitored: true, not_before: None };
        let all = [input(&acme, &used), input(&acme, &used), input(&globex, &none)];
        let room = |place: usize, seconds| has_room(&all[place], &MonitorSettings::default(), at(seconds));
        assert_eq!([room(0, 1), room(1, 1), room(2, 1)], [false, false, true]);
        assert_eq!([room(0, 180), room(1, 180)], [true, true]);
    }

    #[test]
    fn a_connection_that_is_not_monitored_is_not_probed_but_its_requests_count() {
        let acme = org("acme");
        let usage = reserve(&RateUsage::default(), ProbeKind::Full, at(0));
        let new = MonitorState::default();
        let input =
            |is_monitored| PlanInput { org: Some(&acme), usage: &usage, state: &new, is_monitored, not_before: None };
        let all = [input(false), input(true)];
        let plan = plan(&all, &MonitorSettings::default(), None, at(0));
        assert_eq!((plan.probes.len(), plan.held.len()), (0, 1));
    }

    #[test]
    fn a_smaller_probe_runs_while_a_larger_one_waits() {
        let acme = org("acme");
        let used = reserve(&RateUsage::default(), ProbeKind::Freshness, at(0));
        let state = MonitorState { heartbeat: Some(at(-600)), full: Some(at(0)), ..MonitorState::default() };
        let plan = planned(&[&acme], &state, &used, 1);
        assert_eq!(plan.probes, [(0, ProbeKind::Heartbeat)]);
        assert_eq!((plan.held[0].1.until, plan.next), (at(120), Some(at(120))));
    }

    #[test]
    fn a_probe_that_is_due_and_cannot_run_is_tried_again_soon_but_not_at_once() {
        let acme = org("acme");
        assert_eq!(planned(&[&acme], &MonitorState::default(), &RateUsage::default(), 0).again(at(0)), Some(at(2)));
        let probed = MonitorState {
            heartbeat: Some(at(0)),
            delivery: Some(at(0)),
            full: Some(at(0)),
            ..MonitorState::default()
        };
        assert_eq!(planned(&[&acme], &probed, &RateUsage::default(), 0).again(at(0)), Some(at(600)));
        assert_eq!(planned(&[], &probed, &RateUsage::default(), 0).again(at(0)), None);
    }
}
