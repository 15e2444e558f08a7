//! The verdict on a delivery: the whole table, and what must hold for every attempt.

use std::time::Duration;

use model::relay::UndeliverableReason;
use model::relay_delivery_verdict::{
    AnswerBody, Attempt, BackOff, Delivery, HoldReason, RetryReason, Verdict, answer_body, verdict,
};
use proptest::prelude::*;

const BIG: u64 = 1_000_000;

fn answered(status: u16) -> Delivery {
    Delivery::Answered { status, body: AnswerBody::Acceptable }
}

fn first(delivery: Delivery, events: u32) -> Verdict {
    verdict(&attempt(delivery, events))
}

fn attempt(delivery: Delivery, events: u32) -> Attempt {
    Attempt { delivery, events, bytes: BIG, resets: 1, rejections: 1, set_aside_in_a_row: 0 }
}

#[test]
fn only_a_success_with_an_acceptable_body_settles() {
    for status in [200, 201, 202, 204, 299] {
        assert_eq!(first(answered(status), 9), Verdict::Settle, "{status}");
    }
    let body = |body| first(Delivery::Answered { status: 200, body }, 9);
    assert_eq!(body(AnswerBody::Page), Verdict::Retry(RetryReason::NotTaken));
    assert_eq!(body(AnswerBody::Error), Verdict::Split);
    assert_eq!(
        first(Delivery::Answered { status: 200, body: AnswerBody::Error }, 1),
        Verdict::Retry(RetryReason::NotTaken)
    );
}

#[test]
fn what_concerns_the_receiver_is_never_final() {
    for status in [401, 402, 403, 404, 405, 407, 410, 421, 426, 451, 511] {
        for events in [1, 9] {
            let worn = Attempt { rejections: 99, resets: 99, ..attempt(answered(status), events) };
            assert_eq!(verdict(&worn), Verdict::Hold(HoldReason::Refused), "{status}");
        }
    }
    for status in [300, 301, 302, 303, 307, 308, 399] {
        assert_eq!(first(answered(status), 1), Verdict::Hold(HoldReason::Redirected), "{status}");
    }
    for status in [408, 425, 429, 500, 502, 503, 504, 599, 100, 600] {
        let worn = Attempt { rejections: 99, resets: 99, ..attempt(answered(status), 1) };
        assert_eq!(verdict(&worn), Verdict::Retry(RetryReason::Unavailable), "{status}");
    }
    assert_eq!(first(Delivery::Unreachable, 1), Verdict::Retry(RetryReason::Unavailable));
    assert_eq!(first(Delivery::Untrusted, 1), Verdict::Hold(HoldReason::Untrusted));
}

#[test]
fn what_concerns_the_request_splits_it_until_one_event_is_left() {
    for status in [400, 409, 413, 414, 415, 418, 422, 431] {
        assert_eq!(first(answered(status), 2), Verdict::Split, "{status}");
    }
    assert_eq!(first(answered(413), 1), Verdict::SetAside(UndeliverableReason::TooLarge));
    let rejected = |rejections| verdict(&Attempt { rejections, ..attempt(answered(422), 1) });
    let again = Verdict::Retry(RetryReason::Rejected);
    assert_eq!([1, 2, 3].map(rejected), [again, again, Verdict::SetAside(UndeliverableReason::Rejected)]);
    let page = first(Delivery::Answered { status: 400, body: AnswerBody::Page }, 2);
    assert_eq!(page, Verdict::Retry(RetryReason::NotTaken), "an edge that did not look at the events");
}

#[test]
fn repeated_resets_split_big_requests_only() {
    let reset = |events, bytes, resets| verdict(&Attempt { bytes, resets, ..attempt(Delivery::Reset, events) });
    let again = Verdict::Retry(RetryReason::Unavailable);
    assert_eq!([1, 2].map(|resets| reset(9, BIG, resets)), [again, Verdict::Split]);
    assert_eq!([1, 2, 99].map(|resets| reset(9, 1_000, resets)), [again; 3], "a small one meets a broken network");
    assert_eq!(
        [1, 5, 6].map(|resets| reset(1, BIG, resets)),
        [again, again, Verdict::SetAside(UndeliverableReason::TooLarge)]
    );
    let slow = |events, resets| verdict(&Attempt { resets, ..attempt(Delivery::TimedOut, events) });
    assert_eq!((slow(9, 2), slow(1, 99)), (Verdict::Split, again), "a slow receiver may have taken the event");
}

#[test]
fn a_receiver_that_rejects_everything_holds_the_queue() {
    let row = |set_aside_in_a_row| verdict(&Attempt { rejections: 3, set_aside_in_a_row, ..attempt(answered(400), 1) });
    assert_eq!(row(9), Verdict::SetAside(UndeliverableReason::Rejected));
    assert_eq!(row(10), Verdict::Hold(HoldReason::EverythingRejected));
    let large = verdict(&Attempt { set_aside_in_a_row: 10, ..attempt(answered(413), 1) });
    assert_eq!(large, Verdict::Hold(HoldReason::EverythingRejected));
}

