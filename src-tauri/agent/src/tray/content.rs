//! The content of the tray: icon, tooltip and menu for a list of connections.
//!
//! The worst connections come first, one line each, and only a few, because some desktops cut a long tooltip off. "Radiant is
//! receiving" is shown only where the app verified it.

use messages::{Key, Messages, keys};
use model::alert::AlertFailure;
use model::connection::Keep;
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::status::{State, TrayIcon};

use super::choice::TrayChoice;

/// Number of connections that are listed when there are more.
const LISTED: usize = 7;
/// Longest connection name that is shown in full, in characters.
const NAME_LENGTH: usize = 40;

/// One entry of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MenuEntry {
    /// A separator.
    Separator,
    /// A menu item.
    Item {
        /// What a person chooses with it.
        choice: TrayChoice,
        /// Its text.
        text: String,
        /// Whether it can be chosen.
        enabled: bool,
    },
}

/// Everything the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrayContent {
    /// The icon.
    pub icon: TrayIcon,
    /// The tooltip, one line for each connection.
    pub tooltip: String,
    /// The menu.
    pub entries: Vec<MenuEntry>,
}

impl TrayContent {
    /// Returns the content for the connections.
    #[must_use]
    pub fn of(views: &[ConnectionView], paused: bool, messages: &Messages, practice: bool) -> Self {
        let mut worst_first: Vec<&ConnectionView> = views.iter().collect();
        worst_first.sort_by_key(|view| urgency(view.status.state));
        let icon = worst_first.first().map_or(TrayIcon::Attention, |view| view.status.state.tray_icon());
        let lines = lines(&worst_first, messages);
        let checkable = views.iter().any(is_checkable);
        // Every line of a practice connection names practice itself.
        let practice = (practice && views.is_empty()).then(|| messages.text(keys::PRACTICE_WORD, &[]));
        Self { icon, ..Self::with(practice.into_iter().chain(lines).collect(), checkable, paused, messages) }
    }

    /// Returns the content for a problem that keeps the app from working at all.
    #[must_use]
    pub fn of_problem(problem: &Problem, messages: &Messages) -> Self {
        let title = messages.code(problem.code, &problem.args).title;
        Self { icon: TrayIcon::Stopped, ..Self::with(vec![title], false, false, messages) }
    }

    /// Adds a line about team alerts that fail. The icon stays that of the connections.
    #[must_use]
    pub fn with_alert_failure(mut self, failure: Option<&AlertFailure>, messages: &Messages) -> Self {
        let Some(AlertFailure { problem, .. }) = failure else { return self };
        let title = messages.code(problem.code, &problem.args).title;
        let text = messages.text(keys::TRAY_ALERTS_FAILED, &[("problem", &title)]);
        let end = self.entries.iter().position(|entry| *entry == MenuEntry::Separator).unwrap_or(self.entries.len());
        self.tooltip = format!("{}\n{text}", self.tooltip);
        self.entries.insert(end, MenuEntry::Item { choice: TrayChoice::Open(None), text, enabled: true });
        self
    }

    fn with(lines: Vec<String>, checkable: bool, paused: bool, messages: &Messages) -> Self {
        let item = |choice, key: Key, enabled| MenuEntry::Item { choice, text: messages.text(key, &[]), enabled };
        let mut entries: Vec<MenuEntry> = lines
            .iter()
            .map(|line| MenuEntry::Item { choice: TrayChoice::Open(None), text: line.clone(), enabled: true })
            .collect();
        entries.push(MenuEntry::Separator);
        entries.push(item(TrayChoice::CheckNow, keys::TRAY_CHECK_NOW, checkable));
        entries.push(item(TrayChoice::Open(None), keys::TRAY_OPEN, true));
        entries.push(match paused {
            true => item(TrayChoice::Resume, keys::TRAY_RESUME_NOTICES, true),
            false => item(TrayChoice::Pause, keys::TRAY_PAUSE_NOTICES, true),
        });
        entries.push(MenuEntry::Separator);
        entries.push(item(TrayChoice::Quit, keys::TRAY_QUIT, true));
        Self { icon: TrayIcon::Ok, tooltip: lines.join("\n"), entries }
    }
}

