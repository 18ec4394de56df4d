#!/usr/bin/env python3
"""Times stepproof from outside: from spawn to the first frame in a pseudo-terminal.

usage: first_frame.py PROGRAM [RUNS]

A frame has come when the terminal is told to end its synchronized update. Prints the median, the
best and the worst of the runs, in milliseconds, and the memory that the process held then.
"""
import os
import select
import statistics
import sys
import tempfile
import time

from terminal import end, resident, spawn

END_OF_FRAME = b"\x1b[?2026l"


def first_frame(program, home):
    """Milliseconds to the first frame, and resident memory in MB."""
    begun = time.perf_counter()
    pid, terminal = spawn([program, "--practice"], home)
    output = b""
    deadline = begun + 30
    while END_OF_FRAME not in output:
        if not select.select([terminal], [], [], max(0, deadline - time.perf_counter()))[0]:
            sys.exit("no frame within 30 s")
        output += os.read(terminal, 65536)
    took = (time.perf_counter() - begun) * 1000
    memory = resident(pid)
    end(pid, terminal)
    return took, memory


def main():
    program = os.path.abspath(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 21
    with tempfile.TemporaryDirectory() as home:
        first_frame(program, home)
        taken = [first_frame(program, home) for _ in range(runs)]
    times = sorted(time for time, _ in taken)
    memory = statistics.median(memory for _, memory in taken)
    print(f"first frame: median {statistics.median(times):.1f} ms, best {times[0]:.1f}, "
          f"worst {times[-1]:.1f} ({runs} runs); {memory:.1f} MB resident")


if __name__ == "__main__":
    main()
