//! Every combination of the three names, and a kill after every move.

use super::*;

const ORIGIN: &str = "https://acme.okta.com";
const NAMES: [SecretName; 3] = [SecretName::OktaToken, SecretName::NextOktaToken, SecretName::PreviousOktaToken];

fn id() -> ConnectionId {
    ConnectionId("a".to_owned())
}

/// A vault that holds these letters, in the order of [`NAMES`]; `-` is nothing.
async fn vault(state: &str) -> Secrets {
    let vault = Secrets::memory();
    for (name, letter) in NAMES.into_iter().zip(state.chars().filter(|letter| *letter != ' ')) {
        if letter != '-' {
            vault.put(&id(), name, ORIGIN, &SecretString::from(letter.to_string())).await.unwrap();
        }
    }
    vault
}

async fn state(vault: &Secrets) -> String {
    let mut out = String::new();
    for name in NAMES {
        let found = vault.found(&id(), name, ORIGIN).await.unwrap();
        let letters = ["A", "B", "C"].map(|letter| (letter, SecretString::from(letter)));
        let letter = found.map(|secret| letters.iter().find(|(_, one)| Secrets::same(one, &secret)).unwrap().0);
        out.push_str(letter.unwrap_or("-"));
    }
    out
}

/// The states on the way, the first and the last among them.
async fn way(from: &str, wanted: TokenInUse) -> Vec<String> {
    let vault = vault(from).await;
    let mut way = vec![state(&vault).await];
    while let Some(next) = Held::look(&vault, &id(), ORIGIN).await.unwrap().next_move(wanted) {
        make(&vault, &id(), ORIGIN, next).await.unwrap();
        way.push(state(&vault).await);
        assert!(way.len() < 8, "{way:?} does not end");
    }
    way
}

#[tokio::test]
async fn the_switch_and_the_way_back_never_leave_the_name_empty_or_lose_a_token() {
    assert_eq!(way("AB-", TokenInUse::New).await, ["AB-", "ABA", "BBA", "B-A"]);
    assert_eq!(way("B-A", TokenInUse::Old).await, ["B-A", "BBA", "ABA", "AB-"]);
}

#[tokio::test]
async fn every_combination_ends_as_the_table_says() {
    let table = [
        ("A--", "A--", "A--"),
        ("AB-", "AB-", "B-A"),
        ("ABA", "AB-", "B-A"),
        ("BBA", "AB-", "B-A"),
        ("B-A", "AB-", "B-A"),
        ("B--", "B--", "B--"),
        ("BB-", "BB-", "B--"),
        ("A-A", "A--", "A--"),
        ("-BA", "AB-", "B-A"),
        ("-B-", "BB-", "B--"),
        ("--A", "A--", "A--"),
        ("CBA", "CBA", "CBA"),
        ("---", "---", "---"),
    ];
    for (from, old, new) in table {
        assert_eq!(way(from, TokenInUse::Old).await.last().unwrap(), old, "{from}, the old is wanted");
        assert_eq!(way(from, TokenInUse::New).await.last().unwrap(), new, "{from}, the new is wanted");
    }
}

#[tokio::test]
async fn of_all_combinations_there_are_none_loses_a_token_or_empties_the_name() {
    let letters = ['-', 'A', 'B', 'C'];
    for okta in letters {
        for next in letters {
            for previous in letters {
                let from: String = [okta, next, previous].iter().collect();
                for wanted in [TokenInUse::Old, TokenInUse::New] {
                    let way = way(&from, wanted).await;
                    for now in &way {
                        let lost = from.chars().filter(|letter| *letter != '-').find(|one| !now.contains(*one));
                        assert_eq!(lost, None, "{from}, {wanted:?}: {way:?}");
                        assert!(okta == '-' || !now.starts_with('-'), "{from}, {wanted:?}: {way:?}");
                    }
                    let end = way.last().unwrap();
                    assert!(from == "---" || !end.starts_with('-'), "{from}, {wanted:?}: {way:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_kill_after_any_move_and_a_change_of_mind_still_ends_in_one_place() {
    for (from, first, then, end) in [
        ("AB-", TokenInUse::New, TokenInUse::New, "B-A"),
        ("AB-", TokenInUse::New, TokenInUse::Old, "AB-"),
        ("B-A", TokenInUse::Old, TokenInUse::Old, "AB-"),
        ("B-A", TokenInUse::Old, TokenInUse::New, "B-A"),
    ] {
        for killed in way(from, first).await {
            let again = vault(&killed).await;
            settle(&again, &id(), ORIGIN, then).await.unwrap();
            assert_eq!(state(&again).await, end, "killed at {killed} on the way from {from}");
        }
    }
}

#[tokio::test]
async fn what_is_kept_for_this_run_alone_stays_so() {
    let vault = Secrets::memory();
    for (name, text) in [(NAMES[0], "A"), (NAMES[1], "B")] {
        vault.put_for_this_run(&id(), name, ORIGIN, &SecretString::from(text)).await.unwrap();
    }
    settle(&vault, &id(), ORIGIN, TokenInUse::New).await.unwrap();
    assert_eq!(state(&vault).await, "B-A");
    for name in [NAMES[0], NAMES[2]] {
        assert_eq!(vault.has(&id(), name).await.unwrap(), Some((ORIGIN.to_owned(), true)));
    }
}
