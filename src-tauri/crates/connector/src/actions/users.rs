//! Finds the user whom a person means, and reads what is needed to be sure.

use model::action::{MatchedBy, TargetState, UserFacts, UserSource, UserStatus};
use model::action_rules::{self, StatusRead, UserGuards};
use model::code::Code;
use model::problem::Problem;
use okta::UserDetails;

use super::run_client::RunClient;

/// Okta's type of its own credentials.
const OKTA: &str = "OKTA";
/// Okta's status of a role that gives rights.
const ACTIVE: &str = "ACTIVE";

/// A user with what the rules need.
#[derive(Debug, Clone)]
pub(super) struct FoundUser {
    pub(super) facts: UserFacts,
    /// The verbs that Okta offers.
    pub(super) offered: Vec<String>,
    /// The types of the active roles, if they could be read.
    pub(super) role_kinds: Option<Vec<String>>,
}

impl FoundUser {
    pub(super) fn state(&self) -> TargetState {
        TargetState::User { status: self.facts.status, status_changed: self.facts.status_changed }
    }

    pub(super) fn status_read(&self) -> StatusRead {
        (self.facts.status, self.facts.status_changed)
    }

    pub(super) fn guards(&self, run_client: &RunClient, typed: &str) -> UserGuards {
        UserGuards {
            role_kinds: self.role_kinds.clone(),
            owner_is_super_admin: run_client.owner.is_super_admin,
            typed: typed.to_owned(),
        }
    }
}

/// The result of a search.
pub(super) enum Lookup {
    One(Box<FoundUser>),
    Nobody,
    /// The candidates, and whether Okta returned all of them.
    Several {
        candidates: Vec<UserFacts>,
        is_complete: bool,
    },
}

/// The users whom a text may mean.
struct Candidates {
    users: Vec<UserDetails>,
    /// Whether Okta returned all of them. If not, one alone, or none, says nothing about the others.
    is_complete: bool,
}

impl RunClient {
    /// Finds the user whom a person means. A text leads to one user only if nobody else could be meant.
    ///
    /// # Errors
    /// Why Okta did not answer.
    pub(super) async fn look_up(&self, typed: &str) -> Result<Lookup, Problem> {
        let typed = typed.trim();
        if is_okta_id(typed) {
            match self.okta.user_api().user(typed).await {
                Ok(answer) => return Ok(Lookup::One(Box::new(self.complete(answer.value, MatchedBy::Id).await))),
                Err(failure) if failure.evidence.status == Some(404) => {}
                Err(failure) => return Err(failure.problem()),
            }
        }
        let Candidates { users: candidates, is_complete } = self.candidates(typed).await?;
        let several = |candidates: Vec<UserDetails>| {
            let candidates = candidates.into_iter().map(|user| self.brief(user, typed)).collect();
            Ok(Lookup::Several { candidates, is_complete })
        };
        if !is_complete {
            return several(candidates);
        }
        let exact: Vec<_> = candidates.iter().filter(|user| user.login == typed).collect();
        let chosen = match (candidates.as_slice(), exact.as_slice()) {
            ([], _) => return Ok(Lookup::Nobody),
            ([one], _) => one.clone(),
            (_, [one]) if typed.contains('@') => (*one).clone(),
            _ => return several(candidates),
        };
        let by = action_rules::matched_by(typed, &chosen.id, &chosen.login, chosen.email.as_deref());
        self.read_user(&chosen.id, by).await.map(|user| Lookup::One(Box::new(user)))
    }

    /// Returns the users who match a text, without the facts that need further requests.
    pub(super) async fn search(&self, typed: &str) -> Result<Vec<UserFacts>, Problem> {
        let typed = typed.trim();
        Ok(self.candidates(typed).await?.users.into_iter().map(|user| self.brief(user, typed)).collect())
    }

