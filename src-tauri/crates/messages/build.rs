//! Checks the message catalog at build time and generates a Rust constant for each key.
//!
//! The build fails if a code of `model/src/code.rs` has no title, meaning or remedy, or if the keys of the languages differ.
//! Every key except `code.*` and `ui.*` becomes a constant in `messages::keys`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let crate_dir = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let messages = crate_dir.join("../../../ui/messages");
    let codes = crate_dir.join("../model/src/code.rs");
    let en = keys(&messages.join("en.json"))?;
    let de = keys(&messages.join("de.json"))?;
    if let Some(key) = en.symmetric_difference(&de).next() {
        return Err(format!("message `{key}` is not in both en.json and de.json").into());
    }
    for code in variants(&fs::read_to_string(&codes)?) {
        for part in ["title", "meaning", "remedy"] {
            let key = format!("code.{code}.{part}");
            if !en.contains(&key) {
                return Err(format!("message `{key}` is missing").into());
            }
        }
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("keys.rs"), constants(&en)?)?;
    println!("cargo:rerun-if-changed={}", messages.join("en.json").display());
    println!("cargo:rerun-if-changed={}", messages.join("de.json").display());
    println!("cargo:rerun-if-changed={}", codes.display());
    Ok(())
}

fn keys(path: &Path) -> Result<BTreeSet<String>, Failure> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let map: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(map.into_iter().map(|(key, _)| key).collect())
}

/// Returns the variants of `enum Code` in snake case.
fn variants(source: &str) -> Vec<String> {
    let body = source.split("pub enum Code {").nth(1).unwrap_or_default();
    body.lines()
        .map(str::trim)
        .take_while(|line| *line != "}")
        .filter_map(|line| line.strip_suffix(','))
        .filter(|name| name.chars().all(char::is_alphanumeric))
        .map(snake_case)
        .collect()
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

fn constants(keys: &BTreeSet<String>) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    for key in keys.iter().filter(|key| !key.starts_with("code.") && !key.starts_with("ui.")) {
        let name: String =
            key.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
        writeln!(out, "/// `{key}`\npub const {name}: Key = Key({key:?});")?;
    }
    Ok(out)
}
