//! Covers what a rotation forgets when its new token is lost.

use chrono::DateTime;

use super::*;
use model::arrival::Arrival;
use model::connection::Profile;
use model::radiant_search_settings::RadiantSearch;
use model::rotation::{Attestation, RotationStep};
use secrets::Keychain;

#[tokio::test]
async fn a_rotation_whose_new_token_is_gone_forgets_everything_that_was_confirmed_and_found_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let (id, at) = (ConnectionId("a".to_owned()), DateTime::UNIX_EPOCH);
    let origin: Origin = serde_json::from_str(r#"{"kind":"okta","at":"acme.okta.com"}"#).unwrap();
    let connection = Connection {
        id: id.clone(),
        name: String::new(),
        origin: Some(origin.clone()),
        org_id: None,
        profile: Profile::default(),
        keep: Keep::default(),
        radiant: RadiantSearch::default(),
        created: at,
    };
    let found = Arrival { uuid: "u".to_owned(), event_type: "t".to_owned(), published: at, found_at: at };
    let open = Rotation {
        step: RotationStep::Watch,
        since: at,
        updated: Some(Attestation { at, by: "admin".to_owned() }),
        updated_by_okta: Some(at),
        found: Some(found),
        ..Rotation::default()
    };
    let rotation = Some(open);
    store
        .write(move |tx| {
            tx.add_connection(&connection)?;
            tx.put(&connection.id, &rotation)
        })
        .await
        .unwrap();
    let secrets = Secrets::new(Keychain::memory(), store.clone(), Clock::system());
    // The keychain lost the new token; the old one waits for its revocation.
    secrets.keep(&id, SecretName::PreviousOktaToken, &origin.url(), &"A".into(), false).await.unwrap();
    let tokens = TokenStore {
        data_dir: folder.path().to_owned(),
        store,
        secrets,
        clock: Clock::system(),
        runs: ActiveRuns::default(),
    };
    tokens.reconcile_tokens(&id).await.unwrap();
    let after = tokens.rotation(&id).await.unwrap().unwrap();
    assert_eq!((after.step, after.report), (RotationStep::Paste, None));
    assert_eq!((after.updated, after.updated_by_okta, after.found), (None, None, None));
}
