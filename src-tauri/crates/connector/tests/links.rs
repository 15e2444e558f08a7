//! Links: every target has an address, and no address outside Okta's zones and radiantsecurity.ai is allowed.
#![expect(clippy::unwrap_used, reason = "tests")]

use connector::links::{address, allowed};
use model::code::Code;
use model::link_target::LinkTarget;
use model::okta_origin::{Loopback, OktaDomain, Origin};
use proptest::prelude::*;
use url::Url;

fn org() -> Origin {
    Origin::Okta(OktaDomain::from_host("acme.oktapreview.com").unwrap())
}

fn practice() -> Origin {
    Origin::Practice(Loopback::new("http://127.0.0.1:40123").unwrap())
}

fn console_places() -> Vec<LinkTarget> {
    vec![
        LinkTarget::AdminConsole,
        LinkTarget::OktaTokens,
        LinkTarget::OktaNetworks,
        LinkTarget::OktaPeople,
        LinkTarget::OktaUser("00u1abcDEF".to_owned()),
        LinkTarget::OktaUserRoles("00u1abcDEF".to_owned()),
        LinkTarget::OktaAdministrators,
        LinkTarget::OktaSystemLog,
        LinkTarget::OktaEvent("5f3c9a7e-0000-11ef-8000-000000000000".to_owned()),
        LinkTarget::OktaRateLimits,
    ]
}

fn tenant_places() -> Vec<LinkTarget> {
    vec![
        LinkTarget::Radiant,
        LinkTarget::RadiantCredentials,
        LinkTarget::RadiantDataConnectors,
        LinkTarget::RadiantActionConnectors,
        LinkTarget::RadiantFilterRules,
    ]
}

fn public_places() -> Vec<LinkTarget> {
    vec![
        LinkTarget::OktaStatus,
        LinkTarget::OktaTokenHelp,
        LinkTarget::OktaRolesHelp,
        LinkTarget::RadiantOktaDocs,
        LinkTarget::RadiantSearchDocs,
        LinkTarget::RadiantDoc("/radiant-connectors/data-connectors/okta".to_owned()),
    ]
}

#[test]
fn console_pages_are_on_the_orgs_own_admin_host() {
    for link in console_places() {
        let url = address(&link, Some(&org())).unwrap();
        assert_eq!(url.host_str(), Some("acme-admin.oktapreview.com"), "{link:?}");
        assert!(allowed(&url), "{url}");
    }
    let tokens = address(&LinkTarget::OktaTokens, Some(&org())).unwrap();
    assert_eq!(tokens.as_str(), "https://acme-admin.oktapreview.com/admin/access/api/tokens");
    let roles = address(&LinkTarget::OktaUserRoles("00u1".to_owned()), Some(&org())).unwrap();
    assert_eq!(roles.as_str(), "https://acme-admin.oktapreview.com/admin/user/profile/view/00u1#tab-admin-permissions");
    let event = address(&LinkTarget::OktaEvent("5f3c-1".to_owned()), Some(&org())).unwrap();
    assert_eq!(event.as_str(), "https://acme-admin.oktapreview.com/report/system_log_2?search=uuid+eq+%225f3c-1%22");
}

#[test]
fn without_a_domain_a_console_page_is_refused_as_domain_unset() {
    for link in console_places() {
        assert_eq!(address(&link, None), Err(Code::DomainUnset), "{link:?}");
    }
}

#[test]
fn a_practice_link_never_leads_to_a_real_console_or_tenant() {
    for link in console_places().into_iter().chain(tenant_places()) {
        assert_eq!(address(&link, Some(&practice())), Err(Code::LinkRefused), "{link:?}");
    }
}

#[test]
fn a_documentation_path_never_leaves_the_documentation() {
    let page = |path: &str| address(&LinkTarget::RadiantDoc(path.to_owned()), None);
    assert_eq!(page("/a-b/c_d.md").unwrap().as_str(), "https://help.radiantsecurity.ai/a-b/c_d.md");
    for path in [
        "",
        "/",
        "//evil.example",
        "/../x",
        "/a/../b",
        "/a//b",
        "/a?b=c",
        "/a#b",
        "/%2e%2e/x",
        "@evil.example",
        "/a b",
        "/\u{202e}a",
    ] {
        assert_eq!(page(path), Err(Code::LinkRefused), "{path:?}");
    }
}

#[test]
fn public_pages_need_no_connection() {
    for link in public_places().into_iter().chain(tenant_places()) {
        let url = address(&link, None).unwrap();
        assert!(allowed(&url), "{url}");
    }
    for link in public_places() {
        assert_eq!(address(&link, Some(&practice())), address(&link, None), "{link:?}");
    }
}

#[test]
fn look_alike_addresses_are_not_allowed() {
    for refused in [
        "http://acme.okta.com/",
        "https://okta.com/",
        "https://acme.okta.com.evil.example/",
        "https://evilokta.com/",
        "https://acme.okta.com@evil.example/",
        "https://user@acme.okta.com/",
        "https://acme.okta.com:8443/",
        "https://.okta.com/",
        "https://acme.okta.com./",
        "https://radiantsecurity.ai.evil.example/",
        "https://evilradiantsecurity.ai/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ] {
        if let Ok(url) = Url::parse(refused) {
            assert!(!allowed(&url), "{refused}");
        }
    }
    for accepted in ["https://acme.okta.mil/x", "https://radiantsecurity.ai/", "https://help.okta.com/"] {
        assert!(allowed(&Url::parse(accepted).unwrap()), "{accepted}");
    }
}

proptest! {
    #[test]
    fn no_id_moves_a_link_off_its_page(id in ".{0,80}") {
        for link in [LinkTarget::OktaUser(id.clone()), LinkTarget::OktaUserRoles(id.clone())] {
            match address(&link, Some(&org())) {
                Err(code) => prop_assert_eq!(code, Code::LinkRefused),
                Ok(url) => {
                    prop_assert_eq!(url.host_str(), Some("acme-admin.oktapreview.com"));
                    prop_assert_eq!(url.path(), format!("/admin/user/profile/view/{id}"));
                    prop_assert_eq!(url.query(), None);
                }
            }
        }
    }

    #[test]
    fn an_id_that_is_one_is_taken(id in "[A-Za-z0-9_-]{1,64}") {
        prop_assert!(address(&LinkTarget::OktaUser(id), Some(&org())).is_ok());
    }

    #[test]
    fn a_host_outside_the_zones_never_passes(name in "[a-z0-9-]{1,12}", zone in "[a-z]{2,10}\\.(com|ai|mil|example)") {
        let ours = ["okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com", "okta.mil", "radiantsecurity.ai"];
        prop_assume!(!ours.contains(&zone.as_str()));
        for host in [format!("{name}.{zone}"), format!("{name}{}", ours[0]), format!("{}.{name}.{zone}", ours[5])] {
            if let Ok(url) = Url::parse(&format!("https://{host}/")) {
                prop_assert!(!allowed(&url), "{}", url);
            }
        }
    }
}
