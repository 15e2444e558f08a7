//! The users whom every practice organization has beside the random ones: one in each status, and logins that are easy to
//! get wrong. All are fictitious, and their ids do not depend on the seed.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::random_ids_and_times::timestamp;

/// A user of every practice organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FixtureUser {
    /// Okta's id.
    pub id: &'static str,
    /// Login, which need not be an e-mail address.
    pub login: &'static str,
    /// E-mail address.
    pub email: &'static str,
    /// First name.
    pub first_name: &'static str,
    /// Last name.
    pub last_name: &'static str,
    /// SPEC UserStatus at the start.
    pub status: &'static str,
    /// SPEC RoleType values.
    pub roles: &'static [&'static str],
    /// Names of the groups.
    pub groups: &'static [&'static str],
    /// Whether Active Directory is the source of the account.
    pub is_from_directory: bool,
    /// Whether the user ever signed in.
    pub has_signed_in: bool,
}

/// An active user; the others differ from it.
pub const MIRA: FixtureUser = FixtureUser {
    id: "00uPRACTICEMIRAHOLT0",
    login: "mira.holt@practice.example",
    email: "mira.holt@practice.example",
    first_name: "Mira",
    last_name: "Holt",
    status: "ACTIVE",
    roles: &[],
    groups: &["Everyone", "Engineering"],
    is_from_directory: false,
    has_signed_in: true,
};

const fn user(
    id: &'static str,
    login: &'static str,
    first_name: &'static str,
    last_name: &'static str,
    status: &'static str,
) -> FixtureUser {
    FixtureUser { id, login, email: login, first_name, last_name, status, groups: &["Everyone"], ..MIRA }
}

/// A user who was created and not activated.
pub const STAGED: FixtureUser = FixtureUser {
    has_signed_in: false,
    ..user("00uPRACTICESTAGED000", "nils.stein@practice.example", "Nils", "Stein", "STAGED")
};
/// A user who was activated and has not set a password.
pub const PROVISIONED: FixtureUser = FixtureUser {
    has_signed_in: false,
    ..user("00uPRACTICEPROVISION", "vera.lind@practice.example", "Vera", "Lind", "PROVISIONED")
};
/// A user whose password was reset.
pub const RECOVERY: FixtureUser =
    user("00uPRACTICERECOVERY0", "omar.reyes@practice.example", "Omar", "Reyes", "RECOVERY");
/// A user whose password has expired.
pub const PASSWORD_EXPIRED: FixtureUser =
    user("00uPRACTICEPWEXPIRED", "tara.quinn@practice.example", "Tara", "Quinn", "PASSWORD_EXPIRED");
/// A user who typed a wrong password too often.
pub const LOCKED_OUT: FixtureUser =
    user("00uPRACTICELOCKEDOUT", "lars.voss@practice.example", "Lars", "Voss", "LOCKED_OUT");
/// A user whom somebody else suspended.
pub const SUSPENDED: FixtureUser =
    user("00uPRACTICESUSPENDED", "ines.falk@practice.example", "Ines", "Falk", "SUSPENDED");
/// A user who was deactivated.
pub const DEPROVISIONED: FixtureUser =
    user("00uPRACTICEDEPROVISI", "paul.gray@practice.example", "Paul", "Gray", "DEPROVISIONED");
/// An active user whose account comes from Active Directory.
pub const DIRECTORY: FixtureUser = FixtureUser {
    is_from_directory: true,
    ..user("00uPRACTICEDIRECTORY", "adele.brook@practice.example", "Adele", "Brook", "ACTIVE")
};
/// An active group administrator.
pub const GROUP_ADMIN: FixtureUser = FixtureUser {
    roles: &["USER_ADMIN"],
    ..user("00uPRACTICEGROUPADMI", "greta.moor@practice.example", "Greta", "Moor", "ACTIVE")
};
/// A service account that never signed in.
pub const SERVICE: FixtureUser = FixtureUser {
    has_signed_in: false,
    ..user("00uPRACTICESVCBACKUP", "svc-backup@practice.example", "Backup", "Service", "ACTIVE")
};
/// A user with `#` in a login without a domain.
pub const HASH: FixtureUser =
    FixtureUser { email: "ops-one@practice.example", ..user("00uPRACTICEHASHLOGIN", "ops#1", "Ops", "One", "ACTIVE") };
