//! Runs the guide through the window's commands against the practice organization, and inspects every answer.

use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::fixture_window::FixtureWindow;
use crate::practice_org::PRINCIPALS;

/// Calls commands and records every answer, including errors.
struct Guide {
    window: FixtureWindow,
    id: Value,
    answers: Vec<String>,
}

impl Guide {
    fn begin() -> Self {
        let window = FixtureWindow::open(true);
        let begun = window.call("begin_practice", json!({})).unwrap();
        Self { window, id: begun["connection"]["id"].clone(), answers: vec![begun.to_string()] }
    }

    fn call(&mut self, command: &str, mut arguments: Value) -> Value {
        arguments["id"] = self.id.clone();
        let answer = self.window.call(command, arguments);
        let answer = answer.unwrap_or_else(|refused| panic!("{command}: {refused}"));
        self.answers.push(answer.to_string());
        answer
    }

    fn refused(&mut self, command: &str, mut arguments: Value) -> Value {
        arguments["id"] = self.id.clone();
        let refused = self.window.call(command, arguments).unwrap_err();
        self.answers.push(refused.to_string());
        refused["code"].clone()
    }

    #[expect(clippy::disallowed_methods, reason = "the test searches every answer for the token")]
    fn assert_no_answer_has_a_token(&self, principals: &[&str]) {
        let org = self.window.state().connectors.practice_org().unwrap();
        for principal in principals {
            let token = org.token(principal).unwrap();
            assert!(token.expose_secret().len() > 20, "{principal} has a token");
            assert!(self.answers.iter().all(|answer| !answer.contains(token.expose_secret())), "{principal}");
        }
    }

    fn row(&mut self, check: &str) -> Value {
        let report = self.call("run_checks", json!({"only": null, "news": "__CHANNEL__:1"}));
        let row = report["rows"].as_array().unwrap().iter().find(|row| row["check"] == check);
        row.unwrap().clone()
    }
}

#[test]
fn the_whole_guide_runs_over_the_commands_and_no_answer_carries_a_token() {
    let mut guide = Guide::begin();
    guide.call("set_profile", json!({"profile": "response"}));
    guide.call("set_domain", json!({"typed": ""}));
    guide.call("keychain_probe", json!({}));
    assert_eq!(guide.refused("copy_value", json!({"what": "api_token"})), json!("token_missing"));
    for principal in PRINCIPALS {
        let view = guide.call("practice_token", json!({"principal": principal}));
        assert_eq!(view["secrets"][0]["name"], json!("okta_token"), "{principal}");
    }
    guide.call("practice_token", json!({"principal": "super_admin"}));
    assert_eq!(guide.row("token")["outcome"], json!("passed"));
    guide.call("confirm", json!({"what": "credential_added", "yes": true}));
    guide.call("practice_credential", json!({}));
    guide.call("practice_radiant_token", json!({}));
    guide.call("setup_report", json!({"form": "markdown"}));
    guide.call("setup_report", json!({"form": "json"}));
    guide.call("finish_setup", json!({"keep": "token", "launchAtLogin": true}));
    let relay = guide.call("practice_webhook", json!({}));
    assert_eq!((&relay["has_token"], &relay["phase"]), (&json!(true), &json!("off")));
    assert_eq!(
        guide.refused("start_relay", json!({})),
        json!("step_not_ready"),
        "nobody stated that it is the only reader"
    );
    let mut settings = relay["settings"].clone();
    settings["is_only_reader"] = json!(true);
    guide.call("configure_relay", json!({"settings": settings}));
    assert_eq!(guide.call("start_relay", json!({}))["state"]["is_on"], json!(true));
    assert_eq!(guide.refused("practice_token", json!({"principal": "nobody"})), json!("token_missing"));
    guide.assert_no_answer_has_a_token(&PRINCIPALS);
}

