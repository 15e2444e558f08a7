//! Compares the owners of two tokens. A token has its owner's rights, so another owner is a decision of the administrator.

use model::problem::Problem;
use model::rotation::OwnerComparison;
use okta::Okta;

/// Asks Okta with each token for its owner. An old token that Okta no longer accepts has an unknown owner.
///
/// # Errors
/// Why Okta did not return the new token's owner. Both tokens are sent to the same org, so a token of another org fails here.
pub(crate) async fn compare_owners(old: Option<&Okta>, new: &Okta) -> Result<OwnerComparison, Problem> {
    let old = async {
        match old {
            Some(old) => old.me().await.ok(),
            None => None,
        }
    };
    let (old, new) = tokio::join!(old, new.me());
    let new = new.map_err(|failure| failure.problem())?.value;
    let old = old.map(|answer| answer.value);
    let same = old.as_ref().map(|old| old.id == new.id);
    Ok(OwnerComparison { new: new.login, old: old.map(|old| old.login), same })
}
