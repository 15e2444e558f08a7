//! The objects of Okta's API, parsed tolerantly: unknown members are ignored, nullable ones optional, enumerations text. A list
//! leaves out the entries that cannot be read.

use chrono::{DateTime, Utc};
use model::external_time;
use model::json_part_reader::{self, MAX_NAME, is_null, text_at, text_of};
use serde_json::value::RawValue;

/// `/.well-known/okta-organization` (SPEC getWellknownOrgMetadata).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Org {
    /// Okta's ID of the org.
    pub id: String,
    /// `idx` (Identity Engine) or `v1` (Classic).
    pub pipeline: String,
    /// The org's own address.
    pub organization: String,
    /// The address of the custom domain, if there is one.
    pub alternate: Option<String>,
}

impl Org {
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let text = |pointer: &str| text_at(body, pointer);
        Some(Self {
            id: text("/id")?,
            pipeline: text("/pipeline").unwrap_or_default(),
            organization: text("/_links/organization/href")?,
            alternate: text("/_links/alternate/href"),
        })
    }
}

/// A user (SPEC User), reduced to what the checks need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Okta's ID.
    pub id: String,
    /// `ACTIVE`, `SUSPENDED`, ...
    pub status: String,
    /// The login.
    pub login: String,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The display name.
    pub display_name: Option<String>,
    /// The mobile phone number; service accounts rarely have one.
    pub mobile_phone: Option<String>,
}

impl User {
    pub(crate) fn read(user: &[u8]) -> Option<Self> {
        let [id, status, profile] = json_part_reader::members(user, ["id", "status", "profile"])?;
        let names = ["login", "email", "firstName", "lastName", "displayName", "mobilePhone"];
        let profile = profile.and_then(|profile| json_part_reader::members(profile.get().as_bytes(), names));
        let [login, email, first_name, last_name, display_name, mobile_phone] =
            profile.unwrap_or_default().map(|value| value.and_then(text_of));
        let id = text_of(id?)?;
        Some(Self {
            status: status.and_then(text_of).unwrap_or_else(|| "UNKNOWN".to_owned()),
            login: login.or(email).unwrap_or_else(|| id.clone()),
            first_name,
            last_name,
            display_name,
            mobile_phone,
            id,
        })
    }
}

/// An administrator role of a user (SPEC Role). `kind` is an open enumeration such as `SUPER_ADMIN` or `CUSTOM`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The type.
    pub kind: String,
    /// Okta's label, or its ID of a role without one.
    pub label: String,
    /// `ACTIVE`, `INACTIVE`, or another text; empty if Okta sent none.
    pub status: String,
}

impl Role {
    pub(crate) fn read(role: &RawValue) -> Option<Self> {
        let [kind, label, role, id, status] =
            json_part_reader::members(role.get().as_bytes(), ["type", "label", "role", "id", "status"])?
                .map(|value| value.and_then(name_of));
        let kind = kind?;
        let label = label.or(role).or(id).unwrap_or_else(|| kind.clone());
        Some(Self { kind, label, status: status.unwrap_or_default() })
    }
}

/// An entry of the token list (SPEC ApiToken), without the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Okta's ID, such as `00T...`.
    pub id: String,
    /// The name.
    pub name: String,
    /// The owner's ID.
    pub user_id: Option<String>,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// When it expires if it is not used before.
    pub expires_at: Option<DateTime<Utc>>,
    /// Where it may be used from: `ANYWHERE`, or `ZONE` with lists of zones (REAL). `None` if Okta did not say.
    pub network: Option<String>,
    /// The IDs of the zones that it may be used from; `None` if the list could not be read.
    pub network_zones: Option<Vec<String>>,
}

impl ApiToken {
    pub(crate) fn read(token: &RawValue) -> Option<Self> {
        let names = ["id", "name", "userId", "created", "expiresAt", "network"];
        let [id, name, user_id, created, expires_at, network] =
            json_part_reader::members(token.get().as_bytes(), names)?;
        let text = |value: Option<&RawValue>| value.and_then(text_of);
        Some(Self {
            id: text(id)?,
            name: name.and_then(name_of).unwrap_or_default(),
            user_id: text(user_id),
            created: optional(created, time_of)?,
            expires_at: optional(expires_at, time_of)?,
            network: optional(network, |network| text_at(network.get().as_bytes(), "/connection"))?,
            network_zones: network.map_or(Some(Vec::new()), network_zones),
        })
    }
}

