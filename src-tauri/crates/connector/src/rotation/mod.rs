//! Replacing the API token without a gap: both tokens are kept until Radiant is seen to go on, then the old one is revoked
//! with itself.
//!
//! Promises: whatever is killed and whenever, one token stays under `OktaToken` or is put back there (see [`settle`]); where
//! this app keeps no API token, the new one passes through and none changes places; a token is never revoked while this app
//! uses it; revoking is asked once and a lost answer is looked up, never repeated; what was seen and what was said of it are
//! never one.

mod owners;
mod revoke;
mod settle;
mod steps;

pub use owners::{known, owner_seen, owners};
pub use revoke::{Revocation, is_refused, revoke};
pub use settle::{Held, Move, settle};
pub use steps::{begin, finish, may_go, mended};
