//! Notices of newer versions: a signed file at an https address, fetched once a day and on request. Off until the package or the
//! policy names the address and the public key.
//!
//! Guarantees: nothing is downloaded but this file and its signature, and nothing is run. What the file says is used only after
//! its signature was verified, and never if it is older than what was accepted before.

mod signed_file;

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use http_client::{AcceptedProxyIssuers, HttpClient, HttpSettings, TransportError};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::connection_repository::ConnectionRepository;
use crate::policy::CurrentPolicy;
use crate::practice_addresses::Practice;
use model::code::Code;
use model::policy::Policy;
use model::problem::Problem;
use model::update_notice::{UpdateNotice, UpdateView};

/// The key of what is remembered.
const KEY: &str = "update";
/// The time between two fetches.
const INTERVAL: TimeDelta = TimeDelta::days(1);
/// Largest file and signature, in bytes.
const MAX_FILE: usize = 16 * 1024;

/// Where newer versions are announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateSource {
    /// The https address of the file; its signature has the same address with `.minisig`.
    pub url: String,
    /// The public key, in minisign's format.
    pub key: String,
}

impl UpdateSource {
    /// Returns what the packager set at build time.
    fn of_package() -> Option<Self> {
        let (url, key) = (option_env!("CONNECTOR_UPDATE_URL")?, option_env!("CONNECTOR_UPDATE_KEY")?);
        Some(Self { url: url.to_owned(), key: key.to_owned() })
    }

    /// Returns what the policy sets, or what the packager set. A policy names both or none, so that no address is combined with
    /// a key for another one.
    fn in_force(policy: &Policy, package: Option<Self>) -> Option<Self> {
        match (&policy.update_url, &policy.update_key) {
            (Some(url), Some(key)) => Some(Self { url: url.clone(), key: key.clone() }),
            (_, _) => package,
        }
    }

    /// Returns the address of the file.
    fn address(&self) -> Result<Url, Code> {
        let url = Url::parse(&self.url).ok().filter(|url| url.scheme() == "https" && url.has_host());
        url.filter(|url| url.username().is_empty() && url.password().is_none()).ok_or(Code::UpdateSourceInvalid)
    }
}

/// What is remembered of newer versions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Remembered {
    /// When the file was asked for last.
    checked: Option<DateTime<Utc>>,
    /// The newest notice that was accepted.
    newest: Option<UpdateNotice>,
    /// Why the newest attempt failed.
    problem: Option<Problem>,
    /// The version that a notification was shown for.
    notified: Option<String>,
}

/// Notices of newer versions, of a data folder.
#[derive(Clone)]
pub struct Updates {
    records: ConnectionRepository,
    policy: CurrentPolicy,
    practice: Practice,
    http: HttpSettings,
    version: String,
    package: Arc<Mutex<Option<UpdateSource>>>,
}

impl Updates {
    pub(crate) fn new(
        records: ConnectionRepository,
        (policy, practice, http): (CurrentPolicy, Practice, HttpSettings),
    ) -> Self {
        let package = Arc::new(Mutex::new(UpdateSource::of_package()));
        Self { records, policy, practice, http, version: env!("CARGO_PKG_VERSION").to_owned(), package }
    }

    /// Sets the packager's source in place of the one of the build.
    pub fn set_package_source(&self, source: Option<UpdateSource>) {
        *self.package.lock().unwrap_or_else(PoisonError::into_inner) = source;
    }

    /// Returns what is known.
    ///
    /// # Errors
    /// The store's problem.
    pub async fn view(&self) -> Result<UpdateView, Problem> {
        let Some(source) = self.source().await? else { return Ok(UpdateView::default()) };
        let host = source.address().ok().and_then(|url| Some(url.host_str()?.to_owned())).unwrap_or(source.url);
        let stored: Remembered = self.records.read(|tx| tx.setting(KEY)).await?.unwrap_or_default();
        let newer = stored.newest.filter(|notice| notice.is_newer_than(&self.version));
        Ok(UpdateView { host: Some(host), newer, checked: stored.checked, problem: stored.problem })
    }

