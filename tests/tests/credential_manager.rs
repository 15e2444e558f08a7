//! The keychain over the real Windows Credential Manager, under service names of this test only.
#![cfg(target_os = "windows")]
#![expect(clippy::disallowed_methods, reason = "tests read back what was kept")]

use model::code::Code;
use model::connection::ConnectionId;
use model::secret_name::SecretName;
use secrecy::{ExposeSecret, SecretString};
use secrets::{Keychain, KeychainError};

const ORIGIN: &str = "https://acme.okta.com";
const CANARY: &str = "00canary-of-the-real-keychain";
const TOKEN: SecretName = SecretName::OktaToken;

fn id(name: &str) -> ConnectionId {
    ConnectionId(name.to_owned())
}

fn secret() -> SecretString {
    SecretString::from(CANARY.to_owned())
}

/// A service whose name has dots, as the app's own, and ends by the number of this process.
fn service(of: &str) -> String {
    format!("example.connector.{of}-{}", std::process::id())
}

#[tokio::test]
async fn it_keeps_gives_and_forgets() {
    let keychain = Keychain::system(&service("keep"));
    assert_eq!(keychain.probe().await.unwrap(), "Windows Credential Manager");
    assert_eq!(keychain.forget_service().await, Ok(0), "the probe leaves nothing");
    keychain.put(&id("c1"), TOKEN, ORIGIN, &secret()).await.unwrap();
    // A second keychain is what the next run of the app has.
    let next_run = Keychain::system(&service("keep"));
    assert_eq!(next_run.get(&id("c1"), TOKEN, ORIGIN).await.unwrap().expose_secret(), CANARY);
    assert_eq!(next_run.has(&id("c1"), TOKEN).await.unwrap(), Some((ORIGIN.to_owned(), false)));
    let elsewhere = next_run.get(&id("c1"), TOKEN, "https://other.okta.com").await.unwrap_err();
    assert_eq!(elsewhere.code(), Code::TokenBoundElsewhere);
    next_run.forget(&id("c1"), TOKEN).await.unwrap();
    assert_eq!(keychain.get(&id("c1"), TOKEN, ORIGIN).await.unwrap_err(), KeychainError::Gone);
}

#[tokio::test]
async fn it_forgets_a_whole_service_and_no_other() {
    let (name, below) = (service("all"), format!("{}.practice", service("all")));
    let beside = format!("other.{name}");
    let (real, other, killed) = (Keychain::system(&name), Keychain::system(&beside), Keychain::system(&below));
    for keychain in [&real, &other, &killed] {
        keychain.put(&id("c1"), TOKEN, ORIGIN, &secret()).await.unwrap();
    }
    killed.put(&id("c2"), TOKEN, ORIGIN, &secret()).await.unwrap();
    // Another keychain is what the next run has; it knows nothing of the killed one's connections.
    let next_run = Keychain::system(&below);
    assert_eq!(next_run.forget_service().await, Ok(2));
    assert_eq!(next_run.forget_service().await, Ok(0));
    assert_eq!(killed.get(&id("c1"), TOKEN, ORIGIN).await.unwrap_err(), KeychainError::Gone);
    assert_eq!(real.forget_service().await, Ok(1));
    assert_eq!(other.get(&id("c1"), TOKEN, ORIGIN).await.unwrap().expose_secret(), CANARY);
    assert_eq!(other.forget_service().await, Ok(1));
}
