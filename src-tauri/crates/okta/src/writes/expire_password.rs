//! Expires the password of a user.

use model::check::Evidence;
use reqwest::Method;

use crate::error::Failure;
use crate::request::Request;
use crate::user_api::{UserApi, user_path};

impl UserApi<'_> {
    /// Expires the password of a user without a temporary one (SPEC expirePassword: 200, 403, 404, 429). The answer is the user, which is not read.
    ///
    /// # Errors
    /// Why it is not certain that it was done.
    pub async fn expire_password(&self, id: &str) -> Result<Evidence, Failure> {
        let request = Request::new(Method::POST, &user_path(id, "/lifecycle/expire_password")?, "");
        Ok(self.0.send(&request).await?.evidence)
    }
}
