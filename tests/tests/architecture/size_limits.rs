//! Limits on the length of a file, and outside of tests on the number of methods of a type and on the length of a function.

use std::collections::BTreeMap;

use proc_macro2::{Group, TokenStream, TokenTree};

use crate::rust_source;

/// No type has more functions in its own `impl` blocks, in however many files of its crate they stand.
const MAX_METHODS: usize = 25;

/// No function has more lines, from `fn` to its last bracket.
const MAX_LINES: usize = 60;

/// No source file has this many lines.
const TOO_LONG: usize = 400;

/// Files of any length: a list that grows with the product and that nothing divides.
const LISTS: &[&str] = &["src-tauri/crates/model/src/code.rs"];

/// Files that a program writes.
const GENERATED: &[&str] = &["ui/src/host/bindings.ts"];

/// Returns what is wrong with the length of a file.
pub(crate) fn too_long(file: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    let is_limited = !GENERATED.contains(&file) && !LISTS.contains(&file);
    (is_limited && lines >= TOO_LONG).then(|| format!("{file}: {lines} lines; a file has fewer than {TOO_LONG}"))
}

/// Returns each type and each function that is too large.
pub(crate) fn violations(files: &[(String, String)]) -> Vec<String> {
    let mut out = Vec::new();
    let mut methods: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for (file, text) in files {
        let source = file.split_inclusive("/src/").next().unwrap_or_default();
        visit(rust_source::without_tests(rust_source::parse(text)), &mut |head, body| match head {
            [keyword, name, ..] if is_word(keyword, "fn") => {
                let lines = body.span_close().end().line - keyword.span().start().line + 1;
                if lines > MAX_LINES {
                    out.push(format!("{file}: `{name}` has {lines} lines; at most {MAX_LINES}"));
                }
            }
            _ => {
                if let Some(name) = type_of_own_impl(head) {
                    let functions = body.stream().into_iter().filter(|token| is_word(token, "fn")).count();
                    *methods.entry((source, name)).or_default() += functions;
                }
            }
        });
    }
    let too_many = methods.iter().filter(|(_, count)| **count > MAX_METHODS);
    out.extend(
        too_many.map(|((at, name), count)| format!("{at}: `{name}` has {count} functions; at most {MAX_METHODS}")),
    );
    out
}

/// Calls `each` with every `impl` and `fn`: what stands from its keyword to its body, and its body.
fn visit(tokens: TokenStream, each: &mut impl FnMut(&[TokenTree], &Group)) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Group(group) => visit(group.stream(), each),
            TokenTree::Ident(word) if word == "fn" || word == "impl" => {
                if let Some((end, TokenTree::Group(body))) = body_at(&tokens, at).map(|end| (end, &tokens[end])) {
                    each(&tokens[at..end], body);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// Returns the type of `impl<..> Type<..>`; `None` for a trait's.
fn type_of_own_impl(head: &[TokenTree]) -> Option<String> {
    let mut depth = 0;
    let mut name = None;
    for token in &head[1..] {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '<' => depth += 1,
            TokenTree::Punct(sign) if sign.as_char() == '>' => depth -= 1,
            TokenTree::Ident(word) if depth == 0 && word == "for" => return None,
            TokenTree::Ident(word) if depth == 0 && word == "where" => break,
            TokenTree::Ident(word) if depth == 0 => name = Some(word.to_string()),
            _ => {}
        }
    }
    name
}

/// Returns where the body of the item that stands here is; `None` where `;` ends the item first.
fn body_at(tokens: &[TokenTree], from: usize) -> Option<usize> {
    let end = (from..tokens.len()).find(|at| rust_source::ends_item(&tokens[*at]))?;
    matches!(tokens[end], TokenTree::Group(_)).then_some(end)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(found) if found == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> usize {
        violations(&[("a/src/b.rs".to_owned(), text.to_owned())]).len()
    }

    fn function(lines: usize) -> String {
        format!("fn f() -> [u8; 2] {{{}}}", "\n".repeat(lines - 1))
    }

    #[test]
    fn a_file_that_is_too_long_is_found_unless_it_is_generated() {
        let long = "x\n".repeat(TOO_LONG);
        assert!(too_long("a.css", &long).is_some());
        assert!(too_long("a.css", &"x\n".repeat(TOO_LONG - 1)).is_none());
        assert!(too_long("ui/src/host/bindings.ts", &long).is_none());
    }

    #[test]
    fn a_function_that_is_too_long_is_found_outside_of_tests() {
        assert_eq!(of(&function(MAX_LINES)), 0);
        assert_eq!(of(&function(MAX_LINES + 1)), 1);
        assert_eq!(of(&format!("impl A {{ {} }}", function(MAX_LINES + 1))), 1);
        assert_eq!(of(&format!("#[cfg(test)] mod tests {{ {} }}", function(MAX_LINES + 1))), 0);
    }

    #[test]
    fn a_type_with_too_many_functions_is_found_however_they_are_split() {
        let block = |count| format!("impl<T: Clone> A<T> {{ {} }}", "pub async fn f(&self) {} ".repeat(count));
        assert_eq!(of(&block(MAX_METHODS)), 0);
        assert_eq!(of(&block(MAX_METHODS + 1)), 1);
        assert_eq!(of(&(block(MAX_METHODS) + &block(1))), 1);
        assert_eq!(of(&(block(MAX_METHODS) + "impl Display for A<u8> { fn fmt() {} }")), 0);
    }
}
