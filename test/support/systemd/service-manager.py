"""Plays systemd for a test: binds the sockets of a service once, starts the service as its main process with these
sockets (sd_listen_fds(3)), and receives its notifications (sd_notify(3)).

Reads the service as JSON from its first argument, and commands, one JSON object a line, from its input. Writes what
happens, one JSON object a line, to its output. When its input ends, it kills the service and exits.
"""

import array
import json
import os
import selectors
import signal
import socket
import struct
import sys

FIRST_FD = 3

service = json.loads(sys.argv[1])
selector = selectors.DefaultSelector()
sockets = []
child = {"pid": 0}


def say(**event):
    print(json.dumps(event), flush=True)


def bind(address):
    if address["type"] == "unix":
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(address["path"])
    else:
        family = socket.AF_INET6 if ":" in address["host"] else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind((address["host"], address["port"]))
    listener.listen(address.get("backlog", 4096))
    return listener


def start(environment):
    read, write = os.pipe()
    errors_read, errors_write = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        run(environment, write, errors_write)
    os.close(write)
    os.close(errors_write)
    child["pid"] = pid
    selector.register(read, selectors.EVENT_READ, lambda: output(read, "stdout"))
    selector.register(errors_read, selectors.EVENT_READ, lambda: output(errors_read, "stderr"))
    say(event="started", pid=pid)


def run(environment, stdout, stderr):
    os.setpgid(0, 0)
    # Away from the numbers that the service gets.
    high = [os.dup(fd) for fd in [stdout, stderr] + [one.fileno() for one in sockets]]
    top = [fd + 100 for fd in range(len(high))]
    for fd, target in zip(high, top):
        os.dup2(fd, target)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(top[0], 1)
    os.dup2(top[1], 2)
    for index, fd in enumerate(top[2:]):
        os.dup2(fd, FIRST_FD + index)
    os.closerange(FIRST_FD + len(sockets), 1024)
    variables = {**service["env"], **environment}
    if sockets:
        names = [address.get("name", "test.socket") for address in service["listen"]]
        variables["LISTEN_PID"] = str(os.getpid())
        variables["LISTEN_FDS"] = str(len(sockets))
        variables["LISTEN_FDNAMES"] = ":".join(names)
    if "notify" in service:
        variables["NOTIFY_SOCKET"] = service["notify"]
    if "watchdog" in service:
        variables["WATCHDOG_PID"] = str(os.getpid())
        variables["WATCHDOG_USEC"] = str(service["watchdog"])
    os.execve(service["command"][0], service["command"], variables)


def output(fd, name):
    data = os.read(fd, 65536)
    if data:
        say(event="output", stream=name, text=data.decode(errors="replace"))
    else:
        selector.unregister(fd)
        os.close(fd)


def notified(receiver):
    data, ancillary, _, _ = receiver.recvmsg(8192, 1024)
    sender = None
    for level, kind, content in ancillary:
        if kind == socket.SCM_CREDENTIALS:
            sender = struct.unpack("iii", content)[0]
        elif kind == socket.SCM_RIGHTS:
            # A barrier: the sender waits until its descriptor is closed.
            for fd in array.array("i", content):
                os.close(fd)
    lines = data.decode().split("\n")
    if lines != ["BARRIER=1"]:
        say(event="notified", lines=lines, sender=sender, main=child["pid"])


def reap(*_):
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid == child["pid"]:
            child["pid"] = 0
            say(event="exited", pid=pid, code=os.waitstatus_to_exitcode(status))


def command(line):
    order = json.loads(line)
    if order["do"] == "start":
        start(order.get("env", {}))
    elif order["do"] == "kill" and child["pid"]:
        os.kill(child["pid"], getattr(signal, order["signal"]))


def listen():
    for address in service["listen"]:
        listener = bind(address)
        sockets.append(listener)
        name = listener.getsockname()
        say(event="bound", port=name[1] if isinstance(name, tuple) else None)
    if "notify" in service:
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        name = service["notify"]
        receiver.bind("\0" + name[1:] if name.startswith("@") else name)
        selector.register(receiver, selectors.EVENT_READ, lambda: notified(receiver))


def main():
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    listen()
    say(event="listening")
    pending = b""
    selector.register(wake_read, selectors.EVENT_READ, lambda: (os.read(wake_read, 1024), reap()))
    selector.register(0, selectors.EVENT_READ, None)
    while True:
        for key, _ in selector.select():
            if key.fd != 0:
                key.data()
                continue
            data = os.read(0, 65536)
            if not data:
                if child["pid"]:
                    os.killpg(child["pid"], signal.SIGKILL)
                return
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                command(line)


main()
