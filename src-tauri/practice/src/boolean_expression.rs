//! The lexer and the boolean grammar that the System Log filter and Radiant's query string share: bare and quoted words,
//! AND, OR and parentheses. Each language parses its own operands.

use std::iter::Peekable;
use std::vec::IntoIter;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Open,
    Close,
    Bare(String),
    Quoted(String),
}

/// A parsed expression over terms of one language.
pub(crate) enum Expression<T> {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Term(T),
}

impl<T> Expression<T> {
    /// Tells whether the expression is true when `is_true` decides each term.
    pub(crate) fn matches(&self, is_true: &dyn Fn(&T) -> bool) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(is_true)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(is_true)),
            Self::Not(part) => !part.matches(is_true),
            Self::Term(term) => is_true(term),
        }
    }

    /// Returns all terms.
    pub(crate) fn terms(&self) -> Vec<&T> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::terms).collect(),
            Self::Not(part) => part.terms(),
            Self::Term(term) => vec![term],
        }
    }
}

/// Parses an operand: whatever stands between AND and OR.
type Operand<'a, T> = &'a dyn Fn(&mut Parser) -> Option<Expression<T>>;

/// The tokens that are not parsed yet.
pub(crate) struct Parser {
    tokens: Peekable<IntoIter<Token>>,
    ignores_case: bool,
}

impl Parser {
    /// Parses a whole text; `None` when it is invalid. `ignores_case` applies to keywords.
    pub(crate) fn parse<T>(text: &str, ignores_case: bool, operand: Operand<'_, T>) -> Option<Expression<T>> {
        let mut parser = Self { tokens: tokens(text)?.into_iter().peekable(), ignores_case };
        let expression = parser.any(operand)?;
        parser.tokens.next().is_none().then_some(expression)
    }

    /// Consumes the next token.
    pub(crate) fn next(&mut self) -> Option<Token> {
        self.tokens.next()
    }

    /// Consumes the next token when it is a bare word.
    pub(crate) fn bare(&mut self) -> Option<String> {
        match self.tokens.next()? {
            Token::Bare(text) => Some(text),
            Token::Open | Token::Close | Token::Quoted(_) => None,
        }
    }

    /// Consumes the next token when it is this keyword.
    pub(crate) fn has_keyword(&mut self, keyword: &str) -> bool {
        let ignores_case = self.ignores_case;
        let is_keyword = |text: &str| text == keyword || (ignores_case && text.eq_ignore_ascii_case(keyword));
        self.tokens.next_if(|token| matches!(token, Token::Bare(text) if is_keyword(text))).is_some()
    }

    /// Tells whether the next token opens a group.
    pub(crate) fn is_at_group(&mut self) -> bool {
        self.tokens.peek() == Some(&Token::Open)
    }

    /// Parses an expression in parentheses.
    pub(crate) fn group<T>(&mut self, operand: Operand<'_, T>) -> Option<Expression<T>> {
        self.tokens.next_if_eq(&Token::Open)?;
        let inside = self.any(operand)?;
        self.tokens.next_if_eq(&Token::Close).map(|_| inside)
    }

    fn any<T>(&mut self, operand: Operand<'_, T>) -> Option<Expression<T>> {
        let mut parts = vec![self.all(operand)?];
        while self.has_keyword("OR") {
            parts.push(self.all(operand)?);
        }
        Some(Expression::Any(parts))
    }

    fn all<T>(&mut self, operand: Operand<'_, T>) -> Option<Expression<T>> {
        let mut parts = vec![operand(self)?];
        while self.has_keyword("AND") {
            parts.push(operand(self)?);
        }
        Some(Expression::All(parts))
    }
}

/// Reads up to the closing quotation mark; a backslash escapes it and itself (SCIM, RFC 7644: values are JSON strings).
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(letters.next()?.1),
            letter => value.push(letter),
        }
    }
    None
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, tail) = match first {
            '(' => (Token::Open, &rest[1..]),
            ')' => (Token::Close, &rest[1..]),
            '"' => {
                let (quoted, tail) = quoted(&rest[1..])?;
                (Token::Quoted(quoted), tail)
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "()\"".contains(c)).unwrap_or(rest.len());
                (Token::Bare(rest[..end].to_owned()), &rest[end..])
            }
        };
        tokens.push(token);
        rest = tail.trim_start();
    }
    Some(tokens)
}
