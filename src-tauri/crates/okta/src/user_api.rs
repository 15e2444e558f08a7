//! Users as response actions need them: found by what a person typed, read by id, and changed by the requests in `writes`.
//!
//! What was typed is a query value, or one encoded segment of the path of a read: Okta and URL parsers interpret `.`, `/`, `#` and
//! `%2e` there (field case F63), so texts with them are encoded or kept out. The path of a change contains Okta's ids alone.

use chrono::{DateTime, Utc};
use model::external_time;
use model::json_part_reader::{self, is_null, text_at, text_of};
use serde_json::value::RawValue;

use super::client::Okta;
use super::error::{Failure, OktaError};
use super::request::Request;
use super::response::{Answer, List, Page, evidence};

/// Most users that a search returns.
pub const MAX_FOUND: u32 = 20;

/// The requests about users.
#[derive(Clone, Copy)]
pub struct UserApi<'a>(pub(crate) &'a Okta);

/// A user with what is needed to recognize the person and to know what can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDetails {
    /// Okta's id.
    pub id: String,
    /// `ACTIVE`, `SUSPENDED`, ...
    pub status: String,
    /// When the status changed.
    pub status_changed: Option<DateTime<Utc>>,
    /// The last sign-in.
    pub last_login: Option<DateTime<Utc>>,
    /// The login.
    pub login: String,
    /// The primary e-mail address.
    pub email: Option<String>,
    /// First and last name.
    pub name: String,
    /// Where the credentials come from: `OKTA`, `ACTIVE_DIRECTORY`, ...
    pub provider: Option<String>,
    /// The name of that directory.
    pub provider_name: Option<String>,
    /// The verbs that the links offer for this user's status. Only the answer about a single user has them (REAL).
    pub offered: Vec<String>,
}

impl UserDetails {
    pub(crate) fn read(user: &[u8]) -> Option<Self> {
        let text = |pointer: &str| text_at(user, pointer);
        let time = |pointer: &str| text(pointer).and_then(|text| external_time::parse(&text));
        let id = text("/id").filter(|id| is_id(id))?;
        let names = [text("/profile/firstName"), text("/profile/lastName")];
        let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        Some(Self {
            status: text("/status")?,
            status_changed: time("/statusChanged"),
            last_login: time("/lastLogin"),
            login: text("/profile/login")?,
            email: text("/profile/email"),
            name,
            provider: text("/credentials/provider/type"),
            provider_name: text("/credentials/provider/name"),
            offered: offered(user),
            id,
        })
    }
}

/// Returns the names of the links, which are the verbs that are valid in the user's status.
fn offered(user: &[u8]) -> Vec<String> {
    const VERBS: [&str; 4] = ["suspend", "unsuspend", "expirePassword", "resetFactors"];
    let links = json_part_reader::at(user, "/_links").map(RawValue::get).unwrap_or("{}");
    let Some(found) = json_part_reader::members(links.as_bytes(), VERBS) else { return Vec::new() };
    let is_there = |link: &Option<&RawValue>| link.is_some_and(|link| !is_null(link));
    VERBS.iter().zip(&found).filter(|(_, link)| is_there(link)).map(|(verb, _)| (*verb).to_owned()).collect()
}

/// Returns whether a text can be one of Okta's ids. Every other text could lead to another path.
fn is_id(text: &str) -> bool {
    (3..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) && text != "me"
}

impl Okta {
    /// Returns the requests about users.
    #[must_use]
    pub fn user_api(&self) -> UserApi<'_> {
        UserApi(self)
    }
}

impl UserApi<'_> {
    /// Returns a user by Okta's id (SPEC getUser).
    ///
    /// # Errors
    /// Why there is no answer; [`OktaError::Unreadable`] when the answer is about another user, or a list (field case F62).
    pub async fn user(&self, id: &str) -> Result<Answer<UserDetails>, Failure> {
        let request = Request::get(&user_path(id, "")?, &[]);
        self.0.send(&request).await?.read(|body| UserDetails::read(body).filter(|user| user.id == id))
    }

    /// Returns the users with exactly this login or e-mail address: the case counts in a filter (SPEC listUsers).
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn with_login_or_email(&self, typed: &str) -> Result<Answer<Page<UserDetails>>, Failure> {
        self.find(&[("filter", login_or_email(typed)), ("limit", MAX_FOUND.to_string())]).await
    }

    /// Returns the user with a login, whom Okta finds whatever the case and accents of the text; `None` if there is none, or if the
    /// text cannot be a segment of a path: logins with `/` are found by a search alone (SPEC getUser).
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn with_login_as_okta_compares(&self, typed: &str) -> Result<Option<UserDetails>, Failure> {
        let Some(segment) = login_segment(typed) else { return Ok(None) };
        let request = Request::get(&format!("/api/v1/users/{segment}"), &[]);
        let answer = match self.0.send(&request).await {
            Ok(response) => response.read(UserDetails::read),
            Err(failure) => Err(failure),
        };
        match answer {
            Ok(answer) => Ok(Some(answer.value)),
            Err(failure) if failure.evidence.status == Some(404) => Ok(None),
            // What a person typed stays out of the evidence, which reports show.
            Err(mut failure) => {
                failure.evidence.endpoint = "GET /api/v1/users/{login}".to_owned();
                Err(failure)
            }
        }
    }

    /// Returns the users with this login or e-mail address in any case; the index of this search may be behind (SPEC listUsers).
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn with_login_or_email_in_any_case(&self, typed: &str) -> Result<Answer<Page<UserDetails>>, Failure> {
        self.find(&[("search", login_or_email(typed)), ("limit", MAX_FOUND.to_string())]).await
    }

    /// Returns the users whose first name, last name or e-mail address begins with a text; deactivated ones are left out.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn with_prefix(&self, typed: &str) -> Result<Answer<Page<UserDetails>>, Failure> {
        self.find(&[("q", typed.to_owned()), ("limit", MAX_FOUND.to_string())]).await
    }

    /// Returns the names of a user's groups (SPEC listUserGroups).
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn groups(&self, id: &str) -> Result<Answer<List<String>>, Failure> {
        let request = Request::get(&user_path(id, "/groups")?, &[]);
        self.0.list(request, |group| text_at(group.get().as_bytes(), "/profile/name")).await
    }

    /// Returns the ids of a user's enrolled factors (SPEC listFactors).
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn factors(&self, id: &str) -> Result<Answer<List<String>>, Failure> {
        let request = Request::get(&user_path(id, "/factors")?, &[]);
        let read = |factor: &RawValue| json_part_reader::members(factor.get().as_bytes(), ["id"])?[0].and_then(text_of);
        self.0.list(request, read).await
    }

    async fn find(&self, query: &[(&str, String)]) -> Result<Answer<Page<UserDetails>>, Failure> {
        let request = Request::get("/api/v1/users", query);
        self.0.send(&request).await?.read_page(|user| UserDetails::read(user.get().as_bytes()))
    }
}