    /// Fetches the file now and returns what is known then.
    ///
    /// # Errors
    /// The store's problem. Why the file was not accepted is part of the result.
    pub async fn check_now(&self) -> Result<UpdateView, Problem> {
        if let Some(source) = self.source().await? {
            let now = self.records.clock.now();
            self.records.write(move |tx| Ok(tx.update_setting(KEY, |stored| checked(stored, now))?)).await?;
            self.fetch_and_store(&source).await?;
        }
        self.view().await
    }

    /// Fetches the file if that is due, by one process. Returns when it is due next; `None` while this is off.
    ///
    /// # Errors
    /// The store's problem.
    pub(crate) async fn check_if_due(&self) -> Result<Option<DateTime<Utc>>, Problem> {
        let Some(source) = self.source().await? else { return Ok(None) };
        let now = self.records.clock.now();
        let is_due =
            move |stored: &Remembered| stored.checked.is_none_or(|checked| checked > now || now - checked >= INTERVAL);
        let stored: Remembered = self.records.read(|tx| tx.setting(KEY)).await?.unwrap_or_default();
        if is_due(&stored) {
            let claim = self.records.write(move |tx| {
                let stored: Remembered = tx.setting(KEY)?.unwrap_or_default();
                let is_mine = is_due(&stored);
                if is_mine {
                    tx.put_setting(KEY, &checked(Some(stored), now))?;
                }
                Ok(is_mine)
            });
            if claim.await? {
                self.fetch_and_store(&source).await?;
            }
        }
        Ok(Some(now + INTERVAL))
    }

    /// Returns the newer version that a notification is to be shown for, once for each version, to one process.
    ///
    /// # Errors
    /// The store's problem.
    pub(crate) async fn take_notification(&self) -> Result<Option<UpdateNotice>, Problem> {
        let version = self.version.clone();
        let unnotified = move |stored: &Remembered| {
            let newest = stored.newest.clone().filter(|notice| notice.is_newer_than(&version));
            newest.filter(|notice| stored.notified.as_ref() != Some(&notice.version))
        };
        let stored: Remembered = self.records.read(|tx| tx.setting(KEY)).await?.unwrap_or_default();
        if self.source().await?.is_none() || unnotified(&stored).is_none() {
            return Ok(None);
        }
        self.records
            .write(move |tx| {
                let stored: Remembered = tx.setting(KEY)?.unwrap_or_default();
                let notice = unnotified(&stored);
                if let Some(notice) = &notice {
                    tx.put_setting(KEY, &Remembered { notified: Some(notice.version.clone()), ..stored })?;
                }
                Ok(notice)
            })
            .await
    }

    async fn source(&self) -> Result<Option<UpdateSource>, Problem> {
        if self.practice.is_joined() {
            return Ok(None);
        }
        let package = self.package.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(UpdateSource::in_force(&self.policy.fixed().await?, package))
    }

    async fn fetch_and_store(&self, source: &UpdateSource) -> Result<(), Problem> {
        let fetched = self.fetch(source).await;
        self.records
            .write(move |tx| {
                tx.update_setting(KEY, |stored: Option<Remembered>| accepted(stored.unwrap_or_default(), fetched))?;
                Ok(())
            })
            .await
    }

    async fn fetch(&self, source: &UpdateSource) -> Result<UpdateNotice, Problem> {
        let address = source.address()?;
        let mut signature_address = address.clone();
        signature_address.set_path(&format!("{}.minisig", address.path()));
        let client = HttpClient::without_secret(&self.http, &AcceptedProxyIssuers::default());
        let client = client.map_err(|error| unreachable(&address, &error))?;
        let file = get(&client, &address).await?;
        let signature = get(&client, &signature_address).await?;
        Ok(signed_file::verified(&file, &signature, &source.key)?)
    }
}

