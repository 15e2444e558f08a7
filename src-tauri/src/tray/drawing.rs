//! What the tray shows, as data: connections and their status in, face, tooltip and menu out.
//!
//! Worst first, one line each, a few at most: a menu of a hundred lines is read by nobody, and some desktops cut a tooltip off.
//! "Radiant is receiving" is said only where the app saw it; a connection whose Okta side alone is proven says just that.

use messages::{Key, Messages, keys};
use model::connection_view::ConnectionView;
use model::problem::Problem;
use model::status::{State, TrayIcon};

/// Menu ids.
pub(super) const OPEN: &str = "open";
pub(super) const CHECK_NOW: &str = "check_now";
pub(super) const PAUSE: &str = "pause_notices";
pub(super) const RESUME: &str = "resume_notices";
pub(super) const QUIT: &str = "quit";

/// Connections with a line of their own, when there are more.
const LINES: usize = 7;
/// Characters of a connection's name that are shown.
const NAME: usize = 40;

/// One line of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// A dividing line.
    Line,
    /// Something to read or choose.
    Entry {
        /// What is reported when it is chosen.
        id: &'static str,
        /// What it says.
        text: String,
        /// Whether it can be chosen.
        enabled: bool,
    },
}

/// What the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Drawing {
    pub(super) face: TrayIcon,
    pub(super) tooltip: String,
    pub(super) items: Vec<Item>,
}

impl Drawing {
    /// Draws the connections.
    pub(super) fn of(views: &[ConnectionView], paused: bool, messages: &Messages, practice: bool) -> Self {
        let mut worst_first: Vec<&ConnectionView> = views.iter().collect();
        worst_first.sort_by_key(|view| urgency(view.status.state));
        let face = worst_first.first().map_or(TrayIcon::Attention, |view| view.status.state.face());
        let lines = listed(&worst_first, messages);
        let checkable = views.iter().any(is_checkable);
        let practice = practice.then(|| messages.text(keys::PRACTICE_WORD, &[]));
        Self { face, ..Self::with(practice.into_iter().chain(lines).collect(), checkable, paused, messages) }
    }

    /// Draws a problem that keeps the app from working at all.
    pub(super) fn of_problem(problem: &Problem, messages: &Messages) -> Self {
        let title = messages.code(problem.code, &problem.args).title;
        Self { face: TrayIcon::Stopped, ..Self::with(vec![title], false, false, messages) }
    }

    fn with(lines: Vec<String>, checkable: bool, paused: bool, messages: &Messages) -> Self {
        let entry = |id, key: Key, enabled| Item::Entry { id, text: messages.text(key, &[]), enabled };
        let mut items: Vec<Item> =
            lines.iter().map(|line| Item::Entry { id: OPEN, text: line.clone(), enabled: true }).collect();
        items.push(Item::Line);
        items.push(entry(CHECK_NOW, keys::TRAY_CHECK_NOW, checkable));
        items.push(entry(OPEN, keys::TRAY_OPEN, true));
        items.push(match paused {
            true => entry(RESUME, keys::TRAY_RESUME_NOTICES, true),
            false => entry(PAUSE, keys::TRAY_PAUSE_NOTICES, true),
        });
        items.push(Item::Line);
        items.push(entry(QUIT, keys::TRAY_QUIT, true));
        Self { face: TrayIcon::Ok, tooltip: lines.join("\n"), items }
    }
}

/// Tells whether *Check now* checks a connection: its guide is finished, and something was kept to ask with.
pub(super) fn is_checkable(view: &ConnectionView) -> bool {
    view.setup.finished.is_some() && view.status.state != State::Unwatched
}

/// The order of urgency: what has stopped comes first.
fn urgency(state: State) -> u8 {
    match state {
        State::Stopped => 0,
        State::Attention => 1,
        State::NeedsSetup => 2,
        State::Paused => 3,
        State::Working => 4,
        State::Ok => 5,
        State::Unwatched => 6,
    }
}

