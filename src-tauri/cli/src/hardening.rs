//! What the process denies others at start: its memory.

/// Switches core dumps off, because a dump would hold the memory a token was in, and on Linux shuts the process's memory to
/// other programs of the same account. A system that allows neither is the same as before; Windows writes no dump by itself.
///
/// The window cannot do the second: the desktop portal, which is asked for the colour scheme, refuses to answer a program
/// whose `/proc` entry it may not look into (xdg-desktop-portal, issue 785). Nothing here asks a portal.
pub(crate) fn close_memory() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).ok();
    }
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable).ok();
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    #[test]
    fn after_the_start_no_dump_is_written_and_nobody_looks_in() {
        super::close_memory();
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
        assert_eq!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
    }
}
