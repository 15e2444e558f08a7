//! Recognizes the org of a typed domain and names what was typed where that fails.

use http_client::HttpSettings;
use model::code::Code;
use model::domain_parser::{OrgFound, ParsedDomain};
use model::problem::Problem;
use model::sanitized_text::single_line;
use runtime::Clock;

use crate::token_redaction::without_tokens;

/// The most of the typed text that a problem names, in characters.
const MAX_TYPED: usize = 120;

/// Asks the org for its name and ID, without a token.
///
/// # Errors
/// Why it is no domain, why it could not be reached, or why it is no Okta org. The problem names what was typed, except a token.
pub(crate) async fn discover(typed: &str, http: &HttpSettings, clock: &Clock) -> Result<OrgFound, Problem> {
    okta::discover(&ParsedDomain::parse(typed), http, clock).await.map_err(|problem| with_typed(problem, typed))
}

fn with_typed(problem: Problem, typed: &str) -> Problem {
    let shown = single_line(&without_tokens(without_user(typed), "\u{2026}"), MAX_TYPED);
    if shown.is_empty() || problem.code == Code::DomainIsToken { problem } else { problem.arg("typed", shown) }
}

/// Returns the text from behind the last `@`: before it there may be a user name and a password.
fn without_user(typed: &str) -> &str {
    typed.rsplit_once('@').map_or(typed, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_what_was_typed_but_no_token() {
        let typed = |code, text| with_typed(Problem::new(code), text).args.remove("typed");
        assert_eq!(typed(Code::DomainPort, " acme.okta.com:8443\u{1b}[2J").as_deref(), Some("acme.okta.com:8443[2J"));
        assert_eq!(typed(Code::DomainIsToken, "acme"), None);
        assert_eq!(typed(Code::DomainEmpty, " "), None);
        for text in ["https://jo:pw@acme.okta.com", "jo:p@pw@acme.okta.com", "https:\\\\jo:pw@acme.okta.com"] {
            assert_eq!(typed(Code::DomainUser, text).as_deref(), Some("acme.okta.com"), "{text}");
        }
        let token = format!("acme.example/00{}", "a".repeat(40));
        assert_eq!(typed(Code::DnsNotFound, &token).as_deref(), Some("acme.example/\u{2026}"));
    }
}
