//! The address behind a link of the window.

use connector::links;
use model::connection::ConnectionId;
use model::link_target::LinkTarget;
use model::problem::Problem;

use crate::connector_registry::ConnectorRegistry;

/// Returns the address of a link target. Only `connector::links` builds addresses.
///
/// # Errors
/// [`Code::LinkRefused`], or [`Code::DomainUnset`] before the domain is known.
pub(crate) async fn link_target_address(
    connectors: &ConnectorRegistry,
    id: Option<&ConnectionId>,
    link: &LinkTarget,
) -> Result<String, Problem> {
    let url = match id {
        Some(id) => connectors.for_connection(id)?.connections().link_address(Some(id), link).await?,
        None => links::address(link, None)?,
    };
    Ok(url.into())
}
