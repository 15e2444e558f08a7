//! Typed domains: everything accepted is an org's own address and is parsed again as the same one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::domain_parser::ParsedDomain;
use model::okta_origin::{OKTA_ZONES, OktaDomain};
use url::Url;

fuzz_target!(|typed: &str| {
    match ParsedDomain::parse(typed) {
        ParsedDomain::Org { domain, url, .. } => org(&domain, &url),
        ParsedDomain::Custom { host, .. } => custom(&host),
        ParsedDomain::No { code } => assert!(code.as_str().starts_with("domain_"), "{code}"),
    }
});

fn org(domain: &OktaDomain, url: &str) {
    assert_eq!(url, format!("https://{}", domain.host()));
    let (name, zone) = domain.host().split_once('.').expect("a name and a zone");
    assert!(OKTA_ZONES.contains(&zone), "{zone}");
    assert!(!name.ends_with("-admin") && !name.starts_with("xn--") && !name.starts_with('-') && !name.ends_with('-'));
    assert!((1..=63).contains(&name.len()));
    assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{name}");
    let parsed = Url::parse(url).expect("an address");
    assert_eq!((parsed.host_str(), parsed.path(), parsed.port()), (Some(domain.host()), "/", None));
    assert!(parsed.username().is_empty() && parsed.password().is_none() && parsed.query().is_none());
    assert_eq!(OktaDomain::from_host(domain.host()).as_ref(), Ok(domain), "a stored domain can be read again");
    let ParsedDomain::Org { domain: again, noticed, .. } = ParsedDomain::parse(url) else { panic!("{url} is no org") };
    assert_eq!((&again, noticed.len()), (domain, 0));
    // The host of the Admin Console is six characters longer, and a label has at most 63.
    if name.len() <= 57 {
        let console = ParsedDomain::parse(&domain.admin_url());
        assert!(matches!(console, ParsedDomain::Org { domain: back, .. } if back == *domain));
    }
}

fn custom(host: &str) {
    assert!(OKTA_ZONES.iter().all(|zone| host != *zone && !host.ends_with(&format!(".{zone}"))), "{host}");
    assert_eq!(Url::parse(&format!("https://{host}/")).expect("an address").host_str(), Some(host));
    let again = ParsedDomain::parse(host);
    assert!(matches!(&again, ParsedDomain::Custom { host: same, .. } if same == host), "{host}: {again:?}");
}
