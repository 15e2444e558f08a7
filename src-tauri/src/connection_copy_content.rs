//! What the copy buttons of a connection put on the clipboard, and how its secrets are recognized there.

use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use model::secret_name::SecretName;

use crate::clipboard::{self, CopyContent, CopyItem, Digest};
use crate::connector_registry::ConnectorRegistry;
use crate::reauthentication::CopyPermit;

/// Returns the content that a copy button puts on the clipboard.
///
/// # Errors
/// [`Code::DomainUnset`], [`Code::TokenMissing`], [`Code::StepNotReady`], or the problem of the keychain or the database.
pub(crate) async fn of_item(
    connectors: &ConnectorRegistry,
    id: &ConnectionId,
    permit: CopyPermit,
) -> Result<CopyContent, Problem> {
    let connector = connectors.for_connection(id)?;
    let view = connector.connections().get(id).await?;
    Ok(match permit.item() {
        CopyItem::OktaDomain => CopyContent::Plain(view.okta_url.ok_or(Code::DomainUnset)?),
        CopyItem::TokenName => CopyContent::Plain(view.setup.token_name),
        CopyItem::CredentialName => CopyContent::Plain(view.setup.credential_name),
        CopyItem::NewTokenName => CopyContent::Plain(view.rotation.ok_or(Code::StepNotReady)?.token_name),
        CopyItem::NewApiToken => {
            CopyContent::Secret(connector.tokens().for_clipboard(id, SecretName::NextOktaToken).await?)
        }
        CopyItem::ApiToken => CopyContent::Secret(connector.tokens().for_clipboard(id, SecretName::OktaToken).await?),
    })
}

/// Returns the digests of a connection's secrets, by which one is recognized on the clipboard. A secret that the keychain
/// does not return is left out.
///
/// # Errors
/// The database's problem.
pub(crate) async fn digests_of_secrets(
    connectors: &ConnectorRegistry,
    id: &ConnectionId,
) -> Result<Vec<Digest>, Problem> {
    let connector = connectors.for_connection(id)?;
    let mut digests = Vec::new();
    for state in connector.connections().get(id).await?.secrets {
        if let Ok(secret) = connector.tokens().for_clipboard(id, state.name).await {
            digests.push(clipboard::digest(&secret));
        }
    }
    Ok(digests)
}
