//! Protects the process at start: no memory dumps.

/// Switches core dumps off for this process and its children, because a dump would contain tokens. Where the system refuses,
/// it logs a warning. Windows writes no dump by default.
///
/// `PR_SET_DUMPABLE` would also keep a debugger of the same account out, but it closes `/proc/<pid>/root` as well. The desktop
/// portal then no longer answers (xdg-desktop-portal, issue 785), and the window would not follow the system's color scheme.
pub fn no_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
            tracing::warn!(%error, "core dumps could not be switched off");
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::process::{Resource, getrlimit};

    #[test]
    fn this_process_writes_no_core_dump_after_the_start() {
        super::no_core_dumps();
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    }
}
