//! The address of each [`LinkTarget`], and the check that every address passes before a browser opens it. Pure.
//!
//! An address is always https in Okta's zones or radiantsecurity.ai. An ID is encoded and cannot change the host or the path
//! before it. A practice connection never leads to a real console or tenant.
//!
//! Okta and Radiant do not document the paths of their consoles: the window shows the menu path beside every link, and a link
//! without a known path leads to the console's front page.

use url::Url;

use model::code::Code;
use model::link_target::LinkTarget;
use model::okta_origin::{OKTA_ZONES, OktaDomain, Origin};

/// Radiant's zone.
const RADIANT_ZONE: &str = "radiantsecurity.ai";
const RADIANT: &str = "https://app.radiantsecurity.ai/";
const RADIANT_HELP: &str = "https://help.radiantsecurity.ai/";
const OKTA_HELP: &str = "https://help.okta.com/oie/en-us/content/topics/security/";

/// The Admin Console's front page.
const CONSOLE: &str = "admin/dashboard";

/// The kind of page that a link leads to, and the parts of its address.
enum Place {
    /// A public page.
    Public(String),
    /// A page of the Radiant tenant.
    Tenant(&'static str),
    /// A page of the org's Admin Console: a path, then an ID as its last segment, a query or a fragment.
    Console { path: &'static str, id: Option<String>, search: Option<String>, tab: Option<&'static str> },
}

/// Returns the address of a link for the connection whose org is at `origin`.
///
/// # Errors
/// [`Code::DomainUnset`] for a console page while there is no Okta domain; [`Code::LinkRefused`] for a console or tenant
/// page of a practice connection, and for an invalid ID.
pub fn address(link: &LinkTarget, origin: Option<&Origin>) -> Result<Url, Code> {
    let is_practice = matches!(origin, Some(Origin::Practice(_)));
    let url = match place(link)? {
        Place::Public(address) => Url::parse(&address).map_err(|_| Code::LinkRefused)?,
        Place::Tenant(_) if is_practice => return Err(Code::LinkRefused),
        Place::Tenant(path) => Url::parse(&format!("{RADIANT}{path}")).map_err(|_| Code::LinkRefused)?,
        Place::Console { path, id, search, tab } => {
            let mut url = console(origin)?;
            url.set_path(path);
            if let Some(id) = id {
                url.path_segments_mut().map_err(|()| Code::LinkRefused)?.push(&id);
            }
            if let Some(search) = search {
                url.query_pairs_mut().append_pair("search", &search);
            }
            url.set_fragment(tab);
            url
        }
    };
    if allowed(&url) { Ok(url) } else { Err(Code::LinkRefused) }
}

/// Tells whether a browser may open `url`: https on the default port, without a user, and with a host below one of Okta's
/// zones, or radiantsecurity.ai or a host below it.
#[must_use]
pub fn allowed(url: &Url) -> bool {
    let below = |host: &str, zone: &str| {
        host.strip_suffix(zone).and_then(|rest| rest.strip_suffix('.')).is_some_and(|name| !name.is_empty())
    };
    let bare = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    url.scheme() == "https"
        && bare
        && url.domain().is_some_and(|host| {
            OKTA_ZONES.iter().any(|zone| below(host, zone)) || host == RADIANT_ZONE || below(host, RADIANT_ZONE)
        })
}

fn console(origin: Option<&Origin>) -> Result<Url, Code> {
    match origin {
        None => Err(Code::DomainUnset),
        Some(Origin::Practice(_)) => Err(Code::LinkRefused),
        // DOCS "Okta organizations": the Admin Console is at the original domain, with `-admin` after the org's name.
        Some(Origin::Okta(domain)) => Url::parse(&OktaDomain::admin_url(domain)).map_err(|_| Code::LinkRefused),
    }
}

fn place(link: &LinkTarget) -> Result<Place, Code> {
    let page = |path| Place::Console { path, id: None, search: None, tab: None };
    Ok(match link {
        // UNVERIFIED: no public page names the paths of Reports > Rate limits and Security > Administrators.
        LinkTarget::AdminConsole | LinkTarget::OktaRateLimits | LinkTarget::OktaAdministrators => page(CONSOLE),
        // Public guides and tools name these paths; Okta does not document them.
        LinkTarget::OktaTokens => page("admin/access/api/tokens"),
        LinkTarget::OktaNetworks => page("admin/access/networks"),
        // UNVERIFIED.
        LinkTarget::OktaPeople => page("admin/users"),
        LinkTarget::OktaUser(id) => user(id, None)?,
        LinkTarget::OktaUserRoles(id) => user(id, Some("tab-admin-permissions"))?,
        LinkTarget::OktaSystemLog => page("report/system_log_2"),
        LinkTarget::OktaEvent(uuid) => {
            let search = format!("uuid eq \"{}\"", valid_id(uuid)?);
            Place::Console { path: "report/system_log_2", id: None, search: Some(search), tab: None }
        }
        LinkTarget::OktaStatus => Place::Public("https://status.okta.com/".to_owned()),
        LinkTarget::OktaTokenHelp => Place::Public(format!("{OKTA_HELP}api.htm")),
        LinkTarget::OktaRolesHelp => Place::Public(format!("{OKTA_HELP}administrators-admin-comparison.htm")),
        // Radiant publishes only the menu paths of these pages.
        LinkTarget::Radiant
        | LinkTarget::RadiantCredentials
        | LinkTarget::RadiantDataConnectors
        | LinkTarget::RadiantActionConnectors => Place::Tenant(""),
        // Radiant documentation, "Alert filters".
        LinkTarget::RadiantFilterRules => Place::Tenant("settings/mapping/suppression-rules"),
        LinkTarget::RadiantOktaDocs => Place::Public(format!("{RADIANT_HELP}radiant-connectors/data-connectors/okta")),
        LinkTarget::RadiantSearchDocs => {
            Place::Public(format!("{RADIANT_HELP}log-management/log-search-and-query/search-query-api-reference"))
        }
        LinkTarget::RadiantDoc(path) => Place::Public(format!("{RADIANT_HELP}{}", valid_path(path)?)),
    })
}

fn user(id: &str, tab: Option<&'static str>) -> Result<Place, Code> {
    Ok(Place::Console { path: "admin/user/profile/view", id: Some(valid_id(id)?.to_owned()), search: None, tab })
}

/// Returns the path of a documentation page without the first slash if it only names folders and a page: no other host, no query,
/// no way up.
fn valid_path(path: &str) -> Result<&str, Code> {
    let bare = path.strip_prefix('/').unwrap_or(path);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let names = |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(fits);
    if bare.len() <= 256 && bare.split('/').all(names) { Ok(bare) } else { Err(Code::LinkRefused) }
}

/// Returns the ID if it can be one of Okta's or an event's `uuid`: letters, digits, `-` and `_`, 64 at most.
fn valid_id(id: &str) -> Result<&str, Code> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (1..=64).contains(&id.len()) && id.chars().all(fits) { Ok(id) } else { Err(Code::LinkRefused) }
}
