#!/usr/bin/python3
"""Answers in the agent's place as an agent of another version: other_agent.py VERSION [--stays]

Holds the agent's lock and serves its socket. Logs "hello" for each connection and every request but pings. Ends when asked to
end for another one, unless it `--stays`.
"""
import fcntl
import hashlib
import json
import os
import socket
import struct
import sys

from desktop_service import say

DATA = os.path.join(os.environ["XDG_DATA_HOME"], "ai.radiantsecurity.okta-connector")
RUN = os.path.join(os.environ["XDG_RUNTIME_DIR"], "okta-connector-for-radiant")


def runtime_folder():
    os.makedirs(DATA, mode=0o700, exist_ok=True)
    folder = os.path.join(RUN, hashlib.sha256(os.path.realpath(DATA).encode()).hexdigest()[:16])
    for one in (RUN, folder):
        os.makedirs(one, mode=0o700, exist_ok=True)
    return folder


def send(peer, message):
    content = json.dumps(message).encode()
    peer.sendall(struct.pack(">I", len(content)) + content)


def messages(peer):
    """Reads messages until the peer closes the channel."""
    with peer.makefile("rb") as stream:
        while header := stream.read(4):
            yield json.loads(stream.read(struct.unpack(">I", header)[0]))


def serve(peer, version, stays):
    say("hello")
    send(peer, {"hello": {"version": version, "schema": 1, "pid": os.getpid()}})
    for message in messages(peer):
        if message == "ping":
            send(peer, "ack")
            continue
        say("request", message=message)
        if message == "replace" and not stays:
            sys.exit(0)


def main(version, *words):
    folder = runtime_folder()
    with open(os.path.join(folder, "agent.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        lock.write(str(os.getpid()))
        lock.flush()
        path = os.path.join(folder, "agent.sock")
        if os.path.exists(path):
            os.remove(path)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
            server.listen()
            say("ready")
            while True:
                peer, _ = server.accept()
                with peer:
                    try:
                        serve(peer, version, "--stays" in words)
                    except OSError:
                        continue


main(*sys.argv[1:])
