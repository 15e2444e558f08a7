#!/usr/bin/python3
"""Chooses an entry of a tray item's menu, as a panel would: tray_menu.py LABEL

Finds the item and the entry first and prints `ready`; chooses it when a line arrives, so that the caller can measure from there.
"""
import sys

import dbus

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PROPERTIES = "org.freedesktop.DBus.Properties"


def entries(node):
    """Every entry of a menu layout: its id and its label without the mark of an access key."""
    number, properties, children = node
    yield int(number), str(properties.get("label", "")).replace("_", "")
    for child in children:
        yield from entries(child)


def find(bus, label):
    """The menu that has an entry with this label, and the entry's id."""
    watcher = dbus.Interface(bus.get_object(WATCHER, "/StatusNotifierWatcher"), PROPERTIES)
    for item in watcher.Get(WATCHER, "RegisteredStatusNotifierItems"):
        name, path = str(item).split("/", 1)
        shown = dbus.Interface(bus.get_object(name, "/" + path), PROPERTIES)
        menu = dbus.Interface(bus.get_object(name, shown.Get(ITEM, "Menu")), MENU)
        _, layout = menu.GetLayout(0, -1, dbus.Array(signature="s"))
        for number, text in entries(layout):
            if text.startswith(label):
                return menu, number
    raise SystemExit(f"no tray menu has an entry {label}")


def main(label):
    menu, number = find(dbus.SessionBus(), label)
    print("ready", flush=True)
    if sys.stdin.readline():
        menu.Event(number, "clicked", dbus.Int32(0, variant_level=1), dbus.UInt32(0))


main(sys.argv[1])
