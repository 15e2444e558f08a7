//! Stores what was found with the tokens of a rotation, if they are still the same.

use chrono::{DateTime, Utc};

use crate::connection_repository::ConnectionRepository;
use crate::run_inputs::RunInputs;
use model::arrival::Arrival;
use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use model::rotation::{Attestation, Rotation};
use store::WriteTx;

/// Tells whether these tokens were not replaced meanwhile.
pub(super) async fn is_current(
    records: &ConnectionRepository,
    id: &ConnectionId,
    tokens: &RunInputs,
) -> Result<bool, Problem> {
    let (id, tokens, secrets) = (id.clone(), tokens.clone(), records.secrets.clone());
    records.read(move |tx| tokens.is_current_in(tx, &secrets, &id)).await
}

/// Stores what was found with these tokens in the open rotation, or returns [`Code::Cancelled`] if meanwhile they were replaced,
/// or the rotation `began` ended or got another confirmation of the update, so that the finding proves nothing about it.
pub(super) async fn store(
    records: &ConnectionRepository,
    id: &ConnectionId,
    tokens: RunInputs,
    began: &Rotation,
    change: impl FnOnce(Rotation) -> Rotation + Send + 'static,
) -> Result<(), Problem> {
    let (id, secrets) = (id.clone(), records.secrets.clone());
    let proven = identity(began);
    let update = move |tx: &mut WriteTx<'_>| {
        if !tokens.is_current_in(tx, &secrets, &id)? {
            return Err(Problem::new(Code::Cancelled));
        }
        let open = tx.rotation(&id)?.filter(|open| open.finished.is_none() && identity(open) == proven);
        let open = open.ok_or(Code::Cancelled)?;
        Ok(tx.put(&id, &Some(change(open)))?)
    };
    records.write(update).await
}

/// Stores an event after the end of this rotation, or returns [`Code::Cancelled`] if meanwhile a token was replaced or another
/// rotation began.
pub(super) async fn store_after_end(
    records: &ConnectionRepository,
    id: &ConnectionId,
    tokens: RunInputs,
    ended: &Rotation,
    found: Arrival,
) -> Result<(), Problem> {
    let (id, secrets, end) = (id.clone(), records.secrets.clone(), ended.finished);
    let update = move |tx: &mut WriteTx<'_>| {
        if !tokens.is_current_in(tx, &secrets, &id)? {
            return Err(Problem::new(Code::Cancelled));
        }
        let ended = tx.rotation(&id)?.filter(|newest| newest.finished == end).ok_or(Code::Cancelled)?;
        Ok(tx.put(&id, &Some(Rotation { found_after_end: Some(found), ..ended }))?)
    };
    records.write(update).await
}

/// Returns what a finding is about: the rotation, and the confirmation of the update.
fn identity(rotation: &Rotation) -> (DateTime<Utc>, Option<Attestation>, Option<DateTime<Utc>>) {
    (rotation.since, rotation.updated.clone(), rotation.updated_by_okta)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rotation::step_rules;

    #[test]
    fn a_finding_is_about_one_confirmation_of_one_rotation() {
        let (at, later) = (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH + chrono::TimeDelta::minutes(5));
        let confirmed = |rotation: &Rotation, at| {
            let updated = Some(Attestation { at, by: "admin".to_owned() });
            Rotation { updated, updated_by_okta: Some(at), ..rotation.clone() }
        };
        let began = confirmed(&step_rules::begin("old".to_owned(), at), at);
        assert_eq!(identity(&began), identity(&Rotation { token_name: "another name".to_owned(), ..began.clone() }));
        let withdrawn = Rotation { updated: None, updated_by_okta: None, ..began.clone() };
        let another = confirmed(&step_rules::begin("old".to_owned(), later), at);
        for other in [confirmed(&began, later), withdrawn, another] {
            assert_ne!(identity(&began), identity(&other));
        }
    }
}
