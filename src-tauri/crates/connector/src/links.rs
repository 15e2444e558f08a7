//! Where each [`LinkTarget`] leads, and the one gate every address passes before a browser is asked to open it.
//!
//! Promises: only https inside Okta's zones or radiantsecurity.ai ever comes out; an id is encoded and cannot change the
//! host or the path before it; a practice connection never leads into a real console or a real tenant.
//! Pure; nothing is opened here.
//!
//! Console paths are no documented contract of Okta's or Radiant's: the window shows the menu path beside every link, and
//! where no path is known the link leads to the console's front page.

use url::Url;

use model::code::Code;
use model::link_target::LinkTarget;
use model::origin::{OKTA_ZONES, OktaDomain, Origin};

/// Radiant's own zone.
const RADIANT_ZONE: &str = "radiantsecurity.ai";
const RADIANT: &str = "https://app.radiantsecurity.ai/";
const RADIANT_HELP: &str = "https://help.radiantsecurity.ai/";
const OKTA_HELP: &str = "https://help.okta.com/oie/en-us/content/topics/security/";

/// The Admin Console's front page.
const CONSOLE: &str = "admin/dashboard";

/// What a link needs besides its name.
enum Place {
    /// A page everybody may see.
    Public(String),
    /// A page of the Radiant tenant.
    Tenant(&'static str),
    /// A page of the org's Admin Console: a path, then an id as its last segment, query or fragment.
    Console { path: &'static str, id: Option<String>, search: Option<String>, tab: Option<&'static str> },
}

/// Returns the address of a place, for the connection whose Okta is at `origin`.
///
/// # Errors
/// [`Code::DomainUnset`] for a console page while there is no Okta domain; [`Code::LinkRefused`] for a console or tenant
/// page of a practice connection, and for an id that is none.
pub fn address(link: &LinkTarget, origin: Option<&Origin>) -> Result<Url, Code> {
    let practice = matches!(origin, Some(Origin::Practice(_)));
    let url = match place(link)? {
        Place::Public(address) => Url::parse(&address).map_err(|_| Code::LinkRefused)?,
        Place::Tenant(_) if practice => return Err(Code::LinkRefused),
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

/// Tells whether a browser may be asked to open `url`: https on the default port, no user, and a host below one of
/// Okta's zones, radiantsecurity.ai or below it.
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
        // DOCS "Okta organizations": the Admin Console is at the un-customised domain, with `-admin` after the org's name.
        Some(Origin::Okta(domain)) => Url::parse(&OktaDomain::admin_url(domain)).map_err(|_| Code::LinkRefused),
    }
}

fn place(link: &LinkTarget) -> Result<Place, Code> {
    let page = |path| Place::Console { path, id: None, search: None, tab: None };
    Ok(match link {
        // UNVERIFIED: no public page names the paths of Reports > Rate limits and Security > Administrators.
        LinkTarget::AdminConsole | LinkTarget::OktaRateLimits | LinkTarget::OktaAdministrators => page(CONSOLE),
        // The next ones are named by public guides and tools, not by a contract of Okta's.
        LinkTarget::OktaTokens => page("admin/access/api/tokens"),
        LinkTarget::OktaNetworks => page("admin/access/networks"),
        // UNVERIFIED.
        LinkTarget::OktaPeople => page("admin/users"),
        LinkTarget::OktaUser(id) => user(id, None)?,
        LinkTarget::OktaUserRoles(id) => user(id, Some("tab-admin-permissions"))?,
        LinkTarget::OktaSystemLog => page("report/system_log_2"),
        LinkTarget::OktaEvent(uuid) => {
            let search = format!("uuid eq \"{}\"", id_of(uuid)?);
            Place::Console { path: "report/system_log_2", id: None, search: Some(search), tab: None }
        }
        LinkTarget::OktaStatus => Place::Public("https://status.okta.com/".to_owned()),
        LinkTarget::OktaTokenHelp => Place::Public(format!("{OKTA_HELP}api.htm")),
        LinkTarget::OktaRolesHelp => Place::Public(format!("{OKTA_HELP}administrators-admin-comparison.htm")),
        // Radiant publishes the menu path of these, not their address.
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
    })
}

fn user(id: &str, tab: Option<&'static str>) -> Result<Place, Code> {
    Ok(Place::Console { path: "admin/user/profile/view", id: Some(id_of(id)?.to_owned()), search: None, tab })
}

/// Accepts what can be one of Okta's ids or an event's `uuid`: letters, digits, `-` and `_`, 64 at most.
fn id_of(id: &str) -> Result<&str, Code> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (1..=64).contains(&id.len()) && id.chars().all(fits) { Ok(id) } else { Err(Code::LinkRefused) }
}
