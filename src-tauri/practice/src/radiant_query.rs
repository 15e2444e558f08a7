//! Radiant's search query: the JSON body (as Quickwit reads it) and the query string `field:value`, AND, OR, NOT, quotes and
//! parentheses in it (DOCS "Alert filters").

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde_json::Value;
use strum::EnumString;

use crate::boolean_expression::{Expression, Parser, Token};
use crate::options::Variants;

/// Status and reason of a refused query.
pub(crate) type SearchError = (u16, String);

/// An event as the tenant stores it. Radiant's own fields stand beside it and are copied only for a response.
pub(crate) struct Document<'a> {
    pub(crate) event: Cow<'a, Value>,
    pub(crate) added: [(&'a str, Value); 2],
}

impl Document<'_> {
    /// Returns the value at a dotted path.
    pub(crate) fn get(&self, path: &str) -> Option<&Value> {
        let added = self.added.iter().find(|(name, _)| *name == path).map(|(_, value)| value);
        added.or_else(|| path.split('.').try_fold(&*self.event, |inside, name| inside.get(name)))
    }

    /// Returns the time at a dotted path.
    pub(crate) fn time(&self, path: &str) -> Option<DateTime<Utc>> {
        time(self.get(path)?)
    }

    /// Returns the event with Radiant's own fields.
    pub(crate) fn to_json(&self) -> Value {
        let mut whole = self.event.clone().into_owned();
        for (name, value) in &self.added {
            whole[*name] = value.clone();
        }
        whole
    }
}

fn time(value: &Value) -> Option<DateTime<Utc>> {
    value.as_str()?.parse().ok()
}

/// A parsed query.
pub(crate) enum Query {
    MatchAll,
    All(Vec<Self>),
    Text(QueryString),
    Range { field: String, bounds: Vec<(Bound, DateTime<Utc>)> },
}

/// The kind of one end of a range.
#[derive(Clone, Copy, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "lowercase")]
pub(crate) enum Bound {
    Gte,
    Gt,
    Lte,
    Lt,
}

impl Query {
    /// Parses the `query` of a search; without one, everything matches.
    pub(crate) fn parse(query: &Value, variants: &Variants) -> Result<Self, SearchError> {
        let Some((kind, body)) = query.as_object().and_then(|query| query.iter().next()) else {
            return Ok(Self::MatchAll);
        };
        match kind.as_str() {
            "match_all" => Ok(Self::MatchAll),
            "bool" => {
                let filters = body.get("filter").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                filters.iter().map(|filter| Self::parse(filter, variants)).collect::<Result<_, _>>().map(Self::All)
            }
            "query_string" => {
                let text = body.get("query").and_then(Value::as_str).unwrap_or_default();
                if text.contains("uuid:") && !variants.uuid_searchable {
                    return Err((400, "field does not exist: `uuid`".to_owned()));
                }
                QueryString::parse(text).map(Self::Text).ok_or_else(|| (400, format!("cannot parse `{text}`")))
            }
            "range" => Self::range(body, variants),
            other => Err((400, format!("unknown query `{other}`"))),
        }
    }

    fn range(body: &Value, variants: &Variants) -> Result<Self, SearchError> {
        let Some((field, ends)) = body.as_object().and_then(|body| body.iter().next()) else {
            return Err((400, "empty range".to_owned()));
        };
        if *field != variants.timestamp_field && field != "published" {
            return Err((400, format!("range on field `{field}`: field does not exist")));
        }
        let mut bounds = Vec::new();
        for (bound, value) in ends.as_object().into_iter().flatten() {
            let bound = bound.parse().map_err(|_| (400, format!("range: unknown bound `{bound}`")))?;
            // Quickwit requires RFC 3339 texts for date fields.
            let not_a_date = || (400, format!("range on field `{field}`: `{value}` is no date"));
            bounds.push((bound, time(value).ok_or_else(not_a_date)?));
        }
        Ok(Self::Range { field: field.clone(), bounds })
    }

    /// Returns the earliest possible time of a match in this field, when the query bounds it.
    pub(crate) fn earliest(&self, timestamp_field: &str) -> Option<DateTime<Utc>> {
        match self {
            Self::MatchAll | Self::Text(_) => None,
            Self::All(queries) => queries.iter().filter_map(|query| query.earliest(timestamp_field)).max(),
            Self::Range { field, .. } if field != timestamp_field => None,
            Self::Range { bounds, .. } => {
                bounds.iter().filter(|(bound, _)| matches!(bound, Bound::Gte | Bound::Gt)).map(|(_, at)| *at).max()
            }
        }
    }

    /// Tells whether a document matches.
    pub(crate) fn matches(&self, document: &Document<'_>) -> bool {
        match self {
            Self::MatchAll => true,
            Self::All(queries) => queries.iter().all(|query| query.matches(document)),
            Self::Text(query) => query.matches(document),
            Self::Range { field, bounds } => document.time(field).is_some_and(|at| {
                bounds.iter().all(|(bound, limit)| match bound {
                    Bound::Gte => at >= *limit,
                    Bound::Gt => at > *limit,
                    Bound::Lte => at <= *limit,
                    Bound::Lt => at < *limit,
                })
            }),
        }
    }
}

/// A parsed query string.
pub(crate) struct QueryString(Expression<Term>);

/// A value in one field, or anywhere in the document.
struct Term {
    field: Option<String>,
    value: String,
}

impl QueryString {
    fn parse(text: &str) -> Option<Self> {
        Parser::parse(text, false, &|parser| operand(parser, None)).map(Self)
    }

    fn matches(&self, document: &Document<'_>) -> bool {
        self.0.matches(&|term| match &term.field {
            Some(field) => document.get(field).and_then(Value::as_str) == Some(term.value.as_str()),
            None => term.value == "*" || document.to_json().to_string().contains(&term.value),
        })
    }
}

/// Parses an operand; `field` is the field of the group around it, as in `uuid:("a" OR "b")`.
fn operand(parser: &mut Parser, field: Option<&str>) -> Option<Expression<Term>> {
    if parser.has_keyword("NOT") {
        return operand(parser, field).map(|part| Expression::Not(Box::new(part)));
    }
    if parser.is_at_group() {
        return parser.group(&|parser| operand(parser, field));
    }
    let term = |field: Option<&str>, value: &str| {
        Some(Expression::Term(Term { field: field.map(str::to_owned), value: value.to_owned() }))
    };
    match parser.next()? {
        Token::Bare(text) => match text.split_once(':').filter(|_| field.is_none()) {
            Some((field, "")) => operand(parser, Some(field)),
            Some((field, value)) => term(Some(field), value),
            None => term(field, &text),
        },
        Token::Quoted(text) => term(field, &text),
        Token::Open | Token::Close => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_groups_and_negation_are_parsed() {
        let event = Cow::Owned(json!({"uuid": "b", "actor": {"id": "1"}}));
        let document = Document { event, added: [("rs_connectorType", json!("okta")), ("timestamp", Value::Null)] };
        for (query, expected) in [
            ("rs_connectorType:okta", Some(true)),
            ("rs_connectorType:\"okta\" AND uuid:\"b\"", Some(true)),
            ("uuid:(\"a\" OR \"b\")", Some(true)),
            ("uuid:(\"a\" OR \"c\")", Some(false)),
            ("rs_connectorType:okta AND (NOT actor.id:2)", Some(true)),
            ("uuid:(\"a\"", None),
        ] {
            let found = QueryString::parse(query).map(|query| query.matches(&document));
            assert_eq!(found, expected, "{query}");
        }
    }
}