/// A line for each connection; of many, the worst and how many more there are.
fn listed(worst_first: &[&ConnectionView], messages: &Messages) -> Vec<String> {
    // One more line than these costs no more room than saying so.
    let shown = if worst_first.len() <= LINES + 1 { worst_first.len() } else { LINES };
    let mut lines: Vec<String> = worst_first[..shown].iter().map(|view| line(view, messages)).collect();
    match worst_first.len() - shown {
        0 if lines.is_empty() => lines.push(messages.text(keys::TRAY_NO_CONNECTION, &[])),
        0 => {}
        more => lines.push(messages.text(keys::TRAY_MORE, &[("count", &more.to_string())])),
    }
    lines
}

/// A name as it is shown: a long one is cut short.
fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.to_owned();
    }
    let short: String = name.chars().take(NAME - 1).collect();
    format!("{}\u{2026}", short.trim_end())
}

fn line(view: &ConnectionView, messages: &Messages) -> String {
    let name = match view.connection.name.as_str() {
        "" => messages.text(keys::TRAY_UNNAMED, &[]),
        name => shortened(name),
    };
    let said = match &view.status.problem {
        Some(problem) => messages.code(problem.code, &problem.args).title,
        None => messages.state(&view.status),
    };
    format!("{}: {said}", messages.named_as(&name, view.practice))
}

#[cfg(test)]
mod tests {
    use messages::Messages;
    use model::code::Code;
    use model::connection::{Connection, ConnectionId, Keep, Profile};
    use model::connection_view::{ConnectionRecord, ConnectionView};
    use model::guide::GuideState;
    use model::monitor::MonitorState;

    use model::preferences::Language;
    use model::problem::Problem;
    use model::radiant::RadiantSearch;
    use model::status::{State, Status, TrayIcon};

    use super::{CHECK_NOW, Drawing, Item, OPEN, QUIT};

    fn view(name: &str, state: State, problem: Option<Code>) -> ConnectionView {
        let problem = problem.map(Problem::new);
        let status = Status { state, problem, row: None, since: None, arrival_verified: false, as_of: None };
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
        ConnectionView { status, ..record.view() }
    }

    fn english() -> Messages {
        Messages::of(Language::En)
    }

    fn checkable(drawn: &Drawing) -> bool {
        drawn.items.iter().any(|item| matches!(item, Item::Entry { id: CHECK_NOW, enabled: true, .. }))
    }

    #[test]
    fn the_worst_connection_comes_first_and_gives_the_face() {
        let views = [
            view("quiet", State::Ok, None),
            view("dead", State::Stopped, Some(Code::TokenRefused)),
            view("asking", State::Attention, Some(Code::ClockOff)),
        ];
        let drawn = Drawing::of(&views, false, &english(), false);
        let names: Vec<_> = drawn.tooltip.lines().filter_map(|line| line.split(':').next()).collect();
        assert_eq!(drawn.face, TrayIcon::Stopped);
        assert_eq!(names, ["dead", "asking", "quiet"]);
        assert!(checkable(&drawn));
    }

    #[test]
    fn of_a_hundred_the_worst_are_shown_and_the_rest_is_counted() {
        let mut views: Vec<_> = (0..97).map(|n| view(&format!("quiet {n}"), State::Ok, None)).collect();
        views.push(view("asking", State::Attention, Some(Code::ClockOff)));
        views.push(view("dead", State::Stopped, Some(Code::TokenRefused)));
        views.push(view(&"long name ".repeat(30), State::Stopped, Some(Code::LogsRefused)));
        for language in [Language::En, Language::De] {
            let drawn = Drawing::of(&views, false, &Messages::of(language), false);
            let lines: Vec<_> = drawn.tooltip.lines().collect();
            assert_eq!(lines.len(), 8, "{lines:?}");
            assert!(lines[0].starts_with("dead: ") && lines[2].starts_with("asking: "), "{lines:?}");
            assert!(lines[7].contains("93"), "{lines:?}");
            assert!(lines.iter().all(|line| line.chars().count() <= 140), "{lines:?}");
            assert!(drawn.items.len() <= 14, "{} entries", drawn.items.len());
        }
    }

