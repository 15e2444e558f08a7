//! How the text of an organization's policy is read, and how its values take precedence over the settings.

use model::code::Code;
use model::monitor_settings::{MIN_INTERVAL_S, MonitorSettings};
use model::policy::{Policy, PolicyFinding, PolicyFindingKind, PolicyState, PolicyView, UntrustedReason};
use model::problem::Problem;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn read(value: &Value) -> Result<(Policy, Vec<PolicyFinding>), Code> {
    Policy::parse(&value.to_string()).map_err(|refused| refused.problem.code)
}

fn kinds_of(remarks: &[PolicyFinding]) -> Vec<PolicyFindingKind> {
    remarks.iter().map(|remark| remark.what).collect()
}

#[test]
fn everything_a_policy_can_fix_is_read() {
    let (policy, remarks) = read(&json!({
        "format": 1, "heartbeat_s": 300, "freshness_s": 900, "full_s": 43200, "allowed_lag_s": 1200, "rate_share": 5,
        "notices": true, "ask_before_copying": true, "launch_at_login": false,
        "response_actions": false, "relay": false, "alerts": false, "alert_names": false,
        "alert_host": " hooks.example.com ", "update_url": "https://example.com/v", "update_key": "RWQ",
        "contact": " IT Security, 4711 ",
    }))
    .unwrap();
    let expected = Policy {
        heartbeat_s: Some(300),
        freshness_s: Some(900),
        full_s: Some(43_200),
        allowed_lag_s: Some(1_200),
        rate_share: Some(5),
        notices: Some(true),
        ask_before_copying: Some(true),
        launch_at_login: Some(false),
        response_actions: Some(false),
        relay: Some(false),
        alerts: Some(false),
        alert_names: Some(false),
        alert_host: Some("hooks.example.com".to_owned()),
        update_url: Some("https://example.com/v".to_owned()),
        update_key: Some("RWQ".to_owned()),
        contact: Some("IT Security, 4711".to_owned()),
    };
    assert_eq!((policy, remarks), (expected, Vec::new()));
}

#[test]
fn a_value_that_cannot_apply_as_written_is_reported() {
    let (policy, remarks) = read(&json!({
        "format": 1, "heartbeat_s": 1, "full_s": -5, "allowed_lag_s": 1e300, "rate_share": 99, "relay": true,
        "heartbeat": 300, "Notices": false, "contact": "a\nb",
    }))
    .unwrap();
    assert_eq!((policy.heartbeat_s, policy.full_s, policy.allowed_lag_s), (Some(60), Some(600), Some(86_400)));
    assert_eq!(policy.rate_share, Some(50));
    assert_eq!((policy.relay, policy.notices, policy.contact.as_deref()), (None, None, Some("ab")));
    let kinds = [
        PolicyFindingKind::FixesNothing,
        PolicyFindingKind::ContactChanged,
        PolicyFindingKind::UnknownKeys,
        PolicyFindingKind::UnknownKeys,
    ];
    assert_eq!(kinds_of(&remarks), [&kinds[..], &[PolicyFindingKind::OutOfBounds; 4]].concat());
    assert_eq!([&remarks[2], &remarks[3]].map(|remark| remark.args["keys"].as_str()), ["heartbeat", "Notices"]);
    let args = ["key", "written", "taken"].map(|name| remarks[5].args[name].as_str());
    assert_eq!(args, ["full_s", "-5", "600"]);
}

#[test]
fn a_text_is_read_as_a_whole_or_not_at_all() {
    for text in
        ["", "[]", "null", "{", "{\"relay\": false}", "{\"format\": 0}", "{\"format\": \"1\"}", "{\"format\": 1} x"]
    {
        assert_eq!(Policy::parse(text).map_err(|refused| refused.problem.code), Err(Code::PolicyGarbled), "{text}");
    }
    for (key, value) in [
        ("heartbeat_s", json!("300")),
        ("freshness_s", json!(0.5)),
        ("full_s", json!(null)),
        ("notices", json!(1)),
        ("response_actions", json!("false")),
        ("alert_host", json!(["hooks.example.com"])),
        ("contact", json!(["a"])),
    ] {
        let refused = Policy::parse(&json!({"format": 1, "relay": false, key: value}).to_string()).unwrap_err();
        assert_eq!(refused.problem.code, Code::PolicyGarbled);
        let [fault] = refused.remarks.as_slice() else { panic!("{refused:?}") };
        assert_eq!((fault.what.is_fault(), fault.args["key"].as_str()), (true, key));
    }
    assert_eq!(read(&json!({"format": 2, "relay": "?"})), Err(Code::PolicyNewer));
    assert!(Policy::parse("\u{feff}{\"format\": 1}").is_ok(), "a byte order mark");
}

#[test]
fn every_error_in_a_text_is_reported_with_its_line() {
    let text = "{\n  \"format\": 1,\n  \"heartbeat_s\": \"often\",\n  \"full_s\": 1,\n  \"relay\": 0,\n
  \"colour\": \"blue\",\n  \"contact\": {\"full_s\": 7},\n  \"relay\": \"no\"\n}";
    let refused = Policy::parse(text).unwrap_err();
    let told: Vec<_> = refused.remarks.iter().map(|one| (one.what, one.line)).collect();
    let expected = [
        (PolicyFindingKind::WantsNumber, 3),
        (PolicyFindingKind::OutOfBounds, 4),
        (PolicyFindingKind::UnknownKeys, 7),
        (PolicyFindingKind::WantsText, 8),
        (PolicyFindingKind::WrittenTwice, 9),
        (PolicyFindingKind::WantsFlag, 9),
    ];
    assert_eq!(told, expected.map(|(what, line)| (what, Some(line))));
    let nothing = Policy::parse("{\"full_s\": true}").unwrap_err();
    assert_eq!(told_of(&nothing), [PolicyFindingKind::WantsNumber, PolicyFindingKind::WantsFormat]);
    let syntax = Policy::parse("{\"format\": 1,\n  relay: false}").unwrap_err();
    assert!(syntax.problem.detail.unwrap().contains("line 2"), "where it ends to be JSON");
}

