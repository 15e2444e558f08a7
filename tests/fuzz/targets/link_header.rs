//! `Link` headers, one value a line: a page is followed within its own origin or not at all.
#![no_main]

use okta::{OktaError, fuzzing};
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|headers: &str| {
    let origin = Url::parse("https://acme.okta.com").expect("an address");
    let values: Vec<&str> = headers.lines().collect();
    let next = fuzzing::next(&values);
    match (&next, fuzzing::more(&values, &origin)) {
        (None, more) => assert_eq!(more, Ok(false)),
        (Some(target), more) => {
            assert!(values.iter().any(|value| value.contains(&format!("<{target}>"))), "{target} was made up");
            assert!(headers.to_lowercase().contains("rel") && headers.contains("next"));
            let parsed = Url::parse(target);
            match more {
                Ok(followed) => {
                    let url = parsed.expect("only an address is followed");
                    assert!(followed);
                    assert_eq!((url.scheme(), url.host_str(), url.port()), ("https", Some("acme.okta.com"), None));
                }
                Err(OktaError::ForeignNext { host }) => {
                    let url = parsed.expect("only an address is foreign");
                    assert_eq!(host.as_deref(), url.host_str());
                    assert_ne!(url.origin(), origin.origin());
                }
                Err(error) => assert!(parsed.is_err() && error == OktaError::Unreadable),
            }
        }
    }
});