#[test]
fn the_token_is_rotated_over_the_commands_and_no_answer_carries_either_token() {
    let mut guide = Guide::begin();
    guide.call("set_domain", json!({"typed": ""}));
    guide.call("practice_token", json!({"principal": "super_admin"}));
    guide.call("practice_credential", json!({}));
    assert_eq!(guide.refused("begin_rotation", json!({})), json!("step_not_ready"));
    guide.call("finish_setup", json!({"keep": "token", "launchAtLogin": true}));
    let begun = guide.call("begin_rotation", json!({}));
    assert_eq!(begun["rotation"]["step"], json!("create"));
    assert_eq!(guide.refused("copy_value", json!({"what": "new_api_token"})), json!("token_missing"));
    guide.call("practice_new_token", json!({}));
    guide.call("check_new_token", json!({"news": "__CHANNEL__:1"}));
    guide.call("go_to_rotation_step", json!({"step": "update"}));
    guide.call("confirm_credential_updated", json!({"yes": true}));
    guide.call("practice_credential", json!({}));
    guide.call("go_to_rotation_step", json!({"step": "revoke"}));
    let over = guide.call("revoke_old_token", json!({}));
    assert_eq!((&over["rotation"]["step"], &over["rotation"]["revoked"]), (&json!("done"), &json!("by_app")));
    assert_eq!(guide.row("token")["outcome"], json!("passed"));
    guide.assert_no_answer_has_a_token(&["super_admin", "super_admin_next"]);
}

#[test]
fn the_token_is_rotated_where_none_is_kept_and_no_answer_carries_either_token() {
    let mut guide = Guide::begin();
    guide.call("set_domain", json!({"typed": ""}));
    guide.call("practice_token", json!({"principal": "super_admin"}));
    guide.call("practice_credential", json!({}));
    guide.call("finish_setup", json!({"keep": "nothing", "launchAtLogin": true}));
    assert_eq!(guide.call("begin_rotation", json!({}))["rotation"]["pass_through"], json!(true));
    guide.call("practice_new_token", json!({}));
    guide.call("check_new_token", json!({"news": "__CHANNEL__:1"}));
    guide.call("go_to_rotation_step", json!({"step": "update"}));
    guide.call("confirm_credential_updated", json!({"yes": true}));
    guide.call("practice_credential", json!({}));
    guide.call("go_to_rotation_step", json!({"step": "revoke"}));
    assert_eq!(guide.refused("revoke_old_token", json!({})), json!("token_missing"));
    let stored = guide.call("practice_old_token", json!({}));
    assert_eq!(stored["rotation"]["pasted"]["same"], json!(true));
    assert_eq!(guide.refused("confirm_old_token_revoked", json!({})), json!("step_not_ready"));
    let over = guide.call("revoke_old_token", json!({}));
    assert_eq!((&over["rotation"]["revoked"], &over["secrets"]), (&json!("by_app"), &json!([])));
    guide.assert_no_answer_has_a_token(&["super_admin", "super_admin_next"]);
}

