//! `Link` headers, one value per line: a next page is followed only within its own origin.
#![no_main]

use libfuzzer_sys::fuzz_target;
use okta::{OktaError, fuzzing};
use url::Url;

fuzz_target!(|headers: &str| {
    let origin = Url::parse("https://acme.okta.com").expect("an address");
    let values: Vec<&str> = headers.lines().collect();
    let next = fuzzing::next_link(&values);
    match (&next, fuzzing::next_page(&values, &origin)) {
        (None, page) => assert_eq!(page, Ok(None)),
        (Some(target), page) => {
            assert!(values.iter().any(|value| value.contains(&format!("<{target}>"))), "{target} was made up");
            assert!(headers.to_lowercase().contains("rel") && headers.contains("next"));
            match page {
                Ok(page) => {
                    let url = page.expect("a page");
                    assert_eq!((url.scheme(), url.host_str(), url.port()), ("https", Some("acme.okta.com"), None));
                }
                Err(OktaError::ForeignNext { host }) => {
                    let url = origin.join(target).expect("only an address is foreign");
                    assert_eq!(host.as_deref(), url.host_str());
                    assert_ne!(url.origin(), origin.origin());
                }
                Err(error) => assert!(origin.join(target).is_err() && error == OktaError::Unreadable),
            }
        }
    }
});
