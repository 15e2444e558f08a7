//! Replaces a network zone.

use reqwest::Method;

use crate::client::Okta;
use crate::error::Failure;
use crate::request::Request;
use crate::response::Answer;
use crate::zones::Zone;

impl Okta {
    /// Replaces a zone as a whole (SPEC replaceNetworkZone). Okta compares nothing: a change since the zone was read is lost.
    ///
    /// # Errors
    /// Why it is not certain that the zone was replaced.
    pub async fn replace_zone(&self, zone: &Zone) -> Result<Answer<Zone>, Failure> {
        let request = Request::with_body(Method::PUT, &zone.id.path(), zone.body());
        self.send(&request).await?.read(|body| Zone::read(body).filter(|answer| answer.id == zone.id))
    }
}
