"""What the desktop's services share: a session bus with a main loop, and logs in JSON lines."""
import json

import dbus
import dbus.mainloop.glib
from gi.repository import GLib


def session():
    """Joins the session bus; its signals arrive in the main loop."""
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    return dbus.SessionBus()


def say(event, **fields):
    """Writes one line of the log."""
    print(json.dumps({"event": event, **fields}), flush=True)


def serve():
    """Says that the service is there and answers until it is ended."""
    say("ready")
    GLib.MainLoop().run()
