"""Reads users and events with `source-okta read`, as Airbyte starts it; the domain ends in `.okta.com` in its manifest."""

import json
import os
import subprocess
import sys

import client_io


def read(stream, key, start_date):
    """Returns one member of every record of a stream."""
    config = {
        "domain": client_io.SUBDOMAIN,
        "start_date": start_date,
        "credentials": {"auth_type": "api_token", "api_token": client_io.TOKEN},
    }
    described = {"name": stream, "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]}
    configured = {"stream": described, "sync_mode": "full_refresh", "destination_sync_mode": "append"}
    for name, content in [("config.json", config), ("catalog.json", {"streams": [configured]})]:
        with open(name, "w", encoding="utf-8") as file:
            json.dump(content, file)
    program = os.path.join(os.path.dirname(sys.executable), "source-okta")
    words = [program, "read", "--config", "config.json", "--catalog", "catalog.json"]
    output = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    messages = [json.loads(line) for line in output.stdout.splitlines() if line.startswith("{")]
    errors = [message["trace"] for message in messages if message.get("trace", {}).get("type") == "ERROR"]
    if output.returncode or errors:
        raise RuntimeError(f"exit code {output.returncode}: {errors or output.stdout[-2000:]}")
    return [message["record"]["data"][key] for message in messages if message["type"] == "RECORD"]


client_io.write(
    {
        "events polled": read("logs", "uuid", client_io.SINCE[:19] + "Z"),
        "all users": read("users", "id", "2000-01-01T00:00:00Z"),
    }
)
