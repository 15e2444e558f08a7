//! Replaces a network zone.

use reqwest::Method;

use crate::error::Failure;
use crate::request::Request;
use crate::response::Answer;
use crate::zones::{Zone, ZoneApi};

impl ZoneApi<'_> {
    /// Replaces a zone as a whole (SPEC replaceNetworkZone). Okta compares nothing: a change since the zone was read is lost.
    ///
    /// # Errors
    /// Why it is not certain that the zone was replaced.
    pub async fn replace_zone(&self, zone: &Zone) -> Result<Answer<Zone>, Failure> {
        let request = Request::with_body(Method::PUT, &zone.id.path(), zone.body());
        self.0.send(&request).await?.read(|body| Zone::read(body).filter(|answer| answer.id == zone.id))
    }
}
