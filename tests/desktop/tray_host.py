#!/usr/bin/python3
"""A StatusNotifier watcher and host without a picture: registers tray items and logs what they announce.

Events: registered, unregistered (item), and each item's signals NewTitle, NewIcon, NewToolTip, NewStatus, NewMenu (path).
What an item shows now is asked from the item itself over the bus.
"""
import dbus
import dbus.service

from desktop_service import say, serve, session

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
SIGNALS = ("NewTitle", "NewIcon", "NewToolTip", "NewStatus", "NewMenu")
BUS = session()


class Watcher(dbus.service.Object):
    """org.kde.StatusNotifierWatcher as the freedesktop draft and KDE's own describe it."""

    def __init__(self):
        self.items = []
        self.name = dbus.service.BusName(WATCHER, BUS, do_not_queue=True)
        super().__init__(BUS, "/StatusNotifierWatcher")
        BUS.add_signal_receiver(self.owner_changed, "NameOwnerChanged", "org.freedesktop.DBus")
        for signal in SIGNALS:
            BUS.add_signal_receiver(self.heard(signal), signal, ITEM, sender_keyword="sender")

    @staticmethod
    def heard(signal):
        return lambda *args, sender=None: say(signal, sender=str(sender), args=[str(arg) for arg in args])

    def owner_changed(self, name, _old, new):
        if new:
            return
        for item in [item for item in self.items if item.split("/")[0] == name]:
            self.items.remove(item)
            say("unregistered", item=item)
            self.StatusNotifierItemUnregistered(item)

    @dbus.service.method(WATCHER, in_signature="s", sender_keyword="sender")
    def RegisterStatusNotifierItem(self, service, sender=None):
        service = str(service)
        item = str(sender) + service if service.startswith("/") else service + "/StatusNotifierItem"
        if item not in self.items:
            self.items.append(item)
            say("registered", item=item)
            self.StatusNotifierItemRegistered(item)

    @dbus.service.method(WATCHER, in_signature="s")
    def RegisterStatusNotifierHost(self, _service):
        self.StatusNotifierHostRegistered()

    @dbus.service.signal(WATCHER, signature="s")
    def StatusNotifierItemRegistered(self, item):
        pass

    @dbus.service.signal(WATCHER, signature="s")
    def StatusNotifierItemUnregistered(self, item):
        pass

    @dbus.service.signal(WATCHER)
    def StatusNotifierHostRegistered(self):
        pass

    @dbus.service.method("org.freedesktop.DBus.Properties", in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        return self.GetAll(interface)[name]

    @dbus.service.method("org.freedesktop.DBus.Properties", in_signature="s", out_signature="a{sv}")
    def GetAll(self, _interface):
        return {
            "RegisteredStatusNotifierItems": dbus.Array(self.items, signature="s"),
            "IsStatusNotifierHostRegistered": dbus.Boolean(True),
            "ProtocolVersion": dbus.Int32(0),
        }


WATCHING = Watcher()
serve()
