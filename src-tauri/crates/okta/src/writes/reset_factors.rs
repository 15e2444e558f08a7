//! Removes every factor of a user.

use model::check::Evidence;
use reqwest::Method;

use crate::error::Failure;
use crate::request::Request;
use crate::user_api::{UserApi, user_path};

impl UserApi<'_> {
    /// Removes every factor of a user (SPEC resetFactors: 200, 403, 404, 429).
    ///
    /// # Errors
    /// Why it is not certain that it was done.
    pub async fn reset_factors(&self, id: &str) -> Result<Evidence, Failure> {
        let request = Request::new(Method::POST, &user_path(id, "/lifecycle/reset_factors")?, "");
        Ok(self.0.send(&request).await?.evidence)
    }
}
