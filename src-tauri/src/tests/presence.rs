//! The question before a token is copied, over the window's commands and a system that answers as told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use connector::place::PolicyPlace;
use messages::Messages;
use model::code::Code;
use model::preferences::Language;
use runtime::Clock;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::window::{Window, home};
use crate::clipboard::CopyWhat;
use crate::doors::Home;
use crate::events::PresenceNews;
use crate::presence::{Answer, Later, Presence, Purpose, System};

/// A system that answers as told and remembers what it was asked.
#[derive(Clone, Default)]
pub(super) struct Scripted(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    /// `None`: it cannot ask.
    answer: Option<Answer>,
    asked: Vec<Purpose>,
}

impl Scripted {
    fn answers(&self, answer: Option<Answer>) {
        self.0.lock().unwrap().answer = answer;
    }

    fn asked(&self) -> Vec<Purpose> {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }
}

impl System for Scripted {
    fn would_ask(&self, _purpose: Purpose) -> Later<'_, Result<(), Code>> {
        let answer = self.0.lock().unwrap().answer;
        Box::pin(async move { answer.map(drop).ok_or(Code::ReauthenticationMissing) })
    }

    fn ask<'a>(&'a self, purpose: Purpose, _: &'a Messages, stop: &'a CancellationToken) -> Later<'a, Answer> {
        let mut script = self.0.lock().unwrap();
        script.asked.push(purpose);
        let answer = script.answer.unwrap();
        Box::pin(async move {
            // An answer that never comes: until the app takes the question back.
            if answer == Answer::TimedOut {
                stop.cancelled().await;
                return Answer::Cancelled;
            }
            answer
        })
    }
}

/// A guide with a kept token, on a system that answers as told.
fn with_token(practice_only: bool) -> (Window, Scripted, Value) {
    let system = Scripted::default();
    let window = Window::asking(Box::new(system.clone()), tempfile::tempdir().unwrap(), practice_only);
    let id = window.call("begin_practice", json!({})).unwrap()["connection"]["id"].clone();
    window.call("practice_token", json!({"id": id, "principal": "super_admin"})).unwrap();
    (window, system, id)
}

/// The code of a refused copy. Without a clipboard, as under test, a copy that was let through fails at the clipboard or works.
fn copied(window: &Window, id: &Value) -> Option<Value> {
    let refused = window.call("copy_value", json!({"id": id, "what": "api_token"})).err()?["code"].clone();
    (refused != json!("clipboard_unavailable")).then_some(refused)
}

#[test]
fn a_token_is_copied_only_once_the_system_has_confirmed_the_person() {
    let (window, system, id) = with_token(true);
    for (answer, code) in [
        (Answer::Refused, "reauthentication_failed"),
        (Answer::Dismissed, "reauthentication_dismissed"),
        (Answer::NoAgent, "reauthentication_no_agent"),
        (Answer::Cancelled, "cancelled"),
        (Answer::Gone, "reauthentication_missing"),
    ] {
        system.answers(Some(answer));
        assert_eq!(copied(&window, &id), Some(json!(code)));
        assert_eq!(system.asked(), [Purpose::CopyToken]);
    }
    system.answers(Some(Answer::Confirmed));
    assert_eq!(copied(&window, &id), None);
    assert_eq!(copied(&window, &id), None);
    assert_eq!(system.asked(), [Purpose::CopyToken, Purpose::CopyToken], "each copy is asked about");
}

#[test]
fn what_is_no_secret_is_copied_without_a_question() {
    let (window, system, id) = with_token(true);
    system.answers(Some(Answer::Refused));
    for what in ["okta_domain", "token_name", "credential_name"] {
        let refused = window.call("copy_value", json!({"id": id, "what": what})).err();
        assert!(refused.is_none_or(|refused| refused["code"] == "clipboard_unavailable"), "{what}");
    }
    assert_eq!(system.asked(), []);
}

#[test]
fn where_the_system_cannot_ask_the_setting_says_why_and_copying_goes_on() {
    let (window, system, id) = with_token(false);
    assert_eq!(copied(&window, &id), None);
    let setting = window.call("presence_setting", json!({})).unwrap();
    assert_eq!((&setting["on"], &setting["cannot"]["code"]), (&json!(false), &json!("reauthentication_missing")));
    let refused = window.call("set_presence", json!({"on": false})).unwrap_err();
    assert_eq!(refused["code"], json!("reauthentication_missing"));
    system.answers(Some(Answer::Refused));
    assert_eq!(
        window.call("presence_setting", json!({})),
        Ok(json!({"on": true, "cannot": null})),
        "it was not switched off"
    );
    assert_eq!(system.asked(), []);
}