#[test]
fn a_pasted_token_is_validated_by_its_format_and_refused_before_it_is_stored() {
    let mut guide = Guide::begin();
    let shape = guide.window.call("token_shape", json!({"value": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln"}));
    assert_eq!(shape, Ok(json!("token_is_jwt")));
    let arguments = json!({"name": "okta_token", "value": "", "thisRunOnly": false});
    assert_eq!(guide.refused("store_secret", arguments), json!("token_empty"));
    assert_eq!(guide.call("connection", json!({}))["secrets"], json!([]));
}

#[test]
fn a_scenario_is_found_by_the_checks_and_is_over_when_it_is_switched_off() {
    let mut guide = Guide::begin();
    guide.call("set_domain", json!({"typed": ""}));
    guide.call("practice_token", json!({"principal": "super_admin"}));
    for (scenario, check, code) in [
        ("okta_down", "token", "okta_unavailable"),
        ("captive_portal", "token", "captive_portal"),
        ("clock_off", "clock", "clock_off"),
    ] {
        guide.call("practice_fault", json!({"fault": scenario}));
        let row = guide.row(check);
        let root = guide.row("domain");
        assert!(row["code"] == code || root["code"] == code, "{scenario}: {row} {root}");
        guide.call("practice_fault", json!({"fault": null}));
        assert_eq!(guide.row(check)["outcome"], json!("passed"), "{scenario} is over");
    }
}

#[test]
fn every_scenario_that_ends_a_token_is_repaired_with_the_token_that_is_offered_first() {
    let mut guide = Guide::begin();
    guide.call("set_domain", json!({"typed": ""}));
    guide.call("practice_token", json!({"principal": "super_admin"}));
    // Each repair uses the token of the account that the connection did not use before.
    for scenario in ["owner_deactivated", "token_revoked", "right_lost", "token_restricted"] {
        guide.call("practice_fault", json!({"fault": scenario}));
        assert_ne!(guide.row("system_log")["outcome"], json!("passed"), "{scenario} hits the token in use");
        let offered = guide.call("practice_tokens", json!({}));
        guide.call("practice_token", json!({"principal": offered[0]["principal"]}));
        assert_eq!(guide.row("system_log")["outcome"], json!("passed"), "{scenario}: {}", offered[0]);
    }
    guide.call("practice_fault", json!({"fault": null}));
    assert_eq!(guide.call("practice_tokens", json!({}))[0]["principal"], json!("super_admin"));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test pastes a practice token by hand")]
fn a_token_that_was_copied_or_pasted_by_hand_leaves_one_that_repairs() {
    let mut guide = Guide::begin();
    guide.call("set_domain", json!({"typed": ""}));
    guide.call("practice_token", json!({"principal": "super_admin"}));
    let token = guide.window.state().connectors.practice_org().unwrap().copy("other_super_admin").unwrap();
    guide.call("practice_fault", json!({"fault": "token_revoked"}));
    assert_ne!(guide.row("system_log")["outcome"], json!("passed"), "the token in use is revoked");
    assert_eq!(guide.call("practice_tokens", json!({}))[0]["principal"], json!("other_super_admin"));
    let pasted = json!({"name": "okta_token", "value": token.expose_secret(), "thisRunOnly": false});
    guide.call("store_secret", pasted);
    assert_eq!(guide.row("system_log")["outcome"], json!("passed"));
    guide.call("practice_fault", json!({"fault": "owner_deactivated"}));
    assert_ne!(guide.row("system_log")["outcome"], json!("passed"), "the token that was pasted by hand is in use");
    assert_eq!(guide.call("practice_tokens", json!({}))[0]["principal"], json!("super_admin"));
}

#[test]
fn a_rotation_after_such_a_repair_creates_a_token_of_the_account_that_works() {
    let mut guide = Guide::begin();
    guide.call("set_domain", json!({"typed": ""}));
    guide.call("practice_token", json!({"principal": "super_admin"}));
    guide.call("practice_fault", json!({"fault": "owner_deactivated"}));
    guide.call("practice_token", json!({"principal": "other_super_admin"}));
    assert_eq!(guide.row("token")["outcome"], json!("passed"));
    guide.call("finish_setup", json!({"keep": "token", "launchAtLogin": true}));
    guide.call("begin_rotation", json!({}));
    guide.call("practice_new_token", json!({}));
    guide.call("check_new_token", json!({"news": "__CHANNEL__:1"}));
    let rotating = guide.call("go_to_rotation_step", json!({"step": "update"}));
    assert_eq!(rotating["rotation"]["step"], json!("update"));
    guide.assert_no_answer_has_a_token(&["other_super_admin", "other_super_admin_next"]);
}

#[test]
fn an_unknown_scenario_is_refused_by_name() {
    let guide = Guide::begin();
    let refused = guide.window.call("practice_fault", json!({"fault": "earthquake"})).unwrap_err();
    assert!(refused.to_string().contains("earthquake"), "{refused}");
}

#[test]
fn preferences_are_saved_and_damaged_ones_are_reported_and_replaced_by_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("preferences.json"), "{\"theme\": ").unwrap();
    let window = FixtureWindow::with_folder(folder, false);
    assert_eq!(
        window.call("app_info", json!({})).unwrap()["preferences_problem"]["code"],
        json!("preferences_damaged")
    );
    assert_eq!(
        window.call("preferences", json!({})).unwrap(),
        json!({"theme": "system", "language": "system", "zoom": 100})
    );
    let chosen = json!({"theme": "dark", "language": "de", "zoom": 125});
    assert_eq!(window.call("set_preferences", json!({"preferences": chosen})), Ok(chosen.clone()));
    assert_eq!(window.call("preferences", json!({})), Ok(chosen));
    let file = std::fs::read_to_string(window.folder().join("preferences.json")).unwrap();
    assert!(file.contains("\"dark\""), "{file}");
}

#[test]
fn an_address_is_built_in_rust_and_an_unknown_target_is_refused() {
    let guide = Guide::begin();
    let typed = guide.window.call("open_link", json!({"id": null, "link": {"to": "https://example.com"}}));
    assert!(typed.unwrap_err().to_string().contains("unknown variant"));
    let before = guide.window.call("open_link", json!({"id": null, "link": {"to": "okta_tokens"}})).unwrap_err();
    assert_eq!(before["code"], json!("domain_unset"));
}
