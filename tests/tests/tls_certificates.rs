//! TLS certificates: issuer, host name, expiry, and which of two addresses receives the token.
//!
//! The real client calls practice organizations over TLS under names such as `acme.okta.com`.
#![expect(clippy::unwrap_used, reason = "tests")]

mod tls_support;

use std::time::Duration;

use connector::{OneOffCheck, recognize_org, run_one_off_check};
use model::check::{CheckId, FactKey, Outcome, Skip};
use model::code::Code;
use model::connection::{Keep, Profile};
use model::radiant_search_settings::RadiantSearch;
use practice::{Practice, Tls};
use runtime::Clock;
use secrets::Keychain;
use tokio_util::sync::CancellationToken;

use tls_support::{CUSTOM, Guide, ORG, Trusted, org, practice, tls, tokens_seen, web};

const AUTHORITY: &str = "Practice Inspection";

#[tokio::test]
async fn an_inspecting_proxy_is_named_and_gets_no_token_until_it_is_accepted() {
    let proxy = org(tls(ORG)).await;
    let guide = Guide::with_token(web(Trusted::Here, &[(ORG, &proxy)]), &proxy).await;
    let report = guide.check().await;
    let row = report.row(CheckId::Tls).unwrap();
    assert_eq!((row.outcome, row.code), (Outcome::Attention, Some(Code::TlsInspected)));
    assert_eq!(row.args["issuer"], AUTHORITY);
    assert_eq!(report.row(CheckId::Token).unwrap().skipped, Some(Skip::Depends));
    assert_eq!(tokens_seen(&proxy), 0, "nothing bore the token before it was accepted");

    guide.accept_inspection(true).await;
    let report = guide.check().await;
    let row = report.row(CheckId::Tls).unwrap();
    assert_eq!(
        (row.outcome, row.code),
        (Outcome::Attention, Some(Code::TlsInspectionAccepted)),
        "accepted is not unseen"
    );
    assert_eq!(report.row(CheckId::Token).unwrap().outcome, Outcome::Passed);
    let seen = tokens_seen(&proxy);
    assert!(seen > 0);

    guide.accept_inspection(false).await;
    assert_eq!(guide.row(CheckId::Token).await.skipped, Some(Skip::Depends));
    assert_eq!(tokens_seen(&proxy), seen, "taken back is taken back");
}

#[tokio::test]
async fn a_single_check_sends_no_token_through_a_proxy_unless_it_is_told_to() {
    let proxy = org(tls(ORG)).await;
    for (accepted, outcome) in [(false, Outcome::Skipped), (true, Outcome::Passed)] {
        let once = OneOffCheck {
            domain: ORG.to_owned(),
            token: proxy.card().tokens.super_admin.clone().into(),
            profile: Profile::Response,
            radiant: RadiantSearch::default(),
            radiant_token: None,
            inspection_accepted: accepted,
            is_practice: false,
            keychain: Keychain::memory(),
            http: web(Trusted::Here, &[(ORG, &proxy)]),
            clock: Clock::system(),
            time_limit: Duration::from_secs(60),
            watch: Clock::system().stopwatch(),
        };
        let (origin, _) = recognize_org(&once).await.unwrap();
        let report = run_one_off_check(once, origin, &CancellationToken::new(), &|_| {}).await.unwrap();
        assert_eq!(report.row(CheckId::Token).unwrap().outcome, outcome);
        assert_eq!(tokens_seen(&proxy) > 0, accepted);
    }
}

#[tokio::test]
async fn a_public_authority_passes_quietly_through_the_whole_guide() {
    let org = org(tls(ORG)).await;
    let guide = Guide::with_token(web(Trusted::Everywhere, &[(ORG, &org)]), &org).await;
    let report = guide.check().await;
    let row = report.row(CheckId::Tls).unwrap();
    assert_eq!((row.outcome, row.code), (Outcome::Passed, None));
    assert!(row.facts.iter().any(|fact| fact.key == FactKey::Issuer && fact.value == AUTHORITY));
    assert_eq!(report.worst(), Outcome::Passed, "{:#?}", report.rows);
    let view = guide.connector.guide().finish(&guide.id, Keep::Token).await.unwrap();
    assert_eq!(view.okta_url.as_deref(), Some("https://acme.okta.com"));
}

