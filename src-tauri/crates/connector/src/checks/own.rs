//! The app's own monitoring token: what is wrong with it says nothing of the one Radiant was given.

use model::check::CheckRow;
use model::code::Code;

/// What is said of a token, and what of the app's own. Every other finding is as true of one as of the other.
const OWN: [(Code, Code); 4] = [
    (Code::TokenRefused, Code::MonitoringTokenRefused),
    (Code::TokenNotAccepted, Code::MonitoringTokenRefused),
    (Code::OwnerNotActive, Code::MonitoringOwnerNotActive),
    (Code::LogsRefused, Code::MonitoringLogsRefused),
];

/// Says of the app's own token what the row would else say of Radiant's.
pub(super) fn of_own_token(row: CheckRow) -> CheckRow {
    let own = |code| OWN.iter().find(|(of, _)| *of == code).map_or(code, |(_, own)| *own);
    CheckRow { code: row.code.map(own), ..row }
}
