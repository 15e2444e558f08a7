//! The addresses of an IP zone: what Okta accepts, how it changes them, and whether a client's address is among them.
//!
//! Written without the product's interval arithmetic, so that the two cannot agree by mistake.

use std::net::IpAddr;

use serde_json::{Value, json};

/// Reads the `gateways` or `proxies` of a request (SPEC NetworkZoneAddress); `None` when an entry is invalid.
///
/// REAL: a range of one address comes back with both ends, a CIDR block unchanged, the order stays, and private addresses are
/// accepted (okta/terraform-provider-okta `ipNormalization` and its issue 2928).
pub(crate) fn normalized(list: &Value) -> Option<Value> {
    let Some(entries) = list.as_array() else { return list.is_null().then_some(Value::Null) };
    let entries: Option<Vec<Value>> = entries.iter().map(entry).collect();
    // REAL: an empty list is null.
    entries.map(|entries| if entries.is_empty() { Value::Null } else { Value::Array(entries) })
}

fn entry(entry: &Value) -> Option<Value> {
    let (kind, value) = (entry["type"].as_str()?, entry["value"].as_str()?);
    bounds(kind, value)?;
    let value = if kind == "RANGE" && !value.contains('-') { format!("{value}-{value}") } else { value.to_owned() };
    Some(json!({"type": kind, "value": value}))
}

/// Returns the number of entries.
pub(crate) fn count(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

/// Tells whether an address is in one of the entries.
pub(crate) fn contain(list: &Value, address: IpAddr) -> bool {
    list.as_array().into_iter().flatten().any(|entry| {
        let (kind, value) = (entry["type"].as_str().unwrap_or_default(), entry["value"].as_str().unwrap_or_default());
        bounds(kind, value).is_some_and(|(first, last)| {
            address.is_ipv4() == first.is_ipv4() && (number(first)..=number(last)).contains(&number(address))
        })
    })
}

/// Returns the first and the last address of an entry.
fn bounds(kind: &str, value: &str) -> Option<(IpAddr, IpAddr)> {
    match kind {
        "RANGE" => {
            let (first, last) = value.split_once('-').unwrap_or((value, value));
            let (first, last): (IpAddr, IpAddr) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
            (first.is_ipv4() == last.is_ipv4() && first <= last).then_some((first, last))
        }
        "CIDR" => {
            let (address, length) = value.split_once('/')?;
            let (address, length): (IpAddr, u32) = (address.parse().ok()?, length.parse().ok()?);
            let bits: u32 = if address.is_ipv4() { 32 } else { 128 };
            let host = u128::MAX.checked_shr(128 - bits.checked_sub(length)?).unwrap_or(0);
            let first = number(address) & !host;
            Some((with_number(address, first)?, with_number(address, first | host)?))
        }
        _ => None,
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

/// Returns the address with this number, of the same family.
fn with_number(family: IpAddr, number: u128) -> Option<IpAddr> {
    match family {
        IpAddr::V4(_) => Some(IpAddr::V4(u32::try_from(number).ok()?.into())),
        IpAddr::V6(_) => Some(IpAddr::V6(number.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_one_address_gets_both_ends_and_everything_else_stays() {
        let list = json!([{"type": "RANGE", "value": "192.168.1.1"}, {"type": "CIDR", "value": "1.2.3.4/24"},
            {"type": "CIDR", "value": "192.0.2.17/32"}, {"type": "CIDR", "value": "2001:db8::/32"}]);
        let expected = json!([{"type": "RANGE", "value": "192.168.1.1-192.168.1.1"}, {"type": "CIDR", "value": "1.2.3.4/24"},
            {"type": "CIDR", "value": "192.0.2.17/32"}, {"type": "CIDR", "value": "2001:db8::/32"}]);
        assert_eq!(normalized(&list), Some(expected));
        assert_eq!((normalized(&json!([])), normalized(&Value::Null)), (Some(Value::Null), Some(Value::Null)));
        for (kind, value) in [
            ("CIDR", "1.2.3.4"),
            ("CIDR", "1.2.3.4/33"),
            ("CIDR", "1.2.3/24"),
            ("RANGE", "1.2.3.9-1.2.3.4"),
            ("RANGE", "1.2.3.4-2001:db8::1"),
            ("HOST", "1.2.3.4"),
        ] {
            assert_eq!(normalized(&json!([{"type": kind, "value": value}])), None, "{kind} {value}");
        }
        assert_eq!(normalized(&json!("1.2.3.4/32")), None);
    }

    #[test]
    fn an_address_is_found_in_a_block_and_in_a_range() {
        let list = json!([{"type": "CIDR", "value": "198.51.100.9/24"}, {"type": "RANGE", "value": "192.0.2.4-192.0.2.9"},
            {"type": "CIDR", "value": "2001:db8::/32"}]);
        for (address, expected) in [
            ("198.51.100.255", true),
            ("198.51.101.0", false),
            ("192.0.2.9", true),
            ("192.0.2.10", false),
            ("2001:db8:ffff::1", true),
            ("2001:db9::1", false),
            ("::c633:6409", false),
        ] {
            assert_eq!(contain(&list, address.parse().unwrap()), expected, "{address}");
        }
        assert!(contain(&json!([{"type": "CIDR", "value": "0.0.0.0/0"}]), "1.1.1.1".parse().unwrap()));
        assert!(!contain(&Value::Null, "1.1.1.1".parse().unwrap()));
    }
}
