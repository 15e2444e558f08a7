#!/usr/bin/python3
"""Runs a command on a private desktop: private_desktop.py [--] COMMAND...

A display, a session bus, an unlocked keychain, a tray host and a notification service of its own, with a fresh home. The
command's exit code is passed on, everything is ended and deleted after it. Several desktops may stand side by side.

What is on the desktop, by environment variables:
  DESKTOP_KEYRING  unlocked (default) | locked | none
  DESKTOP_TRAY     yes (default) | none
  DESKTOP_ATSPI    none (default) | yes: the accessibility bus, for tests that read the window as a screen reader does
  DESKTOP_SIZE     1280x900 (default): the display's size
  DESKTOP_SCREEN   none (default) | file: the display's picture is kept in the desktop's folder as Xvfb_screen0 (an X window dump)
  DESKTOP_KEEP     set: the folder is kept and its name printed
The command finds the desktop's folder in PRIVATE_DESKTOP, with these logs in JSON lines: tray.jsonl, notifications.jsonl.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PASSWORD = b"desktop-password"


class Desktop:
    """What has been started, in order; ended in the other order."""

    def __init__(self, env):
        self.root = tempfile.mkdtemp(prefix="desktop-")
        self.env = dict(env)
        self.started = []

    def path(self, name):
        return os.path.join(self.root, name)

    def start(self, words, log, **more):
        """Starts a program of the desktop, in a process group of its own."""
        out = open(self.path(log), "wb")
        program = subprocess.Popen(words, env=self.env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True, **more)
        self.started.append(program)
        return program

    def processes(self):
        """Every process with this desktop in its environment, whatever session it is in."""
        mark = f"PRIVATE_DESKTOP={self.root}".encode()
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/environ", "rb") as environ:
                    if mark in environ.read().split(b"\0"):
                        yield int(name)
            except OSError:
                continue

    def clear(self):
        for program in reversed(self.started):
            for sign in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(program.pid, sign)
                    program.wait(timeout=3)
                    break
                except subprocess.TimeoutExpired:
                    continue
                except ProcessLookupError:
                    program.wait()
                    break
        # What began a session of its own, as the app's agent does, belongs to no group above.
        for number in self.processes():
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if self.env.get("DESKTOP_KEEP"):
            print(f"desktop kept: {self.root}", file=sys.stderr)
        else:
            shutil.rmtree(self.root, ignore_errors=True)


def wait_for(what, ready, seconds=15):
    """Waits until something is there; ends the desktop with a sentence when it never comes."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = ready()
        if value:
            return value
        time.sleep(0.03)
    raise SystemExit(f"desktop: no {what} after {seconds} s")


def home(desktop):
    """A fresh home and XDG folders; an old keyring with another password would stay locked."""
    folder = desktop.path("home")
    named = {
        "HOME": folder,
        "XDG_CONFIG_HOME": folder + "/.config",
        "XDG_DATA_HOME": folder + "/.local/share",
        "XDG_CACHE_HOME": folder + "/.cache",
        "XDG_STATE_HOME": folder + "/.local/state",
        "XDG_RUNTIME_DIR": desktop.path("run"),
        "TMPDIR": desktop.path("tmp"),
    }
    for one in named.values():
        os.makedirs(one, mode=0o700, exist_ok=True)
    desktop.env.update(named)
    desktop.env.update({"PRIVATE_DESKTOP": desktop.root, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", "GDK_BACKEND": "x11"})
    desktop.env.setdefault("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
    for name in ("WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "SESSION_MANAGER"):
        desktop.env.pop(name, None)


def display(desktop):
    """-noreset: else the server starts over each time its last client leaves."""
    size = desktop.env.get("DESKTOP_SIZE", "1280x900")
    read, write = os.pipe()
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", size + "x24", "-nolisten", "tcp", "-noreset"]
    if desktop.env.get("DESKTOP_SCREEN", "none") == "file":
        words += ["-fbdir", desktop.root]
    desktop.start(words, "xvfb.log", pass_fds=(write,))
    os.close(write)
    os.set_blocking(read, False)

    def number():
        try:
            return os.read(read, 64).decode().strip()
        except BlockingIOError:
            return ""

    desktop.env["DISPLAY"] = ":" + wait_for("display", number)
    os.close(read)


def bus(desktop):
    """At a path of the desktop's own, so that a test can start another bus there; the address names no bus by its id."""
    path = desktop.path("bus")
    words = ["dbus-daemon", "--config-file=" + os.path.join(HERE, "session_bus.conf"), "--nofork", "--address=unix:path=" + path]
    desktop.start(words, "bus.log")
    wait_for("session bus", lambda: os.path.exists(path))
    desktop.env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + path


def named(desktop, name):
    words = ["gdbus", "wait", "--session", "--timeout", "15", name]
    if subprocess.run(words, env=desktop.env, check=False).returncode != 0:
        raise SystemExit(f"desktop: nobody owns {name} after 15 s")


def services(desktop):
    python = "/usr/bin/python3"
    if desktop.env.get("DESKTOP_ATSPI", "none") == "yes":
        desktop.start(["/usr/libexec/at-spi-bus-launcher", "--launch-immediately"], "atspi.log")
        named(desktop, "org.a11y.Bus")
        on = ["gdbus", "call", "--session", "--dest", "org.a11y.Bus", "--object-path", "/org/a11y/bus", "--method",
              "org.freedesktop.DBus.Properties.Set", "org.a11y.Status", "IsEnabled", "<true>"]
        subprocess.run(on, env=desktop.env, check=True, stdout=subprocess.DEVNULL)
    else:
        desktop.env["NO_AT_BRIDGE"] = "1"
    if desktop.env.get("DESKTOP_TRAY", "yes") == "yes":
        desktop.start([python, os.path.join(HERE, "tray_host.py")], "tray.jsonl")
        named(desktop, "org.kde.StatusNotifierWatcher")
    desktop.start([python, os.path.join(HERE, "notification_service.py")], "notifications.jsonl")
    named(desktop, "org.freedesktop.Notifications")
    keyring = desktop.env.get("DESKTOP_KEYRING", "unlocked")
    if keyring != "none":
        words = ["/bin/bash", os.path.join(HERE, "keychain.sh")]
        subprocess.run(words + ["start"], env=desktop.env, check=True)
        named(desktop, "org.freedesktop.secrets")
        if keyring == "locked":
            subprocess.run(words + ["lock"], env=desktop.env, check=True)


def main(words):
    words = words[1:] if words[:1] == ["--"] else words
    if not words:
        raise SystemExit(__doc__)
    desktop = Desktop(os.environ)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        home(desktop)
        display(desktop)
        bus(desktop)
        services(desktop)
        command = subprocess.Popen(words, env=desktop.env)
        try:
            return command.wait()
        finally:
            if command.poll() is None:
                command.terminate()
    except KeyboardInterrupt:
        return 130
    finally:
        desktop.clear()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
