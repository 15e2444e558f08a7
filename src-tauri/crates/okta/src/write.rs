//! The requests that change something in Okta. Each is sent once, never again by itself: a lost answer is not a failure.
//!
//! One caller each, named in the house test `every_change_in_okta_has_one_caller`.

use reqwest::Method;

use super::client::Okta;
use super::error::Failure;
use model::check::Evidence;

impl Okta {
    /// Revokes the token this door carries (SPEC revokeCurrentApiToken: 204, 403, 429). Never another one: Okta offers to
    /// delete a token by its id too, but which id is ours can only be guessed.
    ///
    /// # Errors
    /// Why it is not certain that it was revoked.
    pub async fn revoke_itself(&self) -> Result<Evidence, Failure> {
        let url = self.url("/api/v1/api-tokens/current", &[]);
        Ok(self.once(Method::DELETE, &url, true).await?.evidence)
    }
}
