//! Pages that the app may open in the administrator's browser. The window names a page and never sends an address.

use serde::{Deserialize, Serialize};
use specta::Type;

/// A page of Okta's Admin Console, of Radiant or of the documentation. Every link is shown with its menu path, because Okta does
/// not document the paths of its console (okta-facts A4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "to", content = "id", rename_all = "snake_case")]
pub enum LinkTarget {
    /// Admin Console, home.
    AdminConsole,
    /// Security > API > Tokens.
    OktaTokens,
    /// Security > Networks.
    OktaNetworks,
    /// Directory > People.
    OktaPeople,
    /// One user, by Okta's user id.
    OktaUser(String),
    /// One user's administrator roles, by Okta's user id.
    OktaUserRoles(String),
    /// Security > Administrators.
    OktaAdministrators,
    /// Reports > System Log.
    OktaSystemLog,
    /// One event in the System Log, by its `uuid`.
    OktaEvent(String),
    /// Reports > Rate limits.
    OktaRateLimits,
    /// Okta's public status page.
    OktaStatus,
    /// Radiant, home.
    Radiant,
    /// Radiant, Settings > Credentials.
    RadiantCredentials,
    /// Radiant, Settings > Data Connectors.
    RadiantDataConnectors,
    /// Radiant, Settings > Action Connectors.
    RadiantActionConnectors,
    /// Radiant, Settings > Mappings > Alert Filtering Rules.
    RadiantFilterRules,
    /// Radiant's page on connecting Okta.
    RadiantOktaDocs,
    /// Radiant's page on the Search Query API.
    RadiantSearchDocs,
    /// Another page of Radiant's documentation, by its path.
    RadiantDoc(String),
    /// Okta's page on API tokens.
    OktaTokenHelp,
    /// Okta's page comparing administrator roles.
    OktaRolesHelp,
}
