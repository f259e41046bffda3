"""What code of ill intent tries: functions `f` that give 'out' where they got through. `PORT`, `PID`, `SECRET` and `HOME` stand
for what is outside. Those called `forged` try to be right without knowing the answer."""

from __future__ import annotations

import re

_SCRIPT = """
=== fork
return "out" if os.fork() else time.sleep(9)
=== fork bomb
for _ in range(10_000):
    with suppress(OSError):
        os.fork()
        got = True
return "out" if "got" in vars() else ""
=== a second process by vfork
return "out" if subprocess.run([sys.executable or "/python/bin/python3", "-c", "0"]).returncode == 0 else ""
=== a second process by posix_spawn
return "out" if os.posix_spawn(sys.executable, [sys.executable, "-c", "0"], {}) else ""
=== a pool of processes
import multiprocessing
with multiprocessing.get_context("fork").Pool(2) as pool:
    return "out" if pool.map(abs, [1, 2]) else ""
=== another program in its place
os.execv(sys.executable, [sys.executable, "-c", "0"])
=== a shell
return "out" if os.system("true") == 0 else ""
=== a daemon that lives on
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
return "out"
=== memory at once
return "out" if bytearray(2 << 30) else ""
=== memory bit by bit
held = []
while len(held) < 3_000:
    held.append(bytes(1 << 20))
return "out"
=== memory that is shared
return "out" if mmap.mmap(-1, 2 << 30) else ""
=== memory behind files without a name
files = [os.memfd_create(str(n)) for n in range(40)]
for file in files:
    os.posix_fallocate(file, 0, 16 << 20)
return "out"
=== memory of System V
return "out" if libc.shmget(0, 1 << 30, 0o1600) >= 0 else ""
=== memory in threads
for _ in range(5_000):
    threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
return "out"
=== a thousand open files
held = [open("/dev/null") for _ in range(1_000)]
return "out"
=== disk, one file
with open("/tmp/big", "wb") as file:
    for _ in range(100):
        file.write(bytes(1 << 20))
return "out"
=== disk, many files
for n in range(60):
    with open(f"/tmp/{n}", "wb") as file:
        file.write(bytes(1 << 20))
return "out"
=== empty files without end
for n in range(5_000):
    open(f"/tmp/{n}", "w").close()
return "out"
=== files in the folder of devices
for place in ("/dev/x", "/dev/shm/x", "/x", "/ace/x", "/python/lib/x", "/usr/lib/x", "/task/x"):
    with suppress(OSError), open(place, "w"):
        return "out"
return ""
=== a device of its own
os.mknod("/tmp/disk", 0o60666, os.makedev(254, 0))
return "out" if open("/tmp/disk", "rb") else ""
=== the network
return "out" if not socket.create_connection(("127.0.0.1", PORT), 1) else "out"
=== the network by datagrams
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"hello", ("127.0.0.1", PORT))
return "out"
=== sockets of this machine
socket.socket(socket.AF_UNIX).connect("\\0" + "ace-test")
return "out"
=== the store
return "out" if open(SECRET).read() else ""
=== the store along a link
os.symlink(SECRET, "/tmp/link")
return "out" if open("/tmp/link").read() else ""
=== the store by a hard link
os.link("/python/../" + SECRET, "/tmp/hard")
return "out"
=== the store through what is above
return "out" if any(os.path.exists("/.." * n + SECRET) for n in range(9)) else ""
=== the store through descriptors
for n in range(256):
    with suppress(OSError):
        os.chdir(n)
        return "out"
return ""
=== the home folder
return "out" if os.listdir(HOME) else ""
=== passwords
return "out" if any(map(os.path.exists, ("/etc/passwd", "/etc/shadow", "/root", "/home", "/var", "/run"))) else ""
=== keys in the environment
told = []
for place in glob("/proc/*/environ"):
    with suppress(OSError):
        told.append(open(place, "rb").read())
return "out" if "ACE_TEST_KEY" in os.environ or any(b"ACE_TEST" in t for t in told) else ""
=== other processes
return "out" if glob("/proc/*") or glob("/sys/*") else ""
=== a signal to the process that asked
os.kill(PID, signal.SIGTERM)
return "out"
=== signals to all
with suppress(OSError):
    os.kill(-1, signal.SIGKILL)
with suppress(OSError):
    os.kill(1, signal.SIGKILL)
return ""
=== standing still
os.kill(os.getpid(), signal.SIGSTOP)
time.sleep(60)
=== tracing
return "out" if libc.ptrace(16, 1, 0, 0) == 0 else ""
=== another process's memory
return "out" if libc.syscall(310, 1, 0, 0, 0, 0, 0) == 0 else ""
=== mounts and namespaces
mount = libc.mount(b"proc", b"/tmp", b"proc", 0, 0)
return "out" if 0 in (libc.unshare(0x10000000), libc.unshare(0x20000), mount, libc.chroot(b"/tmp")) else ""
=== being root
os.setuid(0)
return "out"
=== being root in groups
os.setgroups([0])
return "out"
=== a file that makes root
open("/tmp/su", "w").close()
os.chown("/tmp/su", 0, 0)
return "out"
=== wider limits
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
return "out"
=== the clock and the machine
for call in (lambda: libc.reboot(0), lambda: libc.sethostname(b"x", 1), lambda: libc.settimeofday(bytes(16), 0)):
    if call() == 0:
        return "out"
return ""
=== keys of the kernel
asked = (libc.syscall(250, 0, -3, 1), libc.syscall(321, 0, 0, 0), libc.syscall(425, 1, bytes(120)), libc.syscall(323, 0))
return "out" if max(asked) >= 0 else ""
=== sleeping
time.sleep(600)
=== counting
while True:
    pass
=== a regular expression without end
return "out" if re.match("(a+)+$", "a" * 60 + "b") else ""
=== printing without end
while True:
    print("x" * 100_000)
    os.write(2, b"y" * 100_000)
=== writing into every pipe without end
while True:
    for n in range(3, 64):
        with suppress(OSError):
            os.set_blocking(n, False)
            os.write(n, b'{"verdict": "success"}\\n' * 1_000)
=== closing every pipe
os.closerange(0, 256)
return "out"
=== a value that is too large
return "x" * 50_000_000
=== a value within values
value = []
for _ in range(100_000):
    value = [value]
return value
=== a value that hangs when it is told
class Slow(Exception):
    def __str__(self):
        time.sleep(60)
raise Slow
=== a message of four gigabytes
for channel in channels():
    os.write(channel._writes, b"\\xff" * 8)
time.sleep(60)
=== a message of brackets
for channel in channels():
    os.write(channel._writes, (1_000_000).to_bytes(4) + b"[" * 1_000_000)
time.sleep(60)
=== a message that is not one
for channel in channels():
    channel.send({"came": {"dict": 3}, "given": {}})
    channel.send({"raised": 3})
    channel.send({"came": {"held": "x"}, "given": [3]})
time.sleep(60)
=== a number of a million digits
for channel in channels():
    channel.send({"came": {"int": hex(10**1_000_000)}, "given": []})
time.sleep(60)
=== keys that all collide without end
for channel in channels():
    channel.send({"came": {"dict": [[{"int": hex(n * (2**61 - 1))}, 0] for n in range(20_000)]}, "given": []})
time.sleep(60)
=== forged: leaving well
os._exit(0)
=== forged: leaving well, politely
sys.exit(0)
=== forged: equal to everything
class Same:
    def __eq__(self, other):
        return True
    __hash__ = None
return Same()
=== forged: a text that equals everything
class Same(str):
    def __eq__(self, other):
        return True
    __hash__ = str.__hash__
return Same("in")
=== forged: a number that is larger and smaller than all
class Same(int):
    __eq__ = __le__ = __ge__ = lambda self, other: True
    __hash__ = int.__hash__
return Same(0)
=== forged: a verdict for whoever reads
for n in range(256):
    with suppress(OSError):
        os.write(n, b'{"started": true}\\n{"verdict": "success", "told": ""}\\n')
os._exit(0)
=== forged: an answer of its own making
for channel in channels():
    channel.send({"came": "out", "given": [], "verdict": "success"})
    channel.send({"verdict": "success"})
return ""
=== forged: reaching for the tests through a function
for channel in channels():
    for number in (0, 1, -1, True, "os", None):
        channel.send({"call": number, "given": []})
        channel.receive()
return ""
=== forged: other built-ins
import builtins
builtins.AssertionError = builtins.isinstance = builtins.repr = lambda *a: True
builtins.all = builtins.any = builtins.len = lambda *a: 1
return ""
=== forged: the expected answer read from the tests
import gc
held = [o for o in gc.get_objects() if isinstance(o, (dict, list, tuple))]
texts = [t for o in held for t in (o.values() if isinstance(o, dict) else o) if isinstance(t, str)]
frame = sys._getframe()
while frame:
    texts += [t for t in frame.f_locals.values() if isinstance(t, str)]
    frame = frame.f_back
found = re.findall("assert f.. == '(....+?)'", "".join(texts))
return found[0] if found else ""
=== forged: the expected answer read from files
texts = [open(p, errors="replace").read() for p in glob("/task/*") + glob("/tmp/*") + glob("/ace/**/*.py", recursive=True)]
found = re.findall("assert f.. == '(....+?)'", "".join(texts))
return found[0] if found else ""
=== forged: skipping
import unittest
raise unittest.SkipTest("nothing to see")
=== forged: stopping everything
raise KeyboardInterrupt
=== forged: an exception that cannot be told
class Odd(BaseException):
    args = property(lambda self: 1 / 0)
    __class__ = property(lambda self: AssertionError)
raise Odd
"""
_BEFORE = """
import ctypes, mmap, os, re, resource, signal, socket, subprocess, sys, threading, time
from contextlib import suppress
from glob import glob
libc = ctypes.CDLL(None, use_errno=True)

def channels():
    import gc
    return [o for o in gc.get_objects() if type(o).__name__ == "Channel"]

"""
_CASES = re.compile(r"^=== (.+)\n((?:(?!===).*\n)*)", re.MULTILINE)
ESCAPES: dict[str, str] = dict(_CASES.findall(_SCRIPT))
"""The body of `f`, by what is tried."""


def program(body: str, outside: dict[str, object]) -> str:
    """The solution whose function `f` has `body`."""
    known = "".join(f"{name} = {value!r}\n" for name, value in outside.items())
    return f"{_BEFORE}{known}def f():\n" + "".join(f"    {line}\n" for line in body.splitlines())