    async fn candidates(&self, typed: &str) -> Result<Candidates, Problem> {
        let api = self.okta.user_api();
        let page = api.with_login_or_email(typed).await.map_err(|failure| failure.problem())?.value;
        refuse_unreadable(page.unreadable)?;
        let (mut found, mut is_complete) = (page.entries, true);
        if found.is_empty() && !typed.contains('@') {
            // Okta searches each name on its own, so only the first word is asked for.
            let first = typed.split_whitespace().next().unwrap_or_default();
            let page = api.with_prefix(first).await.map_err(|failure| failure.problem())?.value;
            refuse_unreadable(page.unreadable)?;
            found = page.entries;
            is_complete = found.len() < usize::try_from(okta::MAX_FOUND).unwrap_or(usize::MAX);
            if typed.contains(char::is_whitespace) {
                let wanted = typed.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
                found.retain(|user| user.name.to_lowercase().starts_with(&wanted));
            }
        }
        if found.is_empty() && is_complete && !typed.contains(char::is_whitespace) {
            found = self.spelled_differently(typed).await?;
        }
        let mut ids = std::collections::BTreeSet::new();
        found.retain(|user| ids.insert(user.id.clone()));
        Ok(Candidates { users: found, is_complete })
    }

    /// Returns the users whose login or e-mail address differs from a text in case or accents only.
    async fn spelled_differently(&self, typed: &str) -> Result<Vec<UserDetails>, Problem> {
        let api = self.okta.user_api();
        if let Some(user) = api.with_login_as_okta_compares(typed).await.map_err(|failure| failure.problem())? {
            return Ok(vec![user]);
        }
        let page = api.with_login_or_email_in_any_case(typed).await.map_err(|failure| failure.problem())?.value;
        refuse_unreadable(page.unreadable)?;
        Ok(page.entries)
    }

    /// Reads a user by id, with groups and roles.
    ///
    /// # Errors
    /// Why Okta did not return the user.
    pub(super) async fn read_user(&self, id: &str, by: MatchedBy) -> Result<FoundUser, Problem> {
        let user = self.okta.user_api().user(id).await.map_err(|failure| failure.problem())?.value;
        Ok(self.complete(user, by).await)
    }

    /// Reads the status of a user alone.
    pub(super) async fn status_of(&self, id: &str) -> Result<StatusRead, Problem> {
        let user = self.okta.user_api().user(id).await.map_err(|failure| failure.problem())?.value;
        Ok((UserStatus::parse(&user.status), user.status_changed))
    }

    async fn complete(&self, user: UserDetails, by: MatchedBy) -> FoundUser {
        let api = self.okta.user_api();
        let (groups, roles) = tokio::join!(api.groups(&user.id), self.okta.roles(&user.id));
        let groups = groups.ok().map(|groups| groups.value).filter(|groups| groups.unreadable == 0);
        let roles = roles.ok().map(|roles| roles.value).filter(|roles| roles.is_complete && roles.unreadable == 0);
        let active = |roles: &okta::List<okta::Role>, of: fn(&okta::Role) -> String| {
            roles.entries.iter().filter(|role| role.status == ACTIVE).map(of).collect::<Vec<_>>()
        };
        let offered = user.offered.clone();
        let facts = UserFacts {
            groups: groups.map(|groups| groups.entries),
            roles: roles.as_ref().map(|roles| active(roles, |role| role.label.clone())),
            ..self.facts(user, by)
        };
        let role_kinds = roles.as_ref().map(|roles| active(roles, |role| role.kind.clone()));
        FoundUser { facts, offered, role_kinds }
    }

    fn brief(&self, user: UserDetails, typed: &str) -> UserFacts {
        let by = action_rules::matched_by(typed, &user.id, &user.login, user.email.as_deref());
        self.facts(user, by)
    }

    fn facts(&self, user: UserDetails, by: MatchedBy) -> UserFacts {
        let directory = user.provider.filter(|provider| provider != OKTA);
        UserFacts {
            is_token_owner: user.id == self.owner.id,
            id: user.id,
            login: user.login,
            email: user.email,
            name: user.name,
            status: UserStatus::parse(&user.status),
            status_changed: user.status_changed,
            last_sign_in: user.last_login,
            groups: None,
            roles: None,
            directory: directory.map(|provider| UserSource { provider, name: user.provider_name }),
            matched_by: by,
        }
    }
}

/// Returns whether a text has the form of a user's id (okta-facts: `00u` and 17 characters).
fn is_okta_id(text: &str) -> bool {
    text.len() == 20 && text.starts_with("00u") && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// An entry that could not be read may be the user who is meant.
fn refuse_unreadable(unreadable: u32) -> Result<(), Problem> {
    if unreadable == 0 { Ok(()) } else { Err(Problem::new(Code::EntriesUnreadable)) }
}
