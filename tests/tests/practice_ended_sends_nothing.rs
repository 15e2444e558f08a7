//! A loopback address alone is no proof that a practice organization answers there.

mod support;

use connector::{Connector, ConnectorConfig};
use http_client::HttpSettings;
use model::code::Code;
use model::connection::Keep;
use secrets::Keychain;
use tokio_util::sync::CancellationToken;

use support::TestConnection;

#[tokio::test]
async fn a_stored_practice_connection_gets_no_token_in_a_run_that_did_not_join_it() {
    let keychain = Keychain::memory();
    let (clock, web) = (runtime::Clock::system(), HttpSettings::default());
    let story =
        TestConnection::keeping(practice::Options::default(), clock.clone(), web.clone(), keychain.clone()).await;
    story.paste_super_admin().await;
    story.join_radiant().await;
    story.check().await;
    story.connector.guide().finish(&story.id, Keep::Token).await.unwrap();
    let asked = story.control().requests().len();
    let not_joined = Connector::open(ConnectorConfig {
        data_dir: story.folder.path().to_owned(),
        keychain,
        http: web,
        clock,
        operator: "admin".to_owned(),
        policy: None,
    })
    .unwrap();
    let cancel = CancellationToken::new;
    let checked = not_joined.checks().run(&story.id, None, cancel(), |_| {}).await.unwrap_err();
    let watched = not_joined.guide().watch_arrival(&story.id, cancel(), |_| {}).await.unwrap_err();
    let found = not_joined.guide().discover_radiant(&story.id).await.unwrap_err();
    for problem in [checked, watched, found] {
        assert_eq!(problem.code, Code::PracticeEnded);
    }
    assert_eq!(story.control().requests().len(), asked, "nothing was sent");
}
