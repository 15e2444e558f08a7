//! Recognizes events of the System Log after which the token's rights or its owner may have changed.
//!
//! Such an event causes a full probe, so that a lost right is found at the next delivery probe and not only at the daily full
//! probe, which finds events that are not on the page. Names of the types: Okta's event type catalog.

use serde_json::value::RawValue;

use model::json_part_reader;
use model::log_event::LogEvent;

/// Event types that affect the accounts among their targets.
const ACCOUNT_EVENTS: [&str; 4] = [
    "user.account.privilege.grant",
    "user.account.privilege.revoke",
    "group.user_membership.add",
    "group.user_membership.remove",
];
/// Prefix of further event types that affect the accounts among their targets.
const LIFECYCLE_EVENTS: &str = "user.lifecycle.";
/// Prefixes of event types that may affect any account and do not name it.
const GLOBAL_EVENTS: [&str; 3] = ["group.privilege.", "iam.resourceset.", "iam.role.permission"];

/// Returns whether an event may have changed the rights of the account with this login. For an unknown account only events
/// that may affect any account count.
pub(super) fn may_change_rights(event: &LogEvent, login: Option<&str>) -> bool {
    let kind = event.event_type.as_str();
    if GLOBAL_EVENTS.iter().any(|prefix| kind.starts_with(prefix)) {
        return true;
    }
    let is_account_event = ACCOUNT_EVENTS.contains(&kind) || kind.starts_with(LIFECYCLE_EVENTS);
    is_account_event && login.is_some_and(|login| has_target(event, login))
}

/// Returns whether an account is among the targets of an event, which may be null.
fn has_target(event: &LogEvent, login: &str) -> bool {
    let Some(targets) = json_part_reader::at(event.raw.get().as_bytes(), "/target") else { return false };
    let read = |target: &RawValue| json_part_reader::text_at(target.get().as_bytes(), "/alternateId");
    let logins = json_part_reader::entries(targets.get().as_bytes(), read).unwrap_or_default();
    logins.read.iter().any(|other| other.eq_ignore_ascii_case(login))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const OWNER: &str = "svc@example.com";

    fn affects(kind: &str, target: &Value, login: Option<&str>) -> bool {
        let event = json!({"uuid": "u", "published": "2026-03-10T10:00:00Z", "eventType": kind, "target": target});
        let raw = RawValue::from_string(event.to_string()).unwrap();
        may_change_rights(&LogEvent::parse(raw).unwrap(), login)
    }

    #[test]
    fn account_events_affect_the_owner_and_nobody_else() {
        let of = |login: &str| json!([{"type": "AppUser", "alternateId": "unknown"}, {"type": "User", "alternateId": login}]);
        for kind in ["user.account.privilege.revoke", "group.user_membership.remove", "user.lifecycle.suspend"] {
            assert!(affects(kind, &of("SVC@example.com"), Some(OWNER)), "{kind}");
            assert!(!affects(kind, &of("jo@example.com"), Some(OWNER)), "{kind}");
            assert!(!affects(kind, &of(OWNER), None), "{kind}: the owner is unknown");
            assert!(!affects(kind, &Value::Null, Some(OWNER)), "{kind}");
        }
        assert!(!affects("user.session.start", &of(OWNER), Some(OWNER)));
    }

    #[test]
    fn global_events_affect_every_account() {
        for kind in ["group.privilege.revoke", "iam.resourceset.bindings.delete", "iam.role.permissions.delete"] {
            assert!(affects(kind, &Value::Null, None), "{kind}");
        }
    }
}
