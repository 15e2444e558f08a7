//! The arguments of the desktop app. There are three; whatever else is given is refused by name, because a mistyped
//! `--practise` must not open the real thing.

/// The program's name and version, as it tells them itself.
pub(crate) const NAME: &str = env!("CARGO_PKG_NAME");
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What was asked for at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Args {
    /// `--practice`: only the practice organisation; the real database is not opened.
    pub(crate) practice: bool,
    /// `--hidden`: no window until it is asked for; how the app is started at login.
    pub(crate) hidden: bool,
    /// `--version`: says it and ends; by that it shows that it can be started.
    pub(crate) version: bool,
}

impl Args {
    /// Reads the arguments after the program's name.
    ///
    /// # Errors
    /// The first argument that is not known.
    pub(crate) fn read(given: impl IntoIterator<Item = String>) -> Result<Self, String> {
        given.into_iter().try_fold(Self::default(), |args, one| match one.as_str() {
            "--practice" => Ok(Self { practice: true, ..args }),
            "--hidden" => Ok(Self { hidden: true, ..args }),
            "--version" => Ok(Self { version: true, ..args }),
            _ => Err(one),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Args;

    fn read(given: &[&str]) -> Result<Args, String> {
        Args::read(given.iter().map(|one| (*one).to_owned()))
    }

    #[test]
    fn the_arguments_are_read_in_any_order() {
        assert_eq!(read(&["--hidden", "--practice"]), Ok(Args { practice: true, hidden: true, version: false }));
        assert!(read(&["--version"]).unwrap().version);
        assert_eq!(read(&[]), Ok(Args::default()));
    }

    #[test]
    fn a_mistyped_argument_is_refused_by_name() {
        assert_eq!(read(&["--practise"]), Err("--practise".to_owned()));
    }
}
