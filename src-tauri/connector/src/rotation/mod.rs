//! Replacing the API token without a gap: both tokens are kept until Radiant is seen to go on, then the old one is revoked
//! with itself.
//!
//! Promises: whatever is killed and whenever, one token stays under `OktaToken` or is put back there (see [`settle`]); a
//! token is never revoked while this app uses it; revoking is asked once and a lost answer is looked up, never repeated.

mod owners;
mod revoke;
mod settle;
mod steps;

pub use owners::owners;
pub use revoke::{Revocation, is_refused, revoke};
pub use settle::{Held, Move, settle};
pub use steps::{begin, finish, may_go, token_wrong};
