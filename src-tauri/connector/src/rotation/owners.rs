//! Do the two tokens have one owner? The rights of a token are its owner's, so another owner is a decision.

use crate::model::{Owners, Problem};
use crate::okta::Okta;

/// Asks Okta with each token whose it is. An old token that Okta no longer accepts tells nothing, which is no error.
///
/// # Errors
/// Why the new token's owner was not told. A token of another org is refused here, since it only goes to this one.
pub async fn owners(old: Option<&Okta>, new: &Okta) -> Result<Owners, Problem> {
    let asked = async {
        match old {
            Some(old) => old.me().await.ok(),
            None => None,
        }
    };
    let (old, new) = tokio::join!(asked, new.me());
    let new = new.map_err(|failure| failure.problem())?.value;
    let old = old.map(|answer| answer.value);
    let same = old.as_ref().map(|old| old.id == new.id);
    Ok(Owners { new: new.login, old: old.map(|old| old.login), same })
}
