//! The operations on a user's lifecycle, credentials and sessions: what each status allows, what it changes, and its event.

use serde::{Deserialize, Serialize};
use serde_json::json;
use strum::EnumString;

use crate::accounts::Principal;
use crate::okta_call::{Content, OktaCall, forbidden};
use crate::okta_objects;
use crate::options::Variants;
use crate::random_events::{ActedThrough, AdminAction, user_actor};
use crate::response_builders::OktaError;
use crate::state::State;
use crate::{user_changes, user_lookup};

/// An operation on a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum UserOperation {
    /// `POST lifecycle/suspend`.
    Suspend,
    /// `POST lifecycle/unsuspend`.
    Unsuspend,
    /// `POST lifecycle/expire_password`.
    ExpirePassword,
    /// `POST lifecycle/reset_factors`.
    ResetFactors,
    /// `DELETE sessions` with OAuth tokens and remembered devices.
    #[strum(disabled)]
    ClearSessions,
    /// `POST lifecycle/activate`.
    Activate,
    /// `POST lifecycle/reactivate`.
    Reactivate,
    /// `POST lifecycle/deactivate`.
    Deactivate,
    /// `POST lifecycle/unlock`.
    Unlock,
}

impl UserOperation {
    /// Returns event type and message (DOCS event types).
    fn action(self) -> AdminAction {
        let (event_type, message) = match self {
            Self::Suspend => ("user.lifecycle.suspend", "Suspend Okta user"),
            Self::Unsuspend => ("user.lifecycle.unsuspend", "Unsuspend Okta user"),
            Self::ExpirePassword => ("user.account.expire_password", "Expire password of Okta user"),
            Self::ResetFactors => ("user.mfa.factor.reset_all", "Reset all factors for user"),
            Self::ClearSessions => ("user.session.clear", "Clear user session"),
            Self::Activate => ("user.lifecycle.activate", "Activate Okta user"),
            Self::Reactivate => ("user.lifecycle.reactivate", "Reactivate Okta user"),
            Self::Deactivate => ("user.lifecycle.deactivate", "Deactivate Okta user"),
            Self::Unlock => ("user.account.unlock_by_admin", "User account unlock by admin"),
        };
        AdminAction { event_type, message }
    }

    /// Tells whether a caller with these roles may do this (HELP comparison of administrator roles; a custom role stands for
    /// one with the permissions to suspend, unsuspend and clear sessions, HELP custom-role permissions).
    fn is_allowed_for(self, caller: &Principal) -> bool {
        let (roles, custom): (&[&str], bool) = match self {
            Self::Suspend | Self::Unsuspend => (&["SUPER_ADMIN", "ORG_ADMIN", "USER_ADMIN"], true),
            Self::Activate | Self::Reactivate | Self::Deactivate => {
                (&["SUPER_ADMIN", "ORG_ADMIN", "USER_ADMIN"], false)
            }
            Self::ClearSessions => (&["SUPER_ADMIN", "ORG_ADMIN", "USER_ADMIN", "HELP_DESK_ADMIN"], true),
            Self::ExpirePassword | Self::ResetFactors | Self::Unlock => {
                (&["SUPER_ADMIN", "ORG_ADMIN", "USER_ADMIN", "HELP_DESK_ADMIN"], false)
            }
        };
        caller.has_role(roles) || (custom && caller.has_role(&["CUSTOM"]))
    }

    /// Returns the status afterwards.
    fn status_after(self, status: &str, before: Option<&str>, variants: &Variants) -> Result<String, OktaError> {
        let wrong_status =
            || OktaError::new(403, "E0000038", "This operation is not allowed in the user's current status.");
        match (self, status) {
            (Self::ClearSessions, _) => Ok(status.to_owned()),
            (Self::Suspend, "ACTIVE") => Ok("SUSPENDED".to_owned()),
            // REAL: `_links` offer `suspend` in these statuses too; whether Okta accepts it is UNVERIFIED.
            (Self::Suspend, "PROVISIONED" | "PASSWORD_EXPIRED" | "LOCKED_OUT" | "RECOVERY")
                if variants.suspend_needs_no_active_status =>
            {
                Ok("SUSPENDED".to_owned())
            }
            // REAL: github.com/noqdev/iambic/issues/347.
            (Self::Suspend, _) => Err(OktaError::new(400, "E0000001", "Api validation failed: suspendUser")
                .because("Cannot suspend a user that is not active")),
            // SPEC: back to ACTIVE. UNVERIFIED for a user who was in another status before.
            (Self::Unsuspend, "SUSPENDED") => {
                let restored = before.filter(|_| variants.unsuspend_restores_status);
                Ok(restored.unwrap_or("ACTIVE").to_owned())
            }
            // DOCS (older API reference): the code; its cause UNVERIFIED.
            (Self::Unsuspend, _) => Err(OktaError::new(400, "E0000001", "Api validation failed: unsuspendUser")
                .because("Cannot unsuspend a user that is not suspended")),
            // SPEC: its example has `expirePassword` also where the password has expired. The refusal is UNVERIFIED.
            (Self::ExpirePassword, "ACTIVE" | "PASSWORD_EXPIRED") => Ok("PASSWORD_EXPIRED".to_owned()),
            (Self::ResetFactors, "STAGED" | "DEPROVISIONED") | (Self::ExpirePassword, _) => Err(wrong_status()),
            // SPEC: the status stays.
            (Self::ResetFactors, _) => Ok(status.to_owned()),
            // SPEC: without a password, the user has to complete the welcome flow.
            (Self::Activate, "STAGED" | "DEPROVISIONED") => Ok("PROVISIONED".to_owned()),
            // REAL: github.com/stackpulse/steps/pull/68.
            (Self::Activate, _) => {
                Err(OktaError::new(403, "E0000016", "Activation failed because the user is already active"))
            }
            (Self::Reactivate, "PROVISIONED" | "RECOVERY") => Ok(status.to_owned()),
            // REAL for `reactivate`; UNVERIFIED for a user who is deactivated already.
            (Self::Reactivate, _) | (Self::Deactivate, "DEPROVISIONED") => Err(wrong_status()),
            (Self::Deactivate, _) => Ok("DEPROVISIONED".to_owned()),
            (Self::Unlock, "LOCKED_OUT") => Ok("ACTIVE".to_owned()),
            // REAL, with this cause.
            (Self::Unlock, _) => Err(OktaError::new(403, "E0000032", "Unlock is not allowed for this user.")
                .because("The user is not locked out.")),
        }
    }
}