/// Tells whether *Check now* checks a connection: its guide is finished and a token is kept.
pub(crate) fn is_checkable(view: &ConnectionView) -> bool {
    let keeps_token = view.connection.keep != Keep::Nothing && view.status.state != State::Unwatched;
    view.setup.finished.is_some() && keeps_token
}

/// Returns the sort order of a state, the most urgent first.
fn urgency(state: State) -> u8 {
    match state {
        State::Stopped => 0,
        State::Attention => 1,
        State::Unknown => 2,
        State::NeedsSetup => 3,
        State::Paused => 4,
        State::Working => 5,
        State::Ok => 6,
        State::Unwatched => 7,
    }
}

/// Returns a line for each connection; for many, the worst ones and the number of the others.
fn lines(worst_first: &[&ConnectionView], messages: &Messages) -> Vec<String> {
    // One more connection takes no more room than the line that counts it.
    let shown = if worst_first.len() <= LISTED + 1 { worst_first.len() } else { LISTED };
    let mut lines: Vec<String> = worst_first[..shown].iter().map(|view| line(view, messages)).collect();
    match worst_first.len() - shown {
        0 if lines.is_empty() => lines.push(messages.text(keys::TRAY_NO_CONNECTION, &[])),
        0 => {}
        more => lines.push(messages.text(keys::TRAY_MORE, &[("count", &more.to_string())])),
    }
    lines
}

/// Truncates a long name.
fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME_LENGTH {
        return name.to_owned();
    }
    let short: String = name.chars().take(NAME_LENGTH - 1).collect();
    format!("{}\u{2026}", short.trim_end())
}

fn line(view: &ConnectionView, messages: &Messages) -> String {
    let name = match view.connection.name.as_str() {
        "" => messages.text(keys::TRAY_UNNAMED, &[]),
        name => shortened(name),
    };
    let status = match &view.status.problem {
        Some(problem) => messages.code(problem.code, &problem.args).title,
        None => messages.status(&view.status),
    };
    format!("{}: {status}", messages.connection_name(&name, view.practice))
}

#[cfg(test)]
mod tests {
    use messages::Messages;
    use model::alert::AlertFailure;
    use model::code::Code;
    use model::connection::{Connection, ConnectionId, Keep, Profile};
    use model::connection_view::{ConnectionRecord, ConnectionView};
    use model::guide::GuideState;
    use model::monitor::MonitorState;
    use model::monitor_settings::MonitorSettings;

    use model::preferences::Language;
    use model::problem::Problem;
    use model::radiant_search_settings::RadiantSearch;
    use model::status::{State, Status, TrayIcon};

    use super::{MenuEntry, TrayChoice, TrayContent};

    fn view(name: &str, state: State, problem: Option<Code>) -> ConnectionView {
        let problem = problem.map(Problem::new);
        let status =
            Status { state, problem, row: None, since: None, arrival_verified: false, as_of: None, valid_until: None };
        let record = ConnectionRecord {
            connection: Connection {
                id: ConnectionId(name.to_owned()),
                name: name.to_owned(),
                origin: None,
                org_id: None,
                profile: Profile::Response,
                keep: Keep::Token,
                radiant: RadiantSearch::default(),
                created: chrono::DateTime::UNIX_EPOCH,
            },
            setup: GuideState { finished: Some(chrono::DateTime::UNIX_EPOCH), ..GuideState::default() },
            secrets: Vec::new(),
            report: None,
            monitor: MonitorState::default(),
            rotation: None,
        };
        let clock = MonitorSettings::default().status_clock(chrono::DateTime::UNIX_EPOCH);
        ConnectionView { status, ..record.view(clock) }
    }

