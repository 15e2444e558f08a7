//! Protects the process at start: no memory dumps, and no folder that other accounts can read.

use std::path::Path;

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

/// Creates a folder that only its owner can use, or removes the permissions of group and others from an existing one. On
/// Windows the profile's permissions apply. It never adds a permission: a folder made read-only stays read-only, and the store
/// reports it.
///
/// # Errors
/// When the folder cannot be created, or belongs to another account.
pub fn private_folder(folder: &Path) -> std::io::Result<()> {
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
    fn this_process_writes_no_core_dump_after_the_start() {
        super::no_core_dumps();
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    }

    #[test]
    fn a_folder_that_others_could_read_is_closed_to_them() {
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