/// What `DELETE sessions` clears beside the sessions (SPEC revokeUserSessions).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clearing {
    pub(crate) oauth_tokens: bool,
    pub(crate) devices: bool,
}

impl Clearing {
    pub(crate) const ALL: Self = Self { oauth_tokens: true, devices: true };

    /// Reads the query. SPEC: OAuth tokens stay unless asked for; devices are forgotten unless excluded.
    fn of(call: &OktaCall) -> Self {
        let is = |name: &str, value: &str| call.request.query.get(name).is_some_and(|given| given == value);
        Self { oauth_tokens: is("oauthTokens", "true"), devices: !is("forgetDevices", "false") }
    }
}

/// Does an operation that a call asks for (SPEC UserLifecycle).
pub(crate) fn call(
    state: &mut State,
    call: &OktaCall,
    id: &str,
    operation: UserOperation,
) -> Result<Content, OktaError> {
    let caller = &state.principals[call.caller];
    if !operation.is_allowed_for(caller) {
        return Err(forbidden());
    }
    let user = user_lookup::find(state, id)?;
    let target = user["id"].as_str().unwrap_or_default().to_owned();
    // HELP marks these operations on super administrators; that a lesser one is refused is UNVERIFIED.
    let outranks = user_lookup::roles_of(state, &target).iter().any(|role| role == "SUPER_ADMIN");
    if outranks && !caller.has_role(&["SUPER_ADMIN"]) && !state.variants.lesser_admins_reach_super_admins {
        return Err(forbidden());
    }
    act(state, call.caller, call.through(), &target, operation, Clearing::of(call))?;
    Ok(match operation {
        UserOperation::ClearSessions => Content::Empty,
        // SPEC: the user.
        UserOperation::ExpirePassword => {
            Content::One(okta_objects::single_user(user_lookup::find(state, &target)?, &call.request.origin))
        }
        // SPEC UserActivationToken where no e-mail is sent.
        UserOperation::Activate | UserOperation::Reactivate
            if call.request.query.get("sendEmail").is_some_and(|send| send == "false") =>
        {
            let link = format!("{}/welcome/practice", call.request.origin);
            Content::One(json!({"activationUrl": link, "activationToken": "practice"}))
        }
        // REAL: an empty object.
        UserOperation::Suspend
        | UserOperation::Unsuspend
        | UserOperation::ResetFactors
        | UserOperation::Activate
        | UserOperation::Reactivate
        | UserOperation::Deactivate
        | UserOperation::Unlock => Content::One(json!({})),
    })
}

/// Does an operation, with its event. `actor` is the index of the principal that does it.
pub(crate) fn act(
    state: &mut State,
    actor: usize,
    through: ActedThrough,
    id: &str,
    operation: UserOperation,
    clearing: Clearing,
) -> Result<(), OktaError> {
    let user = user_lookup::find(state, id)?;
    let status = user["status"].as_str().unwrap_or_default().to_owned();
    let mut access = state.access_of(id);
    let after = operation.status_after(&status, access.status_before_suspension.as_deref(), &state.variants)?;
    let mut is_logged = true;
    match operation {
        UserOperation::Suspend => {
            access.status_before_suspension = Some(status.clone());
            // HELP: "user sessions are also cleared".
            if state.variants.suspending_ends_sessions {
                access.sessions = 0;
            }
        }
        UserOperation::Unsuspend => access.status_before_suspension = None,
        UserOperation::ResetFactors => access.factors.clear(),
        UserOperation::ClearSessions => {
            is_logged = access.sessions > 0 || state.variants.clearing_nothing_is_logged;
            access.sessions = 0;
            access.oauth_tokens = if clearing.oauth_tokens { 0 } else { access.oauth_tokens };
            access.remembered_devices = if clearing.devices { 0 } else { access.remembered_devices };
        }
        UserOperation::Deactivate => {
            (access.sessions, access.oauth_tokens, access.remembered_devices) = (0, 0, 0);
        }
        UserOperation::ExpirePassword | UserOperation::Activate | UserOperation::Reactivate | UserOperation::Unlock => {
        }
    }
    state.user_access.insert(id.to_owned(), access);
    if after != status {
        user_changes::set_status(state, id, &after);
    }
    if is_logged {
        state.add_action_event(actor, operation.action(), through, &[user_actor(&user)]);
    }
    Ok(())
}
