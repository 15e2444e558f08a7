//! Okta's errors: a status of two bytes, the kind of request, then the body. No code is invented.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::code::Code;
use okta::{Endpoint, OktaError, fuzzing};
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let [high, low, kind, body @ ..] = input else { return };
    let status = 400 + u16::from_be_bytes([*high, *low]) % 200;
    let endpoint = [Endpoint::Org, Endpoint::Me, Endpoint::Logs, Endpoint::Other][usize::from(*kind) % 4];
    let code = fuzzing::error_code(body);
    let parsed = serde_json::from_slice::<Value>(body).ok();
    let expected = parsed.as_ref().and_then(|body| body.get("errorCode")).and_then(Value::as_str);
    assert_eq!(code.as_deref(), expected, "exactly the errorCode of the body is read");
    let has_code = |expected: &str| code.as_deref() == Some(expected);
    let meaning = OktaError::Refused { status, code: code.clone(), endpoint }.code();
    let is_right = match meaning {
        Code::TokenRefused => status == 401 && has_code("E0000011"),
        Code::FeatureRefused => status == 401 && has_code("E0000015"),
        Code::TokenNotAccepted => status == 401 || (status == 403 && has_code("E0000005")),
        Code::PermissionRefused => status == 403 && code.is_some(),
        Code::AddressBlocked => status == 403 && (code.is_none() || endpoint == Endpoint::Org),
        Code::OrgUnknown => status == 404 && (code.is_none() || endpoint == Endpoint::Org),
        Code::RequestRejected => (400..500).contains(&status) && code.is_none() && ![401, 429].contains(&status),
        Code::OktaRateLimited => status == 429,
        Code::OktaReadOnly => status == 503 && has_code("E0000010"),
        Code::LogsSlow => status == 500 && has_code("E0000009") && endpoint == Endpoint::Logs,
        Code::OktaUnavailable => status >= 500,
        Code::AnswerUnexpected => status < 500 && code.is_some() && ![401, 403, 429].contains(&status),
        _ => false,
    };
    assert!(is_right, "{status} {code:?} {endpoint:?} means {meaning}");
});
