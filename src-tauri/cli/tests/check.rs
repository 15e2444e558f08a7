//! Runs `connectorctl` as a script does: exit codes, JSON lines, and no token in its output.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use practice::{Fault, FaultKind, Options, Practice, Side};
use serde_json::Value;

fn connectorctl() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connectorctl"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn check(domain: &str, token: &str, more: &[&str]) -> Output {
    let mut command = connectorctl();
    command.args(["check", "--json", "--token-stdin", "--domain", domain]).args(more);
    let token = token.to_owned();
    let run = move || {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(token.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn rows(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn outcome(rows: &[Value], check: &str) -> String {
    let row = rows.iter().find(|row| row["check"] == check).unwrap();
    let code = row["code"].as_str().unwrap_or("-");
    format!("{} {code}", row["outcome"].as_str().unwrap())
}

#[tokio::test]
async fn each_principal_is_recognized_by_exit_code_and_rows() {
    let practice = Practice::start(Options::default()).await.unwrap();
    let card = practice.card();
    let tokens = &card.tokens;
    let cases = [
        (&tokens.super_admin, "response", None, "owner", "passed -"),
        (&tokens.org_admin, "response", Some(1), "capabilities", "unknown capability_not_told"),
        (&tokens.org_admin, "ingestion", None, "system_log", "passed -"),
        (&tokens.read_only, "ingestion", None, "system_log", "passed -"),
        (&tokens.read_only, "response", Some(1), "roles", "unknown roles_not_told"),
        (&tokens.person_super_admin, "response", Some(1), "owner", "attention owner_is_person"),
        (&tokens.expired, "response", Some(2), "token", "failed token_refused"),
        (&tokens.owner_deactivated, "response", Some(2), "token", "failed token_refused"),
        (&tokens.network_restricted, "response", Some(2), "token", "failed token_restricted"),
    ];
    for (token, profile, code, row, expected) in cases {
        let output = check(&card.okta, token, &["--profile", profile]).await;
        let rows = rows(&output);
        assert_eq!(outcome(&rows, row), expected, "{profile}");
        // Without a keychain, as on a build machine, only that row needs attention.
        let keychain = i32::from(outcome(&rows, "keychain") != "passed -");
        assert_eq!(output.status.code(), Some(code.unwrap_or(keychain)), "{profile} {row}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("PRACTICE"));
        let printed = format!("{output:?}");
        assert!(!printed.contains(token.as_str()), "the token is never printed");
    }
}

#[tokio::test]
async fn a_check_that_cannot_run_returns_three_and_a_code() {
    for (domain, code) in
        [("http://acme.okta.com", "domain_plain_http"), ("acme.0kta.com", "domain_look_alike"), ("", "domain_empty")]
    {
        let output = check(domain, "00abc", &[]).await;
        assert_eq!(output.status.code(), Some(3), "{domain}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(code), "{domain}: {output:?}");
    }
}

#[tokio::test]
async fn a_token_may_end_with_a_newline_and_have_text_that_was_pasted_with_it() {
    let practice = Practice::start(Options::default()).await.unwrap();
    let token = &practice.card().tokens.read_only;
    for pasted in [format!("{token}\n"), format!("SSWS {token}\r\n"), format!("\"{token}\"\n")] {
        let output = check(&practice.card().okta, &pasted, &["--profile", "ingestion"]).await;
        assert_eq!(outcome(&rows(&output), "token"), "passed -", "{output:?}");
    }
    let output = check(&practice.card().okta, "not a token\n", &[]).await;
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("[token_has_blanks]"), "{output:?}");
}

#[tokio::test]
async fn a_check_ends_after_its_time_limit_and_names_what_it_did_not_reach() {
    let practice = Practice::start(Options::default()).await.unwrap();
    practice.control().fault(Some(Fault::on(Side::Okta, FaultKind::Slow { ms: 300_000 })));
    let output = check(&practice.card().okta, &practice.card().tokens.super_admin, &["--timeout", "1"]).await;
    let rows = rows(&output);
    for late in ["domain", "token", "system_log", "zones", "capabilities"] {
        assert_eq!(outcome(&rows, late), "unknown check_timed_out", "{late}");
    }
    let domain = rows.iter().find(|row| row["check"] == "domain").unwrap();
    assert!(domain["sentence"].as_str().unwrap().contains("1 s"), "{domain}");
    assert_eq!(output.status.code(), Some(1), "unknown is no success");
    for limit in ["0", "-1", "soon", "3601"] {
        let output = connectorctl().args(["check", "--domain", "acme", "--token-stdin", "--timeout", limit]).output();
        assert_eq!(output.unwrap().status.code(), Some(3), "{limit}");
    }
}

#[test]
fn a_token_is_not_accepted_as_an_argument() {
    let output = connectorctl().args(["check", "--domain", "acme", "--token", "00abc"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "mistyped arguments are not CRITICAL");
    let help = connectorctl().args(["check", "--help"]).output().unwrap();
    assert!(String::from_utf8_lossy(&help.stdout).contains("--token-stdin"));
}

#[test]
fn completions_and_the_manual_name_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let output = connectorctl().args(["completions", shell]).output().unwrap();
        assert!(String::from_utf8_lossy(&output.stdout).contains("token-stdin"), "{shell}");
    }
    let page = connectorctl().arg("man").output().unwrap();
    let page = String::from_utf8_lossy(&page.stdout).into_owned();
    assert!(page.contains(".TH") && page.contains("practice") && page.contains("check") && page.contains("status"));
    let shown = connectorctl().args(["man", "connections", "show"]).output().unwrap();
    assert!(String::from_utf8_lossy(&shown.stdout).contains(".TH connectorctl-connections-show 1"), "{shown:?}");
    let none = connectorctl().args(["man", "status", "show"]).output().unwrap();
    assert_eq!(none.status.code(), Some(3));
}

#[test]
fn every_page_that_the_manual_refers_to_exists() {
    let folder = tempfile::tempdir().unwrap();
    assert!(connectorctl().args(["man", "--all-into"]).arg(folder.path()).status().unwrap().success());
    let names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|page| page.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let mut referred = 0;
    for name in &names {
        let page = std::fs::read_to_string(folder.path().join(name)).unwrap().replace("\\-", "-");
        for line in page.lines().filter_map(|line| line.trim().strip_suffix("(1)")) {
            assert!(names.contains(&format!("{line}.1")), "{name} refers to {line}(1)");
            referred += 1;
        }
    }
    assert!(referred >= 12 && names.contains(&"connectorctl-connections-show.1".to_owned()), "{referred}, {names:?}");
}
