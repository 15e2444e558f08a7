//! The objects of Okta's API, parsed tolerantly: unknown members are ignored, nullable ones optional, enumerations text.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

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
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            id: text("/id").filter(|id| !id.is_empty())?,
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
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let text = |pointer: &str| {
            value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let id = text("/id")?;
        Some(Self {
            status: text("/status").unwrap_or_else(|| "UNKNOWN".to_owned()),
            login: text("/profile/login").or_else(|| text("/profile/email")).unwrap_or_else(|| id.clone()),
            first_name: text("/profile/firstName"),
            last_name: text("/profile/lastName"),
            display_name: text("/profile/displayName"),
            mobile_phone: text("/profile/mobilePhone"),
            id,
        })
    }
}

/// An administrator role of a user (SPEC Role). `kind` is an open enumeration such as `SUPER_ADMIN` or `CUSTOM`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Role {
    /// The type.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Okta's label.
    #[serde(default)]
    pub label: String,
    /// `ACTIVE` or `INACTIVE`.
    #[serde(default)]
    pub status: String,
}

/// Where a token may be used from (REAL: `{"connection": "ANYWHERE"}` or `ZONE` with lists).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Network {
    /// `ANYWHERE` or `ZONE`.
    #[serde(default = "anywhere")]
    pub connection: String,
}

fn anywhere() -> String {
    "ANYWHERE".to_owned()
}

impl Default for Network {
    fn default() -> Self {
        Self { connection: anywhere() }
    }
}

/// An entry of the token list (SPEC ApiToken), without the token itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiToken {
    /// Okta's ID, such as `00T...`.
    pub id: String,
    /// The name.
    #[serde(default)]
    pub name: String,
    /// The owner's ID.
    pub user_id: Option<String>,
    /// When it was created.
    pub created: Option<DateTime<Utc>>,
    /// When it expires if it is not used before.
    pub expires_at: Option<DateTime<Utc>>,
    /// Where it may be used from.
    #[serde(default)]
    pub network: Network,
}

/// A network zone, reduced to what the checks need.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Zone {
    /// Okta's ID.
    pub id: String,
    /// The name.
    #[serde(default)]
    pub name: String,
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