/// Fetches one of the two files.
async fn get(client: &HttpClient, address: &Url) -> Result<Vec<u8>, Problem> {
    let response = client.get(address, MAX_FILE).await.map_err(|error| unreachable(address, &error))?;
    if response.status == 200 {
        return Ok(response.body);
    }
    let host = address.host_str().unwrap_or_default();
    Err(Problem::new(Code::UpdateUnreachable).arg("host", host).detail(format!("HTTP {}", response.status)))
}

fn unreachable(address: &Url, error: &TransportError) -> Problem {
    let code = if *error == TransportError::TooLarge { Code::UpdateTooLarge } else { Code::UpdateUnreachable };
    Problem::new(code).arg("host", address.host_str().unwrap_or_default()).detail(error.to_string())
}

fn checked(stored: Option<Remembered>, now: DateTime<Utc>) -> Remembered {
    Remembered { checked: Some(now), ..stored.unwrap_or_default() }
}

/// Returns what is remembered after a fetch. A notice that is older than the accepted one changes nothing but the problem.
fn accepted(stored: Remembered, fetched: Result<UpdateNotice, Problem>) -> Remembered {
    let notice = fetched.and_then(|notice| match &stored.newest {
        Some(before) if !notice.follows(before) => Err(Problem::new(Code::UpdateOlder)
            .arg("found", notice.version.as_str())
            .arg("known", before.version.as_str())),
        Some(_) | None => Ok(notice),
    });
    match notice {
        Ok(notice) => Remembered { newest: Some(notice), problem: None, ..stored },
        Err(problem) => Remembered { problem: Some(problem), ..stored },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(version: &str, date: &str) -> UpdateNotice {
        UpdateNotice {
            version: version.to_owned(),
            date: date.parse().unwrap(),
            link: "https://example.com".to_owned(),
        }
    }

    #[test]
    fn an_older_notice_is_refused_and_the_newer_one_is_remembered() {
        let first = accepted(Remembered::default(), Ok(notice("1.2.0", "2026-03-10")));
        assert_eq!((first.newest.as_ref().map(|one| one.version.as_str()), &first.problem), (Some("1.2.0"), &None));
        for older in [notice("1.1.0", "2026-03-11"), notice("1.2.0", "2026-03-09")] {
            let after = accepted(first.clone(), Ok(older));
            assert_eq!(after.newest, first.newest);
            assert_eq!(after.problem.map(|problem| problem.code), Some(Code::UpdateOlder));
        }
        let failed = accepted(first.clone(), Err(Problem::new(Code::UpdateUnreachable)));
        assert_eq!(failed.newest, first.newest, "a failure forgets nothing");
        assert_eq!(accepted(failed, Ok(notice("1.3.0", "2026-03-12"))).problem, None);
    }

    #[test]
    fn a_policy_with_one_of_address_and_key_leaves_the_package_in_force() {
        let package = UpdateSource { url: "https://a.example/v".to_owned(), key: "a".to_owned() };
        let both = Policy {
            update_url: Some("https://b.example/v".to_owned()),
            update_key: Some("b".to_owned()),
            ..Policy::default()
        };
        let in_force = |policy: &Policy| UpdateSource::in_force(policy, Some(package.clone())).map(|one| one.key);
        assert_eq!(in_force(&both).as_deref(), Some("b"));
        assert_eq!(in_force(&Policy { update_key: None, ..both.clone() }).as_deref(), Some("a"));
        assert_eq!(UpdateSource::in_force(&Policy::default(), None), None);
    }

    #[test]
    fn only_an_https_address_is_asked() {
        let address = |url: &str| UpdateSource { url: url.to_owned(), key: String::new() }.address().is_ok();
        assert!(address("https://example.com/versions/latest.json"));
        for refused in ["http://example.com/v", "ftp://example.com/v", "https://a:b@example.com/v", "latest", ""] {
            assert!(!address(refused), "{refused}");
        }
    }
}
