#!/usr/bin/env python3
"""Times stepproof from outside: from a key to the end of the frame that it brings.

usage: key_to_paint.py PROGRAM [KEYS]

Opens the course in a pseudo-terminal of 120×40, and scrolls its first page down and up. A frame has
come when the terminal is told to end its synchronized update. Prints the median, the 99th
percentile and the worst, in milliseconds, and how many bytes were written in five idle seconds.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time

END_OF_FRAME = b"\x1b[?2026l"


def until_quiet(terminal, seconds):
    """What comes until nothing has come for so long."""
    output = b""
    while select.select([terminal], [], [], seconds)[0]:
        output += os.read(terminal, 65536)
    return output


def paint(terminal, key):
    """Milliseconds from the key to the end of its frame."""
    begun = time.perf_counter()
    os.write(terminal, key)
    output = b""
    while END_OF_FRAME not in output:
        if not select.select([terminal], [], [], 10)[0]:
            sys.exit(f"no frame after {key!r}")
        output += os.read(terminal, 65536)
    return (time.perf_counter() - begun) * 1000


def main():
    program = os.path.abspath(sys.argv[1])
    keys = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    with tempfile.TemporaryDirectory() as home:
        pid, terminal = pty.fork()
        if pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
            environment = {"PATH": os.environ["PATH"], "HOME": home, "STEPPROOF_HOME": home,
                           "TERM": "xterm-256color", "LANG": "C.UTF-8"}
            os.execve(program, [program, "--practice"], environment)
        until_quiet(terminal, 2)
        # Down by thirty rows, and up again: each key brings other rows.
        order = [b"j" if at % 60 < 30 else b"k" for at in range(keys)]
        times = sorted(paint(terminal, key) for key in order)
        until_quiet(terminal, 1)
        idle = until_quiet(terminal, 5)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
    print(f"key to paint: median {times[len(times) // 2]:.2f} ms, p99 "
          f"{times[len(times) * 99 // 100]:.2f}, worst {times[-1]:.2f} ({keys} keys); "
          f"{len(idle)} bytes in 5 idle seconds")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main()
