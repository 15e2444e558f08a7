//! Summarizes the runs of `bench idle`: medians with their spread, ratios of medians, and the goals they are compared with.

use serde_json::{Value, json};

/// The figures that become ratios: their names, and their JSON pointers in a run of the real and of the bare app.
const RATIOS: [(&str, &str, &str); 4] = [
    ("memory_ratio", "/agent/pss_mb", "/tray/pss_mb"),
    ("wakeups_ratio", "/agent/wakeups_per_s", "/tray/wakeups_per_s"),
    ("window_memory_ratio", "/window/pss_mb", "/window/pss_mb"),
    // The agent runs with and without a window.
    ("window_without_agent_memory_ratio", "/window/pss_mb_without_agent", "/window/pss_mb"),
];
/// The figures of the real app that stand for themselves.
const FIGURES: [(&str, &str); 5] = [
    ("agent_pss_mb", "/agent/pss_mb"),
    ("agent_100_pss_mb", "/agent_100/pss_mb"),
    ("wakeups_per_s", "/agent/wakeups_per_s"),
    ("close_s", "/closed/seconds"),
    ("open_from_tray_ms", "/opened/painted_ms"),
];
/// The parts of a run in which another web view would share pages.
const PARTS: [&str; 5] = ["agent", "agent_100", "tray", "window", "closed"];

/// Returns the last line: ratios and figures by name, and the median and the spread of everything that was measured.
pub(super) fn summary(ours: &[Value], bare: &[Value], starts: &[Vec<Value>; 2]) -> Value {
    let mut line = json!({ "bench": "idle", "build": "release", "goals": goals(), "runs": ours.len() });
    let [start_of_ours, start_of_bare] = starts;
    line["start_ratio"] = ratio(median(start_of_ours, "/painted_ms"), median(start_of_bare, "/painted_ms"));
    for (name, of_ours, of_bare) in RATIOS {
        line[name] = ratio(median(ours, of_ours), median(bare, of_bare));
    }
    for (name, pointer) in FIGURES {
        line[name] = json!(median(ours, pointer));
    }
    line["web_processes_after_close"] = json!(figures(ours, "/closed/web_processes").last());
    let shared = PARTS.map(|part| format!("/{part}/other_web_views"));
    let shared = shared.iter().flat_map(|pointer| [figures(ours, pointer), figures(bare, pointer)]).flatten();
    line["other_web_views"] = json!(shared.max_by(f64::total_cmp));
    for (name, runs, starts) in [("ours", ours, start_of_ours), ("bare", bare, start_of_bare)] {
        line[name] = spreads(runs);
        line[name]["start"] =
            json!({ "mapped_ms": spread(starts, "/mapped_ms"), "painted_ms": spread(starts, "/painted_ms") });
    }
    line
}

fn goals() -> Value {
    json!({
        "agent_pss_mb": 20, "agent_100_pss_mb": 30, "memory_ratio": 0.4, "wakeups_ratio": 1, "close_s": 2,
        "web_processes_after_close": 0, "window_memory_ratio": 1.25, "start_ratio": 1.25,
    })
}

/// Returns the spread of every figure of a run, under the same names.
fn spreads(runs: &[Value]) -> Value {
    let mut all = runs.first().cloned().unwrap_or_default();
    for (part, figures) in all.as_object_mut().into_iter().flatten() {
        for (name, figure) in figures.as_object_mut().into_iter().flatten() {
            *figure = spread(runs, &format!("/{part}/{name}"));
        }
    }
    all
}

/// Returns the smallest value, the median and the largest.
fn spread(runs: &[Value], pointer: &str) -> Value {
    let figures = figures(runs, pointer);
    json!({ "min": figures.first(), "median": median(runs, pointer), "max": figures.last() })
}

/// Returns the values of a figure, the smallest first.
fn figures(runs: &[Value], pointer: &str) -> Vec<f64> {
    let mut figures: Vec<f64> = runs.iter().filter_map(|run| run.pointer(pointer)?.as_f64()).collect();
    figures.sort_by(f64::total_cmp);
    figures
}

fn median(runs: &[Value], pointer: &str) -> Option<f64> {
    let figures = figures(runs, pointer);
    figures.get(figures.len() / 2).copied()
}

/// Returns a ratio to two decimals; null where there is nothing to compare with.
fn ratio(ours: Option<f64>, bare: Option<f64>) -> Value {
    match (ours, bare) {
        (Some(ours), Some(bare)) if bare > 0.0 => json!(round(ours / bare)),
        _ => Value::Null,
    }
}

/// Rounds to two decimals.
pub(super) fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(agent: f64) -> Value {
        json!({ "agent": { "pss_mb": agent }, "closed": { "seconds": 0.5, "web_processes": 0 } })
    }

    fn bare(tray: f64) -> Value {
        json!({ "tray": { "pss_mb": tray } })
    }

    fn start(painted: u64) -> Value {
        json!({ "mapped_ms": 100, "painted_ms": painted })
    }

    #[test]
    fn the_summary_holds_ratios_of_medians_and_null_where_nothing_can_be_compared() {
        let runs = ([ours(19.0), ours(14.0), ours(17.0)], [bare(50.0), bare(56.0)]);
        let starts = [vec![start(300), start(900), start(500)], vec![start(400), start(250)]];
        let line = summary(&runs.0, &runs.1, &starts);
        assert_eq!(line["memory_ratio"], json!(0.3));
        assert_eq!(line["start_ratio"], json!(1.25));
        assert_eq!(line["wakeups_ratio"], Value::Null);
        assert_eq!(line["agent_100_pss_mb"], Value::Null);
        assert_eq!((&line["close_s"], &line["web_processes_after_close"]), (&json!(0.5), &json!(0.0)));
        assert_eq!(line["ours"]["start"]["painted_ms"], json!({ "min": 300.0, "median": 500.0, "max": 900.0 }));
        assert_eq!(line["ours"]["agent"]["pss_mb"], json!({ "min": 14.0, "median": 17.0, "max": 19.0 }));
    }

    #[test]
    fn every_goal_is_a_figure_of_the_summary() {
        let line = summary(&[], &[], &[Vec::new(), Vec::new()]);
        assert!(goals().as_object().into_iter().flatten().all(|(name, _)| line.get(name).is_some()));
    }

    #[test]
    fn nothing_is_divided_by_zero() {
        assert_eq!(ratio(Some(1.0), Some(0.0)), Value::Null);
        assert_eq!(ratio(None, Some(1.0)), Value::Null);
        assert_eq!(ratio(Some(1.0), Some(3.0)), json!(0.33));
    }
}
