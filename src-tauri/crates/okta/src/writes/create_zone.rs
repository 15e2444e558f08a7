//! Creates a blocklist zone.

use reqwest::Method;

use crate::error::Failure;
use crate::request::Request;
use crate::response::Answer;
use crate::zones::{NewBlocklist, Zone, ZoneApi};

impl ZoneApi<'_> {
    /// Creates a blocklist of IP addresses, which is active at once (SPEC createNetworkZone; REAL: another status is ignored).
    ///
    /// # Errors
    /// Why it is not certain that the zone was created.
    pub async fn create_zone(&self, zone: &NewBlocklist) -> Result<Answer<Zone>, Failure> {
        let request = Request::with_body(Method::POST, "/api/v1/zones", zone.body());
        self.0.send(&request).await?.read(Zone::read)
    }
}
