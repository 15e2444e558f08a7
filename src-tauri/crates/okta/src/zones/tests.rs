use super::*;

const UNUSUAL: &str = r#"{"type":"IP","id":"nzo1","name":"Mixed","status":"ACTIVE","usage":"BLOCKLIST","system":true,
    "created":"2026-01-01T00:00:00.000Z","lastUpdated":"2026-01-01T00:00:00.000Z","next\u0079ear":{"a":[1.50,1e400,null]},
    "gateways":[{"type":"CIDR","value":"1.2.3.4/24","note":"x"},{"type":"RANGE","value":"15.5.6.7/24-15.5.6.9"}],
    "proxies":[{"type":"CIDR","value":"10.0.0.0/8"}],"_links":{"self":{"href":"x"}}}"#;

#[test]
fn what_the_app_does_not_know_survives_a_replacement_byte_for_byte() {
    let zone = Zone::read(UNUSUAL.as_bytes()).unwrap();
    let ours = IpRange::parse("192.0.2.17").unwrap();
    let mut gateways = zone.gateways.clone();
    gateways.push(ZoneAddress::new(&ours));
    let expected = r#"{"type":"IP","id":"nzo1","name":"Mixed","status":"ACTIVE","usage":"BLOCKLIST","system":true,"nextyear":{"a":[1.50,1e400,null]},"proxies":[{"type":"CIDR","value":"10.0.0.0/8"}],"gateways":[{"type":"CIDR","value":"1.2.3.4/24","note":"x"},{"type":"RANGE","value":"15.5.6.7/24-15.5.6.9"},{"type":"CIDR","value":"192.0.2.17/32"}]}"#;
    assert_eq!(zone.with_gateways(gateways).body(), expected);
    assert_eq!(zone.gateways[0].range, IpRange::parse("1.2.3.0/24").ok());
    assert_eq!(zone.gateways[1].range, None, "in an example of Okta's specification");
}
