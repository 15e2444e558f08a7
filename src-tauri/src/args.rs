//! The arguments of the desktop app. An unknown argument is refused by name, because a mistyped `--practise` must not open
//! the real database.

/// The program's name and version, as `--version` prints them.
pub(crate) const NAME: &str = env!("CARGO_PKG_NAME");
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The arguments the app was started with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Args {
    /// `--practice`: only the practice organization; the real database is not opened.
    pub(crate) practice: bool,
    /// `--hidden`: no window until somebody opens it; the system passes it at login.
    pub(crate) hidden: bool,
    /// `--from-window`: beside `--hidden`, the start is that of a window and no login (Linux).
    pub(crate) from_window: bool,
    /// `--new-session`: the agent starts the window with it, so that the window leaves the agent's session (Linux).
    pub(crate) new_session: bool,
    /// `--version`: prints the version and ends, which proves that the program can be started.
    pub(crate) version: bool,
}

impl Args {
    /// Parses the arguments after the program's name.
    ///
    /// # Errors
    /// The first unknown argument.
    pub(crate) fn parse(given: impl IntoIterator<Item = String>) -> Result<Self, String> {
        given.into_iter().try_fold(Self::default(), |args, one| match one.as_str() {
            "--practice" => Ok(Self { practice: true, ..args }),
            "--hidden" => Ok(Self { hidden: true, ..args }),
            "--from-window" => Ok(Self { from_window: true, ..args }),
            "--new-session" => Ok(Self { new_session: true, ..args }),
            "--version" => Ok(Self { version: true, ..args }),
            _ => Err(one),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Args;

    fn parse(given: &[&str]) -> Result<Args, String> {
        Args::parse(given.iter().map(|one| (*one).to_owned()))
    }

    #[test]
    fn the_arguments_are_accepted_in_any_order() {
        assert_eq!(parse(&["--hidden", "--practice"]), Ok(Args { practice: true, hidden: true, ..Args::default() }));
        assert!(parse(&["--version"]).unwrap().version);
        assert!(parse(&["--new-session"]).unwrap().new_session);
        assert!(parse(&["--hidden", "--from-window"]).unwrap().from_window);
        assert_eq!(parse(&[]), Ok(Args::default()));
    }

    #[test]
    fn a_mistyped_argument_is_refused_by_name() {
        assert_eq!(parse(&["--practise"]), Err("--practise".to_owned()));
    }
}
