//! The text format of Prometheus (version 0.0.4): one `# HELP` and one `# TYPE` line per metric, then its samples.

use std::fmt::Write as _;

use model::sanitized_text::single_line;

/// The longest value of a label in characters.
const MAX_LABEL: usize = 200;

/// The kind of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A number that only grows while the process runs.
    Counter,
    /// A number that grows and shrinks.
    Gauge,
}

/// A text that is being written.
#[derive(Debug, Default)]
pub(crate) struct MetricsText(String);

impl MetricsText {
    /// Adds a metric with one sample without labels.
    pub(crate) fn one(&mut self, kind: Kind, name: &str, help: &str, value: f64) {
        self.each(kind, name, help, &[(&[], value)]);
    }

    /// Adds a metric with a sample for each set of labels. A value that is no finite number is left out.
    pub(crate) fn each(&mut self, kind: Kind, name: &str, help: &str, samples: &[(&[(&str, &str)], f64)]) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        let help = single_line(help, usize::MAX).replace('\\', "\\\\");
        // Writing to a text never fails.
        write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n").unwrap_or_default();
        for (labels, value) in samples.iter().filter(|(_, value)| value.is_finite()) {
            let labels: Vec<_> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escape(value))).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            writeln!(self.0, "{name}{labels} {value}").unwrap_or_default();
        }
    }

    /// Returns the text.
    pub(crate) fn finish(self) -> String {
        self.0
    }
}

/// Returns the value of a label in one line, with its quotes and backslashes escaped.
fn escape(value: &str) -> String {
    single_line(value, MAX_LABEL).replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_has_its_help_its_type_and_its_samples() {
        let mut text = MetricsText::default();
        text.one(Kind::Gauge, "relay_up", "1 while the relay runs.", 1.0);
        text.each(
            Kind::Counter,
            "relay_requests_total",
            "Requests.",
            &[(&[("to", "okta")], 12.0), (&[("to", "radiant")], 3.5), (&[("to", "nobody")], f64::NAN)],
        );
        let expected = "# HELP relay_up 1 while the relay runs.\n# TYPE relay_up gauge\nrelay_up 1\n\
                        # HELP relay_requests_total Requests.\n# TYPE relay_requests_total counter\n\
                        relay_requests_total{to=\"okta\"} 12\nrelay_requests_total{to=\"radiant\"} 3.5\n";
        assert_eq!(text.finish(), expected);
    }

    #[test]
    fn a_label_cannot_begin_a_sample_or_end_its_quotes() {
        let mut text = MetricsText::default();
        text.each(Kind::Gauge, "a", "b\nc", &[(&[("org", "x\"} 1\nevil 2\\\u{202e}\u{1b}[31m")], 1.0)]);
        let text = text.finish();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.contains("a{org=\"x\\\"} 1evil 2\\\\[31m\"} 1\n"), "{text}");
    }
}
