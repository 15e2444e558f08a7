#!/usr/bin/python3
"""Prints the window's accessibility tree as one JSON list, in reading order, as a screen reader meets it."""
import json

import pyatspi

APP = "okta-connector"
WANTED = ("FOCUSED", "SHOWING", "VISIBLE", "CHECKED", "ENABLED", "EXPANDED", "INVALID_ENTRY")


def attributes(node):
    return dict(pair.split(":", 1) for pair in node.getAttributes() if ":" in pair)


def text(node):
    try:
        return node.queryText().getText(0, -1)
    except NotImplementedError:
        return ""


def described(node):
    told = attributes(node)
    states = node.getState()
    return {
        "role": node.getRoleName(),
        "name": node.name or "",
        "text": text(node).replace("\ufffc", ""),
        "level": int(told.get("level", 0)),
        "live": told.get("live", ""),
        "current": told.get("current", ""),
        "states": [name.lower() for name in WANTED if states.contains(getattr(pyatspi, "STATE_" + name))],
    }


def walk(node, out):
    out.append(described(node))
    for index in range(node.childCount):
        child = node.getChildAtIndex(index)
        if child is not None:
            walk(child, out)


def main():
    out = []
    for app in pyatspi.Registry.getDesktop(0):
        if app is not None and (app.name or "").startswith((APP, "Okta Connector", "WebKit")):
            walk(app, out)
    print(json.dumps(out))


main()
