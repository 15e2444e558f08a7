//! The set-up report for people: the status, what was verified, what was confirmed, and the rest. Times are in UTC.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::format::{escaped, fact_text, label, readable_time, value_name};
use super::setup_report_facts::{LEAVE_STEPS, owner, personal_data};
use crate::token_redaction::without_tokens;
use messages::{Key, Messages, keys};
use model::check::{CheckReport, CheckRow, Evidence, Outcome};
use model::connection_view::ConnectionView;
use model::guide::{GuideState, GuideStep};
use model::status::State;

/// Writes the report as Markdown.
#[must_use]
pub fn markdown(view: &ConnectionView, messages: &Messages, version: &str, now: DateTime<Utc>) -> String {
    let mut page = Page { messages, out: String::new() };
    page.head(view, version, now);
    page.verified(view);
    page.confirmed(view);
    page.capabilities(view);
    page.secrets(view);
    page.when_the_owner_leaves(view);
    page.reminders(view);
    page.personal_data(view);
    page.out
}

/// A page being written.
struct Page<'a> {
    messages: &'a Messages,
    out: String,
}

impl Page<'_> {
    fn head(&mut self, view: &ConnectionView, version: &str, now: DateTime<Utc>) {
        let name = self.safe(&view.connection.name);
        let title = if view.practice { keys::REPORT_TITLE_PRACTICE } else { keys::REPORT_TITLE };
        let practice = self.messages.text(keys::PRACTICE_WORD, &[]);
        let title = self.messages.text(title, &[("practice", &practice), ("name", &name)]);
        self.line(&format!("# {title}\n"));
        if view.practice {
            let note = self.text(keys::REPORT_PRACTICE_NOTE);
            self.line(&format!("> **{note}**\n"));
        }
        let unset = self.text(keys::REPORT_UNSET);
        let or_unset = |value: Option<String>| value.unwrap_or_else(|| unset.clone());
        let rows = [
            (keys::REPORT_HEAD_WRITTEN, readable_time(now)),
            (keys::REPORT_HEAD_VERSION, self.safe(version)),
            (keys::REPORT_HEAD_OKTA, or_unset(view.okta_url.as_deref().map(|url| self.safe(url)))),
            (keys::REPORT_HEAD_ORG_ID, or_unset(view.connection.org_id.as_deref().map(|id| self.safe(id)))),
            (keys::REPORT_HEAD_PROFILE, label(self.messages, "profile", &view.connection.profile)),
            (keys::REPORT_HEAD_KEEP, label(self.messages, "keep", &view.connection.keep)),
            (keys::REPORT_HEAD_GUIDE, self.guide(&view.setup)),
            (keys::REPORT_HEAD_STATE, label(self.messages, "state", &view.status.state)),
            (keys::REPORT_HEAD_CHECKED, or_unset(view.status.as_of.map(readable_time))),
        ];
        // Until the guide is finished, its line says more than the status.
        let guided = view.status.state == State::NeedsSetup;
        for (key, value) in rows.into_iter().filter(|(key, _)| !(guided && *key == keys::REPORT_HEAD_STATE)) {
            let key = self.text(key);
            self.line(&format!("- {key}: {value}"));
        }
        let arrival = self.arrival(view);
        self.line(&format!("\n**{arrival}**"));
    }

    /// Returns when the guide was finished, or its current step.
    fn guide(&self, setup: &GuideState) -> String {
        if let Some(at) = setup.finished {
            return self.messages.text(keys::REPORT_GUIDE_FINISHED, &[("time", &readable_time(at))]);
        }
        if setup.step == GuideStep::Done {
            return self.text(keys::REPORT_GUIDE_LAST);
        }
        let number = GuideStep::ALL.iter().take_while(|step| **step <= setup.step).count().to_string();
        let title = self.messages.by_name(&format!("ui.step.{}.title", value_name(&setup.step)), &BTreeMap::new());
        self.messages
            .text(keys::REPORT_GUIDE_AT, &[("n", &number), ("of", &GuideStep::ALL.len().to_string()), ("step", &title)])
    }

    /// Returns whether an event was found in Radiant. Only then is the connection called receiving.
    fn arrival(&self, view: &ConnectionView) -> String {
        match &view.setup.arrival {
            Some(seen) => self.messages.text(
                keys::REPORT_ARRIVAL_VERIFIED,
                &[
                    ("event", &self.safe(&seen.uuid)),
                    ("kind", &self.safe(&seen.event_type)),
                    ("published", &readable_time(seen.published)),
                    ("found", &readable_time(seen.found_at)),
                ],
            ),
            None if view.status.arrival_verified => self.text(keys::REPORT_ARRIVAL_VERIFIED_BY_CHECK),
            None => self.text(keys::REPORT_ARRIVAL_NOT_VERIFIED),
        }
    }

    fn verified(&mut self, view: &ConnectionView) {
        self.title(keys::REPORT_VERIFIED_TITLE);
        let Some(report) = &view.report else {
            return self.sentence(keys::REPORT_VERIFIED_NONE);
        };
        let (started, finished) = (readable_time(report.started), readable_time(report.finished));
        let intro = self.messages.text(keys::REPORT_VERIFIED_INTRO, &[("started", &started), ("finished", &finished)]);
        self.line(&format!("{intro}\n"));
        self.subtitle(keys::REPORT_DETAILS_TITLE);
        // What needs attention comes first.
        let rank = |row: &&CheckRow| match row.outcome {
            Outcome::Failed => 0,
            Outcome::Attention => 1,
            Outcome::Unknown => 2,
            Outcome::Passed => 3,
            Outcome::Skipped => 4,
        };
        let mut rows: Vec<_> = report.rows.iter().collect();
        rows.sort_by_key(rank);
        for row in rows {
            self.finding(row);
        }
        self.subtitle(keys::REPORT_REQUESTS_TITLE);
        self.checks(report);
    }

    fn checks(&mut self, report: &CheckReport) {
        let mut rows = Vec::new();
        for row in &report.rows {
            let title = self.check(row);
            let outcome = label(self.messages, "outcome", &row.outcome);
            if row.evidence.is_empty() {
                rows.push(vec![title, outcome, String::new(), String::new(), String::new(), readable_time(row.at)]);
                continue;
            }
            for one in &row.evidence {
                rows.push(vec![
                    title.clone(),
                    outcome.clone(),
                    self.safe(&one.endpoint),
                    self.answer(one),
                    one.request_id.as_deref().map(|id| self.safe(id)).unwrap_or_default(),
                    readable_time(row.at),
                ]);
            }
        }
        self.table(
            &[
                keys::REPORT_COLUMN_CHECK,
                keys::REPORT_COLUMN_OUTCOME,
                keys::REPORT_COLUMN_ASKED,
                keys::REPORT_COLUMN_ANSWER,
                keys::REPORT_COLUMN_REQUEST_ID,
                keys::REPORT_COLUMN_TIME,
            ],
            &rows,
        );
    }

    /// Returns the HTTP status and Okta's error code.
    fn answer(&self, one: &Evidence) -> String {
        let status = one.status.map_or_else(|| self.text(keys::REPORT_NO_ANSWER), |status| status.to_string());
        let code = one.okta_code.as_deref().map(|code| format!(" {}", self.safe(code)));
        format!("{status}{}", code.unwrap_or_default())
    }

    /// Writes the result of a check, and the remedy if it did not pass.
    fn finding(&mut self, row: &CheckRow) {
        if row.facts.is_empty() && row.code.is_none() && row.skipped.is_none() {
            return;
        }
        let (title, outcome) = (self.check(row), label(self.messages, "outcome", &row.outcome));
        let why = row.skipped.map(|why| format!(" ({})", label(self.messages, "skip", &why)));
        self.line(&format!("- **{title}**: {outcome}{}", why.unwrap_or_default()));
        if let Some(code) = row.code.filter(|_| row.outcome != Outcome::Passed) {
            let args: BTreeMap<_, _> = row.args.iter().map(|(key, value)| (key.clone(), self.safe(value))).collect();
            let text = self.messages.code(code, &args);
            self.line(&format!("  - {} {} {}", text.title, text.meaning, text.remedy));
        }
        for fact in &row.facts {
            let name = label(self.messages, "fact", &fact.key);
            let value = self.safe(&fact_text(self.messages, fact));
            self.line(&format!("  - {name}: {value}"));
        }
    }

    fn confirmed(&mut self, view: &ConnectionView) {
        self.title(keys::REPORT_CONFIRMED_TITLE);
        self.sentence(keys::REPORT_CONFIRMED_INTRO);
        let rows: Vec<_> = view
            .setup
            .confirmed
            .iter()
            .map(|one| vec![label(self.messages, "confirmable", &one.what), readable_time(one.at), self.safe(&one.by)])
            .collect();
        self.table(&[keys::REPORT_COLUMN_WHAT, keys::REPORT_COLUMN_TIME, keys::REPORT_COLUMN_WHO], &rows);
    }

    fn capabilities(&mut self, view: &ConnectionView) {
        self.title(keys::REPORT_CAPABILITIES_TITLE);
        self.sentence(if view.practice {
            keys::REPORT_CAPABILITIES_INTRO_PRACTICE
        } else {
            keys::REPORT_CAPABILITIES_INTRO
        });
        let rows: Vec<_> = view
            .report
            .iter()
            .flat_map(|report| &report.capabilities)
            .map(|row| {
                vec![
                    label(self.messages, "capability", &row.capability),
                    label(self.messages, "standing", &row.state),
                    row.granted_by.as_deref().map(|by| self.safe(by)).unwrap_or_default(),
                    self.text(if row.needed { keys::REPORT_YES } else { keys::REPORT_NO }),
                ]
            })
            .collect();
        self.table(
            &[
                keys::REPORT_COLUMN_RIGHT,
                keys::REPORT_COLUMN_STANDING,
                keys::REPORT_COLUMN_BY,
                keys::REPORT_COLUMN_NEEDED,
            ],
            &rows,
        );
    }

    fn secrets(&mut self, view: &ConnectionView) {
        self.title(keys::REPORT_SECRETS_TITLE);
        self.sentence(keys::REPORT_SECRETS_INTRO);
        let kept = view.secrets.iter().filter(|one| one.since.is_some());
        let rows: Vec<_> = kept
            .map(|one| {
                let since = one.since.map(readable_time).unwrap_or_default();
                let note = if one.this_run_only { self.text(keys::REPORT_SECRETS_THIS_RUN) } else { String::new() };
                let bound_to = one.bound_to.as_deref().map(|origin| self.safe(origin)).unwrap_or_default();
                vec![label(self.messages, "secret", &one.name), format!("{since} {note}"), bound_to]
            })
            .collect();
        self.table(&[keys::REPORT_COLUMN_SECRET, keys::REPORT_COLUMN_SINCE, keys::REPORT_COLUMN_BOUND_TO], &rows);
    }

    fn when_the_owner_leaves(&mut self, view: &ConnectionView) {
        self.title(keys::REPORT_LEAVE_TITLE);
        let owner = owner(view).map_or_else(|| self.text(keys::REPORT_LEAVE_OWNER_UNKNOWN), |login| self.safe(login));
        let intro = self.messages.text(keys::REPORT_LEAVE_INTRO, &[("owner", &owner)]);
        self.line(&format!("{intro}\n"));
        for (number, step) in LEAVE_STEPS.into_iter().enumerate() {
            let step = self.text(step);
            self.line(&format!("{}. {step}", number + 1));
        }
    }

    fn reminders(&mut self, view: &ConnectionView) {
        if view.reminders.is_empty() {
            return;
        }
        self.title(keys::REPORT_REMINDERS_TITLE);
        for one in &view.reminders {
            let text = self.messages.reminder(one);
            let (title, remedy) = (self.safe(&text.title), self.safe(&text.remedy));
            self.line(&format!("- **{title}** {remedy}"));
        }
    }

    fn personal_data(&mut self, view: &ConnectionView) {
        self.title(keys::REPORT_PERSONAL_TITLE);
        let all = personal_data(view);
        if all.is_empty() {
            return self.sentence(keys::REPORT_PERSONAL_NONE);
        }
        self.sentence(keys::REPORT_PERSONAL_INTRO);
        for one in all {
            let kind = label(self.messages, "report.personal", &one.kind);
            let value = self.safe(&one.value);
            self.line(&format!("- {kind}: {value}"));
        }
    }

    fn table(&mut self, columns: &[Key], rows: &[Vec<String>]) {
        if rows.is_empty() {
            return self.sentence(keys::REPORT_NOTHING);
        }
        let heads: Vec<_> = columns.iter().map(|key| self.text(*key)).collect();
        self.line(&format!("| {} |", heads.join(" | ")));
        self.line(&format!("|{}", " --- |".repeat(columns.len())));
        for row in rows {
            let cells: Vec<_> = row.iter().map(|cell| cell.trim()).collect();
            self.line(&format!("| {} |", cells.join(" | ")));
        }
    }

    fn check(&self, row: &CheckRow) -> String {
        self.messages.by_name(&format!("check.{}.title", value_name(&row.check)), &BTreeMap::new())
    }

    /// Returns a text from outside without tokens and markup.
    fn safe(&self, text: &str) -> String {
        escaped(&without_tokens(text, &self.text(keys::REPORT_REMOVED)))
    }

    fn text(&self, key: Key) -> String {
        self.messages.text(key, &[])
    }

    fn title(&mut self, key: Key) {
        let text = self.text(key);
        self.line(&format!("\n## {text}\n"));
    }

    fn subtitle(&mut self, key: Key) {
        let text = self.text(key);
        self.line(&format!("\n### {text}\n"));
    }

    fn sentence(&mut self, key: Key) {
        let text = self.text(key);
        self.line(&format!("{text}\n"));
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }
}
