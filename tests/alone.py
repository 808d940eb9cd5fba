"""Runs a command where nothing but loopback can be reached: a network namespace of its own (Linux, as root).

    python -m tests.alone COMMAND…

It exits as the command does, or with 125 when anything tried to leave: the kernel counts what finds no way out.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

CLONE_NEWNET = 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1
TRIED_TO_LEAVE = 125


def is_possible() -> bool:
    """Tried in a process of its own, which ends with the namespace."""
    return (
        subprocess.run([sys.executable, "-m", "tests.alone", "true"], capture_output=True, check=False).returncode == 0
    )


def leave_the_network() -> None:
    """Raises OSError where this process may not."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sh14x", b"lo", 0)
        _name, flags = struct.unpack("16sh14x", fcntl.ioctl(probe, SIOCGIFFLAGS, request))
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def attempts() -> dict[str, int]:
    """Packets for addresses without a way there, and datagrams, as a name's look-up sends them."""
    found: dict[str, int] = {}
    for name in ("snmp", "snmp6"):
        lines = [line.split() for line in Path(f"/proc/net/{name}").read_text().splitlines()]
        if name == "snmp6":
            found |= {row[0]: int(row[1]) for row in lines}
            continue
        for names, values in zip(lines[::2], lines[1::2], strict=True):
            found |= {names[0] + n: int(v) for n, v in zip(names[1:], values[1:], strict=True)}
    return {name: found[name] for name in ("Ip:OutNoRoutes", "Udp:OutDatagrams", "Ip6OutNoRoutes", "Udp6OutDatagrams")}


def main(command: list[str]) -> int:
    leave_the_network()
    code = subprocess.run(command, check=False).returncode
    if any(attempts().values()):
        print(f"something tried to leave: {attempts()}", file=sys.stderr)
        return TRIED_TO_LEAVE
    return code


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).parents[1]))
    sys.exit(main(sys.argv[1:]))
