//! Refusals of Okta: a status of two bytes, what was asked, then the body. No code is made up.
#![no_main]

use model::code::Code;
use okta::{Endpoint, OktaError, fuzzing};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let [high, low, what, body @ ..] = input else { return };
    let status = 400 + u16::from_be_bytes([*high, *low]) % 200;
    let asked = [Endpoint::Org, Endpoint::Logs, Endpoint::Other][usize::from(*what) % 3];
    let code = fuzzing::error_code(body);
    let there = serde_json::from_slice::<Value>(body).ok();
    let there = there.as_ref().and_then(|body| body.get("errorCode")).and_then(Value::as_str);
    assert_eq!(code.as_deref(), there, "what is not there is not read, and what is there is");
    let known = |known: &str| code.as_deref() == Some(known);
    let meant = OktaError::Refused { status, code: code.clone(), asked }.code();
    let fits = match meant {
        Code::TokenRefused => status == 401 && known("E0000011"),
        Code::FeatureRefused => status == 401 && known("E0000015"),
        Code::TokenNotAccepted => status == 401 || (status == 403 && known("E0000005")),
        Code::PermissionRefused => status == 403,
        Code::OrgUnknown => status == 404 && asked == Endpoint::Org,
        Code::OktaRateLimited => status == 429,
        Code::OktaReadOnly => status == 503 && known("E0000010"),
        Code::LogsSlow => status == 500 && known("E0000009") && asked == Endpoint::Logs,
        Code::OktaUnavailable => status >= 500,
        Code::AnswerUnexpected => status < 500 && ![401, 403, 429].contains(&status),
        _ => false,
    };
    assert!(fits, "{status} {code:?} {asked:?} means {meant}");
});
