//! Reads Rust source as words: comments and literals taken out, modules and paths found.
//!
//! Not a compiler: it knows enough of the language to tell which module each path of a file points to, and nothing of
//! types. Paths inside macros are seen as well, which is why this is done over words and not over a syntax tree.

use std::collections::BTreeMap;

/// A module's path below the crate's root: `["okta", "client"]`; the root is empty.
pub(crate) type ModPath = Vec<String>;

/// A path as written, made absolute: where it starts from the crate's root.
pub(crate) struct Reference {
    /// Segments from the crate's root, as far as they were written.
    pub(crate) path: Vec<String>,
    /// It stands in a `pub use`: handed on, not used.
    pub(crate) handed_on: bool,
}

/// Splits source into words: identifiers, `::`, and single signs; comments, strings and characters are left out.
pub(crate) fn words(source: &str) -> Vec<String> {
    let chars: Vec<char> = source.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        match (c, next) {
            ('/', Some('/')) => at = skip_until(&chars, at, |c| c == '\n'),
            ('/', Some('*')) => at = after_block_comment(&chars, at),
            ('"', _) => at = after_string(&chars, at + 1),
            ('r' | 'b' | 'c', Some('"' | '#' | 'r')) if raw_start(&chars, at).is_some() => {
                at = after_raw(&chars, at, raw_start(&chars, at).unwrap_or(0));
            }
            ('\'', _) => at = after_quote(&chars, at),
            (':', Some(':')) => {
                out.push("::".to_owned());
                at += 2;
            }
            (c, _) if c.is_alphanumeric() || c == '_' => {
                let end = skip_until(&chars, at, |c| !(c.is_alphanumeric() || c == '_'));
                out.push(chars[at..end].iter().collect());
                at = end;
            }
            (c, _) if c.is_whitespace() => at += 1,
            (c, _) => {
                out.push(c.to_string());
                at += 1;
            }
        }
    }
    out
}

fn skip_until(chars: &[char], from: usize, stop: impl Fn(char) -> bool) -> usize {
    (from..chars.len()).find(|&i| stop(chars[i])).unwrap_or(chars.len())
}

fn after_block_comment(chars: &[char], from: usize) -> usize {
    let (mut depth, mut at) = (0_u32, from);
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    chars.len()
}

