#!/usr/bin/python3
"""Prints what the app's database holds as one line of JSON: stored_state.py DATABASE [--interval SECONDS]

Connections, guides, secret index, rotations, monitoring and the number of the newest report, with the result of the database's
own integrity check. `--interval` first stores this time between probes, shorter than the app lets anyone choose.
"""
import json
import os
import sqlite3
import sys

BODIES = ("connections", "guide_state", "rotation", "monitor_state")


def bodies(db, table):
    key = "id" if table == "connections" else "connection"
    return {row[0]: json.loads(row[1]) for row in db.execute(f"SELECT {key}, body FROM {table} ORDER BY 1")}


def state(db):
    found = {table: bodies(db, table) for table in BODIES}
    found["secret_index"] = ["/".join(row) for row in db.execute("SELECT connection, name FROM secret_index ORDER BY 1, 2")]
    found["newest_report"] = db.execute("SELECT coalesce(max(number), 0) FROM reports").fetchone()[0]
    found["integrity"] = [row[0] for row in db.execute("PRAGMA integrity_check")]
    return found


def main(path, *words):
    if not os.environ.get("PRIVATE_DESKTOP"):
        raise SystemExit("only inside a desktop")
    db = sqlite3.connect(path, timeout=10)
    if words[:1] == ("--interval",):
        change = "UPDATE settings SET value = json_set(value, '$.heartbeat_s', ?1, '$.freshness_s', ?1) WHERE key = 'monitor'"
        with db:
            db.execute(change, (int(words[1]),))
    db.execute("BEGIN")
    print(json.dumps(state(db)))
    db.close()


main(*sys.argv[1:])