/// Reads the zones that a token may be used from (REAL `include`).
fn network_zones(network: &RawValue) -> Option<Vec<String>> {
    let Some(list) = json_part_reader::at(network.get().as_bytes(), "/include").filter(|list| !is_null(list)) else {
        return Some(Vec::new());
    };
    let zones = json_part_reader::entries(list.get().as_bytes(), text_of)?;
    (zones.unreadable == 0).then_some(zones.read)
}

/// Reads a member that may be missing or null. One of another kind makes its entry unreadable.
fn optional<T>(value: Option<&RawValue>, read: impl Fn(&RawValue) -> Option<T>) -> Option<Option<T>> {
    match value {
        Some(value) if !is_null(value) => read(value).map(Some),
        Some(_) | None => Some(None),
    }
}

/// Reads a text that is shown, of which the beginning is enough.
fn name_of(value: &RawValue) -> Option<String> {
    text_of(value).map(|text| text.chars().take(MAX_NAME).collect())
}

fn time_of(value: &RawValue) -> Option<DateTime<Utc>> {
    external_time::parse(&text_of(value)?)
}

/// A query of the System Log (SPEC listLogEvents).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// The start of the period.
    pub since: Option<DateTime<Utc>>,
    /// The end of the period; with it the query is bounded and ordered by `published`.
    pub until: Option<DateTime<Utc>>,
    /// The page size, at most 1,000.
    pub limit: u32,
    /// Whether the newest events come first.
    pub descending: bool,
    /// A SCIM filter.
    pub filter: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(list: &str, read: impl Fn(&RawValue) -> Option<T>) -> (Vec<T>, u32) {
        let list = json_part_reader::entries(list.as_bytes(), read).unwrap();
        (list.read, list.unreadable)
    }

    #[test]
    fn an_odd_role_leaves_the_others_readable() {
        let list = r#"[
            {"id":"ra1","label":"Super Organization Administrator","type":"SUPER_ADMIN","status":"ACTIVE"},
            {"id":"cr1","role":"cr9","resource-set":"iam1","label":null,"type":"CUSTOM","status":"ACTIVE"},
            {"id":"ra2","label":"A role of next year","type":"NEXT_YEARS_ADMIN","status":"PENDING"},
            {"id":"ra3","label":7,"type":"CUSTOM"}, {"type":null,"label":"x"}, null, 7, [], {}]"#;
        let (roles, unreadable) = read(list, Role::read);
        let shown: Vec<_> = roles.iter().map(|role| format!("{} {} {}", role.kind, role.label, role.status)).collect();
        let expected = [
            "SUPER_ADMIN Super Organization Administrator ACTIVE",
            "CUSTOM cr9 ACTIVE",
            "NEXT_YEARS_ADMIN A role of next year PENDING",
            "CUSTOM ra3 ",
        ];
        assert_eq!((shown, unreadable), (expected.map(str::to_owned).to_vec(), 5));
    }

    #[test]
    fn an_odd_token_leaves_the_others_readable_and_is_counted() {
        let list = r#"[
            {"id":"00T1","name":"radiant","userId":"00u1","created":"2026-02-01T10:00:00Z","expiresAt":"2026-12-20T10:00:00Z",
             "network":{"connection":"ANYWHERE"}},
            {"id":"00T2","name":null,"userId":null,"created":null,"expiresAt":null,"network":null},
            {"id":"00T3","created":"","expiresAt":""}, {"id":"00T4","expiresAt":"+262142-12-31T23:59:59Z"},
            {"id":"00T5","network":"ANYWHERE"}, {"id":null}, "00T6"]"#;
        let (tokens, unreadable) = read(list, ApiToken::read);
        let shown: Vec<_> = tokens.iter().map(|token| (token.id.as_str(), token.network.as_deref())).collect();
        assert_eq!((shown, unreadable), (vec![("00T1", Some("ANYWHERE")), ("00T2", None)], 5));
        assert!(tokens[0].expires_at.is_some() && tokens[1].expires_at.is_none());
    }
}
