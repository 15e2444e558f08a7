//! Which events of the System Log say that the token's rights, or its owner, may be others than they were.
//!
//! All checks are asked after one, so that a right that was lost is told at the next look at the newest events and not only
//! at the daily run. An event that is not on that page is not seen; the daily run finds it then. Names of the types: Okta's
//! event type catalogue.

use serde_json::Value;

use model::event::LogEvent;

/// Types that touch whoever they name as a target.
const OF_AN_ACCOUNT: [&str; 4] = [
    "user.account.privilege.grant",
    "user.account.privilege.revoke",
    "group.user_membership.add",
    "group.user_membership.remove",
];
/// Families of types that touch whoever they name as a target.
const LIFE_OF_AN_ACCOUNT: &str = "user.lifecycle.";
/// Families of types that may touch anybody: whom, the event does not say.
const OF_MANY: [&str; 3] = ["group.privilege.", "iam.resourceset.", "iam.role.permission"];

/// Tells whether the rights of the account with this login may be others after an event; of an unknown account only what may
/// touch anybody counts.
pub(super) fn are_touched_by(event: &LogEvent, login: Option<&str>) -> bool {
    let kind = event.event_type.as_str();
    if OF_MANY.iter().any(|family| kind.starts_with(family)) {
        return true;
    }
    let of_an_account = OF_AN_ACCOUNT.contains(&kind) || kind.starts_with(LIFE_OF_AN_ACCOUNT);
    of_an_account && login.is_some_and(|login| names(event, login))
}

/// Tells whether an account is among an event's targets, which may be null.
fn names(event: &LogEvent, login: &str) -> bool {
    let whole: Value = serde_json::from_str(event.raw.get()).unwrap_or_default();
    let targets = whole.get("target").and_then(Value::as_array).into_iter().flatten();
    let mut named = targets.filter_map(|target| target.get("alternateId").and_then(Value::as_str));
    named.any(|other| other.eq_ignore_ascii_case(login))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const OWNER: &str = "svc@example.com";

    fn touched(kind: &str, target: &Value, login: Option<&str>) -> bool {
        let event = json!({"uuid": "u", "published": "2026-03-10T10:00:00Z", "eventType": kind, "target": target});
        let raw = serde_json::value::RawValue::from_string(event.to_string()).unwrap();
        are_touched_by(&LogEvent::parse(raw).unwrap(), login)
    }

    #[test]
    fn what_happens_to_the_owner_touches_and_what_happens_to_others_does_not() {
        let of = |login: &str| json!([{"type": "AppUser", "alternateId": "unknown"}, {"type": "User", "alternateId": login}]);
        for kind in ["user.account.privilege.revoke", "group.user_membership.remove", "user.lifecycle.suspend"] {
            assert!(touched(kind, &of("SVC@example.com"), Some(OWNER)), "{kind}");
            assert!(!touched(kind, &of("jo@example.com"), Some(OWNER)), "{kind}");
            assert!(!touched(kind, &of(OWNER), None), "{kind}: who owns the token is not known");
            assert!(!touched(kind, &Value::Null, Some(OWNER)), "{kind}");
        }
        assert!(!touched("user.session.start", &of(OWNER), Some(OWNER)));
    }

    #[test]
    fn what_may_touch_anybody_counts_whoever_it_names() {
        for kind in ["group.privilege.revoke", "iam.resourceset.bindings.delete", "iam.role.permissions.delete"] {
            assert!(touched(kind, &Value::Null, None), "{kind}");
        }
    }
}
