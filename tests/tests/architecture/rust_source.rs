//! Reads Rust source as tokens: the paths that a file names, and its words without comments.
//!
//! Tokens and not a syntax tree, so that paths inside macro calls are found as well.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A module's path from the crate's root: `["okta", "client"]`; the root is empty.
pub(crate) type ModPath = Vec<String>;

/// A path that a file names.
pub(crate) struct Reference {
    /// Segments from the crate's root; the last one may be `*`.
    pub(crate) path: Vec<String>,
    /// The name under which a `pub use` exports it; `None` where the path is used.
    pub(crate) exported_as: Option<String>,
}

/// Parses a source text.
pub(crate) fn parse(text: &str) -> TokenStream {
    text.parse().unwrap()
}

/// Returns the tokens without the items that have `#[cfg(test)]`.
pub(crate) fn without_tests(tokens: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let is_test = matches!(token, TokenTree::Group(group) if words(group.stream()) == ["cfg", "(", "test", ")"]);
        match token {
            _ if is_test => at = (at..tokens.len()).find(|at| ends_item(&tokens[*at])).unwrap_or(at),
            TokenTree::Group(group) => {
                let mut inside = Group::new(group.delimiter(), without_tests(group.stream()));
                inside.set_span(group.span());
                out.push(TokenTree::Group(inside));
            }
            other => out.push(other.clone()),
        }
        at += 1;
    }
    out.into_iter().collect()
}

/// Whether an item ends here: with its braces or with `;`.
pub(crate) fn ends_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(sign) => sign.as_char() == ';',
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    }
}

/// Returns identifiers, literals, single signs and brackets in their order, without comments.
pub(crate) fn words(tokens: TokenStream) -> Vec<String> {
    let of_one = |token| match token {
        TokenTree::Group(group) => {
            let (open, close) = match group.delimiter() {
                Delimiter::Brace => ("{", "}"),
                Delimiter::Bracket => ("[", "]"),
                Delimiter::Parenthesis => ("(", ")"),
                Delimiter::None => ("", ""),
            };
            let inside = words(group.stream());
            [open.to_owned()].into_iter().chain(inside).chain([close.to_owned()]).collect()
        }
        other => vec![other.to_string()],
    };
    tokens.into_iter().flat_map(of_one).collect()
}

/// Returns every path that starts at `crate`, `self`, `super` or a child module, resolved from the crate's root.
///
/// `children` are the modules that this file declares as files. Inline modules are followed.
pub(crate) fn references(tokens: TokenStream, module: &ModPath, children: &BTreeSet<String>) -> Vec<Reference> {
    let mut out = Vec::new();
    collect(tokens, module, children, &mut out);
    out
}

fn collect(tokens: TokenStream, module: &ModPath, children: &BTreeSet<String>, out: &mut Vec<Reference>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Group(group) => collect(group.stream(), module, children, out),
            TokenTree::Ident(word) if word == "mod" => {
                if let [_, TokenTree::Ident(name), TokenTree::Group(body), ..] = &tokens[at..] {
                    let inline = [&module[..], &[name.to_string()]].concat();
                    collect(body.stream(), &inline, &BTreeSet::new(), out);
                    at += 2;
                }
            }
            TokenTree::Ident(word) if word == "use" && tokens.get(at + 1).is_some_and(|next| !is_sign(next, '<')) => {
                let end = (at..tokens.len()).find(|i| is_sign(&tokens[*i], ';')).unwrap_or(tokens.len());
                let is_public = is_public(&tokens[..at]);
                for (path, name) in use_tree(&tokens[at + 1..end], Vec::new()) {
                    let exported_as = is_public.then_some(name);
                    out.extend(resolve(path, module, children).map(|path| Reference { path, exported_as }));
                }
                at = end;
            }
            TokenTree::Ident(_) if is_colons(&tokens, at + 1) && !(at >= 2 && is_colons(&tokens, at - 2)) => {
                let start = at;
                while is_colons(&tokens, at + 1) && tokens.get(at + 3).and_then(ident).is_some() {
                    at += 3;
                }
                let path = tokens[start..=at].iter().filter_map(ident).collect();
                out.extend(resolve(path, module, children).map(|path| Reference { path, exported_as: None }));
            }
            _ => {}
        }
        at += 1;
    }
}

fn ident(token: &TokenTree) -> Option<String> {
    if let TokenTree::Ident(name) = token { Some(name.to_string()) } else { None }
}

fn is_sign(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    tokens.get(at..at + 2).is_some_and(|two| two.iter().all(|token| is_sign(token, ':')))
}

/// Whether `pub` or `pub(..)` stands at the end.
fn is_public(before: &[TokenTree]) -> bool {
    let visibility = match before.last() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => before.iter().rev().nth(1),
        last => last,
    };
    visibility.and_then(ident).is_some_and(|word| word == "pub")
}

