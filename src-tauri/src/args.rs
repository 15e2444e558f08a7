//! The arguments of the desktop app. There are two; whatever else is given is refused by name, because a mistyped
//! `--practise` must not open the real thing.

/// What was asked for at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Args {
    /// `--practice`: only the practice organisation; the real database is not opened.
    pub(crate) practice: bool,
    /// `--hidden`: no window until it is asked for; how the app is started at login.
    pub(crate) hidden: bool,
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
    fn both_arguments_are_read_in_any_order() {
        assert_eq!(read(&["--hidden", "--practice"]), Ok(Args { practice: true, hidden: true }));
        assert_eq!(read(&[]), Ok(Args { practice: false, hidden: false }));
    }

    #[test]
    fn a_mistyped_argument_is_refused_by_name() {
        assert_eq!(read(&["--practise"]), Err("--practise".to_owned()));
    }
}
