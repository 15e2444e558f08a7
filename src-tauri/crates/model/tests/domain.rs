//! Which texts are accepted as an Okta domain, and with which code others are refused.

use model::code::Code;
use model::domain_parser::{DomainNote, ParsedDomain};
use model::okta_origin::{OKTA_ZONES, OktaDomain};
use proptest::prelude::*;

fn org(typed: &str) -> (String, Vec<DomainNote>) {
    let parsed = ParsedDomain::parse(typed);
    let ParsedDomain::Org { url, notes: noticed, .. } = parsed else { panic!("{typed:?} was parsed as {parsed:?}") };
    (url, noticed)
}

#[test]
fn typed_and_pasted_forms_become_the_orgs_own_address() {
    let cases = [
        ("acme", "https://acme.okta.com"),
        ("ACME", "https://acme.okta.com"),
        ("acme.okta.com", "https://acme.okta.com"),
        ("Acme.Okta.Com", "https://acme.okta.com"),
        ("https://acme.okta.com", "https://acme.okta.com"),
        ("https://acme.okta.com/", "https://acme.okta.com"),
        ("HTTPS://ACME.OKTA.COM/", "https://acme.okta.com"),
        ("https://acme-admin.okta.com", "https://acme.okta.com"),
        ("https://acme-admin.okta.com/admin/dashboard", "https://acme.okta.com"),
        ("https://acme-admin.okta.com/admin/access/api/tokens?x=1#y", "https://acme.okta.com"),
        ("acme-admin", "https://acme.okta.com"),
        ("acme.okta.com/app/UserHome", "https://acme.okta.com"),
        ("acme.okta.com:443", "https://acme.okta.com"),
        ("https://acme.okta.com:443/login", "https://acme.okta.com"),
        ("acme.okta.com.", "https://acme.okta.com"),
        ("  acme.okta.com\n", "https://acme.okta.com"),
        ("\"acme.okta.com\"", "https://acme.okta.com"),
        ("<https://acme.okta.com>", "https://acme.okta.com"),
        ("(acme.okta.com)", "https://acme.okta.com"),
        ("[Okta](https://acme.okta.com/)", "https://acme.okta.com"),
        ("\u{200b}acme.okta.com\u{feff}", "https://acme.okta.com"),
        ("\u{feff}\u{a0}acme.okta.com\u{a0}\r\n", "https://acme.okta.com"),
        ("//acme.okta.com/", "https://acme.okta.com"),
        ("acme.okta.com,", "https://acme.okta.com"),
        ("acme.oktapreview.com", "https://acme.oktapreview.com"),
        ("https://acme-admin.oktapreview.com/admin", "https://acme.oktapreview.com"),
        ("acme.okta-emea.com", "https://acme.okta-emea.com"),
        ("acme.okta-gov.com", "https://acme.okta-gov.com"),
        ("acme.okta.mil", "https://acme.okta.mil"),
        ("integrator-1234567.okta.com", "https://integrator-1234567.okta.com"),
        ("trial-1234567.okta.com", "https://trial-1234567.okta.com"),
        ("dev-1234567", "https://dev-1234567.okta.com"),
        ("a1", "https://a1.okta.com"),
        ("https:/acme.okta.com", "https://acme.okta.com"),
        ("https:acme.okta.com", "https://acme.okta.com"),
        ("https//acme.okta.com/", "https://acme.okta.com"),
        ("https:///acme.okta.com", "https://acme.okta.com"),
        ("https:\\\\acme.okta.com\\app", "https://acme.okta.com"),
        ("https://https://acme.okta.com", "https://acme.okta.com"),
        ("https://acme.okta.com/login/login.htm?fromURI=https://acme.okta.com/app", "https://acme.okta.com"),
        ("https://acme.okta.com/oauth2/default", "https://acme.okta.com"),
        ("acme.okta.com.:443", "https://acme.okta.com"),
        ("acme.okta.com:", "https://acme.okta.com"),
    ];
    for (typed, url) in cases {
        assert_eq!(org(typed).0, url, "{typed:?}");
    }
}

