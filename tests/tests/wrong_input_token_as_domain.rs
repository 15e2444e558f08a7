//! A token pasted into the domain field: it is refused, sent nowhere and not stored.

mod support;

use model::code::Code;
use support::TestConnection;

const TOKEN: &str = "00abcdefghijklmnopqrstuvwxyz0123456789ABCD";

#[tokio::test]
async fn a_token_typed_as_the_domain_is_refused_and_stays_out_of_the_database() {
    let story = TestConnection::begin().await;
    let own = story.connector.connections().begin().await.unwrap().connection.id;
    for id in [&own, &story.id] {
        for typed in [TOKEN.to_owned(), format!("SSWS {TOKEN}"), format!("https://acme.okta.com/?token={TOKEN}")] {
            let refused = story.connector.guide().discover_domain(id, &typed).await.unwrap_err();
            assert_eq!(refused.code, Code::DomainIsToken, "{typed}");
            assert!(refused.args.is_empty() && refused.detail.is_none(), "nothing of it is told back");
            assert_eq!(story.connector.guide().set_domain(id, typed).await.unwrap_err().code, Code::DomainIsToken);
        }
        assert_eq!(story.connector.connections().get(id).await.unwrap().setup.typed_domain, "");
    }
    let files: Vec<_> = std::fs::read_dir(story.folder.path()).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.iter().any(|file| file.ends_with("connector.db")), "{files:?}");
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let found = bytes.windows(TOKEN.len()).any(|window| window.eq_ignore_ascii_case(TOKEN.as_bytes()));
        assert!(!found, "{}", file.display());
    }
}
