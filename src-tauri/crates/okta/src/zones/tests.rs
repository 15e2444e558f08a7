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

#[test]
fn zones_of_every_type_are_readable() {
    // The recorded shapes of terraform-provider-okta#1994 and okta-idx-java#494: objects in `locations`, null gateways.
    let list = r#"[
        {"type":"IP","id":"nzo1","name":"LegacyIpZone","status":"ACTIVE","usage":"POLICY","system":true,"gateways":null,"proxies":null},
        {"type":"DYNAMIC_V2","id":"nzo2","name":null,"status":"ACTIVE","usage":"BLOCKLIST","system":true,
         "locations":{"include":[],"exclude":[{"country":"CH","region":null}]},"asns":{"include":[],"exclude":[]}},
        {"type":"DYNAMIC","id":"nzo3","name":"Elsewhere","status":"INACTIVE","usage":"BLOCKLIST","locations":[{"country":"AQ"}],
         "asns":[],"proxyType":null},
        {"type":"NEXT_YEARS","id":"nzo4","name":"New","gateways":[{"type":"CIDR","value":"192.0.2.0/24"}]},
        null, {"type":"IP","id":"","name":"none"}, {"type":"IP","id":"nzo5","gateways":"192.0.2.0/24"},
        {"type":"IP","id":"nzo6","gateways":[{"type":"CIDR","value":null}]}, {"type":"IP","id":"../users"}]"#;
    let zones = json_part_reader::entries(list.as_bytes(), |entry| Zone::read(entry.get().as_bytes())).unwrap();
    let shown: Vec<_> = zones.read.iter().map(|zone| (zone.id.as_str(), zone.name.as_str(), zone.is_ip())).collect();
    let expected =
        [("nzo1", "LegacyIpZone", true), ("nzo2", "", false), ("nzo3", "Elsewhere", false), ("nzo4", "New", false)];
    assert_eq!((shown, zones.unreadable), (expected.to_vec(), 5));
    let flags: Vec<_> = zones.read.iter().map(|zone| (zone.is_active, zone.is_blocklist, zone.is_system)).collect();
    assert_eq!(flags[..3], [(true, false, true), (true, true, true), (false, true, false)]);
}

#[test]
fn an_id_never_names_another_path() {
    for text in ["", ".", "..", "a/b", "%2e", "nzo1?x", "nzo 1", "nzo#1", &"a".repeat(101)] {
        assert_eq!(ZoneId::parse(text), None, "{text}");
    }
    assert_eq!(ZoneId::parse("nzo1x48tm4y10Y5h01d8").unwrap().path(), "/api/v1/zones/nzo1x48tm4y10Y5h01d8");
}

mod wire {
    use http_client::{AcceptedProxyIssuers, HttpSettings};
    use mockito::{Matcher, Server};
    use model::code::Code;
    use model::okta_origin::{Loopback, Origin};
    use runtime::Clock;

    use super::*;

    fn client(server: &Server) -> Okta {
        let origin = Origin::Practice(Loopback::new(&server.url()).unwrap());
        let token = Some("00abc".to_owned().into());
        Okta::new(&origin, token, &AcceptedProxyIssuers::default(), &HttpSettings::default(), &Clock::system()).unwrap()
    }

    fn zone(number: usize) -> String {
        format!(
            r#"{{"type":"IP","id":"nzo{number}","name":"Zone {number}","status":"ACTIVE","usage":"POLICY","gateways":null}}"#
        )
    }