#[test]
fn helper_hosts_of_okta_lead_to_the_org() {
    for (typed, url) in [
        ("https://acme.kerberos.okta.com/login/sso_iwa_auth", "https://acme.okta.com"),
        ("acme.mtls.okta-emea.com", "https://acme.okta-emea.com"),
        ("acme.mtls.oktapreview.com", "https://acme.oktapreview.com"),
        ("acme.okta-dnssec.com", "https://acme.okta.com"),
        ("https://acme.okta-dnssec.com/", "https://acme.okta.com"),
        ("acme.customdomains.okta.com", "https://acme.okta.com"),
        ("acme.customdomains.okta-dnssec.com.", "https://acme.okta.com"),
        ("acme.ldap.oktapreview.com", "https://acme.oktapreview.com"),
        ("https://acme.workflows.okta.com/app/folders", "https://acme.okta.com"),
        ("www.acme.okta.com", "https://acme.okta.com"),
        ("acme-admin.mtls.okta.com", "https://acme.okta.com"),
    ] {
        let (read, notes) = org(typed);
        assert_eq!(read, url, "{typed:?}");
        assert!(notes.contains(&DomainNote::HelperHost), "{typed:?}: {notes:?}");
    }
    for (typed, url) in [
        ("acme.okta-miltest.com", "https://acme.okta-miltest.com"),
        ("acme.trexcloud.com", "https://acme.trexcloud.com"),
        ("https://acme-admin.trex-govcloud.com/admin", "https://acme.trex-govcloud.com"),
    ] {
        assert_eq!(org(typed).0, url, "{typed:?}");
    }
}

#[test]
fn a_zone_given_twice_or_without_its_end_is_corrected() {
    for (typed, url) in [
        ("acme.okta.com.okta.com", "https://acme.okta.com"),
        ("acme.oktapreview.com.okta.com", "https://acme.oktapreview.com"),
        ("acme-admin.okta.com.okta.com.okta.com", "https://acme.okta.com"),
        ("acme.okta", "https://acme.okta.com"),
        ("acme.oktapreview", "https://acme.oktapreview.com"),
        ("acme.okta-emea", "https://acme.okta-emea.com"),
    ] {
        let (read, notes) = org(typed);
        assert_eq!((read.as_str(), notes.first()), (url, Some(&DomainNote::Ending)), "{typed:?}");
    }
}

#[test]
fn corrections_are_reported() {
    assert_eq!(org("acme.okta.com").1, []);
    assert_eq!(org("acme").1, [DomainNote::NameOnly]);
    assert_eq!(org("https://acme-admin.okta.com/admin").1, [DomainNote::Path, DomainNote::AdminHost]);
    assert_eq!(org(" Acme.okta.com.").1, [DomainNote::Wrapping, DomainNote::UpperCase, DomainNote::TrailingDot]);
    assert_eq!(org("acme.okta.com:443").1, [DomainNote::Port]);
    assert_eq!(org("https:/acme.okta.com").1, [DomainNote::Scheme]);
    assert_eq!(org("//acme.okta.com").1, []);
}

