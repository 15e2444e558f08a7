//! Collects the rows of a run and reports each as it comes.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use model::check::{CheckId, CheckProgress, CheckRow, Outcome, Skip};
use model::code::Code;
use tokio_util::sync::CancellationToken;

use super::finding::Finding;
use super::input::ProbeInput;
use super::refused_issuer_row;

/// Receives the progress of a run.
pub(super) type Progress<'a> = &'a (dyn Fn(CheckProgress) + Send + Sync);

/// What ends a run early.
#[derive(Clone, Copy)]
pub(super) struct Stop<'a> {
    /// Triggered by the person.
    pub(super) cancel: &'a CancellationToken,
    /// Triggered when the run has taken too long.
    pub(super) expired: &'a CancellationToken,
}

/// The rows of a run.
pub(super) struct RowSink<'a> {
    input: &'a ProbeInput,
    wanted: BTreeSet<CheckId>,
    stop: Stop<'a>,
    progress: Progress<'a>,
    rows: Mutex<Vec<CheckRow>>,
}

impl<'a> RowSink<'a> {
    pub(super) fn new(
        input: &'a ProbeInput,
        wanted: BTreeSet<CheckId>,
        stop: Stop<'a>,
        progress: Progress<'a>,
    ) -> Self {
        Self { input, wanted, stop, progress, rows: Mutex::default() }
    }

    pub(super) fn into_rows(self) -> Vec<CheckRow> {
        self.rows.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wants(&self, check: CheckId) -> bool {
        self.wanted.contains(&check)
    }

    pub(super) fn has_row(&self, check: CheckId) -> bool {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|row| row.check == check)
    }

    /// Returns whether Okta allowed or refused a request; `None` without a row or a clear response.
    pub(super) fn was_allowed(&self, check: CheckId) -> Option<bool> {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.iter().find(|row| row.check == check).and_then(|row| match row.outcome {
            Outcome::Passed | Outcome::Attention => Some(true),
            Outcome::Failed => row.code.filter(|code| code.is_refusal()).map(|_| false),
            Outcome::Skipped | Outcome::Unknown => None,
        })
    }

    /// Runs one check, unless it is not wanted or the run is over, and adds its row.
    pub(super) async fn check<T>(
        &self,
        check: CheckId,
        probe: impl Future<Output = (Finding, Option<T>)>,
    ) -> Option<T> {
        let (row, value) = self.withheld(check, probe).await?;
        self.add(row);
        value
    }

    /// Runs one check and returns its row without adding it, because it may turn out to be pointless.
    pub(super) async fn withheld<T>(
        &self,
        check: CheckId,
        probe: impl Future<Output = (Finding, Option<T>)>,
    ) -> Option<(CheckRow, Option<T>)> {
        if !self.wants(check) {
            return None;
        }
        let watch = self.input.handles.clock.stopwatch();
        (self.progress)(CheckProgress::Running(check));
        let (finding, value) = tokio::select! {
            biased;
            () = self.stop.cancel.cancelled() => (Finding::skipped(Skip::Cancelled), None),
            () = self.stop.expired.cancelled() => (self.timed_out(), None),
            answer = probe => answer,
        };
        Some((self.input.row(check, finding, watch.ms()), value))
    }

    /// Adds a finding that needed no request. Always returns `None`, so that it can replace a value.
    pub(super) fn found<T>(&self, check: CheckId, finding: Finding) -> Option<T> {
        // A check that waited for one without an answer was not reached either.
        let is_late = self.stop.expired.is_cancelled() && finding.outcome == Outcome::Skipped;
        let is_canceled = self.stop.cancel.is_cancelled();
        let finding = if is_late && !is_canceled && finding.waits() { self.timed_out() } else { finding };
        if self.wants(check) {
            self.add(self.input.row(check, finding, 0));
        }
        None
    }

    /// Returns the finding of a check that was not answered before the run had to end.
    fn timed_out(&self) -> Finding {
        Finding::unknown(Code::CheckTimedOut).arg("seconds", self.input.handles.time_limit.as_secs().to_string())
    }

    pub(super) fn add(&self, row: CheckRow) {
        match refused_issuer_row::certificate_row(&row) {
            Some(certificate) => {
                self.put(certificate);
                self.put(refused_issuer_row::waiting(row));
            }
            None => self.put(row),
        }
    }

    /// Adds a row, or replaces that of the same check.
    fn put(&self, row: CheckRow) {
        (self.progress)(CheckProgress::Answered(row.clone()));
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.retain(|other| other.check != row.check);
        rows.push(row);
    }
}
