//! The codes of this app's own monitoring token, whose problems say nothing about Radiant's token.

use model::check::CheckRow;
use model::code::Code;

/// The code for Radiant's token and the one for the monitoring token. All other codes apply to both.
const MONITORING_CODES: [(Code, Code); 5] = [
    (Code::TokenRefused, Code::MonitoringTokenRefused),
    (Code::TokenNotAccepted, Code::MonitoringTokenRefused),
    (Code::OwnerNotActive, Code::MonitoringOwnerNotActive),
    (Code::LogsRefused, Code::MonitoringLogsRefused),
    (Code::LogsFeatureOff, Code::MonitoringLogsRefused),
];

/// Replaces the code of a row about the monitoring token.
pub(super) fn with_monitoring_codes(row: CheckRow) -> CheckRow {
    let replace =
        |code| MONITORING_CODES.iter().find(|(of, _)| *of == code).map_or(code, |(_, monitoring)| *monitoring);
    CheckRow { code: row.code.map(replace), ..row }
}