#[test]
fn text_that_is_not_an_org_is_refused_with_its_own_code() {
    let cases = [
        ("", Code::DomainEmpty),
        ("   ", Code::DomainEmpty),
        ("\"\"", Code::DomainNotAHost),
        ("acme okta com", Code::DomainNotAHost),
        ("https://", Code::DomainNotAHost),
        ("https:", Code::DomainNotAHost),
        ("https", Code::DomainNotAHost),
        ("https://http://acme.okta.com", Code::DomainPlainHttp),
        ("http:/acme.okta.com", Code::DomainPlainHttp),
        ("http//acme.okta.com", Code::DomainPlainHttp),
        ("mailto:jo", Code::DomainNotAHost),
        ("ftp://acme.okta.com", Code::DomainNotAHost),
        ("javascript:alert(1)", Code::DomainNotAHost),
        ("acme_corp.okta.com", Code::DomainNotAHost),
        ("-acme.okta.com", Code::DomainNotAHost),
        ("acme..okta.com", Code::DomainNotAHost),
        ("http://acme.okta.com", Code::DomainPlainHttp),
        ("HTTP://acme.okta.com/", Code::DomainPlainHttp),
        ("http://127.0.0.1:8080", Code::DomainPlainHttp),
        ("http://localhost:3000", Code::DomainPlainHttp),
        ("https://10.0.0.1", Code::DomainAddress),
        ("192.168.1.1", Code::DomainAddress),
        ("https://[::1]/", Code::DomainAddress),
        ("0x7f.1", Code::DomainAddress),
        ("2130706433", Code::DomainAddress),
        ("https://localhost", Code::DomainAddress),
        ("acme.okta.com:8443", Code::DomainPort),
        ("https://user@acme.okta.com", Code::DomainUser),
        ("jo@example.com", Code::DomainUser),
        ("https://acme.okta.com@evil.example", Code::DomainUser),
        ("okta.com", Code::DomainZoneItself),
        ("okta", Code::DomainZoneItself),
        ("www.okta.com", Code::DomainZoneItself),
        ("https://login.okta.com/", Code::DomainZoneItself),
        ("help.okta.com", Code::DomainZoneItself),
        ("developer.okta.com", Code::DomainZoneItself),
        ("{yourOktaDomain}", Code::DomainPlaceholder),
        ("https://{yourOktaDomain}/", Code::DomainPlaceholder),
        ("https://${org}.okta.com", Code::DomainPlaceholder),
        ("https://my-org.okta.com", Code::DomainPlaceholder),
        ("your-org.okta.com", Code::DomainPlaceholder),
        ("example", Code::DomainPlaceholder),
        ("acme.okta.com.evil.example", Code::DomainLookAlike),
        ("acme.0kta.com", Code::DomainLookAlike),
        ("acme.oktta.com", Code::DomainLookAlike),
        ("acme.okat.com", Code::DomainLookAlike),
        ("okta-login.com", Code::DomainLookAlike),
        ("acme-okta.com", Code::DomainLookAlike),
        ("acme.okta.net", Code::DomainLookAlike),
        ("acme.okta.co", Code::DomainLookAlike),
        ("acme.\u{43e}kta.com", Code::DomainLookAlike),
        ("acme.okt\u{430}.com", Code::DomainLookAlike),
        ("acme.okta.com-login.example", Code::DomainLookAlike),
        ("acme-okta-com.evil.example", Code::DomainLookAlike),
        ("okta.co.uk", Code::DomainLookAlike),
        ("okta.com.au", Code::DomainLookAlike),
        ("0kta.acme.example", Code::DomainLookAlike),
        ("\u{43e}kta.acme.example", Code::DomainLookAlike),
        ("a.b.okta.com", Code::DomainZoneItself),
        ("kerberos.okta.com", Code::DomainZoneItself),
        ("okta-dnssec.com", Code::DomainZoneItself),
        ("ok1static.oktacdn.com", Code::DomainZoneItself),
        ("00abcdefghijklmnopqrstuvwxyz0123456789ABCD", Code::DomainIsToken),
        ("SSWS 00abcdefghijklmnopqrstuvwxyz0123456789ABCD", Code::DomainIsToken),
        ("https://acme.okta.com/?t=00abcdefghijklmnopqrstuvwxyz0123456789ABCD", Code::DomainIsToken),
        ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", Code::DomainIsToken),
        ("acme-admin-admin.okta.com", Code::DomainZoneItself),
    ];
    for (typed, code) in cases {
        assert_eq!(ParsedDomain::parse(typed), ParsedDomain::No { code }, "{typed:?}");
    }
}

#[test]
fn another_host_is_a_custom_domain() {
    for (typed, host) in [
        ("https://id.acme.example/app", "id.acme.example"),
        ("login.acme.example", "login.acme.example"),
        ("SSO.Acme.Example", "sso.acme.example"),
        ("m\u{fc}nchen.example", "xn--mnchen-3ya.example"),
    ] {
        let parsed = ParsedDomain::parse(typed);
        let ParsedDomain::Custom { host: parsed_host, .. } = parsed else {
            panic!("{typed:?} was parsed as {parsed:?}")
        };
        assert_eq!(parsed_host, host);
    }
}

