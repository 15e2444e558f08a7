#!/usr/bin/python3
"""Runs a command on a private desktop: desk.py [--] COMMAND...

A display, a session bus, an unlocked keychain, a tray host and a notification service of its own, with a fresh home. The
command's exit code is passed on, everything is ended and deleted after it. Several desks may stand side by side.

What is on the desk, by environment variables:
  DESK_KEYRING  unlocked (default) | locked | none
  DESK_TRAY     yes (default) | none
  DESK_ATSPI    none (default) | yes: the accessibility bus, for tests that read the window as a screen reader does
  DESK_SIZE     1280x900 (default): the display's size
  DESK_SCREEN   none (default) | file: the display's picture is kept in the desk's folder as Xvfb_screen0 (an X window dump)
  DESK_KEEP     set: the folder is kept and its name printed
The command finds the desk's folder in DESK, with these logs in JSON lines: tray.jsonl, notices.jsonl.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PASSWORD = b"desk-password"


class Desk:
    """What has been started, in order; ended in the other order."""

    def __init__(self, env):
        self.root = tempfile.mkdtemp(prefix="desk-")
        self.env = dict(env)
        self.started = []

    def path(self, name):
        return os.path.join(self.root, name)

    def start(self, words, log, **more):
        """Starts a program of the desk, in a process group of its own."""
        out = open(self.path(log), "wb")
        program = subprocess.Popen(words, env=self.env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True, **more)
        self.started.append(program)
        return program

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
        if self.env.get("DESK_KEEP"):
            print(f"desk kept: {self.root}", file=sys.stderr)
        else:
            shutil.rmtree(self.root, ignore_errors=True)


def wait_for(what, ready, seconds=15):
    """Waits until something is there; ends the desk with a sentence when it never comes."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = ready()
        if value:
            return value
        time.sleep(0.03)
    raise SystemExit(f"desk: no {what} after {seconds} s")


def home(desk):
    """A fresh home and XDG folders; an old keyring with another password would stay locked."""
    folder = desk.path("home")
    named = {
        "HOME": folder,
        "XDG_CONFIG_HOME": folder + "/.config",
        "XDG_DATA_HOME": folder + "/.local/share",
        "XDG_CACHE_HOME": folder + "/.cache",
        "XDG_STATE_HOME": folder + "/.local/state",
        "XDG_RUNTIME_DIR": desk.path("run"),
        "TMPDIR": desk.path("tmp"),
    }
    for one in named.values():
        os.makedirs(one, mode=0o700, exist_ok=True)
    desk.env.update(named)
    desk.env.update({"DESK": desk.root, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", "GDK_BACKEND": "x11"})
    desk.env.setdefault("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
    for name in ("WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "SESSION_MANAGER"):
        desk.env.pop(name, None)


def display(desk):
    """-noreset: else the server starts over each time its last client leaves."""
    size = desk.env.get("DESK_SIZE", "1280x900")
    read, write = os.pipe()
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", size + "x24", "-nolisten", "tcp", "-noreset"]
    if desk.env.get("DESK_SCREEN", "none") == "file":
        words += ["-fbdir", desk.root]
    desk.start(words, "xvfb.log", pass_fds=(write,))
    os.close(write)
    os.set_blocking(read, False)

    def number():
        try:
            return os.read(read, 64).decode().strip()
        except BlockingIOError:
            return ""

    desk.env["DISPLAY"] = ":" + wait_for("display", number)
    os.close(read)


def bus(desk):
    words = ["dbus-daemon", "--config-file=" + os.path.join(HERE, "bus.conf"), "--nofork", "--print-address=1"]
    desk.start(words, "bus.log")

    def address():
        with open(desk.path("bus.log"), encoding="utf-8") as log:
            return log.readline().strip() if os.path.getsize(desk.path("bus.log")) else ""

    desk.env["DBUS_SESSION_BUS_ADDRESS"] = wait_for("session bus", address)


def named(desk, name):
    words = ["gdbus", "wait", "--session", "--timeout", "15", name]
    if subprocess.run(words, env=desk.env, check=False).returncode != 0:
        raise SystemExit(f"desk: nobody owns {name} after 15 s")


def services(desk):
    python = "/usr/bin/python3"
    if desk.env.get("DESK_ATSPI", "none") == "yes":
        desk.start(["/usr/libexec/at-spi-bus-launcher", "--launch-immediately"], "atspi.log")
        named(desk, "org.a11y.Bus")
        on = ["gdbus", "call", "--session", "--dest", "org.a11y.Bus", "--object-path", "/org/a11y/bus", "--method",
              "org.freedesktop.DBus.Properties.Set", "org.a11y.Status", "IsEnabled", "<true>"]
        subprocess.run(on, env=desk.env, check=True, stdout=subprocess.DEVNULL)
    else:
        desk.env["NO_AT_BRIDGE"] = "1"
    if desk.env.get("DESK_TRAY", "yes") == "yes":
        desk.start([python, os.path.join(HERE, "tray_host.py")], "tray.jsonl")
        named(desk, "org.kde.StatusNotifierWatcher")
    desk.start([python, os.path.join(HERE, "notices.py")], "notices.jsonl")
    named(desk, "org.freedesktop.Notifications")
    keyring = desk.env.get("DESK_KEYRING", "unlocked")
    if keyring != "none":
        words = ["/bin/bash", os.path.join(HERE, "keychain.sh")]
        subprocess.run(words + ["start"], env=desk.env, check=True)
        named(desk, "org.freedesktop.secrets")
        if keyring == "locked":
            subprocess.run(words + ["lock"], env=desk.env, check=True)


def main(words):
    words = words[1:] if words[:1] == ["--"] else words
    if not words:
        raise SystemExit(__doc__)
    desk = Desk(os.environ)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        home(desk)
        display(desk)
        bus(desk)
        services(desk)
        command = subprocess.Popen(words, env=desk.env)
        try:
            return command.wait()
        finally:
            if command.poll() is None:
                command.terminate()
    except KeyboardInterrupt:
        return 130
    finally:
        desk.clear()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