    #[test]
    fn one_more_than_fits_is_shown_rather_than_counted() {
        let views: Vec<_> = (0..8).map(|n| view(&format!("org {n}"), State::Ok, None)).collect();
        let drawn = Drawing::of(&views, false, &english(), false);
        assert_eq!(drawn.tooltip.lines().filter(|line| line.starts_with("org ")).count(), 8, "{}", drawn.tooltip);
    }

    #[test]
    fn receiving_is_said_only_where_it_was_verified() {
        let mut verified = view("one", State::Ok, None);
        let drawn = Drawing::of(std::slice::from_ref(&verified), false, &english(), false);
        assert_eq!(drawn.tooltip, "one: Okta side ready, arrival not verified");
        verified.status.arrival_verified = true;
        let drawn = Drawing::of(&[verified], false, &english(), false);
        assert_eq!(drawn.tooltip, "one: Radiant is receiving");
        assert_eq!(drawn.face, TrayIcon::Ok);
    }

    #[test]
    fn what_nobody_watches_by_choice_is_no_alarm_and_is_not_checked() {
        let unwatched = view("bare", State::Unwatched, None);
        let alone = Drawing::of(std::slice::from_ref(&unwatched), false, &english(), false);
        assert_eq!((alone.face, alone.tooltip.as_str()), (TrayIcon::Ok, "bare: Not watched, as you chose"));
        assert!(!checkable(&alone), "there is nothing to ask with");
        let both = Drawing::of(&[unwatched, view("held", State::Paused, None)], false, &english(), false);
        assert_eq!(both.face, TrayIcon::Stopped, "a pause is told as before");
        assert!(both.tooltip.starts_with("held: Paused\n") && checkable(&both), "{}", both.tooltip);
    }

    #[test]
    fn an_empty_app_asks_for_its_first_connection() {
        let drawn = Drawing::of(&[], false, &english(), false);
        assert_eq!(drawn.face, TrayIcon::Attention);
        assert_eq!(drawn.tooltip, "No connection yet");
        assert!(!checkable(&drawn));
    }

    #[test]
    fn practice_is_named_in_every_line_in_the_language_spoken() {
        let mut practice = view("one", State::Working, None);
        practice.practice = true;
        for (language, word) in [(Language::En, "PRACTICE"), (Language::De, "\u{dc}BUNG")] {
            let drawn = Drawing::of(std::slice::from_ref(&practice), false, &Messages::of(language), true);
            assert!(drawn.tooltip.lines().all(|line| line.starts_with(word)), "{}", drawn.tooltip);
            assert_eq!(drawn.face, TrayIcon::Working);
        }
    }

    #[test]
    fn a_database_that_cannot_be_used_shows_as_stopped_with_its_sentence() {
        let drawn = Drawing::of_problem(&Problem::new(Code::StoreCorrupt), &english());
        let title = english().code(Code::StoreCorrupt, &std::collections::BTreeMap::new()).title;
        assert_eq!((drawn.face, drawn.tooltip), (TrayIcon::Stopped, title));
    }

    #[test]
    fn the_menu_can_always_open_and_quit_in_both_languages() {
        for language in [Language::En, Language::De] {
            let drawn = Drawing::of(&[view("one", State::Ok, None)], false, &Messages::of(language), false);
            for wanted in [OPEN, QUIT] {
                let found = drawn
                    .items
                    .iter()
                    .any(|item| matches!(item, Item::Entry { id, enabled: true, .. } if *id == wanted));
                assert!(found, "{wanted} in {language:?}");
            }
            assert!(!drawn.tooltip.contains("tray."), "{}", drawn.tooltip);
        }
    }
}