/// A user with `+` in a login without a domain.
pub const PLUS: FixtureUser =
    FixtureUser { email: "ops-two@practice.example", ..user("00uPRACTICEPLUSLOGIN", "ops+2", "Ops", "Two", "ACTIVE") };
/// A user with `/` in a login without a domain, whom only the id finds (SPEC getUser).
pub const SLASH: FixtureUser = FixtureUser {
    email: "ops-three@practice.example",
    ..user("00uPRACTICESLASHLOGI", "ops/3", "Ops", "Three", "ACTIVE")
};
/// A user with accents in the login.
pub const ACCENTS: FixtureUser = user("00uPRACTICEACCENTS00", "zoë.ortíz@practice.example", "Zoë", "Ortíz", "ACTIVE");
/// A user with an apostrophe in the login.
pub const APOSTROPHE: FixtureUser =
    user("00uPRACTICEAPOSTROPH", "kim.o'neil@practice.example", "Kim", "O'Neil", "ACTIVE");
/// A user who shares the part of the login before the `@` with [`SAME_SHORT_NAME`].
pub const SHORT_NAME: FixtureUser = user("00uPRACTICESAMPARK01", "sam.park@practice.example", "Sam", "Park", "ACTIVE");
/// A user who shares the part of the login before the `@` with [`SHORT_NAME`].
pub const SAME_SHORT_NAME: FixtureUser =
    user("00uPRACTICESAMPARK02", "sam.park@partner.example", "Sam", "Park", "ACTIVE");

/// All of them.
pub const ALL: [FixtureUser; 18] = [
    MIRA,
    STAGED,
    PROVISIONED,
    RECOVERY,
    PASSWORD_EXPIRED,
    LOCKED_OUT,
    SUSPENDED,
    DEPROVISIONED,
    DIRECTORY,
    GROUP_ADMIN,
    SERVICE,
    HASH,
    PLUS,
    SLASH,
    ACCENTS,
    APOSTROPHE,
    SHORT_NAME,
    SAME_SHORT_NAME,
];

impl FixtureUser {
    /// Returns Okta's object (SPEC User; its examples have null where something has not happened), without links.
    pub(crate) fn object(&self, now: DateTime<Utc>) -> Value {
        let created = timestamp(now - TimeDelta::days(300));
        let activated = if self.status == "STAGED" { Value::Null } else { created.clone() };
        let last_login = if self.has_signed_in { timestamp(now - TimeDelta::hours(30)) } else { Value::Null };
        let password_changed = if self.status == "STAGED" || self.status == "PROVISIONED" {
            Value::Null
        } else {
            timestamp(now - TimeDelta::days(60))
        };
        let changed = if self.status == "ACTIVE" { created.clone() } else { timestamp(now - TimeDelta::days(3)) };
        // SPEC AuthenticationProviderType: the name is that of the directory.
        let (source, name) =
            if self.is_from_directory { ("ACTIVE_DIRECTORY", "practice.example") } else { ("OKTA", "OKTA") };
        json!({
            "id": self.id, "status": self.status, "created": created, "activated": activated, "statusChanged": changed,
            "lastLogin": last_login, "lastUpdated": changed, "passwordChanged": password_changed, "type": {"id": "otyPRACTICE"},
            "profile": {"firstName": self.first_name, "lastName": self.last_name, "mobilePhone": null, "secondEmail": null,
                "login": self.login, "email": self.email},
            "credentials": {"provider": {"type": source, "name": name}},
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_have_the_length_of_okta_and_each_status_occurs() {
        let ids: BTreeSet<&str> = ALL.iter().map(|user| user.id).collect();
        assert!(ids.iter().all(|id| id.len() == 20 && id.starts_with("00u")));
        assert_eq!(ids.len(), ALL.len());
        let statuses: BTreeSet<&str> = ALL.iter().map(|user| user.status).collect();
        assert_eq!(statuses.len(), 8);
    }
}
