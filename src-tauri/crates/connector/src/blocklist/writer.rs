//! Sends one change of a zone at a time and reads the zone back. The only file that calls the writes of zones.

use chrono::{DateTime, Utc};
use model::check::Evidence;
use model::code::Code;
use okta::{Answer, Failure, NewBlocklist, OktaError, Zone, ZoneId};

use super::zone_context::ZoneContext;
use super::zone_survey::ZoneSurvey;

/// A change of a zone.
pub(super) enum Change<'z> {
    Create(&'z NewBlocklist),
    Replace(&'z Zone),
    Activate(&'z ZoneId),
    Deactivate(&'z ZoneId),
}

/// How Okta replied to a change.
pub(super) enum Reply {
    /// It was accepted; with the zone, if the answer could be read.
    Accepted(Option<Zone>),
    /// It was refused, or did not reach Okta: nothing was changed.
    Refused(Failure),
    /// The answer was lost: nobody knows whether something was changed.
    Lost(Failure),
}

/// What the zone is after a change.
pub(super) enum ReadBack {
    /// It is as wanted, and still was when it was read once more.
    Settled(Zone),
    /// It is not as wanted, or was not any more.
    NotYet(Zone),
    /// It could not be read.
    Failed(Failure),
}

/// A replacement of a zone: what another tool changed between the read and the event of this request may be overwritten.
#[derive(Debug, Clone)]
pub(super) struct ReplacedZone {
    pub(super) zone: ZoneId,
    /// Okta's time of the read.
    pub(super) read_at: Option<DateTime<Utc>>,
    /// Okta's ID of the request.
    pub(super) request_id: Option<String>,
}

/// The changes of one block or unblock.
pub(super) struct Writer<'a> {
    access: &'a ZoneContext<'a>,
    pub(super) writes: Vec<Evidence>,
    pub(super) replaced: Vec<ReplacedZone>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(access: &'a ZoneContext<'a>) -> Self {
        Self { access, writes: Vec::new(), replaced: Vec::new() }
    }

    /// Sends a change, once. `read_at` is Okta's time of the read that it is based on.
    pub(super) async fn send(&mut self, change: Change<'_>, read_at: Option<DateTime<Utc>>) -> Reply {
        let zones = self.access.okta.zone_api();
        let answer = match change {
            Change::Create(zone) => zones.create_zone(zone).await,
            Change::Replace(zone) => zones.replace_zone(zone).await,
            Change::Activate(id) => zones.activate_zone(id).await,
            Change::Deactivate(id) => zones.deactivate_zone(id).await,
        };
        let evidence = match &answer {
            Ok(Answer { evidence, .. }) | Err(Failure { evidence, .. }) => evidence.clone(),
        };
        let reply = reply_of(answer);
        if let (Change::Replace(zone), Reply::Accepted(_) | Reply::Lost(_)) = (&change, &reply) {
            let request_id = evidence.request_id.clone();
            self.replaced.push(ReplacedZone { zone: zone.id.clone(), read_at, request_id });
        }
        self.writes.push(evidence);
        reply
    }

    /// Reads the zone until it is as wanted, twice: another tool that had read the zone before our change may still write.
    pub(super) async fn read_back(&self, id: &ZoneId, is_wanted: impl Fn(&Zone) -> bool) -> ReadBack {
        let (zones, clock, pace) = (self.access.okta.zone_api(), self.access.clock, self.access.pace);
        let mut zone = match zones.zone(id).await {
            Ok(answer) => answer.value,
            Err(failure) => return ReadBack::Failed(failure),
        };
        for wait in [(!is_wanted(&zone)).then(|| self.access.retry_delay()), Some(pace.settle)].into_iter().flatten() {
            clock.sleep(wait).await;
            zone = match zones.zone(id).await {
                Ok(answer) => answer.value,
                Err(failure) => return ReadBack::Failed(failure),
            };
            if !is_wanted(&zone) {
                return ReadBack::NotYet(zone);
            }
        }
        ReadBack::Settled(zone)
    }

    /// Reads a zone, with Okta's time of the read.
    pub(super) async fn read(&self, id: &ZoneId) -> Result<(Zone, Option<DateTime<Utc>>), Failure> {
        let answer = self.access.okta.zone_api().zone(id).await?;
        Ok((answer.value, answer.server_time.map(|time| time.okta)))
    }

    /// Reads every zone.
    pub(super) async fn survey(&self) -> Result<ZoneSurvey, Failure> {
        self.access.survey().await
    }

    /// Waits before another attempt.
    pub(super) async fn wait(&self) {
        self.access.clock.sleep(self.access.retry_delay()).await;
    }
}

/// Classifies the answer to a change. A server error says nothing about what was done before it.
fn reply_of(answer: Result<Answer<Zone>, Failure>) -> Reply {
    let failure = match answer {
        Ok(answer) => return Reply::Accepted(Some(answer.value)),
        Err(failure) => failure,
    };
    match (&failure.error, failure.evidence.status) {
        (OktaError::Unreadable, Some(200..=299)) => Reply::Accepted(None),
        (OktaError::Refused { status: 400..=499, .. }, _) => Reply::Refused(failure),
        (OktaError::Refused { .. }, _) if failure.code() == Code::OktaReadOnly => Reply::Refused(failure),
        (OktaError::NoAnswer(code), _) if was_not_sent(*code) => Reply::Refused(failure),
        // A network answered, so that Okta never received the change.
        (OktaError::Inspected(_) | OktaError::SignInPage | OktaError::ForeignNext { .. }, _) => Reply::Refused(failure),
        (
            OktaError::Refused { .. }
            | OktaError::NoAnswer(_)
            | OktaError::Redirected { .. }
            | OktaError::UnknownResponder
            | OktaError::Unreadable,
            _,
        ) => Reply::Lost(failure),
    }
}

/// Returns whether a failure with this code happened before anything was sent.
fn was_not_sent(code: Code) -> bool {
    [
        Code::NetworkDown,
        Code::DnsNotFound,
        Code::DnsUnavailable,
        Code::ConnectionRefused,
        Code::TlsUntrusted,
        Code::TlsChainIncomplete,
        Code::TlsExpired,
        Code::TlsWrongHost,
        Code::Internal,
        Code::TokenOddShape,
    ]
    .contains(&code)
}

/// Returns whether a failed read says that the zone does not exist.
pub(super) fn is_missing(failure: &Failure) -> bool {
    matches!(&failure.error, OktaError::Refused { status: 404, code: Some(_), .. })
}

/// Returns whether a refusal of a new zone may mean that the org may have no more zones: which code Okta sends where an org has no
/// Adaptive MFA is UNVERIFIED.
pub(super) fn may_need_shared_zone(failure: &Failure) -> bool {
    match &failure.error {
        OktaError::Refused { status: 400, .. } => true,
        OktaError::Refused { status: 401 | 403, code: Some(code), .. } => {
            ["E0000006", "E0000015"].contains(&code.as_str())
        }
        OktaError::Refused { .. }
        | OktaError::NoAnswer(_)
        | OktaError::Inspected(_)
        | OktaError::Redirected { .. }
        | OktaError::ForeignNext { .. }
        | OktaError::SignInPage
        | OktaError::UnknownResponder
        | OktaError::Unreadable => false,
    }
}