fn after_string(chars: &[char], from: usize) -> usize {
    let mut at = from;
    while let Some(&c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// Number of `#` when a raw string (`r"`, `r#"`, `br##"`) starts here.
fn raw_start(chars: &[char], from: usize) -> Option<usize> {
    let mut at = from;
    while matches!(chars.get(at), Some('b' | 'c')) {
        at += 1;
    }
    if chars.get(at) != Some(&'r') {
        return None;
    }
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    (chars.get(at + 1 + hashes) == Some(&'"')).then_some(hashes)
}

fn after_raw(chars: &[char], from: usize, hashes: usize) -> usize {
    let open = skip_until(chars, from, |c| c == '"');
    let mut at = open + 1;
    while at < chars.len() {
        if chars[at] == '"' && chars[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes {
            return at + 1 + hashes;
        }
        at += 1;
    }
    chars.len()
}

/// A character literal is skipped; of a lifetime only the quote.
fn after_quote(chars: &[char], from: usize) -> usize {
    match (chars.get(from + 1), chars.get(from + 2)) {
        (Some('\\'), _) => skip_until(chars, from + 3, |c| c == '\'') + 1,
        (Some(_), Some('\'')) => from + 3,
        _ => from + 1,
    }
}

/// Returns every path of a file that starts at `crate`, `super`, or a child module, made absolute.
///
/// `here` is the file's own module; inline modules (`mod tests { .. }`) are followed, so that `super` is resolved truly.
pub(crate) fn references(source: &str, here: &ModPath) -> Vec<Reference> {
    let words = words(source);
    let children = children(&words);
    let mut out = Vec::new();
    let mut inline: Vec<(String, u32)> = Vec::new();
    let (mut depth, mut at) = (0_u32, 0);
    while at < words.len() {
        match words[at].as_str() {
            "mod" if words.get(at + 2).is_some_and(|word| word == "{") => {
                depth += 1;
                inline.push((words[at + 1].clone(), depth));
                at += 3;
                continue;
            }
            "{" => depth += 1,
            "}" => {
                if inline.last().is_some_and(|(_, opened)| *opened == depth) {
                    inline.pop();
                }
                depth = depth.saturating_sub(1);
            }
            word if starts_path(&words, at) => {
                let mut module = here.clone();
                module.extend(inline.iter().map(|(name, _)| name.clone()));
                let handed_on = handed_on(&words, at);
                let base = match word {
                    "crate" => Some((Vec::new(), at + 1)),
                    "super" | "self" => up(&words, at, &module),
                    _ if inline.is_empty() && children.contains_key(word) => Some((module, at)),
                    _ => None,
                };
                if let Some((base, rest)) = base {
                    let mut end = rest;
                    tree(&words, &mut end, &base, handed_on, &mut out);
                    at = end.max(at + 1);
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    out
}

/// A word that is followed by `::` and does not follow one.
fn starts_path(words: &[String], at: usize) -> bool {
    words.get(at + 1).is_some_and(|next| next == "::") && (at == 0 || words[at - 1] != "::")
}

/// It stands in a `pub use` statement or a `pub(..) use` statement.
fn handed_on(words: &[String], at: usize) -> bool {
    let start = words[..at].iter().rposition(|word| word == ";" || word == "}").map_or(0, |i| i + 1);
    let head = &words[start..at];
    let in_use = head.iter().rposition(|word| word == "use");
    in_use.is_some_and(|i| head[..i].iter().any(|word| word == "pub"))
}

/// Child modules declared as files: `mod name;`.
fn children(words: &[String]) -> BTreeMap<String, ()> {
    words.windows(3).filter(|w| w[0] == "mod" && w[2] == ";").map(|w| (w[1].clone(), ())).collect()
}

/// Resolves `super::super` and `self::` from a module; returns the base and where the path goes on.
fn up(words: &[String], from: usize, module: &ModPath) -> Option<(ModPath, usize)> {
    let (mut base, mut at) = (module.clone(), from);
    loop {
        match words.get(at)?.as_str() {
            "super" => {
                base.pop()?;
            }
            "self" => {}
            _ => return None,
        }
        at += 1;
        match words.get(at + 1).map(String::as_str) {
            Some("super" | "self") if words[at] == "::" => at += 1,
            _ => return Some((base, at)),
        }
    }
}

/// Reads `::a::{b, c::d}` from `at` and notes every leaf's path.
fn tree(words: &[String], at: &mut usize, base: &ModPath, handed_on: bool, out: &mut Vec<Reference>) {
    let mut path = base.clone();
    if words.get(*at).is_some_and(|word| word != "::") {
        path.push(words[*at].clone());
        *at += 1;
    }
    while words.get(*at).is_some_and(|word| word == "::") {
        *at += 1;
        match words.get(*at).map(String::as_str) {
            Some("{") => {
                *at += 1;
                while words.get(*at).is_some_and(|word| word != "}") {
                    match words[*at].as_str() {
                        "," => *at += 1,
                        "as" => *at += 2,
                        "self" => {
                            out.push(Reference { path: path.clone(), handed_on });
                            *at += 1;
                        }
                        _ => tree(words, at, &path, handed_on, out),
                    }
                }
                *at += 1;
                return;
            }
            Some(word) if word.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_') => {
                path.push(word.to_owned());
                *at += 1;
            }
            // `*`, a turbofish, or the end.
            _ => {
                *at += 1;
                break;
            }
        }
    }
    out.push(Reference { path, handed_on });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(source: &str, here: &[&str]) -> Vec<String> {
        let here = here.iter().map(|part| (*part).to_owned()).collect();
        references(source, &here).into_iter().map(|reference| reference.path.join("::")).collect()
    }

    #[test]
    fn groups_and_nested_groups_are_followed() {
        let source = "use crate::{okta::{self, Client as C, error::Kind}, model::Code};";
        assert_eq!(paths(source, &[]), ["okta", "okta::Client", "okta::error::Kind", "model::Code"]);
    }

    #[test]
    fn a_path_in_the_middle_of_code_or_a_macro_is_seen() {
        assert_eq!(paths("fn f() -> X { select! { a = crate::web::send(1) => a } }", &["okta"]), ["web::send"]);
    }

    #[test]
    fn comments_and_literals_are_not_paths() {
        let source = "/// See crate::web\n/* crate::a /* crate::b */ */ const S: &str = \"crate::c\"; \
                      const R: &str = r#\"crate::d \"x\" \"#; const C: char = '\"'; fn f<'a>(x: &'a str) {}";
        assert!(paths(source, &[]).is_empty());
    }

    #[test]
    fn super_is_resolved_from_files_and_inline_modules() {
        assert_eq!(paths("use super::super::radiant::Search;", &["okta", "client"]), ["radiant::Search"]);
        assert_eq!(paths("mod tests { use super::super::Okta; }", &["okta", "client"]), ["okta::Okta"]);
    }

    #[test]
    fn a_child_module_is_known_by_its_declaration() {
        assert_eq!(paths("mod client;\nfn f() { client::get() }", &["okta"]), ["okta::client::get"]);
    }

    #[test]
    fn what_is_handed_on_is_told_from_what_is_used() {
        let found = references("mod a; mod b; pub use a::A; use b::B;", &vec!["okta".to_owned()]);
        let told: Vec<_> = found.iter().map(|reference| (reference.path.join("::"), reference.handed_on)).collect();
        assert_eq!(told, [("okta::a::A".to_owned(), true), ("okta::b::B".to_owned(), false)]);
    }
}