    #[tokio::test]
    async fn zones_are_read_to_the_last_page_although_the_limit_is_nearly_used_up() {
        let mut server = Server::new_async().await;
        let mut mocks = Vec::new();
        for page in 0..7_usize {
            let entries: Vec<String> = (page * 20..page * 20 + 20).map(zone).collect();
            let next = format!("<{}/api/v1/zones?after=p{}&limit=20>; rel=\"next\"", server.url(), page + 1);
            let query = if page == 0 { "limit=200".to_owned() } else { format!("after=p{page}&limit=20") };
            let mock = server.mock("GET", format!("/api/v1/zones?{query}").as_str()).expect(1);
            let mock = mock.with_header("x-rate-limit-limit", "100").with_header("x-rate-limit-remaining", "1");
            let mock = if page < 6 { mock.with_header("link", &next) } else { mock };
            mocks.push(mock.with_body(format!("[{}]", entries.join(","))).create_async().await);
        }
        let list = client(&server).zone_api().all_zones().await.unwrap().value;
        assert_eq!((list.entries.len(), list.is_complete, list.unreadable), (140, true, 0));
        for mock in mocks {
            mock.assert_async().await;
        }
    }

    #[tokio::test]
    async fn a_list_or_another_zone_is_no_answer_for_one_zone() {
        let mut server = Server::new_async().await;
        // The answer of terraform-provider-okta#584 to an empty ID.
        for (id, body) in [("nzo1", format!("[{}]", zone(1))), ("nzo2", zone(3)), ("nzo4", "{}".to_owned())] {
            server.mock("GET", format!("/api/v1/zones/{id}").as_str()).with_body(body).create_async().await;
            let failure = client(&server).zone_api().zone(&ZoneId::parse(id).unwrap()).await.unwrap_err();
            assert_eq!(failure.code(), Code::AnswerUnreadable, "{id}");
        }
    }

    #[tokio::test]
    async fn a_change_of_a_zone_is_sent_once_as_json_whatever_the_answer() {
        let mut server = Server::new_async().await;
        let body =
            Matcher::Json(json!({"type": "IP", "id": "nzo1", "name": "Zone 1", "status": "ACTIVE", "usage": "POLICY",
            "gateways": [{"type": "RANGE", "value": "192.0.2.4-192.0.2.9"}]}));
        let put = server.mock("PUT", "/api/v1/zones/nzo1").match_header("content-type", "application/json");
        let put = put.match_body(body).with_status(503).expect(1).create_async().await;
        let created = Matcher::Json(json!({"type": "IP", "name": "Blocked", "status": "ACTIVE", "usage": "BLOCKLIST",
            "gateways": [{"type": "CIDR", "value": "192.0.2.17/32"}], "proxies": null}));
        let post = server.mock("POST", "/api/v1/zones").match_body(created).with_status(502).expect(1);
        let post = post.create_async().await;
        let activate = server.mock("POST", "/api/v1/zones/nzo1/lifecycle/activate").with_status(429).expect(1);
        let activate =
            activate.match_header("content-length", "0").with_body(r#"{"errorCode":"E0000047"}"#).create_async().await;
        let deactivate = server.mock("POST", "/api/v1/zones/nzo1/lifecycle/deactivate").with_status(504).expect(1);
        let deactivate = deactivate.match_header("content-length", "0").create_async().await;
        let client = client(&server);
        let okta = client.zone_api();
        let range = |text: &str| ZoneAddress::new(&IpRange::parse(text).unwrap());
        let one = Zone::read(zone(1).as_bytes()).unwrap().with_gateways(vec![range("192.0.2.4-192.0.2.9")]);
        assert_eq!(okta.replace_zone(&one).await.unwrap_err().code(), Code::OktaUnavailable);
        let new = NewBlocklist { name: "Blocked".to_owned(), gateway: range("192.0.2.17") };
        assert_eq!(okta.create_zone(&new).await.unwrap_err().code(), Code::OktaUnavailable);
        assert_eq!(okta.activate_zone(&one.id).await.unwrap_err().code(), Code::OktaRateLimited);
        assert_eq!(okta.deactivate_zone(&one.id).await.unwrap_err().code(), Code::OktaUnavailable);
        for mock in [put, post, activate, deactivate] {
            mock.assert_async().await;
        }
    }
}