    fn english() -> Messages {
        Messages::load(Language::En)
    }

    fn checkable(content: &TrayContent) -> bool {
        content
            .entries
            .iter()
            .any(|entry| matches!(entry, MenuEntry::Item { choice: TrayChoice::CheckNow, enabled: true, .. }))
    }

    #[test]
    fn a_failure_of_team_alerts_is_a_line_after_the_connections_and_no_icon() {
        let views = [view("acme", State::Ok, None)];
        let plain = TrayContent::of(&views, false, &english(), false);
        assert_eq!(plain.clone().with_alert_failure(None, &english()), plain);
        let problem = Problem::new(Code::AlertUnreachable).arg("host", "hooks.example.com");
        let failure = AlertFailure { at: chrono::DateTime::UNIX_EPOCH, problem, given_up: false };
        let content = plain.clone().with_alert_failure(Some(&failure), &english());
        assert_eq!((content.icon, content.entries.len()), (plain.icon, plain.entries.len() + 1));
        let line = "Team alerts: hooks.example.com did not answer.";
        assert_eq!(content.tooltip.lines().last(), Some(line));
        assert!(matches!(&content.entries[1], MenuEntry::Item { text, enabled: true, .. } if text == line));
    }

    #[test]
    fn the_worst_connection_comes_first_and_decides_the_icon() {
        let views = [
            view("quiet", State::Ok, None),
            view("dead", State::Stopped, Some(Code::TokenRefused)),
            view("asking", State::Attention, Some(Code::ClockOff)),
        ];
        let content = TrayContent::of(&views, false, &english(), false);
        let names: Vec<_> = content.tooltip.lines().filter_map(|line| line.split(':').next()).collect();
        assert_eq!(content.icon, TrayIcon::Stopped);
        assert_eq!(names, ["dead", "asking", "quiet"]);
        assert!(checkable(&content));
    }

    #[test]
    fn of_a_hundred_connections_the_worst_are_listed_and_the_rest_is_counted() {
        let mut views: Vec<_> = (0..97).map(|n| view(&format!("quiet {n}"), State::Ok, None)).collect();
        views.push(view("asking", State::Attention, Some(Code::ClockOff)));
        views.push(view("dead", State::Stopped, Some(Code::TokenRefused)));
        views.push(view(&"long name ".repeat(30), State::Stopped, Some(Code::LogsRefused)));
        for language in [Language::En, Language::De] {
            let content = TrayContent::of(&views, false, &Messages::load(language), false);
            let lines: Vec<_> = content.tooltip.lines().collect();
            assert_eq!(lines.len(), 8, "{lines:?}");
            assert!(lines[0].starts_with("dead: ") && lines[2].starts_with("asking: "), "{lines:?}");
            assert!(lines[7].contains("93"), "{lines:?}");
            assert!(lines.iter().all(|line| line.chars().count() <= 140), "{lines:?}");
            assert!(content.entries.len() <= 14, "{} entries", content.entries.len());
        }
    }

    #[test]
    fn one_more_connection_than_fits_is_listed_rather_than_counted() {
        let views: Vec<_> = (0..8).map(|n| view(&format!("org {n}"), State::Ok, None)).collect();
        let content = TrayContent::of(&views, false, &english(), false);
        assert_eq!(content.tooltip.lines().filter(|line| line.starts_with("org ")).count(), 8, "{}", content.tooltip);
    }

    #[test]
    fn receiving_is_shown_only_where_it_was_verified() {
        let mut verified = view("one", State::Ok, None);
        let content = TrayContent::of(std::slice::from_ref(&verified), false, &english(), false);
        assert_eq!(content.tooltip, "one: Okta side ready, arrival not verified");
        verified.status.arrival_verified = true;
        let content = TrayContent::of(&[verified], false, &english(), false);
        assert_eq!(content.tooltip, "one: Radiant is receiving");
        assert_eq!(content.icon, TrayIcon::Ok);
    }

