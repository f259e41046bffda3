"""A process shuts itself in, before it runs code of unknown intent: its folder, its user, its limits, its system calls.

bubblewrap has given it a file system to read, and no network and no other processes to see. What bubblewrap cannot say is done
here, and cannot be undone: a folder for files with a limit on their number, a user that owns nothing, no capability, limits.
"""

from __future__ import annotations

import ctypes
import os
import resource

from ace.environments.code.inside import syscalls

_NEW_MOUNTS, _NO_DEVICES_NO_SETUID = 0x00020000, 6
_NO_NEW_PRIVILEGES, _DROP, _AMBIENT, _CLEAR_ALL = 38, 24, 47, 4
_CAPABILITIES_V3, _SETPCAP_LAST = 0x20080522, 64
FILES, THREADS, OPEN_FILES = 1_000, 64, 64


class Bounds:
    """`way`: `root` (bubblewrap was started by root: become `uid`), `user` (in a namespace of one's own) or `none` (no
    bubblewrap). `seconds` of processor, `memory` and `disk` in MiB."""

    def __init__(self, way: str, uid: int, seconds: int, memory: int, disk: int) -> None:
        self.way, self.uid, self.seconds, self.memory, self.disk = way, uid, seconds, memory, disk

    def listed(self) -> list[str | int]:
        """The values in order, as `Bounds(*...)` takes them."""
        return [self.way, self.uid, self.seconds, self.memory, self.disk]


def enclose(bounds: Bounds) -> None:
    """Shut this process in. Raises `OSError` where one part cannot be done."""
    if bounds.way != "none":
        libc = ctypes.CDLL(None, use_errno=True)
        _own_folder(libc, bounds)
        _own_user(libc, bounds)
    _limit(bounds)
    if bounds.way != "none":
        _done(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no new privileges")
        syscalls.load(libc)
        os.chdir("/tmp")


def _own_folder(libc: ctypes.CDLL, bounds: Bounds) -> None:
    if bounds.way == "user":
        _done(libc.unshare(_NEW_MOUNTS), "mounts of its own")
    how = f"size={bounds.disk}m,nr_inodes={FILES},mode=1777".encode()
    _done(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", _NO_DEVICES_NO_SETUID, how), "a folder for files")


def _own_user(libc: ctypes.CDLL, bounds: Bounds) -> None:
    if bounds.way == "root":
        os.setgroups([])
        os.setresgid(bounds.uid, bounds.uid, bounds.uid)
        os.setresuid(bounds.uid, bounds.uid, bounds.uid)
        return
    _done(libc.prctl(_AMBIENT, _CLEAR_ALL, 0, 0, 0), "no capabilities")
    for capability in range(_SETPCAP_LAST):
        # Refused for numbers that the kernel does not know, and where it was not allowed to: the sets below are emptied.
        libc.prctl(_DROP, capability, 0, 0, 0)
    header, none = (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0), (ctypes.c_uint32 * 6)()
    _done(libc.capset(header, none), "no capabilities")


def _limit(bounds: Bounds) -> None:
    limits = {
        resource.RLIMIT_CPU: bounds.seconds,
        resource.RLIMIT_AS: bounds.memory << 20,
        resource.RLIMIT_FSIZE: bounds.disk << 20,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    if bounds.way != "none":
        # Outside of a sandbox this would count all processes of the person.
        limits[resource.RLIMIT_NPROC] = THREADS
    for limit, most in limits.items():
        resource.setrlimit(limit, (most, most))


def _done(status: int, what: str) -> None:
    if status:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
