#!/usr/bin/python3
"""Puts finished connections into the app's database on a desktop, as a user has them:
finished_connection.py DATABASE [COUNT] [--one-without-token]

COUNT connections (1) have their tokens in the desktop's keychain, bound to an Okta domain. `--one-without-token` adds one whose
token is gone from the keychain, which the app reports with its first probe, without a network. Each has passed its checks just
now, except that its token was not asked about since, so the app probes at once. The database must be there: the app makes it at
its first start. Connections of an earlier run are replaced. Prints how many of them had been probed.
"""
import json
import os
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta, timezone

PREFIX = "bench-"
SERVICE = "ai.radiantsecurity.okta-connector"
NOW = datetime.now(timezone.utc)
CREATED = NOW.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
# A small probe is due, and not so late that every check is.
LAST_HEARTBEAT = (NOW - timedelta(minutes=15)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
TABLES = ("guide_state", "reports", "secret_index", "monitor_state", "status_changes", "hours")


def connection(name):
    return {
        "id": name,
        "name": name,
        "origin": {"kind": "okta", "at": f"{name}.okta.com"},
        "org_id": None,
        "profile": "response",
        "keep": "token",
        "radiant": {
            "url": "https://plugin.radiantsecurity.ai/quickwit-api-proxy/_msearch",
            "index": None,
            "connector_type": None,
            "timestamp_field": None,
            "byob": False,
            "confirmed_host": None,
        },
        "created": CREATED,
    }


SETUP = {
    "step": "done",
    "typed_domain": "bench",
    "token_name": "Radiant",
    "credential_name": "Okta",
    "confirmed": [],
    "arrival": None,
    "finished": CREATED,
}


def passed(check):
    row = {"check": check, "outcome": "passed", "skipped": None, "code": None, "args": {}, "facts": [], "evidence": [], "link": None}
    return row | {"at": CREATED, "ms": 1}


# With these two known, a small probe asks Okta nothing that would have to come before the token.
REPORT = {"started": CREATED, "finished": CREATED, "rows": [passed("domain"), passed("tls")], "capabilities": []}
MONITOR_STATE = {"heartbeat": LAST_HEARTBEAT, "delivery": CREATED, "full": CREATED}


def store_token(name):
    secret = json.dumps({"origin": f"https://{name}.okta.com", "secret": "00" + "x" * 40})
    words = ["secret-tool", "store", "--label", name, "service", SERVICE, "username", f"{name}/okta_token"]
    subprocess.run(words, input=secret.encode(), check=True)


def clear_token(name):
    # Fails when there is none, which is what is wanted.
    subprocess.run(["secret-tool", "clear", "service", SERVICE, "username", f"{name}/okta_token"], check=False)


def remove(db):
    """Removes the connections of an earlier run; returns how many of them had been probed."""
    query = "SELECT count(*) FROM monitor_state JOIN connections ON id = connection"
    query += " WHERE json_extract(monitor_state.body, '$.heartbeat') > created"
    probed = db.execute(query + " AND id LIKE ?", (PREFIX + "%",)).fetchone()[0]
    for table in TABLES:
        db.execute(f"DELETE FROM {table} WHERE connection LIKE ?", (PREFIX + "%",))
    db.execute("DELETE FROM connections WHERE id LIKE ?", (PREFIX + "%",))
    return probed


def add(db, name):
    db.execute("INSERT INTO connections (id, created, body) VALUES (?, ?, ?)", (name, CREATED, json.dumps(connection(name))))
    db.execute("INSERT INTO guide_state (connection, body) VALUES (?, ?)", (name, json.dumps(SETUP)))
    db.execute("INSERT INTO reports (connection, finished, body) VALUES (?, ?, ?)", (name, CREATED, json.dumps(REPORT)))
    db.execute("INSERT INTO monitor_state (connection, body) VALUES (?, ?)", (name, json.dumps(MONITOR_STATE)))
    secret = (name, CREATED, f"https://{name}.okta.com")
    db.execute("INSERT INTO secret_index (connection, name, since, bound_to) VALUES (?, 'okta_token', ?, ?)", secret)


def main(path, *words):
    if not os.environ.get("PRIVATE_DESKTOP"):
        raise SystemExit("only inside a desktop")
    counts = [int(word) for word in words if word.isdigit()]
    with_token = [f"{PREFIX}{number:03}" for number in range(1, (counts or [1])[0] + 1)]
    without_token = [PREFIX + "lost"] if "--one-without-token" in words else []
    for name in with_token:
        store_token(name)
    clear_token(PREFIX + "lost")
    with sqlite3.connect(path, timeout=10) as db:
        probed = remove(db)
        for name in with_token + without_token:
            add(db, name)
    print(probed)


main(*sys.argv[1:])
