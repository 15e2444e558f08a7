//! Pseudonyms of people, addresses and orgs. Within one bundle the same name always gets the same pseudonym.

use super::private_data_redaction;
use model::diagnostics_options::RedactionOptions;

/// The shortest registered name that is searched for inside a longer text.
const MIN_NAME: usize = 2;

/// The names that were found so far.
pub(super) struct Pseudonyms {
    redact: RedactionOptions,
    people: Vec<String>,
    addresses: Vec<String>,
    orgs: Vec<Vec<String>>,
}

impl Pseudonyms {
    pub(super) fn new(redact: RedactionOptions) -> Self {
        Self { redact, people: Vec::new(), addresses: Vec::new(), orgs: Vec::new() }
    }

    /// Registers a name or login of a person.
    pub(super) fn person(&mut self, name: &str) {
        if !name.trim().is_empty() {
            number(&mut self.people, "person", name.trim());
        }
    }

    /// Registers all names of an org.
    pub(super) fn org(&mut self, names: &[String]) {
        let names: Vec<String> = names.iter().map(|name| name.trim().to_lowercase()).collect();
        let names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
        match self.orgs.iter_mut().find(|org| org.iter().any(|known| names.contains(known))) {
            Some(org) => org.extend(names),
            None if names.is_empty() => {}
            None => self.orgs.push(names),
        }
    }

    /// Replaces names in a text by pseudonyms.
    pub(super) fn text(&mut self, text: &str) -> String {
        let RedactionOptions { people, addresses, orgs } = self.redact;
        let mut text = text.to_owned();
        if people {
            text = private_data_redaction::emails(&text, |found| number(&mut self.people, "person", found));
            text = private_data_redaction::phone_numbers(&text, |found| number(&mut self.people, "person", found));
        }
        if orgs {
            text = private_data_redaction::okta_hosts(&text, |host| self.org_of(host));
        }
        if addresses {
            text = private_data_redaction::addresses(&text, |found| number(&mut self.addresses, "address", found));
        }
        self.known_names(&text)
    }

    fn org_of(&mut self, host: &str) -> String {
        let known = self.orgs.iter().position(|org| org.iter().any(|name| name == host));
        let place = known.unwrap_or_else(|| {
            self.orgs.push(vec![host.to_owned()]);
            self.orgs.len() - 1
        });
        format!("org-{}", place + 1)
    }

    /// Replaces registered names where they are whole words, the longest first.
    fn known_names(&self, text: &str) -> String {
        let mut known: Vec<(&str, String)> = Vec::new();
        if self.redact.people {
            known.extend(self.people.iter().enumerate().map(|(i, name)| (name.as_str(), format!("person-{}", i + 1))));
        }
        if self.redact.orgs {
            for (place, names) in self.orgs.iter().enumerate() {
                known.extend(names.iter().map(|name| (name.as_str(), format!("org-{}", place + 1))));
            }
        }
        if let Some((_, pseudonym)) = known.iter().find(|(name, _)| same(text.trim(), name)) {
            return pseudonym.clone();
        }
        known.retain(|(name, _)| name.len() >= MIN_NAME);
        known.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        replace_words(text, &known)
    }
}

/// Returns the pseudonym of a name, and registers the name if it is new.
fn number(registered: &mut Vec<String>, kind: &str, name: &str) -> String {
    let place = registered.iter().position(|known| same(known, name)).unwrap_or_else(|| {
        registered.push(name.to_owned());
        registered.len() - 1
    });
    format!("{kind}-{}", place + 1)
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn replace_words(text: &str, known: &[(&str, String)]) -> String {
    let joined = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut before) = (text, None::<char>);
    while let Some(first) = rest.chars().next() {
        let begins = |name: &str| {
            let head = rest.get(..name.len())?;
            let alone = !joined(before) && !joined(rest[name.len()..].chars().next());
            (alone && same(head, name)).then_some(name.len())
        };
        let found = known.iter().find_map(|(name, pseudonym)| Some((begins(name)?, pseudonym)));
        let length = found.map_or(first.len_utf8(), |(length, _)| length);
        out.push_str(found.map_or(&rest[..length], |(_, pseudonym)| pseudonym));
        before = rest[..length].chars().last();
        rest = &rest[length..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registered() -> Pseudonyms {
        let mut names = Pseudonyms::new(RedactionOptions::default());
        names.person("jo@example.com");
        names.person("Jo Doe");
        names.org(&["Acme".to_owned(), "acme.okta.com".to_owned(), "00o1".to_owned()]);
        names
    }

    #[test]
    fn the_same_name_has_the_same_pseudonym() {
        let mut names = registered();
        assert_eq!(names.text("JO@example.com is jo doe of ACME"), "person-1 is person-2 of org-1");
        assert_eq!(names.text("https://acme-admin.okta.com/x, org 00o1"), "https://org-1/x, org org-1");
        assert_eq!(names.text("globex.okta.com asks"), "org-2 asks");
        assert_eq!(
            names.text("from 203.0.113.7 and 198.51.100.1 and 203.0.113.7"),
            "from address-1 and address-2 and address-1"
        );
        assert_eq!(names.text("new@example.com"), "person-3");
    }

    #[test]
    fn only_whole_words_are_names() {
        assert_eq!(registered().text("acmeland jo"), "acmeland jo");
    }

    #[test]
    fn names_that_the_person_chose_to_keep_are_kept() {
        for (redact, kept) in [
            (RedactionOptions { people: false, ..RedactionOptions::default() }, "jo@example.com"),
            (RedactionOptions { addresses: false, ..RedactionOptions::default() }, "203.0.113.7"),
            (RedactionOptions { orgs: false, ..RedactionOptions::default() }, "acme.okta.com"),
        ] {
            let mut names = Pseudonyms { redact, ..registered() };
            let text = names.text("jo@example.com 203.0.113.7 acme.okta.com");
            let all = ["jo@example.com", "203.0.113.7", "acme.okta.com"];
            assert_eq!(all.map(|one| text.contains(one)), all.map(|one| one == kept), "{text}");
        }
    }
}
