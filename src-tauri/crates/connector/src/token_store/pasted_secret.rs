//! The text that a person pasted as a secret.

use secrecy::{ExposeSecret, SecretString};

use model::code::Code;
use model::problem::Problem;
use model::secret_name::SecretName;
use model::token_format::{is_shape_warning, strip_token};

/// Returns what is wrong with the format of a pasted token, if anything is.
pub(crate) fn token_shape(pasted: &SecretString) -> Option<Code> {
    model::token_format::token_shape(exposed(pasted)).err()
}

/// Returns the secret without what people copy along with it.
///
/// # Errors
/// Why the text cannot be such a secret.
pub(crate) fn cleaned(name: SecretName, pasted: &SecretString) -> Result<SecretString, Problem> {
    let text = strip_token(exposed(pasted));
    match name {
        SecretName::OktaToken
        | SecretName::NextOktaToken
        | SecretName::PreviousOktaToken
        | SecretName::MonitoringToken => match model::token_format::token_shape(text) {
            Err(code) if !is_shape_warning(code) => return Err(Problem::new(code)),
            Ok(()) | Err(_) => {}
        },
        SecretName::RadiantSearchToken | SecretName::EventsWebhookToken if text.is_empty() => {
            return Err(Problem::new(Code::TokenEmpty));
        }
        SecretName::RadiantSearchToken | SecretName::EventsWebhookToken if text.chars().any(char::is_whitespace) => {
            return Err(Problem::new(Code::TokenHasBlanks));
        }
        SecretName::RadiantSearchToken | SecretName::EventsWebhookToken => {}
    }
    Ok(SecretString::from(text.to_owned()))
}

#[expect(clippy::disallowed_methods, reason = "the format of the pasted text is checked before it is kept")]
fn exposed(pasted: &SecretString) -> &str {
    pasted.expose_secret()
}
