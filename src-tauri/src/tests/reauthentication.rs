//! Re-authentication before a token is copied, through the window's commands and a scripted prompt.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connector::paths::PolicyPlace;
use messages::Messages;
use model::code::Code;
use model::preferences::Language;
use runtime::Clock;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::fixture_window::{FixtureWindow, start_config};
use super::scripted_prompt::ScriptedPrompt;
use crate::clipboard::CopyItem;
use crate::events::ReauthenticationPrompt;
use crate::reauthentication::{Answer, Purpose, Reauthentication};
use crate::start_config::StartConfig;

/// Opens a window with a stored token, on a system with a scripted prompt.
fn with_token(practice_only: bool) -> (FixtureWindow, ScriptedPrompt, Value) {
    let prompt = ScriptedPrompt::default();
    let window = FixtureWindow::with_prompt(Box::new(prompt.clone()), tempfile::tempdir().unwrap(), practice_only);
    let id = window.call("begin_practice", json!({})).unwrap()["connection"]["id"].clone();
    window.call("practice_token", json!({"id": id, "principal": "super_admin"})).unwrap();
    (window, prompt, id)
}

/// Returns the code of a refused copy. A permitted copy works, or fails because tests have no clipboard.
fn refusal(window: &FixtureWindow, id: &Value) -> Option<Value> {
    let refused = window.call("copy_value", json!({"id": id, "what": "api_token"})).err()?["code"].clone();
    (refused != json!("clipboard_unavailable")).then_some(refused)
}

#[test]
fn a_token_is_copied_only_once_the_system_has_confirmed_the_person() {
    let (window, prompt, id) = with_token(true);
    for (answer, code) in [
        (Answer::Refused, "reauthentication_failed"),
        (Answer::Dismissed, "reauthentication_dismissed"),
        (Answer::NoAgent, "reauthentication_no_agent"),
        (Answer::Cancelled, "cancelled"),
        (Answer::Unavailable, "reauthentication_missing"),
    ] {
        prompt.set_answer(Some(answer));
        assert_eq!(refusal(&window, &id), Some(json!(code)));
        assert_eq!(prompt.take_asked(), [Purpose::CopyToken]);
    }
    prompt.set_answer(Some(Answer::Confirmed));
    assert_eq!(refusal(&window, &id), None);
    assert_eq!(refusal(&window, &id), None);
    assert_eq!(prompt.take_asked(), [Purpose::CopyToken, Purpose::CopyToken], "each copy needs a prompt");
}

#[test]
fn an_item_that_is_not_secret_is_copied_without_a_prompt() {
    let (window, prompt, id) = with_token(true);
    prompt.set_answer(Some(Answer::Refused));
    for what in ["okta_domain", "token_name", "credential_name"] {
        let refused = window.call("copy_value", json!({"id": id, "what": what})).err();
        assert!(refused.is_none_or(|refused| refused["code"] == "clipboard_unavailable"), "{what}");
    }
    assert_eq!(prompt.take_asked(), []);
}

#[test]
fn where_the_system_cannot_ask_the_setting_says_why_and_copying_works() {
    let (window, prompt, id) = with_token(false);
    assert_eq!(refusal(&window, &id), None);
    let setting = window.call("reauthentication_setting", json!({})).unwrap();
    assert_eq!((&setting["on"], &setting["cannot"]["code"]), (&json!(false), &json!("reauthentication_missing")));
    let refused = window.call("set_reauthentication", json!({"on": false})).unwrap_err();
    assert_eq!(refused["code"], json!("reauthentication_missing"));
    prompt.set_answer(Some(Answer::Refused));
    assert_eq!(
        window.call("reauthentication_setting", json!({})),
        Ok(json!({"on": true, "cannot": null})),
        "it was not switched off"
    );
    assert_eq!(prompt.take_asked(), []);
}

#[test]
fn switching_it_off_needs_a_prompt_and_is_stored_and_switching_it_on_needs_none() {
    for practice_only in [false, true] {
        let (window, prompt, id) = with_token(practice_only);
        prompt.set_answer(Some(Answer::Dismissed));
        let refused = window.call("set_reauthentication", json!({"on": false})).unwrap_err();
        assert_eq!(refused["code"], json!("reauthentication_dismissed"));
        assert_eq!(window.call("reauthentication_setting", json!({})).unwrap()["on"], json!(true));
        prompt.set_answer(Some(Answer::Confirmed));
        assert_eq!(window.call("set_reauthentication", json!({"on": false})).unwrap()["on"], json!(false));
        assert_eq!(prompt.take_asked(), [Purpose::StopAsking, Purpose::StopAsking]);
        prompt.set_answer(Some(Answer::Refused));
        assert_eq!(refusal(&window, &id), None, "it is off");
        assert_eq!(window.call("set_reauthentication", json!({"on": true})).unwrap()["on"], json!(true));
        assert_eq!(prompt.take_asked(), []);
        assert_eq!(refusal(&window, &id), Some(json!("reauthentication_failed")));
    }
}

