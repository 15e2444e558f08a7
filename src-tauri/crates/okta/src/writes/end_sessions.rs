//! Ends the sessions of a user.

use model::check::Evidence;
use reqwest::Method;

use crate::error::Failure;
use crate::request::Request;
use crate::user_api::{UserApi, user_path};

impl UserApi<'_> {
    /// Ends the Okta sessions of a user, revokes OAuth tokens and forgets remembered devices (SPEC revokeUserSessions: 204, also when there were none).
    ///
    /// # Errors
    /// Why it is not certain that it was done.
    pub async fn end_sessions(&self, id: &str) -> Result<Evidence, Failure> {
        let request = Request::new(Method::DELETE, &user_path(id, "/sessions")?, "oauthTokens=true&forgetDevices=true");
        Ok(self.0.send(&request).await?.evidence)
    }
}
