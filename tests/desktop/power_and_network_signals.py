#!/usr/bin/python3
"""A stand-in for logind and NetworkManager on a private bus: power_and_network_signals.py ADDRESS

Owns both names and sends their signals by the words it reads, one a line: `suspend`, `resume`, `network NUMBER`, and `stranger`
(the signal of a wake from somebody who is not logind). Prints `ready`, then each word once it was sent. Signatures are those of
logind's "org.freedesktop.login1" and of NetworkManager's D-Bus reference.
"""
import sys

import dbus
import dbus.bus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

LOGIN = "org.freedesktop.login1"
NETWORK = "org.freedesktop.NetworkManager"


class Login(dbus.service.Object):
    @dbus.service.signal(LOGIN + ".Manager", signature="b")
    def PrepareForSleep(self, start):
        pass


class Network(dbus.service.Object):
    @dbus.service.signal(NETWORK, signature="u")
    def StateChanged(self, state):
        pass


def main(address):
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus, stranger = dbus.bus.BusConnection(address), dbus.bus.BusConnection(address)
    names = [dbus.service.BusName(name, bus) for name in (LOGIN, NETWORK)]
    login, network = Login(bus, "/org/freedesktop/login1"), Network(bus, "/org/freedesktop/NetworkManager")
    other = Login(stranger, "/org/freedesktop/login1")
    loop = GLib.MainLoop()

    def heard(source, _condition):
        words = source.readline().split()
        if not words:
            loop.quit()
            return False
        if words[0] == "network":
            network.StateChanged(int(words[1]))
        elif words[0] == "stranger":
            other.PrepareForSleep(False)
        else:
            login.PrepareForSleep(words[0] == "suspend")
        print(" ".join(words), flush=True)
        return True

    GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, heard)
    print("ready", flush=True)
    loop.run()
    del names


if __name__ == "__main__":
    main(*sys.argv[1:])
