#!/usr/bin/env python3
"""Times `stepproof verify` on a practice account that answers each call late.

usage: verify_latency.py PROGRAM [MILLISECONDS [RUNS]]

Solves all written modules on an account of its own, serves it with the latency added to each call,
and verifies RUNS times. Prints the seconds that the report itself names (median, best, worst), the
control-plane calls, and the same without added latency; then what the calls themselves make
necessary: the longest chain of calls that wait for each other, and four calls in flight at a time.
"""
import contextlib
import json
import os
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time

IN_FLIGHT = 4


def environment(home):
    return {"PATH": os.environ["PATH"], "HOME": home, "STEPPROOF_HOME": home}


def run(program, home, *arguments):
    """The program's standard output."""
    done = subprocess.run(
        [program, *arguments], env=environment(home), capture_output=True, text=True
    )
    if done.returncode != 0:
        sys.exit(f"stepproof {' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


@contextlib.contextmanager
def served(program, home, milliseconds):
    """The practice account, each of its answers so many milliseconds late."""
    fault = [{"action": "*", "fault": "latency", "milliseconds": milliseconds}]
    server = subprocess.Popen(
        [program, "practice", "start", "--faults", json.dumps(fault)],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        if not select.select([server.stdout], [], [], 30)[0]:
            sys.exit("the practice account doesn't start")
        server.stdout.readline()
        yield
    finally:
        server.terminate()
        server.wait(timeout=10)


def verify(program, home, runs, label):
    """Prints how long verifying takes. The number of control-plane calls."""
    reports = [
        json.loads(run(program, home, "verify", "--practice", "--format", "json"))
        for _ in range(runs)
    ]
    seconds = [report["seconds"] * 1000 for report in reports]
    calls = reports[0]["api_calls"]
    print(
        f"{label}: median {statistics.median(seconds):.0f} ms, best {min(seconds):.0f}, "
        f"worst {max(seconds):.0f} ({runs} runs); {calls} control-plane calls"
    )
    return calls


def seconds_of(program, home, facts):
    """How long reading each fact alone takes, with what it rests on."""
    times = {}
    for fact in facts:
        best = float("inf")
        for _ in range(2):
            began = time.monotonic()
            # A fact that this account can't give is asked for all the same.
            subprocess.run(
                [program, "facts", fact, "--practice", "--no-probes"],
                env=environment(home),
                capture_output=True,
                check=False,
            )
            best = min(best, time.monotonic() - began)
        times[fact] = best
    return times


def longest_chain(program, home):
    """The fact that waits for the most calls one after the other, and how many those are."""
    listing = run(program, home, "facts")
    facts = re.findall(r"^(\w+) \((?!requests)", listing, re.MULTILINE)
    late = 200
    with served(program, home, 0):
        plain = seconds_of(program, home, facts)
    with served(program, home, late):
        delayed = seconds_of(program, home, facts)
    waits = {fact: round((delayed[fact] - plain[fact]) * 1000 / late) for fact in facts}
    return max(waits.items(), key=lambda wait: wait[1])


def main():
    program = os.path.abspath(sys.argv[1])
    milliseconds = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 7
    with tempfile.TemporaryDirectory() as home:
        run(program, home, "practice", "solve", "all")
        verify(program, home, runs, "no latency")
        with served(program, home, milliseconds):
            calls = verify(program, home, runs, f"{milliseconds} ms added to each call")
        fact, chain = longest_chain(program, home)
        print(
            f"longest chain: {chain} calls, for {fact}: {chain * milliseconds} ms, "
            f"times 1.25 is {chain * milliseconds * 1.25:.0f} ms"
        )
        print(
            f"{calls} calls, {IN_FLIGHT} in flight: at least "
            f"{-(-calls // IN_FLIGHT) * milliseconds} ms"
        )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main()
