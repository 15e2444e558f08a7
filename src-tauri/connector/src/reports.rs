//! stub
use crate::messages::Messages;
use crate::model::ConnectionView;
use chrono::{DateTime, Utc};
pub fn markdown(_: &ConnectionView, _: &Messages, _: &str, _: DateTime<Utc>) -> String {
    String::new()
}
pub fn json(_: &ConnectionView, _: &str, _: DateTime<Utc>) -> Result<String, serde_json::Error> {
    Ok(String::new())
}
