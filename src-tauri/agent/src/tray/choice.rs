//! What a person can choose in the tray.

/// What a person chose in the tray.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrayChoice {
    /// A click on the icon, or *Open*. With the desktop's activation token, if it gave one.
    Open(Option<String>),
    /// *Check now*.
    CheckNow,
    /// *Pause notifications*.
    Pause,
    /// *Resume notifications*.
    Resume,
    /// *Quit*.
    Quit,
}

impl TrayChoice {
    /// Returns the id of its menu items, for a tray whose menu reports ids.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Open(_) => "open",
            Self::CheckNow => "check_now",
            Self::Pause => "pause_notices",
            Self::Resume => "resume_notices",
            Self::Quit => "quit",
        }
    }

    /// Returns the choice whose menu items have this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        let all = [Self::Open(None), Self::CheckNow, Self::Pause, Self::Resume, Self::Quit];
        all.into_iter().find(|choice| choice.id() == id)
    }

    /// Adds the desktop's activation token, which only *Open* has a use for.
    #[must_use]
    pub fn with_activation_token(self, token: Option<String>) -> Self {
        match self {
            Self::Open(_) => Self::Open(token),
            Self::CheckNow | Self::Pause | Self::Resume | Self::Quit => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TrayChoice;

    #[test]
    fn every_choice_is_found_by_its_id() {
        for id in ["open", "check_now", "pause_notices", "resume_notices", "quit"] {
            assert_eq!(TrayChoice::from_id(id).map(|choice| choice.id()), Some(id));
        }
        assert_eq!(TrayChoice::from_id("other"), None);
    }

    #[test]
    fn only_open_takes_the_activation_token() {
        let token = || Some("token".to_owned());
        assert_eq!(TrayChoice::Open(None).with_activation_token(token()), TrayChoice::Open(token()));
        assert_eq!(TrayChoice::Quit.with_activation_token(token()), TrayChoice::Quit);
    }
}
