"""Reads the events of a week with `grove`, as its local process runs; it reads no users."""

import glob
import gzip
import json
import os
import subprocess
import sys

import client_io

for folder in ["connectors", "output"]:
    os.makedirs(folder, exist_ok=True)
with open("connectors/okta.json", "w", encoding="utf-8") as file:
    connector = {"connector": "okta_system_log", "name": "okta", "identity": client_io.SUBDOMAIN, "key": client_io.TOKEN}
    json.dump(connector, file)
settings = {
    "GROVE_CONFIG_LOCAL_FILE_PATH": os.path.abspath("connectors"),
    "GROVE_OUTPUT_HANDLER": "local_file",
    "GROVE_OUTPUT_LOCAL_FILE_PATH": os.path.abspath("output"),
}
program = os.path.join(os.path.dirname(sys.executable), "grove")
subprocess.run([program], env={**os.environ, **settings}, check=True)
events = []
for name in glob.glob("output/logs/**/*.json.gz", recursive=True):
    with gzip.open(name, "rt", encoding="utf-8") as file:
        events.extend(json.loads(line) for line in file if line.strip())
client_io.write({"events of a week": [event["uuid"] for event in events]})
