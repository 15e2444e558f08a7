//! Suspends a user.

use model::check::Evidence;
use reqwest::Method;

use crate::error::Failure;
use crate::request::Request;
use crate::user_api::{UserApi, user_path};

impl UserApi<'_> {
    /// Suspends a user (SPEC suspendUser: 200, 403, 404, 429; 400 E0000001 in a status that does not allow it).
    ///
    /// # Errors
    /// Why it is not certain that it was done.
    pub async fn suspend_user(&self, id: &str) -> Result<Evidence, Failure> {
        let request = Request::new(Method::POST, &user_path(id, "/lifecycle/suspend")?, "");
        Ok(self.0.send(&request).await?.evidence)
    }
}
