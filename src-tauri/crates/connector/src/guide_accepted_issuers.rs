//! The administrator's decisions about TLS-inspecting proxies on the way to Okta and Radiant.

use crate::connection_repository::request_full_check;
use crate::guide::Guide;
use crate::guide_changes;
use model::certificate_issuer::AcceptedIssuer;
use model::check::CheckId;
use model::code::Code;
use model::connection::ConnectionId;
use model::connection_view::ConnectionView;
use model::guide::{Confirmable, GuideState};
use model::okta_origin::Origin;
use model::problem::Problem;
use radiant::check_address;

impl Guide {
    /// Accepts the issuer of a TLS-inspecting proxy before Okta ([`CheckId::Tls`]) or Radiant ([`CheckId::RadiantTls`]): the
    /// secrets of this connection are sent through it. `key` is that of the question; another issuer is asked for again.
    ///
    /// # Errors
    /// [`Code::StepNotReady`] for another check, before the host is known, or for a key that is none; the store's problem.
    pub async fn accept_issuer(
        &self,
        id: &ConnectionId,
        check: CheckId,
        issuer: String,
        key: String,
    ) -> Result<ConnectionView, Problem> {
        let is_key = key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (what, host) = self.inspected_host(id, check).await?;
        if !is_key {
            return Err(Problem::new(Code::StepNotReady));
        }
        let accepted = AcceptedIssuer { host, issuer, key, at: self.records.clock.now(), by: self.operator.clone() };
        self.change_acceptance(id, move |state| guide_changes::accept_issuer(state, what, accepted)).await
    }

    /// Withdraws what was accepted for the host of a check: no secret is sent through a TLS-inspecting proxy any more.
    ///
    /// # Errors
    /// As [`Guide::accept_issuer`].
    pub async fn withdraw_issuer(&self, id: &ConnectionId, check: CheckId) -> Result<ConnectionView, Problem> {
        let (what, host) = self.inspected_host(id, check).await?;
        self.change_acceptance(id, move |state| guide_changes::withdraw_issuer(state, what, &host)).await
    }

    /// Stores which issuers are accepted, ends the runs that work with the earlier ones, and requests every check.
    async fn change_acceptance(
        &self,
        id: &ConnectionId,
        change: impl FnOnce(GuideState) -> GuideState + Send + 'static,
    ) -> Result<ConnectionView, Problem> {
        let (views, of) = (self.records.views().await?, id.clone());
        let view = self
            .records
            .write(move |tx| {
                tx.update(&of, change)?;
                request_full_check(tx, &of)?;
                Ok(views.of(tx, &of)?)
            })
            .await?;
        // After the write: a run that begins now reads what was stored.
        self.access.tokens.runs.cancel(id);
        Ok(view)
    }

    /// Returns the host whose certificate a check judges, and the confirmation that goes with its acceptance.
    async fn inspected_host(&self, id: &ConnectionId, check: CheckId) -> Result<(Confirmable, String), Problem> {
        let connection = self.records.connection(id).await?;
        let (what, host) = if check == CheckId::Tls {
            let origin = connection.origin.as_ref().and_then(Origin::host).map(str::to_owned);
            (Confirmable::TlsInspectionAccepted, origin)
        } else if check == CheckId::RadiantTls {
            let search = check_address(&connection.radiant, connection.is_practice())?;
            (Confirmable::RadiantTlsInspectionAccepted, search.host_str().map(str::to_owned))
        } else {
            return Err(Problem::new(Code::StepNotReady));
        };
        Ok((what, host.ok_or(Code::StepNotReady)?))
    }
}