#[test]
fn switching_it_off_is_asked_about_and_kept_and_switching_it_on_is_not() {
    for practice_only in [false, true] {
        let (window, system, id) = with_token(practice_only);
        system.answers(Some(Answer::Dismissed));
        let refused = window.call("set_presence", json!({"on": false})).unwrap_err();
        assert_eq!(refused["code"], json!("reauthentication_dismissed"));
        assert_eq!(window.call("presence_setting", json!({})).unwrap()["on"], json!(true));
        system.answers(Some(Answer::Confirmed));
        assert_eq!(window.call("set_presence", json!({"on": false})).unwrap()["on"], json!(false));
        assert_eq!(system.asked(), [Purpose::StopAsking, Purpose::StopAsking]);
        system.answers(Some(Answer::Refused));
        assert_eq!(copied(&window, &id), None, "it is off");
        assert_eq!(window.call("set_presence", json!({"on": true})).unwrap()["on"], json!(true));
        assert_eq!(system.asked(), []);
        assert_eq!(copied(&window, &id), Some(json!("reauthentication_failed")));
    }
}

#[test]
fn the_choice_is_in_the_database_and_not_in_the_windows_preferences() {
    let (window, system, _) = with_token(false);
    system.answers(Some(Answer::Confirmed));
    window.call("set_presence", json!({"on": false})).unwrap();
    std::fs::write(window.folder().join("preferences.json"), "{\"ask_before_copying\": true}").unwrap();
    let next = Window::asking(Box::new(system), window.into_folder(), false);
    assert_eq!(next.call("presence_setting", json!({})).unwrap()["on"], json!(false));
}

#[test]
fn where_the_organisation_fixes_it_the_question_cannot_be_switched_off_and_the_window_is_told() {
    let (system, folder, policy) = (Scripted::default(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = policy.path().join("policy.json");
    std::fs::write(&file, json!({"format": 1, "ask_before_copying": true}).to_string()).unwrap();
    let home = Home { policy: Some(PolicyPlace { file: file.clone(), owner: None }), ..home(&folder, false) };
    let window = Window::of(Box::new(system.clone()), folder, home);
    let told = window.call("policy", json!({})).unwrap();
    assert_eq!((&told["standing"], &told["fixed"]["ask_before_copying"]), (&json!("believed"), &json!(true)));
    system.answers(Some(Answer::Confirmed));
    assert_eq!(window.call("set_presence", json!({"on": false})).unwrap()["on"], json!(true));
    std::fs::write(&file, json!({"format": 1}).to_string()).unwrap();
    assert_eq!(window.call("presence_setting", json!({})).unwrap()["on"], json!(true), "nothing was kept for later");
    assert_eq!(window.call("set_presence", json!({"on": false})).unwrap()["on"], json!(false), "it is no longer fixed");
}

#[test]
fn practice_alone_knows_no_policy() {
    let (folder, policy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = policy.path().join("policy.json");
    std::fs::write(&file, json!({"format": 1, "relay": false}).to_string()).unwrap();
    let home = Home { policy: Some(PolicyPlace { file, owner: None }), ..home(&folder, true) };
    let window = Window::of(Box::new(Scripted::default()), folder, home);
    let told = window.call("policy", json!({})).unwrap();
    assert_eq!(
        (&told["standing"], &told["place"], &told["fixed"]["relay"]),
        (&json!("absent"), &json!(null), &json!(null))
    );
}

/// A door to a system that answers as told, and what the window hears of it.
fn door(answer: Answer, waits: Duration) -> (Presence, Scripted, Arc<Mutex<Vec<bool>>>) {
    let (system, heard) = (Scripted::default(), Arc::new(Mutex::new(Vec::new())));
    system.answers(Some(answer));
    let hears = Arc::clone(&heard);
    let tell = move |news: PresenceNews| hears.lock().unwrap().push(news.open);
    (Presence::new(Box::new(system.clone()), Clock::system(), waits, Box::new(tell)), system, heard)
}

#[tokio::test]
async fn a_question_nobody_answers_can_be_taken_back_and_the_window_hears_of_both() {
    let (presence, system, heard) = door(Answer::TimedOut, Duration::from_secs(60));
    let words = Messages::of(Language::En);
    let taking_back = async {
        while system.asked().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(*heard.lock().unwrap(), [true]);
        assert!(presence.is_open());
        presence.cancel();
    };
    let (left, ()) = tokio::join!(presence.leave(CopyWhat::ApiToken, true, &words), taking_back);
    assert_eq!(left.unwrap_err().code, Code::Cancelled);
    assert_eq!(*heard.lock().unwrap(), [true, false]);
    assert!(!presence.is_open());
}

#[tokio::test]
async fn a_question_nobody_answers_is_taken_back_in_the_end() {
    let (presence, system, heard) = door(Answer::TimedOut, Duration::from_millis(20));
    let left = presence.leave(CopyWhat::ApiToken, true, &Messages::of(Language::En)).await;
    assert_eq!(left.unwrap_err().code, Code::ReauthenticationTimedOut);
    assert_eq!((system.asked(), &*heard.lock().unwrap()), (vec![Purpose::CopyToken], &vec![true, false]));
}
