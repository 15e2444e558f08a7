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
    command.args(domain.starts_with("http://127.0.0.1:").then_some("--practice"));
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
        // Without a keychain, as on a build machine, nothing needs attention: a check stores no secret.
        assert!(["passed -", "skipped -"].contains(&outcome(&rows, "keychain").as_str()), "{rows:?}");
        assert_eq!(output.status.code(), Some(code.unwrap_or(0)), "{profile} {row}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("PRACTICE"));
        let printed = format!("{output:?}");
        assert!(!printed.contains(token.as_str()), "the token is never printed");
    }
}

/// Runs the check with an environment like that of cron, of a container, or of a service: with this address of the session bus.
#[cfg(target_os = "linux")]
async fn check_with_bus(address: Option<&str>) -> (Option<i32>, String) {
    let practice = Practice::start(Options::default()).await.unwrap();
    let (card, folder) = (practice.card().clone(), tempfile::tempdir().unwrap());
    let mut command = connectorctl();
    command.args(["check", "--json", "--practice", "--token-stdin", "--profile", "response", "--domain", &card.okta]);
    command.env_remove("DBUS_SESSION_BUS_ADDRESS").env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.env("HOME", folder.path()).env("XDG_RUNTIME_DIR", folder.path());
    command.envs(address.map(|address| ("DBUS_SESSION_BUS_ADDRESS", address)));
    let run = move || {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(card.tokens.super_admin.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let keychain = rows(&output).into_iter().find(|row| row["check"] == "keychain").unwrap();
    (output.status.code(), keychain.to_string())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_without_a_keychain_can_pass_because_a_check_stores_no_secret() {
    for address in [None, Some("disabled:"), Some("unix:path=/nonexistent/bus"), Some("")] {
        let (code, keychain) = check_with_bus(address).await;
        assert_eq!(code, Some(0), "{address:?}: {keychain}");
        assert!(keychain.contains("no_secret_stored"), "{address:?}: {keychain}");
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
        let lines = rows(&output);
        assert_eq!((lines.len(), &lines[0]["code"], &lines[0]["exit"]), (1, &code.into(), &3.into()), "{output:?}");
        assert!(lines[0]["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()), "{output:?}");
        assert_eq!(lines[0]["args"]["typed"].as_str().unwrap_or_default(), domain, "the refusal names what was typed");
    }
}

#[test]
fn mistyped_arguments_are_one_json_line_for_a_program() {
    let output = connectorctl().args(["check", "--json", "--domain", "acme", "--tokn-stdin"]).output().unwrap();
    let lines = rows(&output);
    assert_eq!((output.status.code(), lines.len(), &lines[0]["exit"]), (Some(3), 1, &3.into()), "{output:?}");
}

#[tokio::test]
async fn what_was_changed_while_the_domain_was_read_is_said_even_if_it_cannot_be_reached() {
    let typed = "https:/SSO.acme.invalid:443/app";
    let output = check(typed, "00abc", &["--language", "en"]).await;
    let lines = rows(&output);
    let args = &lines[0]["args"];
    assert_eq!((output.status.code(), args["typed"].as_str()), (Some(3), Some(typed)), "{output:?}");
    assert_eq!(args["asked"], "sso.acme.invalid", "{output:?}");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("Using https://sso.acme.invalid") && stderr.contains("The port was removed."), "{stderr}");
    assert!(stderr.contains("Host: sso.acme.invalid"), "{stderr}");
}

#[tokio::test]
async fn a_custom_domain_with_the_word_okta_is_asked_without_a_token_and_is_no_look_alike() {
    for host in ["okta.acme.invalid", "sso-okta.acme.invalid", "okta-admin.acme.invalid"] {
        let token = format!("00{}", "a".repeat(40));
        let output = check(host, &token, &["--language", "en"]).await;
        let lines = rows(&output);
        assert_eq!((output.status.code(), lines.len()), (Some(3), 1), "{output:?}");
        assert_eq!(
            (&lines[0]["args"]["asked"], &lines[0]["code"]),
            (&host.into(), &"dns_not_found".into()),
            "{output:?}"
        );
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(&format!("https://{host}")) && stderr.contains("without a token"), "{stderr}");
    }
}

#[tokio::test]
async fn a_byte_order_mark_and_blanks_around_a_domain_are_removed() {
    let output = check("\u{feff}\u{a0}https://okta.acme.invalid\u{a0}\r\n", "00abc", &[]).await;
    let lines = rows(&output);
    assert_eq!(lines[0]["args"]["asked"], "okta.acme.invalid", "{output:?}");
    assert_eq!(lines[0]["code"], "dns_not_found", "{output:?}");
}

#[test]
fn a_token_file_that_cannot_be_read_is_explained_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let utf16: Vec<u8> = "\u{feff}00abc".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(folder.path().join("utf16.txt"), utf16).unwrap();
    std::fs::write(folder.path().join("latin.txt"), b"gr\xfcn").unwrap();
    for (name, words) in
        [("utf16.txt", "UTF-8"), ("latin.txt", "not UTF-8"), ("none.txt", "does not exist"), ("", "is a folder")]
    {
        let path = folder.path().join(name);
        let args = ["check", "--json", "--domain", "acme", "--token-file"];
        let output = connectorctl().args(args).arg(&path).output().unwrap();
        let why = rows(&output)[0]["why"].as_str().unwrap().to_owned();
        assert!(why.contains(words) && why.contains(name) && !why.contains("os error"), "{why}");
        assert_eq!(output.status.code(), Some(3));
    }
}

#[test]
fn a_name_can_neither_forge_a_line_nor_command_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    for forged in ["x\n+ passed\r\u{1b}[2J\u{9b}1m\u{202e}", "\u{1b}]0;title\u{7}"] {
        let mut command = connectorctl();
        command.args(["connections", "show", forged, "--data-dir"]).arg(folder.path());
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), text.lines().count()), (Some(3), 1), "{text:?}");
        assert!(text.contains('\u{fffd}') && text.chars().filter(|c| c.is_control()).count() == 1, "{text:?}");
        assert!(!text.contains('\u{202e}'), "{text:?}");
        let output =
            connectorctl().args(["status", forged, "--json", "--data-dir"]).arg(folder.path()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(text.chars().filter(|c| c.is_control()).count(), 1, "{text:?}");
        assert_eq!(rows(&output)[0]["args"]["typed"], forged, "JSON keeps the value");
        let usage = connectorctl().args(["check", forged]).output().unwrap();
        let text = String::from_utf8_lossy(&usage.stderr).into_owned();
        assert!(!text.contains(['\u{1b}', '\r', '\u{9b}', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn only_one_file_writes_to_the_terminal() {
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let writes = ["io::stdout()", "io::stderr()", "error.print()", "error.exit()"]
                .iter()
                .any(|name| text.contains(name));
            assert_eq!(writes, path.ends_with("print.rs"), "{}", path.display());
            read += 1;
        }
    }
    assert!(read > 10, "{read} files");
}

#[test]
fn an_import_says_what_it_could_not_take() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.json");
    let entries = serde_json::json!([
        {"name": "acme", "domain": "acme.okta.com"},
        {"name": "broken", "profile": "everything"},
        {"name": "odd", "domain": "acme.0kta.com"},
    ]);
    let text = serde_json::json!({"app": "okta-connector-for-radiant", "format": 1, "connections": entries});
    std::fs::write(&file, text.to_string()).unwrap();
    let mut command = connectorctl();
    command.args(["connections", "import"]).arg(&file).arg("--data-dir").arg(folder.path().join("data"));
    let output = command.output().unwrap();
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!((output.status.code(), lines.lines().count()), (Some(0), 4), "{output:?}");
    assert!(lines.contains("Connection 2 of the file could not be read and was left out. broken"), "{lines}");
    assert!(lines.contains("odd (connection 3): the domain \u{201c}acme.0kta.com\u{201d} cannot be used."), "{lines}");
    std::fs::write(&file, "{").unwrap();
    let mut again = connectorctl();
    again.args(["connections", "import"]).arg(&file).arg("--data-dir").arg(folder.path().join("data"));
    let output = again.output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("export.json"), "the file is named: {output:?}");
}