#[test]
fn a_customers_own_domain_with_the_word_okta_is_a_custom_domain() {
    for typed in [
        "okta.acme.example",
        "sso-okta.acme.example",
        "okta-admin.acme.example",
        "okta.acme.com",
        "https://okta.acme.co.uk/app/UserHome",
        "login.okta.acme.com",
        "oktapreview.acme.com",
        "myokta.acme.com",
        "okta1.acme.com",
        "okta.m\u{fc}nchen.example",
        "okta.commerce.acme.com",
    ] {
        let parsed = ParsedDomain::parse(typed);
        let ParsedDomain::Custom { notes, .. } = &parsed else { panic!("{typed:?} was parsed as {parsed:?}") };
        assert!(notes.contains(&DomainNote::NamesOkta), "{typed:?}");
    }
    let plain = ParsedDomain::parse("login.acme.example");
    assert!(matches!(plain, ParsedDomain::Custom { notes, .. } if notes.is_empty()));
}

#[test]
fn the_admin_console_has_its_own_host() {
    let domain = OktaDomain::from_host("acme.okta-emea.com").unwrap();
    assert_eq!(domain.admin_url(), "https://acme-admin.okta-emea.com");
    assert_eq!(OktaDomain::from_host("acme-admin.okta.com").ok(), None);
    assert_eq!(OktaDomain::from_host("evil.example").ok(), None);
}

proptest! {
    #[test]
    fn no_text_panics_and_an_org_is_always_inside_a_zone(typed in "\\PC{0,60}") {
        if let ParsedDomain::Org { domain, url, .. } = ParsedDomain::parse(&typed) {
            let ends = |zone: &str| domain.host().ends_with(&format!(".{zone}"));
            prop_assert!(OKTA_ZONES.iter().any(|zone| ends(zone)));
            prop_assert_eq!(domain.host().split('.').count() - 2, 1);
            let again = ParsedDomain::parse(&url);
            let same = matches!(&again, ParsedDomain::Org { url: read, notes: noticed, .. } if *read == url && noticed.is_empty());
            prop_assert!(same, "{:?}", again);
        }
    }

    #[test]
    fn a_name_in_any_zone_with_any_path_is_the_same_org(
        name in "[a-z][a-z0-9]{2,20}[0-9]",
        zone in proptest::sample::select(OKTA_ZONES.to_vec()),
        admin in any::<bool>(),
        path in "(/[a-z]{0,8}){0,3}",
    ) {
        let suffix = if admin { "-admin" } else { "" };
        let (url, _) = org(&format!("https://{name}{suffix}.{zone}{path}"));
        prop_assert_eq!(url, format!("https://{name}.{zone}"));
    }

    #[test]
    fn a_mistyped_scheme_never_becomes_a_name(
        scheme in "https[:;]{0,2}[/\\\\]{1,3}",
        name in "[a-z][a-z0-9]{2,20}[0-9]",
        zone in proptest::sample::select(OKTA_ZONES.to_vec()),
    ) {
        let (url, _) = org(&format!("{scheme}{name}.{zone}"));
        prop_assert_eq!(url, format!("https://{name}.{zone}"));
    }

    #[test]
    fn the_word_okta_in_front_of_another_registered_domain_is_no_accusation(
        before in "([a-z]{1,6}[.-])?",
        after in "([.-][a-z]{1,6})?",
        domain in "[b-j]{4,9}\\.(example|de|co\\.uk)",
    ) {
        let typed = format!("{before}okta{after}.{domain}");
        prop_assume!(!after.starts_with('-') || !["-com", "-mil"].contains(&after.as_str()));
        let parsed = ParsedDomain::parse(&typed);
        prop_assert!(matches!(&parsed, ParsedDomain::Custom { .. }), "{} {:?}", typed, parsed);
    }

    #[test]
    fn a_path_on_another_host_never_makes_it_an_org(name in "[a-z]{3,10}", host in "[a-z]{5,9}\\.(com|net|example)") {
        let typed = format!("https://{host}/{name}.okta.com");
        let is_org = matches!(ParsedDomain::parse(&typed), ParsedDomain::Org { .. });
        prop_assert!(!is_org);
    }
}
