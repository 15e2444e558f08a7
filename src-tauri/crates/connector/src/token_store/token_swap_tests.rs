//! Covers every combination of the three names, and a kill after every move.

use chrono::DateTime;

use super::*;
use model::connection::{Connection, Keep, Profile};
use model::radiant_search_settings::RadiantSearch;
use runtime::Clock;
use secrets::Keychain;
use store::Store;

const ORIGIN: &str = "https://acme.okta.com";
const NAMES: [SecretName; 3] = [SecretName::OktaToken, SecretName::NextOktaToken, SecretName::PreviousOktaToken];

fn id() -> ConnectionId {
    ConnectionId("a".to_owned())
}

/// A connection whose names hold these letters, in the order of [`NAMES`]; `-` is no token.
struct Fixture {
    secrets: Secrets,
    _folder: tempfile::TempDir,
}

impl Fixture {
    async fn of(state: &str, this_run_only: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.write(|tx| tx.add_connection(&connection())).await.unwrap();
        let secrets = Secrets::new(Keychain::memory(), store, Clock::system());
        for (name, letter) in NAMES.into_iter().zip(state.chars()) {
            if letter != '-' {
                let secret = SecretString::from(letter.to_string());
                secrets.keep(&id(), name, ORIGIN, &secret, this_run_only).await.unwrap();
            }
        }
        Self { secrets, _folder: folder }
    }
}

fn connection() -> Connection {
    Connection {
        id: id(),
        name: String::new(),
        origin: None,
        org_id: None,
        profile: Profile::default(),
        keep: Keep::default(),
        radiant: RadiantSearch::default(),
        created: DateTime::UNIX_EPOCH,
    }
}

async fn state(secrets: &Secrets) -> String {
    let mut out = String::new();
    for name in NAMES {
        let found = secrets.find(&id(), name, ORIGIN).await.unwrap();
        let letters = ["A", "B", "C"].map(|letter| (letter, SecretString::from(letter)));
        let letter = found.map(|secret| letters.iter().find(|(_, one)| Secrets::same(one, &secret)).unwrap().0);
        out.push_str(letter.unwrap_or("-"));
    }
    let indexed = secrets.states(&id()).await.unwrap();
    let indexed = NAMES.map(|name| indexed.iter().any(|state| state.name == name));
    assert_eq!(indexed, std::array::from_fn(|at| !out[at..].starts_with('-')), "the index names what is kept: {out}");
    out
}

/// Returns the states that the moves pass through, including the first and the last.
async fn moves(from: &str, wanted: TokenInUse) -> Vec<String> {
    let kept = Fixture::of(from, false).await;
    let secrets = &kept.secrets;
    let mut states = vec![state(secrets).await];
    while let Some(next) = HeldTokens::read(secrets, &id(), ORIGIN).await.unwrap().next_move(wanted) {
        perform(secrets, &id(), ORIGIN, next).await.unwrap();
        states.push(state(secrets).await);
        assert!(states.len() < 8, "{states:?} does not end");
    }
    states
}

#[tokio::test]
async fn a_swap_and_the_swap_back_never_lose_a_token_or_leave_none_in_use() {
    assert_eq!(moves("AB-", TokenInUse::New).await, ["AB-", "ABA", "BBA", "B-A"]);
    assert_eq!(moves("B-A", TokenInUse::Old).await, ["B-A", "BBA", "ABA", "AB-"]);
}

#[tokio::test]
async fn every_combination_ends_as_in_the_table() {
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
        assert_eq!(moves(from, TokenInUse::Old).await.last().unwrap(), old, "{from}, the old one is wanted");
        assert_eq!(moves(from, TokenInUse::New).await.last().unwrap(), new, "{from}, the new one is wanted");
    }
}

#[tokio::test]
async fn no_combination_loses_a_token_or_leaves_none_in_use() {
    let letters = ['-', 'A', 'B', 'C'];
    for okta in letters {
        for next in letters {
            for previous in letters {
                let from: String = [okta, next, previous].iter().collect();
                for wanted in [TokenInUse::Old, TokenInUse::New] {
                    let states = moves(&from, wanted).await;
                    for now in &states {
                        let lost = from.chars().filter(|letter| *letter != '-').find(|one| !now.contains(*one));
                        assert_eq!(lost, None, "{from}, {wanted:?}: {states:?}");
                        assert!(okta == '-' || !now.starts_with('-'), "{from}, {wanted:?}: {states:?}");
                    }
                    let end = states.last().unwrap();
                    assert!(from == "---" || !end.starts_with('-'), "{from}, {wanted:?}: {states:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_kill_after_any_move_and_a_change_of_direction_end_in_one_state() {
    for (from, first, then, end) in [
        ("AB-", TokenInUse::New, TokenInUse::New, "B-A"),
        ("AB-", TokenInUse::New, TokenInUse::Old, "AB-"),
        ("B-A", TokenInUse::Old, TokenInUse::Old, "AB-"),
        ("B-A", TokenInUse::Old, TokenInUse::New, "B-A"),
    ] {
        for killed in moves(from, first).await {
            let again = Fixture::of(&killed, false).await;
            swap(&again.secrets, &id(), ORIGIN, then).await.unwrap();
            assert_eq!(state(&again.secrets).await, end, "killed at {killed} on the path from {from}");
        }
    }
}

#[tokio::test]
async fn a_token_kept_for_this_run_stays_in_memory() {
    let kept = Fixture::of("AB-", true).await;
    swap(&kept.secrets, &id(), ORIGIN, TokenInUse::New).await.unwrap();
    assert_eq!(state(&kept.secrets).await, "B-A");
    for name in [NAMES[0], NAMES[2]] {
        assert_eq!(kept.secrets.keychain().has(&id(), name).await.unwrap(), Some((ORIGIN.to_owned(), true)));
    }
}
