#!/usr/bin/env python3
"""Times `stepproof verify` on a practice account that answers each call late.

usage: verify_latency.py PROGRAM [MILLISECONDS [RUNS]]

Solves modules 0 and 1 on an account of its own, serves it with the latency added to each call, and
verifies RUNS times. Prints the seconds that the report itself names (median, best, worst), the
control-plane calls, and the same without added latency.
"""
import json
import os
import select
import statistics
import subprocess
import sys
import tempfile


def run(program, home, *arguments):
    """The program's standard output."""
    environment = {"PATH": os.environ["PATH"], "HOME": home, "STEPPROOF_HOME": home}
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"stepproof {' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def verify(program, home, runs, label):
    reports = [
        json.loads(run(program, home, "verify", "--practice", "--format", "json"))
        for _ in range(runs)
    ]
    seconds = [report["seconds"] * 1000 for report in reports]
    print(
        f"{label}: median {statistics.median(seconds):.0f} ms, best {min(seconds):.0f}, "
        f"worst {max(seconds):.0f} ({runs} runs); {reports[0]['api_calls']} control-plane calls"
    )


def main():
    program = os.path.abspath(sys.argv[1])
    milliseconds = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 7
    with tempfile.TemporaryDirectory() as home:
        run(program, home, "practice", "solve", "0", "1")
        verify(program, home, runs, "no latency")
        fault = [{"action": "*", "fault": "latency", "milliseconds": milliseconds}]
        server = subprocess.Popen(
            [program, "practice", "start", "--faults", json.dumps(fault)],
            env={"PATH": os.environ["PATH"], "HOME": home, "STEPPROOF_HOME": home},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            if not select.select([server.stdout], [], [], 30)[0]:
                sys.exit("the practice account doesn't start")
            server.stdout.readline()
            verify(program, home, runs, f"{milliseconds} ms added to each call")
        finally:
            server.terminate()
            server.wait(timeout=10)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main()
