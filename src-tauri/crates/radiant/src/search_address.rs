//! Validates search addresses.

use url::{Host, Url};

use model::code::Code;
use model::okta_origin::Loopback;
use model::problem::Problem;
use model::radiant_search_settings::RadiantSearch;

/// Validates a search address. It must use https and be inside `radiantsecurity.ai`, or its host was typed a second time;
/// practice may use plain http on loopback.
///
/// # Errors
/// [`Code::RadiantAddressInvalid`], [`Code::RadiantHostPlainHttp`], [`Code::RadiantHostUnusual`].
pub fn check_address(settings: &RadiantSearch, practice: bool) -> Result<Url, Problem> {
    let problem = |code: Code| Problem::new(code).arg("typed", settings.url.clone());
    let url = Url::parse(settings.url.trim()).map_err(|_| problem(Code::RadiantAddressInvalid))?;
    let is_plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    if !is_plain || url.cannot_be_a_base() {
        return Err(problem(Code::RadiantAddressInvalid));
    }
    if practice && Loopback::new(&url.origin().ascii_serialization()).is_ok() {
        return Ok(url);
    }
    if url.scheme() != "https" {
        return Err(problem(Code::RadiantHostPlainHttp));
    }
    let Some(Host::Domain(host)) = url.host() else { return Err(problem(Code::RadiantAddressInvalid)) };
    let usual = host == "radiantsecurity.ai" || host.ends_with(".radiantsecurity.ai");
    let confirmed = settings.confirmed_host.as_deref().is_some_and(|typed| typed.trim().eq_ignore_ascii_case(host));
    if usual || confirmed { Ok(url) } else { Err(problem(Code::RadiantHostUnusual).arg("host", host)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(url: &str, confirmed: Option<&str>, practice: bool) -> Option<Code> {
        let settings = RadiantSearch {
            url: url.to_owned(),
            confirmed_host: confirmed.map(str::to_owned),
            ..RadiantSearch::default()
        };
        check_address(&settings, practice).err().map(|problem| problem.code)
    }

    #[test]
    fn only_radiants_hosts_need_no_confirmation() {
        assert_eq!(refusal("https://plugin.radiantsecurity.ai/quickwit-api-proxy/_msearch", None, false), None);
        assert_eq!(
            refusal("https://radiantsecurity.ai.example.com/_msearch", None, false),
            Some(Code::RadiantHostUnusual)
        );
        assert_eq!(refusal("https://notradiantsecurity.ai/_msearch", None, false), Some(Code::RadiantHostUnusual));
        assert_eq!(refusal("https://eu.example.com/_msearch", Some("eu.example.com"), false), None);
        assert_eq!(
            refusal("https://eu.example.com/_msearch", Some("other.example.com"), false),
            Some(Code::RadiantHostUnusual)
        );
    }

    #[test]
    fn plain_http_is_only_for_practice_on_loopback() {
        assert_eq!(refusal("http://127.0.0.1:8080/_msearch", None, true), None);
        assert_eq!(refusal("http://127.0.0.1:8080/_msearch", None, false), Some(Code::RadiantHostPlainHttp));
        assert_eq!(refusal("http://plugin.radiantsecurity.ai/_msearch", None, true), Some(Code::RadiantHostPlainHttp));
        assert_eq!(refusal("https://user@plugin.radiantsecurity.ai/", None, false), Some(Code::RadiantAddressInvalid));
    }
}
