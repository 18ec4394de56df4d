#!/usr/bin/env python3
"""Times `stepproof grade` over a room of practice accounts that answer each call late.

usage: sweep.py PROGRAM [ACCOUNTS [MILLISECONDS [JOBS]]]
       sweep.py PROGRAM ACCOUNTS --room DIRECTORY

Solves a few practice accounts to different states, copies them until there are ACCOUNTS (500), and
grades the whole roster: with MILLISECONDS (50) added to each call; then with a tenth of the accounts
throttled and another tenth without access as well. For each it prints the wall time, the processor
time and peak memory of `grade`, the processor time of the server of the practice accounts, which
runs on the same machine, and how many accounts came to what. Without JOBS, grade's own default.

With --room it only makes the accounts and their roster, in a data directory of the program's.
"""
import contextlib
import json
import os
import select
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

# What is solved in the accounts that are copied; the last of them is empty.
STATES = [["all"], ["0", "1"], ["0"], ["0", "1", "2", "3", "4", "5"], []]
# What has a name that no two accounts may share: the collections of the practice account's state.
UNIQUE = (
    "AWS::ApiGateway::RestApi",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolDomain",
    "AWS::S3::Bucket",
)
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


def environment(home, account=None):
    variables = {"PATH": os.environ["PATH"], "HOME": home, "STEPPROOF_HOME": home}
    return variables | ({"AWS_ACCESS_KEY_ID": account} if account else {})


def solve(program, home, account, targets):
    """Brings a practice account to a state."""
    command = [program, "practice", "solve", *targets]
    variables = environment(home, account)
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")


def number(text):
    """A name's letters and digits as another name of the same length, different for each text."""
    value, letters = int(text, 10), ""
    while value:
        value, at = divmod(value, len(ALPHABET))
        letters += ALPHABET[at]
    return letters


def rename(name, account):
    """The name in another account: as long as it was, unless it is too short for that."""
    tail = number(account)
    return name[: max(len(name) - len(tail), 1)] + tail


def copy(connection, source, account):
    """Copies an account under another number, with names of its own where the world sees them."""
    marks = ",".join("?" * len(UNIQUE))
    found = connection.execute(
        f"SELECT DISTINCT id FROM document WHERE account=? AND collection IN ({marks})",
        (source, *UNIQUE),
    )
    names = {name: rename(name, account) for (name,) in found if source not in name}
    names[source] = account

    def renamed(text):
        for old, new in names.items():
            text = text.replace(old, new)
        return text

    documents = connection.execute(
        "SELECT region, collection, id, body FROM document WHERE account=? ORDER BY sequence",
        (source,),
    ).fetchall()
    connection.executemany(
        "INSERT INTO document (account, region, collection, id, body) VALUES (?,?,?,?,?)",
        [
            (account, region, kind, renamed(name), renamed(body))
            for region, kind, name, body in documents
        ],
    )
    blobs = connection.execute(
        "SELECT region, collection, id, body FROM blob WHERE account=?", (source,)
    ).fetchall()
    connection.executemany(
        "INSERT INTO blob VALUES (?,?,?,?,?)",
        [(account, region, kind, renamed(name), body) for region, kind, name, body in blobs],
    )


def room(program, home, count):
    """Makes the accounts and their roster; the accounts' numbers."""
    sources = [f"{at:012}" for at in range(100_000_000_001, 100_000_000_001 + len(STATES))]
    for source, targets in zip(sources, STATES):
        if targets:
            solve(program, home, source, targets)
    accounts = [f"{at:012}" for at in range(200_000_000_001, 200_000_000_001 + count)]
    with contextlib.closing(sqlite3.connect(os.path.join(home, "practice.sqlite"))) as connection:
        for at, account in enumerate(accounts):
            copy(connection, sources[at % len(sources)], account)
        connection.commit()
    with open(os.path.join(home, "roster.csv"), "w", encoding="utf-8") as roster:
        roster.write("name,account\n")
        roster.writelines(f"Learner {at},{account}\n" for at, account in enumerate(accounts, 1))
    return accounts


def processor_time(usage):
    return usage.ru_utime + usage.ru_stime


@contextlib.contextmanager
def served(program, home, faults, spent):
    """Serves the accounts with faults; notes then what processor time that took."""
    server = subprocess.Popen(
        [program, "practice", "start", "--faults", json.dumps(faults)],
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        if not select.select([server.stderr], [], [], 30)[0]:
            sys.exit("the practice accounts aren't served")
        server.stderr.readline()
        yield
    finally:
        server.send_signal(signal.SIGTERM)
        _, _, usage = os.wait4(server.pid, 0)
        server.returncode = 0
        spent["server"] = processor_time(usage)


def grade(program, home, jobs):
    """Grades the roster: wall time, processor time, peak memory in MB, and the grades' file."""
    output = os.path.join(home, "grades.json")
    command = [program, "grade", "--practice", "--roster", os.path.join(home, "roster.csv")]
    command += ["--format", "json", "--output", output]
    command += ["--jobs", str(jobs)] if jobs else []
    began = time.monotonic()
    process = subprocess.Popen(command, env=environment(home), stderr=subprocess.PIPE)
    complaint = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 3):
        sys.exit(f"grade: exit {process.returncode}\n{complaint.decode()}")
    # Linux counts kilobytes, macOS bytes.
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return wall, processor_time(usage), usage.ru_maxrss / unit, output


def told(path):
    """How many calls the accounts took that were read, and how many accounts came to what."""
    with open(path, encoding="utf-8") as file:
        grades = json.load(file)
    calls = sum(one["report"]["api_calls"] for one in grades["accounts"] if "report" in one)
    counts = ", ".join(f"{name} {count}" for name, count in grades["summary"].items())
    return f"{calls} calls of accounts that were read; {counts}"


def measure(program, home, label, faults, jobs):
    spent = {}
    with served(program, home, faults, spent):
        wall, processor, memory, output = grade(program, home, jobs)
    # In a process of its own: Linux counts the memory of who starts a program as the program's.
    command = [sys.executable, os.path.abspath(__file__), "--told", output]
    summary = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    print(
        f"{label}: {wall:.1f} s, {memory:.0f} MB; processor time {processor:.1f} s, "
        f"of the server {spent['server']:.1f} s; {summary}",
        flush=True,
    )


def main():
    program = os.path.abspath(sys.argv[1])
    if sys.argv[3:4] == ["--room"]:
        room(program, sys.argv[4], int(sys.argv[2]))
        return
    count, milliseconds, jobs = (
        int(sys.argv[at]) if len(sys.argv) > at else default
        for at, default in ((2, 500), (3, 50), (4, 0))
    )
    with tempfile.TemporaryDirectory() as home:
        accounts = room(program, home, count)
        tenth = len(accounts) // 10
        late = [{"action": "*", "fault": "latency", "milliseconds": milliseconds}]
        faulty = [
            {"action": "*", "fault": fault, "account": account}
            for fault, some in (
                ("throttling", accounts[:tenth]),
                ("access_denied", accounts[tenth : 2 * tenth]),
            )
            for account in some
        ]
        label = f"{count} accounts, {milliseconds} ms a call"
        measure(program, home, label, late, jobs)
        mixed = f"the same, {tenth} throttled, {tenth} without access"
        measure(program, home, mixed, late + faulty, jobs)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if sys.argv[1] == "--told":
        print(told(sys.argv[2]))
        sys.exit()
    main()
