"""A stand-in for polkit's authority on a private bus.

    authority.py ADDRESS FILE

Answers as the word in FILE says, read anew for each call: `allowed`, `refused`, `dismissed`, `no_agent`, `slow` (until it
is taken back), `unknown` (the action is not installed), `never_asks` (yes without a question). Refuses what polkit would
refuse: a subject that is not the caller, and details from a caller without rights. Prints `ready`, then a line of JSON for
each call. Signatures are those of polkit's reference, "org.freedesktop.PolicyKit1.Authority Interface".
"""

import json
import sys

import dbus
import dbus.bus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME = "org.freedesktop.PolicyKit1"
PATH = "/org/freedesktop/PolicyKit1/Authority"
INTERFACE = NAME + ".Authority"
ACTIONS = ["ai.radiantsecurity.okta-connector.copy-token", "ai.radiantsecurity.okta-connector.stop-asking",
           "ai.radiantsecurity.okta-connector.run-action"]
SELF = 3  # ImplicitAuthorization: authentication required


def say(line):
    print(line, flush=True)


def result(authorized, challenge, details=()):
    return dbus.Struct((authorized, challenge, dbus.Dictionary(dict(details), signature="ss")), signature="bba{ss}")


def error(word, text):
    return dbus.DBusException(text, name=f"{NAME}.Error.{word}")


class Authority(dbus.service.Object):
    """Knows the app's actions, and one answer at a time."""

    def __init__(self, bus, file):
        super().__init__(bus, PATH)
        self.file = file
        self.open = {}

    def word(self):
        with open(self.file, encoding="utf-8") as file:
            return file.read().strip()

    @dbus.service.method(INTERFACE, in_signature="s", out_signature="a(ssssssuuua{ss})")
    def EnumerateActions(self, _locale):
        others = ["org.freedesktop.policykit.exec"]
        known = others if self.word() == "unknown" else others + ACTIONS
        texts = ("description", "message", "vendor", "", "")
        return [(action, *texts, SELF, SELF, SELF, dbus.Dictionary({}, signature="ss")) for action in known]

    @dbus.service.method(
        INTERFACE,
        in_signature="(sa{sv})sa{ss}us",
        out_signature="(bba{ss})",
        async_callbacks=("done", "failed"),
        sender_keyword="sender",
    )
    def CheckAuthorization(self, subject, action, details, flags, cancellation, done, failed, sender=None):
        kind, about = subject
        say(json.dumps({"call": "check", "action": action, "asks": bool(flags & 1)}))
        if kind != "system-bus-name" or about.get("name") != sender or details:
            failed(error("NotAuthorized", "only the caller itself may be asked about, and without details"))
        elif action not in ACTIONS:
            failed(error("Failed", f"Action {action} is not registered"))
        elif self.word() == "never_asks":
            done(result(True, False))
        elif not flags & 1:
            done(result(False, True))
        else:
            self.ask(self.word(), (sender, str(cancellation)), done, failed)

    def ask(self, word, question, done, failed):
        if word == "slow":
            self.open[question] = failed
        elif word == "dismissed":
            done(result(False, False, {"polkit.dismissed": "true"}))
        else:
            done(result(word == "allowed", word == "no_agent"))

    @dbus.service.method(INTERFACE, in_signature="s", out_signature="", sender_keyword="sender")
    def CancelCheckAuthorization(self, cancellation, sender=None):
        failed = self.open.pop((sender, str(cancellation)), None)
        say(json.dumps({"call": "cancel", "found": failed is not None}))
        if failed is None:
            raise error("Failed", "no such question")
        failed(error("Cancelled", "the question was taken back"))


def main(address, file):
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.bus.BusConnection(address)
    authority = Authority(bus, file)
    bus.request_name(NAME)
    say("ready")
    GLib.MainLoop().run()
    del authority


if __name__ == "__main__":
    main(*sys.argv[1:])
