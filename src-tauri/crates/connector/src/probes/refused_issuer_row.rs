//! Moves the finding "a proxy that nobody accepted" to the row of the certificate.
//!
//! Behind a balancer that inspects some connections, the certificate check may meet none of them and a later request one: its
//! connection is refused before the secret is sent, and the decision is asked for in the one row where it belongs.

use model::certificate_issuer::ISSUER_KEY;
use model::check::{CheckId, CheckRow, FactKey, Outcome, Skip};
use model::code::Code;

use super::finding::Finding;

/// Returns the row of the certificate with the refused issuer, when that is why another check has no result.
pub(super) fn certificate_row(row: &CheckRow) -> Option<CheckRow> {
    let rows = [(Code::TlsInspected, CheckId::Tls), (Code::RadiantTlsInspected, CheckId::RadiantTls)];
    let (code, check) = rows.into_iter().find(|(code, check)| row.code == Some(*code) && row.check != *check)?;
    let value = |key: &str| row.args.get(key).cloned().unwrap_or_default();
    let (host, issuer, key) = (value("host"), value("issuer"), value(ISSUER_KEY));
    let finding = Finding::attention(code).arg("host", host).arg("issuer", issuer.clone()).arg(ISSUER_KEY, key);
    Some(finding.fact(FactKey::Issuer, issuer).row(check, row.at, row.ms))
}

/// Returns the rows of a small probe, each refused one replaced by the row of the certificate.
pub(super) fn with_certificate_rows(rows: Vec<CheckRow>) -> Vec<CheckRow> {
    rows.into_iter().map(|row| certificate_row(&row).unwrap_or(row)).collect()
}

/// Returns the row of a check that waits for the decision.
pub(super) fn waiting(row: CheckRow) -> CheckRow {
    CheckRow { outcome: Outcome::Skipped, code: None, skipped: Some(Skip::Depends), link: None, ..row }
}