/// Sets the org up where all is well, then meets `other` under the org's name.
async fn met(trusted: Trusted, other: Tls, code: Code) {
    let (home, other) = (org(tls(ORG)).await, org(other).await);
    let guide = Guide::with_token(web(Trusted::Everywhere, &[(ORG, &home)]), &home).await;
    let guide = guide.moved(web(trusted, &[(ORG, &other)]));
    assert_eq!(guide.refused(ORG).await, (code, Some(ORG.to_owned())));
    let report = guide.check().await;
    for check in [CheckId::Domain, CheckId::Tls] {
        let row = report.row(check).unwrap();
        assert_eq!((row.outcome, row.code), (Outcome::Failed, Some(code)), "{check:?}");
    }
    assert_eq!(report.row(CheckId::Token).unwrap().skipped, Some(Skip::Depends));
    // Whoever accepts an inspecting proxy has not accepted this.
    guide.accept_inspection(true).await;
    assert_eq!(guide.row(CheckId::Token).await.skipped, Some(Skip::Depends));
    assert_eq!(tokens_seen(&other), 0);
    assert_eq!(other.control().counters().requests.len(), 0, "not even a question was sent");
}

#[tokio::test]
async fn an_untrusted_issuer_gets_no_token() {
    met(Trusted::Nowhere, tls(ORG), Code::TlsUntrusted).await;
}

#[tokio::test]
async fn an_expired_certificate_gets_no_token() {
    met(Trusted::Everywhere, Tls { expired: true, ..tls(ORG) }, Code::TlsExpired).await;
}

#[tokio::test]
async fn a_certificate_for_another_host_gets_no_token() {
    met(Trusted::Everywhere, tls("other.okta.com"), Code::TlsWrongHost).await;
}

/// An org and its custom domain, as two hosts that can tell who asked them.
async fn two(organization: &str, seed: u64) -> (Practice, Practice, Guide) {
    let own = org(tls(ORG)).await;
    let custom = practice(tls(CUSTOM), organization, seed).await;
    let guide = Guide::begin(web(Trusted::Everywhere, &[(ORG, &own), (CUSTOM, &custom)])).await;
    (own, custom, guide)
}

#[tokio::test]
async fn a_custom_domain_leads_to_the_orgs_own_address_and_only_that_gets_the_token() {
    let (own, custom, guide) = two("https://acme.okta.com", 1).await;
    guide.set_domain(&format!("https://{CUSTOM}/app/UserHome")).await.unwrap();
    let view = guide.connector.connections().get(&guide.id).await.unwrap();
    assert_eq!(view.okta_url.as_deref(), Some("https://acme.okta.com"));
    let asked = custom.control().requests().len();
    guide.paste(&own).await;
    assert_eq!(guide.check().await.worst(), Outcome::Passed);
    assert!(tokens_seen(&own) > 0);
    assert_eq!(tokens_seen(&custom), 0);
    assert_eq!(custom.control().requests().len(), asked, "once it has led on, it is not asked again");
}

#[tokio::test]
async fn a_custom_domain_and_an_org_that_do_not_agree_are_refused() {
    let (own, custom, guide) = two("https://acme.okta.com", 2).await;
    assert_eq!(guide.refused(CUSTOM).await, (Code::CustomDomainMismatch, Some(CUSTOM.to_owned())));
    assert_eq!(tokens_seen(&own) + tokens_seen(&custom), 0);
    let view = guide.connector.connections().get(&guide.id).await.unwrap();
    assert!(view.okta_url.is_none(), "nothing is kept of it");
}

#[tokio::test]
async fn a_custom_domain_that_names_no_org_of_okta_is_refused() {
    for organization in ["https://login.example-corp.com", "http://acme.okta.com", "https://acme.okta.com.example.com"]
    {
        let (own, _custom, guide) = two(organization, 1).await;
        assert_eq!(guide.refused(CUSTOM).await, (Code::CustomDomainNoOrg, Some(CUSTOM.to_owned())), "{organization}");
        assert_eq!(own.control().requests().len(), 0, "{organization}");
    }
}
