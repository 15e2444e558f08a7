//! Loads the modules of a compiled target from its root file, as the compiler finds them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use proc_macro2::{TokenStream, TokenTree};

use crate::rust_source::{self, ModPath, Reference};

/// What one module names and defines. Variants of a module for several platforms are taken together.
#[derive(Default)]
pub(crate) struct Module {
    pub(crate) references: Vec<Reference>,
    pub(crate) defined: BTreeSet<String>,
}

/// Modules that are files of their own, by path; an inline module belongs to its file.
pub(crate) type Modules = BTreeMap<ModPath, Module>;

/// What stands before the name of an item.
const ITEMS: &[&str] = &["struct", "enum", "union", "trait", "type", "fn", "const", "static", "mod"];

/// Loads a target with all its modules.
pub(crate) fn load(root: &Path) -> io::Result<Modules> {
    let mut modules = Modules::new();
    load_file(root, &Vec::new(), &mut modules)?;
    Ok(modules)
}

fn load_file(file: &Path, module: &ModPath, modules: &mut Modules) -> io::Result<()> {
    let tokens = rust_source::parse(&fs::read_to_string(file)?);
    let declared = add(tokens, module, modules);
    let folder = file.parent().unwrap_or(file);
    let owns_folder = module.is_empty() || file.ends_with("mod.rs");
    let below = if owns_folder { folder.to_path_buf() } else { file.with_extension("") };
    for (name, path) in declared {
        let candidates = match path {
            Some(path) => vec![folder.join(path)],
            None => vec![below.join(format!("{name}.rs")), below.join(&name).join("mod.rs")],
        };
        let found: Option<&PathBuf> = candidates.iter().find(|candidate| candidate.is_file());
        let missing = || io::Error::other(format!("{}: the file of `mod {name}` was not found", file.display()));
        load_file(found.ok_or_else(missing)?, &[&module[..], &[name]].concat(), modules)?;
    }
    Ok(())
}

/// Adds one file and returns the modules it declares, with their `#[path]`.
pub(crate) fn add(tokens: TokenStream, module: &ModPath, modules: &mut Modules) -> Vec<(String, Option<String>)> {
    let top: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let words: Vec<String> = top.iter().map(ToString::to_string).collect();
    let declares = |at: &usize| words[*at] == "mod" && words.get(at + 2).is_some_and(|word| word == ";");
    let declared: Vec<_> =
        (0..words.len()).filter(declares).map(|at| (words[at + 1].clone(), path_attribute(&top[..at]))).collect();
    let children = declared.iter().map(|(name, _)| name.clone()).collect();
    let one = modules.entry(module.clone()).or_default();
    one.references.extend(rust_source::references(tokens, module, &children));
    one.defined.extend(words.windows(2).filter(|two| ITEMS.contains(&two[0].as_str())).map(|two| two[1].clone()));
    declared
}

/// Returns the text of `#[path = ".."]` among the attributes that end here.
fn path_attribute(before: &[TokenTree]) -> Option<String> {
    let own = before.iter().rev().take_while(|token| !rust_source::ends_item(token));
    own.map(|token| rust_source::words(token.clone().into())).find_map(|words| match &words[..] {
        [_, path, equals, text, _] if path == "path" && equals == "=" => Some(text.trim_matches('"').to_owned()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_module_has_its_path_attribute() {
        let source = "#[path = \"x/old.rs\"] mod old; #[cfg(test)] #[path = \"t.rs\"] pub(crate) mod tests; mod new;";
        let declared = add(rust_source::parse(source), &Vec::new(), &mut Modules::new());
        let paths: Vec<_> = declared.iter().map(|(name, path)| (name.as_str(), path.as_deref())).collect();
        assert_eq!(paths, [("old", Some("x/old.rs")), ("tests", Some("t.rs")), ("new", None)]);
    }

    #[test]
    fn this_test_is_loaded_with_its_modules() {
        let main = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/architecture/main.rs");
        let modules = load(&main).unwrap();
        assert!(modules.contains_key(&vec!["module_tree".to_owned()]), "{:?}", modules.keys());
    }
}
