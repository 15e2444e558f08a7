//! A stand-in for the practice organisation until the real one is merged.

use std::time::Duration;

pub use serde::{Deserialize, Serialize};

#[derive(Default)]
pub struct Options { pub seed: u64 }
#[derive(Clone, Serialize, Deserialize, Default)]
pub struct Addresses { pub search: String, pub events_webhook: String, pub docs: String }
#[derive(Clone, Serialize, Deserialize, Default)]
pub struct Tokens { pub super_admin: String, pub org_admin: String, pub read_only: String, pub person_super_admin: String, pub expired: String, pub owner_deactivated: String, pub network_restricted: String }
#[derive(Clone, Serialize, Deserialize, Default)]
pub struct Card { pub okta: String, pub radiant: Addresses, pub tokens: Tokens, pub radiant_search_token: String, pub radiant_events_token: String }
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side { Okta, Radiant }
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault { pub side: Side, pub path: Option<String>, pub times: Option<u32>, pub kind: FaultKind }
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind { Status { status: u16, code: String }, Reset, Truncate, Slow { ms: u64 }, Redirect { to: String }, ForeignNext { to: String }, CaptivePage, RateLimited { reset_s: i64 }, GarbageRateHeaders, Unreadable }
impl Fault {
    pub fn on(side: Side, kind: FaultKind) -> Self { Self { side, path: None, times: None, kind } }
    pub fn at(self, path: &str) -> Self { Self { path: Some(path.to_owned()), ..self } }
}
pub struct Practice { card: Card }
#[derive(Clone)]
pub struct Control;
impl Practice {
    pub async fn start(_options: Options) -> anyhow::Result<Self> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        Ok(Self { card: Card { okta: "http://127.0.0.1:40123".into(), radiant: Addresses { search: "http://127.0.0.1:40124/quickwit-api-proxy/_msearch".into(), ..Addresses::default() }, tokens: Tokens { super_admin: format!("00{}", "a".repeat(40)), ..Tokens::default() }, radiant_search_token: "search".into(), ..Card::default() } })
    }
    pub fn card(&self) -> &Card { &self.card }
    pub fn control(&self) -> Control { Control }
}
impl Control {
    pub fn fault(&self, _fault: Option<Fault>) {}
    pub fn credential(&self, _token: Option<String>) {}
}