#[tokio::test]
async fn a_loopback_address_gets_no_token_without_the_statement_that_it_is_practice_and_localhost_never_does() {
    let practice = Practice::start(Options::default()).await.unwrap();
    let card = practice.card();
    let by_name = card.okta.replace("127.0.0.1", "localhost");
    for (domain, more, code) in [
        (&card.okta, [].as_slice(), "practice_not_stated"),
        (&card.okta.replace("http://", "https://"), &[], "practice_not_stated"),
        (&by_name, &["--practice"], "domain_"),
        (&by_name, &[], "domain_"),
    ] {
        let mut command = connectorctl();
        command.args(["check", "--token-stdin", "--domain", domain]).args(more);
        let token = card.tokens.super_admin.clone();
        let run = move || {
            let mut child = command.spawn().unwrap();
            child.stdin.take().unwrap().write_all(token.as_bytes()).unwrap();
            child.wait_with_output().unwrap()
        };
        let output = tokio::task::spawn_blocking(run).await.unwrap();
        assert_eq!(output.status.code(), Some(3), "{domain}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(code), "{domain}: {output:?}");
    }
    assert_eq!(practice.control().requests().len(), 0, "nothing was asked");
}

#[tokio::test]
async fn a_token_may_end_with_a_newline_and_have_text_that_was_pasted_with_it() {
    let practice = Practice::start(Options::default()).await.unwrap();
    let token = &practice.card().tokens.read_only;
    let mark = format!("\u{feff}{token}\r\n");
    let blanks = format!("\u{a0}{token}\u{a0}\u{feff}\n");
    let usual = [format!("{token}\n"), format!("SSWS {token}\r\n"), format!("\"{token}\"\n")];
    for pasted in usual.into_iter().chain([mark, blanks]) {
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
    let missing = connectorctl().args(["check", "--domain", "acme"]).output().unwrap();
    let said = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(said.contains("--token-stdin|--token-file"), "both ways are named: {said}");
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
