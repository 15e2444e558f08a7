//! Protects the memory of the process at start.

/// Switches core dumps off, because a dump would contain tokens, and on Linux closes the process's memory to other programs of
/// the same account. It ignores a system that refuses; Windows writes no dump by default.
///
/// The window cannot close its memory: the desktop portal, which reports the color scheme, does not answer a program whose
/// `/proc` entry it cannot read (xdg-desktop-portal, issue 785). This program uses no portal.
pub(crate) fn protect_memory() {
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
    fn after_the_start_no_dump_is_written_and_the_memory_is_closed() {
        super::protect_memory();
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
        assert_eq!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
    }
}
