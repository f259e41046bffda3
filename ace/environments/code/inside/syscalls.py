"""The filter of system calls for a process that runs code of unknown intent (seccomp, Linux's `seccomp(2)` and `bpf(2)`).

Refused is what starts processes and programs, reaches the network, other processes or the kernel's administration, or takes
memory that no limit of a process counts. All else is limited by what is mounted and by resource limits. Numbers are those of
the kernel's tables for x86_64 and aarch64.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

_NAMES = {
    "execve": (59, 221),
    "execveat": (322, 281),
    "socket": (41, 198),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "mount_setattr": (442, 442),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "quotactl": (179, 60),
    "personality": (135, 92),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "syslog": (103, 116),
}
_ONLY_X86 = (57, 58, 154, 172, 173, 253)
"""fork, vfork, modify_ldt, iopl, ioperm, inotify_init."""
_MACHINES = {"x86_64": (0, 0xC000003E, 56), "aarch64": (1, 0xC00000B7, 220)}
"""The column of the numbers, the name of the machine in a filter, and the number of `clone`."""
_CLONE3 = 435
_THREAD = 0x10000
"""The flag of `clone` that makes a thread and not a process."""
_X32 = 0x40000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_SECCOMP, _FILTER = 22, 2


def supported(machine: str = "") -> bool:
    """Whether there is a filter for this machine."""
    return (machine or os.uname().machine) in _MACHINES


def program(machine: str) -> bytes:
    """The filter as instructions of classic BPF."""
    column, arch, clone = _MACHINES[machine]
    refused = [numbers[column] for numbers in _NAMES.values()] + [*(_ONLY_X86 if column == 0 else ())]
    lines = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, arch), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    if column == 0:
        lines += _when(_AT_LEAST, _X32, errno.EPERM)
    for number in refused:
        lines += _when(_EQUAL, number, errno.EPERM)
    # A C library that is told that this call does not exist makes its threads by `clone`, whose flags can be looked at.
    lines += _when(_EQUAL, _CLONE3, errno.ENOSYS)
    lines += [(_EQUAL, 0, 3, clone), (_LOAD, 0, 0, 16), (_ANY_BIT, 1, 0, _THREAD), (_RETURN, 0, 0, _ERROR | errno.EAGAIN)]
    lines.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def _when(test: int, number: int, error: int) -> list[tuple[int, int, int, int]]:
    return [(test, 0, 1, number), (_RETURN, 0, 0, _ERROR | error)]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_void_p))


def load(libc: ctypes.CDLL) -> None:
    """Put the filter on this process, for good. Raises `OSError`."""
    lines = ctypes.create_string_buffer(program(os.uname().machine))
    made = _Program((len(lines) - 1) // 8, ctypes.addressof(lines))
    if libc.prctl(_SECCOMP, _FILTER, ctypes.byref(made), 0, 0):
        raise OSError(ctypes.get_errno(), "the filter of system calls cannot be set")
