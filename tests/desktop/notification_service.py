#!/usr/bin/python3
"""A notification service that shows nothing and logs each notice as `notice`; a test may press it with TestInvoke."""
import dbus
import dbus.service

from desktop_service import say, serve, session

NAME = "org.freedesktop.Notifications"
BUS = session()


class Notices(dbus.service.Object):
    """org.freedesktop.Notifications 1.2, as the Desktop Notifications specification describes it."""

    last = 0

    @dbus.service.method(NAME, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(self, app, replaces, _icon, summary, body, actions, _hints, timeout):
        self.last = int(replaces) or self.last + 1
        pressed = [str(action) for action in actions]
        say("notice", id=self.last, app=str(app), summary=str(summary), body=str(body), actions=pressed, timeout=int(timeout))
        return dbus.UInt32(self.last)

    @dbus.service.method(NAME, in_signature="u")
    def CloseNotification(self, number):
        self.NotificationClosed(number, 3)

    @dbus.service.method(NAME, out_signature="as")
    def GetCapabilities(self):
        return ["body", "actions"]

    @dbus.service.method(NAME, out_signature="ssss")
    def GetServerInformation(self):
        return ("desktop", "tests", "1", "1.2")

    @dbus.service.method(NAME, in_signature="us")
    def TestInvoke(self, number, action):
        self.ActionInvoked(number, action)
        self.NotificationClosed(number, 2)

    @dbus.service.signal(NAME, signature="uu")
    def NotificationClosed(self, number, reason):
        pass

    @dbus.service.signal(NAME, signature="us")
    def ActionInvoked(self, number, action):
        pass


OWNED = dbus.service.BusName(NAME, BUS, do_not_queue=True)
SHOWN = Notices(BUS, "/org/freedesktop/Notifications")
serve()
