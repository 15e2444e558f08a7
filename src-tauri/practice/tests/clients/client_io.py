"""What every client is given, and the file into which it writes what it read."""

import json
import os

HOST = os.environ["CLIENT_HOST"]
ORIGIN = f"https://{HOST}"
SUBDOMAIN = HOST.split(".")[0]
TOKEN = os.environ["CLIENT_TOKEN"]
LOGIN = os.environ["CLIENT_LOGIN"]
ZONE = os.environ["CLIENT_ZONE"]
SINCE = os.environ["CLIENT_SINCE"]
UNTIL = os.environ["CLIENT_UNTIL"]


def write(lists):
    """Writes the identifiers that were read, by the name of the list."""
    with open("read.json", "w", encoding="utf-8") as file:
        json.dump(lists, file)
