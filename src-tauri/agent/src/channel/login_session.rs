//! The desktop session that a process belongs to, by the variables that a login sets.

use serde::{Deserialize, Serialize};

/// The variables that name a desktop session and its display. What is not set is absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LoginSession {
    /// The id of the login session (`XDG_SESSION_ID`).
    pub id: Option<String>,
    /// The Wayland display (`WAYLAND_DISPLAY`).
    pub wayland_display: Option<String>,
    /// The X display (`DISPLAY`).
    pub x_display: Option<String>,
    /// The file that opens the X display (`XAUTHORITY`).
    pub x_authority: Option<String>,
}

impl LoginSession {
    /// Returns the session of this process.
    #[must_use]
    pub fn of_environment() -> Self {
        let value = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            id: value("XDG_SESSION_ID"),
            wayland_display: value("WAYLAND_DISPLAY"),
            x_display: value("DISPLAY"),
            x_authority: value("XAUTHORITY"),
        }
    }

    /// Tells whether this session has a display and is another one than `before`. A variable that only one of them has says
    /// nothing: a terminal may not pass it on.
    #[must_use]
    pub fn replaces(&self, before: &Self) -> bool {
        let members = |one: &Self| {
            let Self { id, wayland_display, x_display, x_authority } = one.clone();
            [id, wayland_display, x_display, x_authority]
        };
        let has_display = self.wayland_display.is_some() || self.x_display.is_some();
        let pairs = members(self).into_iter().zip(members(before));
        has_display && pairs.into_iter().any(|(own, other)| own.is_some() && other.is_some() && own != other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(id: &str, wayland_display: &str, x_display: &str, x_authority: &str) -> LoginSession {
        let value = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let (id, wayland_display) = (value(id), value(wayland_display));
        LoginSession { id, wayland_display, x_display: value(x_display), x_authority: value(x_authority) }
    }

    #[test]
    fn a_session_with_a_display_replaces_another_one_and_not_the_same() {
        let first = session("2", "wayland-0", ":0", "/run/user/1000/.mutter-a");
        assert!(!first.replaces(&first));
        assert!(session("5", "wayland-0", ":0", "/run/user/1000/.mutter-a").replaces(&first), "a later login");
        assert!(session("", "wayland-0", ":0", "/run/user/1000/.mutter-b").replaces(&first), "another X server");
        assert!(session("", "", ":1", "").replaces(&first), "another display");
        assert!(!session("", "", ":0", "").replaces(&first), "a terminal of the same session");
        assert!(!session("5", "", "", "").replaces(&first), "a login without a display");
        assert!(!first.replaces(&LoginSession::default()), "nothing is known of an earlier version");
    }
}
