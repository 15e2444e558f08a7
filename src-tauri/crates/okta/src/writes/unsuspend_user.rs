//! Unsuspends a user.

use model::check::Evidence;
use reqwest::Method;

use crate::error::Failure;
use crate::request::Request;
use crate::user_api::{UserApi, user_path};

impl UserApi<'_> {
    /// Unsuspends a user (SPEC unsuspendUser: 200, 403, 404, 429; 400 E0000001 unless the user is suspended).
    ///
    /// # Errors
    /// Why it is not certain that it was done.
    pub async fn unsuspend_user(&self, id: &str) -> Result<Evidence, Failure> {
        let request = Request::new(Method::POST, &user_path(id, "/lifecycle/unsuspend")?, "");
        Ok(self.0.send(&request).await?.evidence)
    }
}