#[test]
fn the_choice_is_in_the_database_and_not_in_the_windows_preferences() {
    let (window, prompt, _) = with_token(false);
    prompt.set_answer(Some(Answer::Confirmed));
    window.call("set_reauthentication", json!({"on": false})).unwrap();
    std::fs::write(window.folder().join("preferences.json"), "{\"ask_before_copying\": true}").unwrap();
    let next = FixtureWindow::with_prompt(Box::new(prompt), window.into_folder(), false);
    assert_eq!(next.call("reauthentication_setting", json!({})).unwrap()["on"], json!(false));
}

fn with_policy(folder: &TempDir, file: &Path, practice_only: bool) -> StartConfig {
    let mut config = start_config(folder, practice_only);
    config.real.policy = Some(PolicyPlace { file: file.to_owned(), owner: None });
    config
}

#[test]
fn where_the_organization_fixes_it_re_authentication_cannot_be_switched_off_and_the_window_is_told() {
    let (prompt, folder, policy) =
        (ScriptedPrompt::default(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = policy.path().join("policy.json");
    std::fs::write(&file, json!({"format": 1, "ask_before_copying": true}).to_string()).unwrap();
    let config = with_policy(&folder, &file, false);
    let window = FixtureWindow::with_config(Box::new(prompt.clone()), folder, config);
    let view = window.call("policy", json!({})).unwrap();
    assert_eq!((&view["standing"], &view["fixed"]["ask_before_copying"]), (&json!("believed"), &json!(true)));
    prompt.set_answer(Some(Answer::Confirmed));
    assert_eq!(window.call("set_reauthentication", json!({"on": false})).unwrap()["on"], json!(true));
    std::fs::write(&file, json!({"format": 1}).to_string()).unwrap();
    assert_eq!(
        window.call("reauthentication_setting", json!({})).unwrap()["on"],
        json!(true),
        "nothing was stored for later"
    );
    assert_eq!(
        window.call("set_reauthentication", json!({"on": false})).unwrap()["on"],
        json!(false),
        "it is no longer fixed"
    );
}

#[test]
fn a_start_for_practice_reads_no_policy() {
    let (folder, policy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = policy.path().join("policy.json");
    std::fs::write(&file, json!({"format": 1, "relay": false}).to_string()).unwrap();
    let config = with_policy(&folder, &file, true);
    let window = FixtureWindow::with_config(Box::new(ScriptedPrompt::default()), folder, config);
    let view = window.call("policy", json!({})).unwrap();
    assert_eq!(
        (&view["standing"], &view["place"], &view["fixed"]["relay"]),
        (&json!("absent"), &json!(null), &json!(null))
    );
}

/// Returns re-authentication with a scripted prompt, and the states of the prompt that the window receives.
fn scripted(answer: Answer, timeout: Duration) -> (Reauthentication, ScriptedPrompt, Arc<Mutex<Vec<bool>>>) {
    let (prompt, states) = (ScriptedPrompt::default(), Arc::new(Mutex::new(Vec::new())));
    prompt.set_answer(Some(answer));
    let received = Arc::clone(&states);
    let on_prompt = move |state: ReauthenticationPrompt| received.lock().unwrap().push(state.open);
    (Reauthentication::new(Box::new(prompt.clone()), Clock::system(), timeout, Box::new(on_prompt)), prompt, states)
}

#[tokio::test]
async fn an_open_prompt_can_be_canceled_and_the_window_is_told_of_both() {
    let (reauthentication, prompt, states) = scripted(Answer::TimedOut, Duration::from_secs(60));
    let messages = Messages::load(Language::En);
    let canceling = async {
        while prompt.take_asked().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(*states.lock().unwrap(), [true]);
        assert!(reauthentication.is_open());
        reauthentication.cancel();
    };
    let (permit, ()) = tokio::join!(reauthentication.permit_copy(CopyItem::ApiToken, true, &messages), canceling);
    assert_eq!(permit.unwrap_err().code, Code::Cancelled);
    assert_eq!(*states.lock().unwrap(), [true, false]);
    assert!(!reauthentication.is_open());
}

#[tokio::test]
async fn a_stop_of_the_run_closes_its_prompt() {
    let (reauthentication, prompt, states) = scripted(Answer::TimedOut, Duration::from_secs(60));
    let (messages, stop) = (Messages::load(Language::En), CancellationToken::new());
    let stopping = async {
        while prompt.take_asked().is_empty() {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    let (permit, ()) = tokio::join!(reauthentication.permit_action(true, &messages, &stop), stopping);
    assert_eq!(permit.unwrap_err().code, Code::Cancelled);
    assert_eq!(*states.lock().unwrap(), [true, false]);
    let stopped = reauthentication.permit_action(true, &messages, &stop).await;
    assert_eq!(stopped.unwrap_err().code, Code::Cancelled, "a run that was stopped before asks nobody for long");
    prompt.set_answer(Some(Answer::Confirmed));
    assert!(reauthentication.permit_action(true, &messages, &CancellationToken::new()).await.is_ok());
}

#[tokio::test]
async fn a_prompt_that_nobody_answers_times_out() {
    let (reauthentication, prompt, states) = scripted(Answer::TimedOut, Duration::from_millis(20));
    let permit = reauthentication.permit_copy(CopyItem::ApiToken, true, &Messages::load(Language::En)).await;
    assert_eq!(permit.unwrap_err().code, Code::ReauthenticationTimedOut);
    assert_eq!((prompt.take_asked(), &*states.lock().unwrap()), (vec![Purpose::CopyToken], &vec![true, false]));
}
