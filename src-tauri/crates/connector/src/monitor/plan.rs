//! Which looks are taken now, which wait, and when the next one is due. Pure: everything known of all connections goes in.

use chrono::{DateTime, TimeDelta, Utc};

use super::budget::{held, promised};
use super::due::{Resumed, all_due, next};
use crate::power_events::WakeBurst;
use model::active_conditions::ActiveCondition;
use model::monitor::{MonitorState, ProbeKind};
use model::monitor_settings::MonitorSettings;
use model::origin::Origin;
use model::rate_budget::{BudgetHold, RateUsage};

/// A look that is due and is not taken, because another process is at it or it was not kept, is tried again after this.
const AGAIN: TimeDelta = TimeDelta::seconds(2);

/// A connection as it is known when looks are planned.
pub struct Seen<'a> {
    /// Its org; its connections share one budget.
    pub org: Option<&'a Origin>,
    /// What was used of that budget.
    pub usage: &'a RateUsage,
    /// Where monitoring of it stands.
    pub watched: &'a MonitorState,
    /// Whether it is watched at all. One that is not may still have taken from the org's budget.
    pub is_watched: bool,
}

/// What is to be done, by the places of the connections that were given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Looks to be taken now.
    pub looks: Vec<(usize, ProbeKind)>,
    /// Looks that are due and wait.
    pub held: Vec<(usize, BudgetHold)>,
    /// When the next look is due, those to be taken now left out.
    pub next: Option<DateTime<Utc>>,
}

impl Plan {
    /// When to plan again if none of the looks can be taken now.
    #[must_use]
    pub fn again(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.next.into_iter().chain((!self.looks.is_empty()).then_some(now + AGAIN)).min()
    }
}

/// Plans looks: each in its time, all of an org within its budget, and in turns after the computer woke.
#[must_use]
pub fn plan(all: &[Seen<'_>], settings: &MonitorSettings, burst: Option<WakeBurst>, now: DateTime<Utc>) -> Plan {
    let mut usage: Vec<RateUsage> = all.iter().map(|one| one.usage.clone()).collect();
    let mut plan = Plan::default();
    let watched = all.iter().enumerate().filter(|(_, one)| one.is_watched);
    for (place, (at, one)) in (0_u32..).zip(watched) {
        let resumed = burst.map(|burst| Resumed { burst, place });
        let followed = one.watched.standing.iter().any(ActiveCondition::is_pending);
        let mut times = Vec::new();
        for tier in all_due(one.watched, settings, resumed, now) {
            match held(&usage[at], tier, followed, settings, now) {
                Some(held) => times.push(held),
                None => {
                    let promised = promised(&usage[at], tier, now);
                    of_org(all, one.org).for_each(|at| usage[at].clone_from(&promised));
                    plan.looks.push((at, tier));
                    break;
                }
            }
        }
        // The most thorough look says why it waits.
        plan.held.extend(times.first().map(|held| (at, *held)));
        let next = next(one.watched, settings, resumed).filter(|next| *next > now);
        plan.next = plan.next.into_iter().chain(next).chain(times.iter().map(|held| held.until)).min();
    }
    plan
}

/// Returns whether all checks of a connection fit into its org's budget now.
#[must_use]
pub fn has_room(one: &Seen<'_>, settings: &MonitorSettings, now: DateTime<Utc>) -> bool {
    let followed = one.watched.standing.iter().any(ActiveCondition::is_pending);
    held(one.usage, ProbeKind::Full, followed, settings, now).is_none()
}

/// The places of an org's connections.
fn of_org<'a>(all: &'a [Seen<'_>], org: Option<&'a Origin>) -> impl Iterator<Item = usize> {
    all.iter().enumerate().filter(move |(_, one)| one.org == org).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::origin::OktaDomain;
    use model::rate_budget::HoldReason;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn org(name: &str) -> Origin {
        Origin::Okta(OktaDomain::from_host(&format!("{name}.okta.com")).unwrap())
    }

    fn planned(orgs: &[&Origin], watched: &MonitorState, usage: &RateUsage, seconds: i64) -> Plan {
        let all: Vec<Seen<'_>> =
            orgs.iter().map(|org| Seen { org: Some(*org), usage, watched, is_watched: true }).collect();
        plan(&all, &MonitorSettings::default(), None, at(seconds))
    }

    #[test]
    fn connections_of_one_org_wait_for_each_other_and_those_of_others_do_not() {
        let (acme, globex) = (org("acme"), org("globex"));
        let plan = planned(&[&acme, &acme, &globex], &MonitorState::default(), &RateUsage::default(), 0);
        assert_eq!(plan.looks, [(0, ProbeKind::Full), (2, ProbeKind::Full)]);
        let [(1, held)] = plan.held.as_slice() else { panic!("{plan:?}") };
        // Three requests of the System Log at one a minute.
        assert_eq!((held.by, held.until), (HoldReason::Share, at(180)));
        // A heartbeat may come sooner.
        assert_eq!(plan.next, Some(at(60)));
    }

    #[test]
    fn all_checks_have_room_once_what_the_org_was_asked_is_paid_back() {
        let (acme, globex) = (org("acme"), org("globex"));
        let spent = promised(&RateUsage::default(), ProbeKind::Full, at(0));
        let (none, new) = (RateUsage::default(), MonitorState::default());
        let seen = |org, usage| Seen { org: Some(org), usage, watched: &new, is_watched: true };
        let all = [seen(&acme, &spent), seen(&acme, &spent), seen(&globex, &none)];
        let room = |place: usize, seconds| has_room(&all[place], &MonitorSettings::default(), at(seconds));
        assert_eq!([room(0, 1), room(1, 1), room(2, 1)], [false, false, true]);
        assert_eq!([room(0, 180), room(1, 180)], [true, true]);
    }

    #[test]
    fn a_connection_that_is_not_watched_is_not_looked_at_and_counts_all_the_same() {
        let acme = org("acme");
        let usage = promised(&RateUsage::default(), ProbeKind::Full, at(0));
        let new = MonitorState::default();
        let seen = |is_watched| Seen { org: Some(&acme), usage: &usage, watched: &new, is_watched };
        let all = [seen(false), seen(true)];
        let plan = plan(&all, &MonitorSettings::default(), None, at(0));
        assert_eq!((plan.looks.len(), plan.held.len()), (0, 1));
    }

    #[test]
    fn where_a_thorough_look_waits_a_lesser_one_is_taken() {
        let acme = org("acme");
        let spent = promised(&RateUsage::default(), ProbeKind::Freshness, at(0));
        let watched = MonitorState { heartbeat: Some(at(-600)), full: Some(at(0)), ..MonitorState::default() };
        let plan = planned(&[&acme], &watched, &spent, 1);
        assert_eq!(plan.looks, [(0, ProbeKind::Heartbeat)]);
        assert_eq!((plan.held[0].1.until, plan.next), (at(120), Some(at(120))));
    }

    #[test]
    fn what_is_due_and_cannot_be_taken_is_tried_again_soon_but_not_at_once() {
        let acme = org("acme");
        assert_eq!(planned(&[&acme], &MonitorState::default(), &RateUsage::default(), 0).again(at(0)), Some(at(2)));
        let looked = MonitorState {
            heartbeat: Some(at(0)),
            freshness: Some(at(0)),
            full: Some(at(0)),
            ..MonitorState::default()
        };
        assert_eq!(planned(&[&acme], &looked, &RateUsage::default(), 0).again(at(0)), Some(at(600)));
        assert_eq!(planned(&[], &looked, &RateUsage::default(), 0).again(at(0)), None);
    }
}
