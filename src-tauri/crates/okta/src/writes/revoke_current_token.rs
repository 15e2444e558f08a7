//! Revokes the token that the client carries.

use model::check::Evidence;
use reqwest::Method;

use crate::client::Okta;
use crate::error::Failure;
use crate::request::Request;

impl Okta {
    /// Revokes the token of this client (SPEC revokeCurrentApiToken: 204, 403, 429), never another one: Okta can delete a
    /// token by its ID too, but which ID belongs to a token can only be guessed.
    ///
    /// # Errors
    /// Why it is not certain that the token was revoked.
    pub async fn revoke_current_token(&self) -> Result<Evidence, Failure> {
        let request = Request::new(Method::DELETE, "/api/v1/api-tokens/current", "");
        Ok(self.send(&request).await?.evidence)
    }
}