fn told_of(refused: &UntrustedReason) -> Vec<PolicyFindingKind> {
    kinds_of(&refused.remarks)
}

#[test]
fn all_unknown_keys_are_counted_however_many_there_are() {
    let mut members: Map<String, Value> = (0..500).map(|n| (format!("key{n:03}"), json!(n))).collect();
    members.insert("format".to_owned(), json!(1));
    let (_, remarks) = read(&Value::Object(members)).unwrap();
    assert_eq!(remarks.len(), 21);
    assert!(remarks[20].args["keys"].starts_with("key020, key021"), "{:?}", remarks[20]);
}

#[test]
fn a_policy_that_is_not_believed_forbids_and_changes_nothing_else() {
    let view = PolicyView::from_result("here".to_owned(), Err(Problem::new(Code::PolicyGarbled).into()));
    assert_eq!((view.standing, &view.fixed), (PolicyState::NotBelieved, &Policy::fail_safe()));
    assert_eq!((view.fixed.response_actions, view.fixed.relay), (Some(false), Some(false)));
    assert_eq!((view.fixed.alerts, view.fixed.alert_names), (Some(false), Some(false)));
    let own = MonitorSettings { heartbeat_s: 77, notices: false, ..MonitorSettings::default() };
    assert_eq!(view.fixed.apply_to(own.clone()), own);
}

#[test]
fn stored_settings_apply_again_without_a_policy() {
    let own = MonitorSettings { heartbeat_s: 120, full_s: 3_600, rate_share: 20, ..MonitorSettings::default() };
    let policy = Policy { heartbeat_s: Some(900), rate_share: Some(5), notices: Some(true), ..Policy::default() };
    let shown = policy.apply_to(own.clone());
    assert_eq!((shown.heartbeat_s, shown.full_s, shown.rate_share), (900, 3_600, 5));
    let kept = policy.settings_to_store(MonitorSettings { full_s: 7_200, notices: false, ..shown }, &own);
    assert_eq!((kept.heartbeat_s, kept.full_s, kept.rate_share, kept.notices), (120, 7_200, 20, true));
}

fn settings() -> impl Strategy<Value = MonitorSettings> {
    (any::<[u32; 5]>(), any::<bool>()).prop_map(|(figures, notices)| {
        let [heartbeat_s, freshness_s, full_s, allowed_lag_s, rate_share] = figures;
        let settings = MonitorSettings::default();
        MonitorSettings { heartbeat_s, freshness_s, full_s, allowed_lag_s, rate_share, notices, ..settings }
    })
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        any::<bool>().prop_map(|flag| json!(flag)),
        any::<String>().prop_map(|text| json!(text)),
        Just(Value::Null),
    ]
}

fn key() -> impl Strategy<Value = String> {
    let known = [
        "heartbeat_s",
        "freshness_s",
        "full_s",
        "allowed_lag_s",
        "rate_share",
        "notices",
        "relay",
        "alerts",
        "response_actions",
        "contact",
    ];
    prop_oneof![3 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => any::<String>()]
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>()) {
        drop(Policy::parse(&text));
    }

    #[test]
    fn any_policy_holds_within_bounds_or_not_at_all(
        members in proptest::collection::btree_map(key(), value(), 0..6),
        settings in settings(),
    ) {
        let mut object: Map<String, Value> = members.clone().into_iter().filter(|(key, _)| key != "format").collect();
        object.insert("format".to_owned(), json!(1));
        let read = Policy::parse(&Value::Object(object).to_string());
        let wrong_flag = ["relay", "response_actions"].iter().any(|key| members.get(*key).is_some_and(|value| !value.is_boolean()));
        prop_assert!(read.is_err() || !wrong_flag);
        let Ok((policy, remarks)) = read else { return Ok(()) };
        let fixed = policy.apply_to(settings.clone().bounded(MIN_INTERVAL_S));
        prop_assert_eq!(&fixed.clone().bounded(MIN_INTERVAL_S), &fixed);
        prop_assert!(policy.relay != Some(true) && policy.response_actions != Some(true), "a policy only forbids");
        prop_assert!(policy.contact.iter().all(|contact| contact.chars().count() <= 200));
        let unknown = members.keys().any(|key| json!(Policy::default()).get(key).is_none() && key != "format");
        prop_assert_eq!(kinds_of(&remarks).contains(&PolicyFindingKind::UnknownKeys), unknown);
    }

    #[test]
    fn what_is_wanted_never_gets_past_what_is_fixed(wanted in settings(), own in settings(), fixed in any::<[Option<u32>; 4]>(), notices in any::<Option<bool>>()) {
        let [heartbeat_s, freshness_s, full_s, allowed_lag_s] = fixed;
        let policy = Policy { heartbeat_s, freshness_s, full_s, allowed_lag_s, notices, ..Policy::default() };
        let kept = policy.settings_to_store(wanted.clone(), &own);
        let shown = policy.apply_to(kept.clone());
        prop_assert_eq!(&policy.apply_to(wanted.clone()), &shown, "what is not fixed is as wanted");
        let untouched = if heartbeat_s.is_some() { own.heartbeat_s } else { wanted.heartbeat_s };
        prop_assert_eq!(kept.heartbeat_s, untouched, "what is fixed leaves the own choice alone");
        prop_assert_eq!(policy.settings_to_store(kept.clone(), &own), kept, "keeping twice changes nothing");
    }
}
