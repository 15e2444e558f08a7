//! Parses `Link` headers: several headers, or several links in one, with commas inside the angle brackets.

/// Returns the target of `rel="next"` among the values of all `Link` headers.
pub(super) fn next<'a>(values: impl Iterator<Item = &'a str>) -> Option<String> {
    values.flat_map(parts).find_map(|part| {
        let (target, parameters) = part.strip_prefix('<')?.split_once('>')?;
        let is_next = parameters.split(';').map(str::trim).any(|parameter| {
            parameter.split_once('=').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case("rel") && relations(value).any(|rel| rel == "next")
            })
        });
        is_next.then(|| target.to_owned())
    })
}

fn relations(value: &str) -> impl Iterator<Item = &str> {
    value.trim().trim_matches('"').split_ascii_whitespace()
}

/// Splits a header value at commas outside `<...>` and `"..."`.
fn parts(value: &str) -> Vec<&str> {
    let (mut inside, mut quoted, mut start) = (false, false, 0);
    let mut parts = Vec::new();
    for (at, character) in value.char_indices() {
        match character {
            '<' if !quoted => inside = true,
            '>' if !quoted => inside = false,
            '"' if !inside => quoted = !quoted,
            ',' if !inside && !quoted => {
                parts.push(value[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(value[start..].trim());
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_headers_and_one_combined_header_have_the_same_next_link() {
        let own = "<https://a.okta.com/api/v1/logs?limit=2>; rel=\"self\"";
        let next_link = "<https://a.okta.com/api/v1/logs?after=1,2&limit=2>; rel=\"next\"";
        let expected = Some("https://a.okta.com/api/v1/logs?after=1,2&limit=2".to_owned());
        assert_eq!(next([own, next_link].into_iter()), expected);
        assert_eq!(next([format!("{own}, {next_link}").as_str()].into_iter()), expected);
        assert_eq!(next([own].into_iter()), None);
    }

    proptest! {
        #[test]
        fn any_header_is_parsed_without_a_panic(value in ".{0,200}") {
            let found = next([value.as_str()].into_iter());
            prop_assert!(found.is_none_or(|target| value.contains(&target)));
        }
    }
}
