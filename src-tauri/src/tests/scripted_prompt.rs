//! A re-authentication prompt that answers as the test sets it.

use std::sync::{Arc, Mutex};

use messages::Messages;
use model::code::Code;
use tokio_util::sync::CancellationToken;

use crate::reauthentication::{Answer, BoxFuture, Purpose, SystemPrompt};

/// A prompt with a fixed answer, which records its purposes.
#[derive(Clone, Default)]
pub(super) struct ScriptedPrompt(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    /// `None`: the system cannot ask.
    answer: Option<Answer>,
    asked: Vec<Purpose>,
}

impl ScriptedPrompt {
    /// Sets the answer from now on.
    pub(super) fn set_answer(&self, answer: Option<Answer>) {
        self.0.lock().unwrap().answer = answer;
    }

    /// Returns the purposes of the prompts since the last call.
    pub(super) fn take_asked(&self) -> Vec<Purpose> {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }
}

impl SystemPrompt for ScriptedPrompt {
    fn availability(&self, _purpose: Purpose) -> BoxFuture<'_, Result<(), Code>> {
        let answer = self.0.lock().unwrap().answer;
        Box::pin(async move { answer.map(drop).ok_or(Code::ReauthenticationMissing) })
    }

    fn ask<'a>(&'a self, purpose: Purpose, _: &'a Messages, stop: &'a CancellationToken) -> BoxFuture<'a, Answer> {
        let mut script = self.0.lock().unwrap();
        script.asked.push(purpose);
        let answer = script.answer.unwrap();
        Box::pin(async move {
            // A timeout is a prompt that never answers by itself.
            if answer == Answer::TimedOut {
                stop.cancelled().await;
                return Answer::Cancelled;
            }
            answer
        })
    }
}
