//! The requests that change something in Okta, one file each. None is retried: a lost response does not mean that nothing
//! was changed.

mod revoke_current_token;
