//! Which of two versions is newer.

/// A version in relation to our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionOrder {
    /// It is older.
    Older,
    /// It is the same.
    Same,
    /// It is newer.
    Newer,
}

/// Compares a version with our own by its numbers. A version that cannot be read counts as older, because nothing is known
/// that would make it safe; so does any version if our own cannot be read.
#[must_use]
pub fn compare(version: &str, own: &str) -> VersionOrder {
    match (numbers(version), numbers(own)) {
        (Some(version), Some(own)) if version > own => VersionOrder::Newer,
        (Some(version), Some(own)) if version == own => VersionOrder::Same,
        (_, _) => VersionOrder::Older,
    }
}

/// Returns the numbers of a version, without a suffix such as `-rc.1`.
fn numbers(text: &str) -> Option<Vec<u32>> {
    let plain = text.split(['-', '+']).next().unwrap_or_default();
    plain.split('.').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::VersionOrder::{Newer, Older, Same};
    use super::compare;

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        assert_eq!(compare("0.1.0", "0.1.0"), Same);
        assert_eq!(compare("0.1.0+build.7", "0.1.0-rc.1"), Same);
        assert_eq!(compare("0.10.0", "0.9.9"), Newer);
        assert_eq!(compare("1.0.0-rc.1", "0.9.0"), Newer);
        assert_eq!(compare("0.1.0", "0.2.0"), Older);
    }

    #[test]
    fn a_version_that_cannot_be_read_counts_as_older() {
        for (version, own) in [("", "0.1.0"), ("new", "0.1.0"), ("1..0", "0.1.0"), ("0.1.0", "?"), ("", "")] {
            assert_eq!(compare(version, own), Older, "{version:?} {own:?}");
        }
    }
}
