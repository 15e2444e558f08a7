//! Stores what was found with the tokens of a rotation, if they are still the same.

use crate::records::Records;
use crate::tokens_in_use::TokensInUse;
use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use model::rotation::Rotation;
use store::WriteTx;

/// Tells whether these tokens were not replaced meanwhile.
pub(super) async fn is_current(records: &Records, id: &ConnectionId, tokens: &TokensInUse) -> Result<bool, Problem> {
    let (id, tokens, secrets) = (id.clone(), tokens.clone(), records.secrets.clone());
    records.read(move |tx| tokens.is_current_in(tx, &secrets, &id)).await
}

/// Stores what was found with these tokens in the open rotation, or returns [`Code::Cancelled`] if they were replaced
/// meanwhile.
pub(super) async fn store(
    records: &Records,
    id: &ConnectionId,
    tokens: TokensInUse,
    change: impl FnOnce(Rotation) -> Rotation + Send + 'static,
) -> Result<(), Problem> {
    let (id, secrets) = (id.clone(), records.secrets.clone());
    let update = move |tx: &mut WriteTx<'_>| {
        if !tokens.is_current_in(tx, &secrets, &id)? {
            return Err(Problem::new(Code::Cancelled));
        }
        let open = tx.rotation(&id)?.ok_or(Code::StepNotReady)?;
        Ok(tx.put(&id, &Some(change(open)))?)
    };
    records.write(update).await
}
