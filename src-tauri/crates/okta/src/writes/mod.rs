//! The requests that change something in Okta, one file each. None is retried: a lost response does not mean that nothing
//! was changed.

mod activate_zone;
mod create_zone;
mod deactivate_zone;
mod end_sessions;
mod expire_password;
mod replace_zone;
mod reset_factors;
mod revoke_current_token;
mod suspend_user;
mod unsuspend_user;