/// Returns the expression for users with a login or e-mail address.
fn login_or_email(typed: &str) -> String {
    let typed = typed.replace('\\', "\\\\").replace('"', "\\\"");
    format!("profile.login eq \"{typed}\" or profile.email eq \"{typed}\"")
}

/// Returns a login as one segment of a path, with every letter encoded that a parser could take for something else. `None` for a
/// text that a server could take for another path nevertheless, and for `me`, which is the owner of the token.
fn login_segment(typed: &str) -> Option<String> {
    let is_refused = typed.len() > 320 || typed == "me" || typed.chars().all(|letter| letter == '.');
    if is_refused || typed.contains(['/', '\\']) || typed.chars().any(char::is_control) {
        return None;
    }
    let encode = |byte: u8| match byte {
        b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    Some(typed.bytes().map(encode).collect())
}

/// Returns the path of a user or of something below it.
///
/// # Errors
/// [`OktaError::Unreadable`] for an id that is none; nothing is sent.
pub(crate) fn user_path(id: &str, below: &str) -> Result<String, Failure> {
    if is_id(id) {
        return Ok(format!("/api/v1/users/{id}{below}"));
    }
    let endpoint = format!("/api/v1/users/{{id}}{below}");
    Err(Failure::without_response(OktaError::Unreadable, evidence(endpoint, None, 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = r#"{"id":"00u1abcdefghijkLMN5d","status":"ACTIVE","statusChanged":"2026-03-01T10:00:00.000Z","lastLogin":null,
        "profile":{"login":"mira.holt@example.com","email":"mira@example.com","firstName":"Mira","lastName":"Holt"},
        "credentials":{"provider":{"type":"ACTIVE_DIRECTORY","name":"corp.example.com"}},
        "_links":{"suspend":{"href":"x","method":"POST"},"resetFactors":{"href":"x"},"unsuspend":null,"self":{"href":"x"}}}"#;

    #[test]
    fn a_single_user_is_read_with_the_verbs_that_it_offers() {
        let user = UserDetails::read(USER.as_bytes()).unwrap();
        assert_eq!((user.name.as_str(), user.provider.as_deref()), ("Mira Holt", Some("ACTIVE_DIRECTORY")));
        assert_eq!(user.offered, ["suspend", "resetFactors"]);
        assert!(user.status_changed.is_some() && user.last_login.is_none());
        assert_eq!(UserDetails::read(format!("[{USER}]").as_bytes()), None, "a list is no user");
    }

    #[test]
    fn a_login_is_one_segment_or_none() {
        for text in ["", ".", "..", "...", "me", "a/b@example.com", "a\\b", "a\nb"] {
            assert_eq!(login_segment(text), None, "{text}");
        }
        for (text, segment) in [
            ("Mira.Holt@example.com", "Mira.Holt%40example.com"),
            ("zo\u{eb}", "zo%C3%AB"),
            ("%2e%2e", "%252e%252e"),
            ("x#y+1?z", "x%23y%2B1%3Fz"),
        ] {
            assert_eq!(login_segment(text).as_deref(), Some(segment));
            let url = Request::get(&format!("/api/v1/users/{segment}"), &[]).url(&"https://a.example".parse().unwrap());
            assert_eq!(url.path(), format!("/api/v1/users/{segment}"), "the parser leaves it");
        }
    }

    #[test]
    fn a_text_that_could_lead_to_another_path_is_no_id() {
        for text in ["", ".", "..", "me", "a/b", "00u1#x", "%2e", "00u 1", "mira.holt", "00u1?x"] {
            assert!(user_path(text, "").is_err(), "{text}");
        }
        assert_eq!(user_path("00u1abc", "/groups").unwrap(), "/api/v1/users/00u1abc/groups");
    }
}
