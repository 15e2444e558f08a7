//! Revoking the old token with itself: the one caller of a request that changes something in Okta.
//!
//! Asked once. A refusal is told as it is; after a lost answer the truth is read with the same token, since a revoked token
//! is answered 401 E0000011 (DOCS create-an-api-token). Which roles may revoke their own token is UNVERIFIED: the
//! specification names 403 without saying for whom.

use model::code::Code;
use model::problem::Problem;
use okta::{Failure, Okta};

/// What came of asking.
#[derive(Debug, Clone, PartialEq)]
pub enum Revocation {
    /// Okta revoked it.
    Done,
    /// Okta had not accepted it any more: revoked before, expired, or its owner is not active.
    Before,
    /// It was not revoked, and why.
    Not(Problem),
    /// The answer was lost and the truth could not be read either.
    Unknown(Problem),
}

/// Revokes the token that `okta` carries.
pub async fn revoke(okta: &Okta) -> Revocation {
    let Err(failure) = okta.revoke_current_token().await else { return Revocation::Done };
    let code = failure.code();
    if code == Code::TokenRefused {
        Revocation::Before
    } else if code == Code::PermissionRefused {
        Revocation::Not(because(Code::RevocationRefused, &failure))
    } else if was_answered(&failure) || was_never_sent(code) {
        Revocation::Not(failure.problem())
    } else {
        truth(okta, &failure).await
    }
}

/// Tells whether Okta no longer accepts the token that `okta` carries.
///
/// # Errors
/// Why that could not be told.
pub async fn is_refused(okta: &Okta) -> Result<bool, Problem> {
    match okta.me().await {
        Ok(_) => Ok(false),
        Err(failure) if failure.code() == Code::TokenRefused => Ok(true),
        Err(failure) => Err(because(Code::RevocationUnknown, &failure)),
    }
}

async fn truth(okta: &Okta, lost: &Failure) -> Revocation {
    match is_refused(okta).await {
        Ok(true) => Revocation::Done,
        Ok(false) => Revocation::Not(lost.problem()),
        Err(problem) => Revocation::Unknown(problem),
    }
}

/// Okta said no in its own words: nothing was changed. A server error may have come after the change.
fn was_answered(failure: &Failure) -> bool {
    failure.evidence.status.is_some_and(|status| (400..500).contains(&status)) || failure.code() == Code::OktaReadOnly
}

/// The request did not leave this computer, or did not reach Okta.
fn was_never_sent(code: Code) -> bool {
    matches!(
        code,
        Code::NetworkDown
            | Code::DnsNotFound
            | Code::DnsUnavailable
            | Code::ConnectionRefused
            | Code::TlsFailed
            | Code::TlsUntrusted
            | Code::TlsExpired
            | Code::TlsWrongHost
            | Code::ProxyFailed
            | Code::TokenOddShape
    )
}

fn because(code: Code, failure: &Failure) -> Problem {
    let mut problem = failure.problem();
    problem.code = code;
    problem
}
