//! Revokes the old token with itself. This is the only caller of a request that changes something in Okta.
//!
//! The request is sent once. After a lost response, the state is read with the same token, because Okta answers a revoked
//! token with 401 E0000011 (DOCS create-an-api-token). Which roles may revoke their own token is UNVERIFIED: the
//! specification names 403 without the roles.

use crate::unsent_request_codes::was_never_sent;
use model::code::Code;
use model::problem::Problem;
use okta::{Failure, Okta};

/// The result of a revocation.
pub(super) enum Revocation {
    /// Okta revoked the token.
    Revoked,
    /// Okta no longer accepted the token: it was revoked before, it expired, or its owner is not active.
    RefusedBefore,
    /// The token was not revoked.
    NotRevoked(Problem),
    /// The response was lost and the state could not be read either.
    Unknown(Problem),
}

/// Revokes the token that `okta` sends.
pub(super) async fn revoke(okta: &Okta) -> Revocation {
    let Err(failure) = okta.revoke_current_token().await else { return Revocation::Revoked };
    let code = failure.code();
    if code == Code::TokenRefused {
        Revocation::RefusedBefore
    } else if code == Code::PermissionRefused {
        Revocation::NotRevoked(with_code(Code::RevocationRefused, &failure))
    } else if was_answered(&failure) || was_never_sent(code) {
        Revocation::NotRevoked(failure.problem())
    } else {
        state_after_lost_response(okta, &failure).await
    }
}

/// Tells whether Okta no longer accepts the token that `okta` sends.
///
/// # Errors
/// [`Code::RevocationUnknown`] when Okta could not be asked.
pub(super) async fn is_refused(okta: &Okta) -> Result<bool, Problem> {
    match okta.me().await {
        Ok(_) => Ok(false),
        Err(failure) if failure.code() == Code::TokenRefused => Ok(true),
        Err(failure) => Err(with_code(Code::RevocationUnknown, &failure)),
    }
}

async fn state_after_lost_response(okta: &Okta, lost: &Failure) -> Revocation {
    match is_refused(okta).await {
        Ok(true) => Revocation::Revoked,
        Ok(false) => Revocation::NotRevoked(lost.problem()),
        Err(problem) => Revocation::Unknown(problem),
    }
}

/// Tells whether Okta refused the request, so that nothing was changed. A server error may come after the change, and somebody
/// else's refusal says nothing about it.
fn was_answered(failure: &Failure) -> bool {
    let is_refusal = failure.evidence.status.is_some_and(|status| (400..500).contains(&status));
    (is_refusal && !failure.is_lost()) || failure.code() == Code::OktaReadOnly
}

fn with_code(code: Code, failure: &Failure) -> Problem {
    let mut problem = failure.problem();
    problem.code = code;
    problem
}
