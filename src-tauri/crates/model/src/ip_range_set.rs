//! A set of IP addresses as disjoint ranges.

use crate::ip_range::IpRange;

/// A set of addresses: ranges in order, none of which overlaps or continues another one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IpRangeSet(Vec<IpRange>);

impl IpRangeSet {
    /// Returns the ranges in order.
    #[must_use]
    pub fn ranges(&self) -> &[IpRange] {
        &self.0
    }

    /// Returns whether it has no address.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether every address of a range is in the set.
    #[must_use]
    pub fn contains(&self, range: &IpRange) -> bool {
        self.0.iter().any(|own| own.contains(range))
    }

    /// Returns whether the set has an address of a range.
    #[must_use]
    pub fn overlaps(&self, range: &IpRange) -> bool {
        self.0.iter().any(|own| own.overlaps(range))
    }

    /// Adds the addresses of a range.
    pub fn insert(&mut self, range: IpRange) {
        let merged = self.0.iter().filter(|own| own.touches(&range));
        let merged = merged.fold(range, |merged, own| merged.hull(own).unwrap_or(merged));
        self.0.retain(|own| !own.touches(&range));
        let place = self.0.partition_point(|own| *own < merged);
        self.0.insert(place, merged);
    }

    /// Removes the addresses of a range.
    pub fn remove(&mut self, range: &IpRange) {
        self.0 = self.0.iter().flat_map(|own| own.without(range)).collect();
    }

    /// Returns the addresses of a range that are in the set.
    #[must_use]
    pub fn common(&self, range: &IpRange) -> Vec<IpRange> {
        self.0.iter().filter_map(|own| own.intersection(range)).collect()
    }

    /// Returns the ranges of this set without those of another one.
    #[must_use]
    pub fn without(mut self, other: &Self) -> Self {
        other.0.iter().for_each(|range| self.remove(range));
        self
    }
}

impl FromIterator<IpRange> for IpRangeSet {
    fn from_iter<T: IntoIterator<Item = IpRange>>(ranges: T) -> Self {
        let mut set = Self::default();
        ranges.into_iter().for_each(|range| set.insert(range));
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn set(ranges: &[&str]) -> IpRangeSet {
        ranges.iter().map(|text| IpRange::parse(text).unwrap()).collect()
    }

    fn shown(set: &IpRangeSet) -> Vec<String> {
        set.ranges().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ranges_that_overlap_or_continue_each_other_become_one() {
        let merged = set(&["192.0.2.128/25", "198.51.100.7", "192.0.2.0-192.0.2.127", "192.0.2.5", "2001:db8::1"]);
        assert_eq!(shown(&merged), ["192.0.2.0/24", "198.51.100.7", "2001:db8::1"]);
        let whole = set(&["0.0.0.0-127.255.255.255", "128.0.0.0-255.255.255.255", "::/1", "8000::/1"]);
        assert_eq!(shown(&whole), ["0.0.0.0/0", "::/0"]);
    }

    #[test]
    fn a_range_is_taken_out_of_the_middle() {
        let rest = set(&["198.51.100.0/24"]).without(&set(&["198.51.100.9", "203.0.113.1"]));
        assert_eq!(shown(&rest), ["198.51.100.0-198.51.100.8", "198.51.100.10-198.51.100.255"]);
        assert!(set(&["192.0.2.1"]).without(&set(&["192.0.2.0/24"])).is_empty());
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_set_of_single_addresses(
            added in proptest::collection::vec((any::<u8>(), any::<u8>()), 0..12),
            removed in proptest::collection::vec((any::<u8>(), any::<u8>()), 0..6),
            asked in (any::<u8>(), any::<u8>()),
        ) {
            let (mut ranges, mut single) = (IpRangeSet::default(), BTreeSet::new());
            for (a, b) in added {
                ranges.insert(range(a, b));
                single.extend(a.min(b)..=a.max(b));
            }
            for (a, b) in removed {
                ranges.remove(&range(a, b));
                single.retain(|one| !(a.min(b)..=a.max(b)).contains(one));
            }
            let size: u128 = ranges.ranges().iter().map(IpRange::size).sum();
            prop_assert_eq!(size, single.len() as u128);
            prop_assert!(single.iter().all(|one| ranges.contains(&range(*one, *one))));
            prop_assert!(ranges.ranges().windows(2).all(|pair| pair[0] < pair[1] && !pair[0].touches(&pair[1])));
            let mut asked_for = asked.0.min(asked.1)..=asked.0.max(asked.1);
            prop_assert_eq!(ranges.overlaps(&range(asked.0, asked.1)), asked_for.clone().any(|one| single.contains(&one)));
            prop_assert_eq!(ranges.contains(&range(asked.0, asked.1)), asked_for.all(|one| single.contains(&one)));
        }
    }

    fn range(a: u8, b: u8) -> IpRange {
        IpRange::parse(&format!("192.0.2.{}-192.0.2.{}", a.min(b), a.max(b))).unwrap()
    }
}
