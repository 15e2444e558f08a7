//! What the process denies itself, and others, at start: no memory dumps, no folder that other accounts can read.

use std::path::Path;

/// Switches core dumps off for this process and those it starts, because a dump would hold the memory a token was in. A
/// system that does not allow it is told in the log; Windows writes no dump by itself.
///
/// `PR_SET_DUMPABLE` would also keep a debugger of the same account out, but it closes `/proc/<pid>/root` as well, and the
/// desktop portal then answers nothing (xdg-desktop-portal, issue 785): the window would no longer follow the system's colours.
pub(crate) fn no_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
            tracing::warn!(%error, "core dumps could not be switched off");
        }
    }
}

/// Makes a folder that its owner alone can use, or takes group and others off one that is there; on Windows the profile's
/// rights hold. A right the owner took off is not given back: a folder made read-only stays so, and the store tells it.
///
/// # Errors
/// When it cannot be made, or belongs to somebody else.
pub(crate) fn private_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder)?.permissions().mode();
        if mode & 0o077 != 0 {
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode & 0o700))?;
        }
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::process::{Resource, getrlimit};

    #[test]
    fn after_the_start_this_process_cannot_dump_its_memory() {
        super::no_core_dumps();
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    }

    #[test]
    fn a_folder_others_could_read_is_closed_to_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("data");
        std::fs::create_dir(&folder).unwrap();
        for (before, after) in [(0o755, 0o700), (0o700, 0o700), (0o500, 0o500), (0o555, 0o500)] {
            std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(before)).unwrap();
            super::private_folder(&folder).unwrap();
            assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, after, "{before:o}");
        }
    }
}
