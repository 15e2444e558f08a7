//! Deactivates a network zone.

use reqwest::Method;

use crate::error::Failure;
use crate::request::Request;
use crate::response::Answer;
use crate::zones::{Zone, ZoneApi, ZoneId};

impl ZoneApi<'_> {
    /// Deactivates a zone (SPEC deactivateNetworkZone). Okta's own zones have no such operation.
    ///
    /// # Errors
    /// Why it is not certain that the zone was deactivated.
    pub async fn deactivate_zone(&self, id: &ZoneId) -> Result<Answer<Zone>, Failure> {
        let request = Request::new(Method::POST, &format!("{}/lifecycle/deactivate", id.path()), "");
        self.0.send(&request).await?.read(|body| Zone::read(body).filter(|answer| answer.id == *id))
    }
}
