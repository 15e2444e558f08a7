//! SCIM filters as the System Log and the user list accept them (DOCS "Filter", "Operators"): eq ne gt ge lt le sw ew co pr,
//! `and`, `or`, `not (...)` and parentheses. `[ ]` is not supported (SPEC listLogEvents).
//!
//! Which fields may be filtered is the caller's rule.

use std::cmp::Ordering;

use serde_json::Value;
use strum::EnumString;

use crate::boolean_expression::{Expression, Parser, Token};

/// How texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letters {
    /// As the System Log does: `eq` and `ne` ignore the case of ASCII letters.
    LikeSystemLog,
    /// The case counts (SPEC listUsers, `filter`).
    Exact,
    /// The case does not count (SPEC listUsers, `search`).
    AnyCase,
}

/// A parsed filter.
pub(crate) struct ScimFilter(Expression<Comparison>);

struct Comparison {
    field: String,
    operator: Operator,
    value: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "lowercase", ascii_case_insensitive)]
pub(crate) enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    Sw,
    Ew,
    Co,
    Pr,
}

impl ScimFilter {
    /// Parses a filter; `None` when it is invalid.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Parser::parse(text, true, &operand).map(Self)
    }

    /// Tells whether a document matches.
    pub(crate) fn matches(&self, document: &Value) -> bool {
        self.matches_letters(document, Letters::LikeSystemLog)
    }

    /// Tells whether a document matches when texts are compared like this.
    pub(crate) fn matches_letters(&self, document: &Value, letters: Letters) -> bool {
        self.0.matches(&|comparison| comparison.is_true(document, letters))
    }

    /// Returns each field with its operator.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, Operator)> {
        self.0.terms().into_iter().map(|comparison| (comparison.field.as_str(), comparison.operator))
    }
}

fn operand(parser: &mut Parser) -> Option<Expression<Comparison>> {
    if parser.has_keyword("NOT") {
        return parser.group(&operand).map(|part| Expression::Not(Box::new(part)));
    }
    if parser.is_at_group() {
        return parser.group(&operand);
    }
    let field = parser.bare().filter(|field| !field.contains(['[', ']']))?;
    let operator = parser.bare()?.parse().ok()?;
    let value = if operator == Operator::Pr { Value::Null } else { literal(parser)? };
    Some(Expression::Term(Comparison { field, operator, value }))
}

/// Parses a quoted text, or `true`, `false`, `null` or a number.
fn literal(parser: &mut Parser) -> Option<Value> {
    match parser.next()? {
        Token::Quoted(text) => Some(Value::String(text)),
        Token::Bare(text) => serde_json::from_str(&text).ok().filter(|value: &Value| !value.is_array()),
        Token::Open | Token::Close => None,
    }
}

impl Comparison {
    fn is_true(&self, document: &Value, letters: Letters) -> bool {
        let mut values = values_at(document, &self.field).into_iter();
        values.any(|value| compare(value, self.operator, &self.value, letters)) != (self.operator == Operator::Ne)
    }
}

/// Returns the values at a dotted path; a list stands for each of its members.
fn values_at<'a>(document: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut found = vec![document];
    for key in path.split('.') {
        found = found
            .into_iter()
            .flat_map(|value| value.as_array().map_or_else(|| vec![value], |list| list.iter().collect()))
            .filter_map(|value| value.get(key))
            .collect();
    }
    found
}

/// Compares two texts or two numbers; `Ne` compares like `Eq`.
fn compare(found: &Value, operator: Operator, value: &Value, letters: Letters) -> bool {
    if let (Letters::AnyCase, Some(found), Some(value)) = (letters, found.as_str(), value.as_str()) {
        return compare(&found.to_lowercase().into(), operator, &value.to_lowercase().into(), Letters::Exact);
    }
    let texts = found.as_str().zip(value.as_str());
    let numbers = found.as_f64().zip(value.as_f64());
    let order = texts.map(|(a, b)| a.cmp(b)).or_else(|| numbers.and_then(|(a, b)| a.partial_cmp(&b)));
    match operator {
        Operator::Eq | Operator::Ne => match texts {
            Some((a, b)) if letters == Letters::LikeSystemLog => a.eq_ignore_ascii_case(b),
            Some((a, b)) => a == b,
            None => order.is_some_and(Ordering::is_eq) || found == value,
        },
        Operator::Gt => order.is_some_and(Ordering::is_gt),
        Operator::Ge => order.is_some_and(Ordering::is_ge),
        Operator::Lt => order.is_some_and(Ordering::is_lt),
        Operator::Le => order.is_some_and(Ordering::is_le),
        Operator::Sw => texts.is_some_and(|(a, b)| a.starts_with(b)),
        Operator::Ew => texts.is_some_and(|(a, b)| a.ends_with(b)),
        Operator::Co => texts.is_some_and(|(a, b)| a.contains(b)),
        Operator::Pr => !found.is_null(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_operator_is_evaluated_and_invalid_filters_are_refused() {
        let event = json!({"eventType": "user.session.start", "outcome": {"result": "FAILURE"}, "n": 3, "none": null,
            "target": [{"id": "a"}, {"id": "b"}]});
        for (text, expected) in [
            ("eventType eq \"user.session.start\"", Some(true)),
            ("eventType ne \"user.session.start\"", Some(false)),
            ("eventType sw \"user.\" and outcome.result ew \"URE\"", Some(true)),
            ("eventType co \"session\" AND n ge 3", Some(true)),
            ("n gt 3 or n le 2", Some(false)),
            ("target.id eq \"b\"", Some(true)),
            ("none pr", Some(false)),
            ("not (eventType co \"mfa\")", Some(true)),
            ("(n lt 3 or n eq 3) and target pr", Some(true)),
            ("eventType", None),
            ("eventType is \"x\"", None),
            ("eventType eq x", None),
            ("(n eq 3", None),
            ("emails[type eq \"x\"]", None),
            ("", None),
            ("eventType eq \"a\\\" or n eq \\\"b\"", Some(false)),
            ("eventType eq \"a\\", None),
        ] {
            assert_eq!(ScimFilter::parse(text).map(|filter| filter.matches(&event)), expected, "{text}");
        }
    }
}
