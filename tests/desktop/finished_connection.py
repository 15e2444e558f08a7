#!/usr/bin/python3
"""Puts one finished connection into the app's database on a desktop, as a user has it: finished_connection.py DATABASE

Its token is in the desktop's keychain and bound to an Okta domain; it was never looked at, so the app looks at once. The database
must be there: the app makes it at its first start. Run again, it only forgets the looks. Prints how many looks there were.
"""
import json
import os
import sqlite3
import subprocess
import sys

ID = "bench"
SERVICE = "ai.radiantsecurity.okta-connector"
ORIGIN = "https://bench-example.okta.com"
CREATED = "2026-01-01T00:00:00.000000Z"

CONNECTION = {
    "id": ID,
    "name": "bench",
    "origin": {"kind": "okta", "at": "bench-example.okta.com"},
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
    "typed_domain": "bench-example",
    "token_name": "Radiant",
    "credential_name": "Okta",
    "confirmed": [],
    "arrival": None,
    "finished": CREATED,
}


def main(path):
    if not os.environ.get("PRIVATE_DESKTOP"):
        raise SystemExit("only inside a desktop")
    secret = json.dumps({"origin": ORIGIN, "secret": "00" + "x" * 40})
    words = ["secret-tool", "store", "--label", "bench", "service", SERVICE, "username", f"{ID}/okta_token"]
    subprocess.run(words, input=secret.encode(), check=True)
    with sqlite3.connect(path, timeout=10) as db:
        looks = db.execute("SELECT count(*) FROM watched WHERE connection = ?", (ID,)).fetchone()[0]
        db.execute("DELETE FROM connections WHERE id = ?", (ID,))
        for table in ("setup", "reports", "secrets", "watched", "changes", "hours"):
            db.execute(f"DELETE FROM {table} WHERE connection = ?", (ID,))
        db.execute("INSERT INTO connections (id, created, body) VALUES (?, ?, ?)", (ID, CREATED, json.dumps(CONNECTION)))
        db.execute("INSERT INTO setup (connection, body) VALUES (?, ?)", (ID, json.dumps(SETUP)))
        db.execute("INSERT INTO secrets (connection, name, since, bound_to) VALUES (?, 'okta_token', ?, ?)", (ID, CREATED, ORIGIN))
    print(looks)


main(sys.argv[1])
