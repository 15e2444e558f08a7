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

/// Makes a folder readable by its owner alone, where the system knows such a thing; on Windows the profile's rights hold.
///
/// # Errors
/// When it cannot be made, or belongs to somebody else.
pub(crate) fn private_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
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
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        super::private_folder(&folder).unwrap();
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