#[test]
fn a_body_that_names_an_error_is_none_that_accepts() {
    for accepted in [
        "",
        " \n",
        "ok",
        "OK",
        "accepted",
        "{}",
        "[]",
        "null",
        "7",
        "true",
        r#"{"status":"ok"}"#,
        r#"{"status":200}"#,
        r#"{"errors":false,"items":[]}"#,
        r#"{"error":null}"#,
        r#"{"errors":[]}"#,
        r#"{"success":true}"#,
        r#"{"failed":0,"accepted":9}"#,
        r#"{"message":"error budget is fine"}"#,
        r#"{"code":0}"#,
    ] {
        assert_eq!(answer_body(accepted.as_bytes(), false), AnswerBody::Acceptable, "{accepted}");
    }
    for refused in [
        r#"{"error":"invalid token"}"#,
        r#"{"errors":true}"#,
        r#"{"errors":[{"index":0}]}"#,
        r#"{"success":false}"#,
        r#"{"ok":false}"#,
        r#"{"status":"error"}"#,
        r#"{"status":500}"#,
        r#"{"statusCode":401}"#,
        r#"{"failed":1}"#,
        r#"{"rejected":3}"#,
        r#"[{"error":{"type":"x"}}]"#,
        "Error: nothing was stored",
        "false",
        r#""failed""#,
    ] {
        assert_eq!(answer_body(refused.as_bytes(), false), AnswerBody::Error, "{refused}");
    }
    assert_eq!(answer_body(b"{}", true), AnswerBody::Page);
}

#[test]
fn waits_double_up_to_the_longest_and_obey_the_receiver() {
    let back_off = BackOff { first: Duration::from_secs(1), longest: Duration::from_secs(60) };
    let most = |failures| back_off.wait(failures, None, 999).as_millis();
    assert!(
        [1, 2, 3, 7, 99]
            .map(most)
            .into_iter()
            .zip([1_000, 2_000, 4_000, 60_000, 60_000])
            .all(|(is, most)| { is <= most && is + most / 500 >= most })
    );
    assert_eq!(back_off.wait(3, None, 0), Duration::from_secs(2), "half at least");
    assert_eq!(back_off.wait(1, Some(Duration::from_secs(37)), 0), Duration::from_secs(37));
    assert_eq!(back_off.wait(1, Some(Duration::from_secs(999_999)), 0), Duration::from_secs(3_600));
}

proptest! {
    /// Events are given up for one reason alone: a request with nothing but the one event was refused for its content or size.
    #[test]
    fn no_event_is_settled_or_set_aside_without_an_answer_that_says_so(attempt in any_attempt()) {
        match verdict(&attempt) {
            Verdict::Settle => {
                let is_success = matches!(attempt.delivery, Delivery::Answered { status: 200..=299, body: AnswerBody::Acceptable });
                prop_assert!(is_success, "{attempt:?}");
            }
            Verdict::SetAside(_) => {
                let is_refusal = match attempt.delivery {
                    Delivery::Answered { status, body } => {
                        let is_error_inside = (200..300).contains(&status) && body == AnswerBody::Error;
                        is_error_inside || ((400..500).contains(&status) && ![401, 403, 404, 408, 429].contains(&status))
                    }
                    Delivery::Reset => attempt.resets > 1,
                    Delivery::TimedOut | Delivery::Unreachable | Delivery::Untrusted => false,
                };
                prop_assert!(is_refusal && attempt.events == 1 && attempt.set_aside_in_a_row < 10, "{attempt:?}");
            }
            Verdict::Split => prop_assert!(attempt.events > 1, "{attempt:?}"),
            Verdict::Retry(_) | Verdict::Hold(_) => {}
        }
    }

    #[test]
    fn any_body_is_read_without_a_panic(body in proptest::collection::vec(any::<u8>(), 0..200), is_page in any::<bool>()) {
        prop_assert_eq!(answer_body(&body, is_page) == AnswerBody::Page, is_page);
    }

    #[test]
    fn a_wait_is_never_longer_than_it_may_be(failures in any::<u32>(), random in any::<u64>()) {
        let back_off = BackOff::default();
        let wait = back_off.wait(failures, None, random);
        prop_assert!(wait <= back_off.longest && wait >= back_off.first / 2);
    }
}

fn any_attempt() -> impl Strategy<Value = Attempt> {
    let body = prop_oneof![Just(AnswerBody::Acceptable), Just(AnswerBody::Page), Just(AnswerBody::Error)];
    let delivery = prop_oneof![
        8 => (100..600_u16, body).prop_map(|(status, body)| Delivery::Answered { status, body }),
        1 => Just(Delivery::Reset),
        1 => Just(Delivery::TimedOut),
        1 => Just(Delivery::Unreachable),
        1 => Just(Delivery::Untrusted),
    ];
    (delivery, 1..5_u32, prop_oneof![Just(10_u64), Just(BIG)], 0..9_u32, 0..9_u32, 0..12_u32).prop_map(
        |(delivery, events, bytes, resets, rejections, set_aside_in_a_row)| Attempt {
            delivery,
            events,
            bytes,
            resets,
            rejections,
            set_aside_in_a_row,
        },
    )
}