/// Returns each leaf of a `use` tree with the name it binds.
fn use_tree(tokens: &[TokenTree], mut path: Vec<String>) -> Vec<(Vec<String>, String)> {
    let mut alias = None;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                let branches = inside.split(|token| is_sign(token, ','));
                let branches = branches.filter(|branch| !branch.is_empty());
                return branches.flat_map(|branch| use_tree(branch, path.clone())).collect();
            }
            TokenTree::Ident(word) if word == "as" => {
                alias = tokens.get(at + 1).and_then(ident);
                break;
            }
            TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
            TokenTree::Ident(word) => path.push(word.to_string()),
            sign if is_sign(sign, '*') => path.push("*".to_owned()),
            _ => {}
        }
    }
    let name = alias.or_else(|| path.last().cloned()).unwrap_or_default();
    vec![(path, name)]
}

/// Returns the path from the crate's root; `None` where it leads to another crate.
fn resolve(path: Vec<String>, module: &ModPath, children: &BTreeSet<String>) -> Option<Vec<String>> {
    let first = path.first()?;
    if first == "crate" {
        return Some(path[1..].to_vec());
    }
    let is_relative = |word: &&String| ["self", "super"].contains(&word.as_str());
    if !is_relative(&first) {
        return children.contains(first).then(|| [&module[..], &path].concat());
    }
    let steps = path.iter().take_while(is_relative).count();
    let up = path[..steps].iter().filter(|word| *word == "super").count();
    let base = module.get(..module.len().checked_sub(up)?)?;
    Some([base, &path[steps..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str, here: &[&str], children: &[&str]) -> Vec<Reference> {
        let here = here.iter().map(|part| (*part).to_owned()).collect();
        let children = children.iter().map(|name| (*name).to_owned()).collect();
        references(parse(source), &here, &children)
    }

    fn paths(source: &str, here: &[&str], children: &[&str]) -> Vec<String> {
        found(source, here, children).into_iter().map(|reference| reference.path.join("::")).collect()
    }

    #[test]
    fn groups_and_nested_groups_are_followed() {
        let source = "use crate::{okta::{self, Client as C, error::Kind}, model::Code};";
        assert_eq!(paths(source, &[], &[]), ["okta", "okta::Client", "okta::error::Kind", "model::Code"]);
        assert_eq!(paths("use {crate::a::A, std::fmt};", &[], &[]), ["a::A"]);
    }

    #[test]
    fn a_path_in_the_middle_of_code_or_a_macro_is_found() {
        let source = "fn f() -> X { select! { a = crate::web::send::<crate::model::Id>(1) => a } }";
        assert_eq!(paths(source, &["okta"], &[]), ["web::send", "model::Id"]);
    }

    #[test]
    fn comments_and_literals_are_not_paths() {
        let source = "/// See crate::web\n/* crate::a /* crate::b */ */ const S: &str = \"crate::c\"; \
                      const R: &str = r#\"crate::d \"x\" \"#; const C: char = '\"'; fn f<'a>(x: &'a str) {}";
        assert!(paths(source, &[], &[]).is_empty());
    }

    #[test]
    fn super_and_self_are_resolved_from_files_and_inline_modules() {
        assert_eq!(paths("use super::super::radiant::Search;", &["okta", "client"], &[]), ["radiant::Search"]);
        assert_eq!(paths("mod tests { use super::super::Okta; }", &["okta", "client"], &[]), ["okta::Okta"]);
        assert_eq!(paths("fn f() { self::get() }", &["okta"], &[]), ["okta::get"]);
        assert_eq!(paths("use super::*;", &["okta", "client"], &[]), ["okta::*"]);
    }

    #[test]
    fn a_child_module_is_known_by_its_declaration() {
        assert_eq!(paths("fn f() { client::get(); other::get() }", &["okta"], &["client"]), ["okta::client::get"]);
    }

    #[test]
    fn a_reexport_has_the_name_it_is_exported_under() {
        let found = found("pub use a::A; pub(crate) use a::{B as C, D}; use b::E;", &["okta"], &["a", "b"]);
        let names: Vec<_> = found.iter().map(|one| one.exported_as.as_deref()).collect();
        assert_eq!(names, [Some("A"), Some("C"), Some("D"), None]);
    }

    #[test]
    fn items_of_tests_are_left_out() {
        let source = "fn a() {} #[cfg(test)] mod tests { fn b() {} } #[cfg(test)] use x; fn c() {}";
        let words = words(without_tests(parse(source)));
        assert!(
            words.contains(&"c".to_owned()) && !words.contains(&"b".to_owned()) && !words.contains(&"x".to_owned())
        );
    }

    #[test]
    fn words_leave_out_comments() {
        assert_eq!(words(parse("// no\nf(x) /* no */")), ["f", "(", "x", ")"]);
    }
}