    #[test]
    fn an_unwatched_connection_is_not_a_problem_and_is_not_checked() {
        let unwatched = view("bare", State::Unwatched, None);
        let alone = TrayContent::of(std::slice::from_ref(&unwatched), false, &english(), false);
        assert_eq!((alone.icon, alone.tooltip.as_str()), (TrayIcon::Ok, "bare: Not monitored, as you chose"));
        assert!(!checkable(&alone), "no token is kept");
        let both = TrayContent::of(&[unwatched, view("held", State::Paused, None)], false, &english(), false);
        assert_eq!(both.icon, TrayIcon::Stopped, "a paused connection still counts");
        assert!(both.tooltip.starts_with("held: Paused\n") && checkable(&both), "{}", both.tooltip);
    }

    #[test]
    fn a_connection_that_nobody_checks_says_so_and_ranks_before_those_that_are_ok() {
        let stale = view("old", State::Unknown, Some(Code::NobodyChecks));
        let unreached = view("far", State::Unknown, Some(Code::DnsUnavailable));
        let silent = view("mute", State::Unknown, None);
        let all = [view("one", State::Ok, None), stale, unreached, silent, view("two", State::Working, None)];
        let content = TrayContent::of(&all, false, &english(), false);
        let lines: Vec<&str> = content.tooltip.lines().collect();
        assert_eq!(content.icon, TrayIcon::Attention);
        assert_eq!(lines[0], "old: No recent checks: monitoring may not be running.");
        assert!(lines[1].starts_with("far: ") && lines[2] == "mute: Status unknown", "{lines:?}");
    }

    #[test]
    fn an_app_without_connections_asks_for_the_first_one() {
        let content = TrayContent::of(&[], false, &english(), false);
        assert_eq!(content.icon, TrayIcon::Attention);
        assert_eq!(content.tooltip, "No connection yet");
        assert!(!checkable(&content));
    }

    #[test]
    fn practice_is_named_in_every_line_in_the_language_in_use() {
        let mut practice = view("one", State::Working, None);
        practice.practice = true;
        for (language, word) in [(Language::En, "PRACTICE"), (Language::De, "\u{dc}BUNG")] {
            let content = TrayContent::of(std::slice::from_ref(&practice), false, &Messages::load(language), true);
            assert!(content.tooltip.lines().all(|line| line.starts_with(word)), "{}", content.tooltip);
            assert_eq!(content.tooltip.matches(word).count(), 1, "{}", content.tooltip);
            let empty = TrayContent::of(&[], false, &Messages::load(language), true);
            assert!(empty.tooltip.starts_with(word), "{}", empty.tooltip);
            assert_eq!(content.icon, TrayIcon::Working);
        }
    }

    #[test]
    fn a_database_that_cannot_be_used_is_shown_as_stopped_with_its_title() {
        let content = TrayContent::of_problem(&Problem::new(Code::StoreCorrupt), &english());
        let title = english().code(Code::StoreCorrupt, &std::collections::BTreeMap::new()).title;
        assert_eq!((content.icon, content.tooltip), (TrayIcon::Stopped, title));
    }

    #[test]
    fn the_menu_always_offers_open_and_quit_in_both_languages() {
        for language in [Language::En, Language::De] {
            let content = TrayContent::of(&[view("one", State::Ok, None)], false, &Messages::load(language), false);
            for wanted in [TrayChoice::Open(None), TrayChoice::Quit] {
                let found = content
                    .entries
                    .iter()
                    .any(|entry| matches!(entry, MenuEntry::Item { choice, enabled: true, .. } if *choice == wanted));
                assert!(found, "{wanted:?} in {language:?}");
            }
            assert!(!content.tooltip.contains("tray."), "{}", content.tooltip);
        }
    }
}
