#!/usr/bin/env python3
"""Compares `stepproof verify` with prowler and with a shell script of AWS CLI calls.

usage: side_by_side.py PROGRAM [RUNS [DIRECTORY]]

All three look at the same accounts for the controls of side_by_side.toml: on the practice account an
insecure one (module 0), a solved one, a solved one with a learner's mistakes, and a solved one that
refuses to be read; on ministack, for what it can represent, the first three. At the first two each
looks RUNS (3; 0 leaves it out) times: wall time and peak memory are medians. Then each looks once at
every account through a proxy that counts, and the verdicts are of this run.

What is true of an account is known, as this script made it so. Where a tool says otherwise,
side_by_side.toml must explain it, and nothing else: or the exit code is 1.

Installs prowler (PyPI, Apache-2.0; 2.3 GB) in an environment of its own in DIRECTORY (target/ci), and
the AWS CLI and ministack as .ci/run does. Needs Python 3.11 and curl. Prints Markdown.
"""
import os
import statistics
import sys
import tempfile
import tomllib

import side_by_side_accounts
from counting_proxy import proxy
from side_by_side_accounts import PLACES, environment, fail
from side_by_side_tools import (
    ROOT, TOOLS, Tools, aws_programs, course_without_needs, install_prowler)

TIMED = ("insecure", "solved")
WHOLE = "stepproof, whole course"


def truth(data, place, state, control):
    """What must be said of a control, as the account was made so."""
    if state == "insecure":
        return control.get("insecure", "fail")
    if state == "denied":
        return "cannot tell"
    broken = {name for mistake in side_by_side_accounts.mistakes(data, place)
              for name in mistake["breaks"]}
    return "fail" if state == "mistakes" and control["name"] in broken else "pass"


def compared(data, place):
    """The controls that a place can represent."""
    return [one for one in data["control"] if place == "practice" or one.get("ministack")]


def time_looks(tools, variables_of, runs):
    """Each looks several times, in turns, so that a busy machine is busy for all."""
    timed = {}
    for _ in range(runs):
        for state in TIMED:
            for tool in TOOLS:
                run = tools.look(tool, variables_of(state))
                timed.setdefault((state, tool), []).append(run)
            run = tools.stepproof(variables_of(state), all_of_it=True)
            timed.setdefault((state, WHOLE), []).append(run)
    return timed


def count_looks(tools, endpoint, states, variables_of):
    """Each looks once through the proxy: what was seen, and the calls and requests it took."""
    looks, counted = {}, {}
    with proxy(endpoint) as (before, counts):
        for state in states:
            for tool in TOOLS:
                counts.clear()
                looks[state, tool] = tools.look(tool, variables_of(state, before))
                counted[state, tool] = counts.calls.total(), counts.requests
            if state in TIMED:
                counts.clear()
                tools.stepproof(variables_of(state, before), all_of_it=True)
                counted[state, WHOLE] = counts.calls.total(), counts.requests
    return looks, counted


def print_costs(timed, counted):
    print("\n## What a look costs, on the practice account\n")
    print("| tool | account | time | memory | API calls | other requests |\n|---|---|---|---|---|---|")
    for (state, tool), runs in timed.items():
        seconds = [run.seconds for run in runs]
        memory = statistics.median(run.megabytes for run in runs)
        calls, requests = counted[state, tool]
        print(f"| {tool} | {state} | {statistics.median(seconds):.2f} s ({min(seconds):.2f} to "
              f"{max(seconds):.2f}) | {memory:.0f} MB | {calls} | {requests} |")


def print_controls(data):
    print("\n## What is compared\n")
    for control in data["control"]:
        print(f"- **{control['name'].replace('_', ' ')}**: stepproof's {', '.join(control['stepproof'])}; "
              f"prowler's {', '.join(control['prowler'])}. {control['why']}")
    print("\nMistakes in the third account:")
    for mistake in data["mistake"]:
        print(f"- {mistake['what']}")


def print_summary(data, looks):
    """How often each tool said what is true, over all accounts."""
    kinds = ("true", "false pass", "false fail", "silent", "not told", "could not look")
    print(f"\n## In short\n\n| tool | {' | '.join(kinds)} |\n|{'---|' * (len(kinds) + 1)}")
    for tool in TOOLS:
        counts = dict.fromkeys(kinds, 0)
        for place, states in PLACES.items():
            for state in states:
                for control in compared(data, place):
                    said = looks[place][state, tool].verdicts[control["name"]]
                    counts[kind(said, truth(data, place, state, control))] += 1
        print(f"| {tool} | {' | '.join(str(count) for count in counts.values())} |")


def kind(said, right):
    if said == right:
        return "true"
    if said in ("pass", "fail"):
        return f"false {said}"
    return said if said in ("silent", "could not look") else "not told"


def print_verdicts(data, place, looks):
    """A table for each account; what isn't true is bold."""
    for state in PLACES[place]:
        print(f"\n## {place}, {state}\n\n| control | true | {' | '.join(TOOLS)} |\n|{'---|' * 5}")
        for control in compared(data, place):
            right = truth(data, place, state, control)
            said = (looks[state, tool].verdicts[control["name"]] for tool in TOOLS)
            cells = [one if one in (right, "could not look") else f"**{one}**" for one in said]
            print(f"| {control['name'].replace('_', ' ')} | {right} | {' | '.join(cells)} |")


def differences(data, place, looks):
    """The verdicts that aren't true: (account, control, tool, verdict) to who says what is true."""
    found = {}
    for state in PLACES[place]:
        for control in compared(data, place):
            right = truth(data, place, state, control)
            verdicts = {tool: looks[state, tool].verdicts[control["name"]] for tool in TOOLS}
            agree = " and ".join(tool for tool in TOOLS if verdicts[tool] == right) or "nobody"
            for tool, verdict in verdicts.items():
                if verdict not in (right, "could not look"):
                    key = f"{place} {state}", control["name"], tool, verdict
                    found[key] = f"true is {right}, as {agree} said"
    return found


def print_differences(data, found):
    """Prints who is right and why. How many are without an explanation, or explained in vain."""
    print("\n## Who is right, where a tool doesn't say what is true\n")
    left, bad = dict(found), 0
    for entry in data["difference"]:
        tool, says = entry["tool"], entry["says"]
        print(f"- **{tool} says {says}**: {entry['why']}")
        for account, names in entry["where"].items():
            for name in names:
                right = left.pop((account, name, tool, says), None)
                bad += right is None
                print(f"  - {account}, {name.replace('_', ' ')}: {right or '**NOT SO ANY MORE**'}")
    for (account, name, tool, says), right in left.items():
        print(f"- **NOT EXPLAINED**: {account}, {name}: {tool} says {says}; {right}")
    return bad + len(left)


def print_unread(data, place, looks):
    for control in compared(data, place):
        where = [state for state in PLACES[place]
                 if looks[state, "prowler"].verdicts[control["name"]] == "could not look"]
        if where:
            print(f"- prowler could not look at {control['name'].replace('_', ' ')} ({place} "
                  f"{', '.join(where)}): {control['prowler_unread']['why']}")


def look_everywhere(data, tools, program, programs, home, runs):
    """The timed looks at the practice account, and what was seen and counted at each place."""
    timed, looks, counted, load = {}, {}, {}, []
    for place, states in PLACES.items():
        serve = getattr(side_by_side_accounts, place)
        with serve(data, program, programs, os.path.join(home, place)) as endpoint:
            def variables_of(state, at=endpoint, where=place):
                return environment(home, programs, where, at, state)
            if place == "practice":
                load.append(os.getloadavg()[0])
                timed = time_looks(tools, variables_of, runs)
                load.append(os.getloadavg()[0])
            looks[place], counted[place] = count_looks(tools, endpoint, states, variables_of)
    for (state, tool), taken in timed.items():
        seen = looks["practice"][state, "stepproof" if tool == WHOLE else tool].verdicts
        if any(run.verdicts != seen for run in taken):
            fail(f"{tool} doesn't come to the same verdicts each time ({state})")
    return timed, looks, counted, load


def main():
    program = os.path.abspath(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
    directory = os.path.abspath(sys.argv[3] if len(sys.argv) > 3 else os.path.join(target, "ci"))
    with open(os.path.join(ROOT, "benches", "side_by_side.toml"), "rb") as file:
        data = tomllib.load(file)
    broken = {name for mistake in data["mistake"] for name in mistake["breaks"]}
    if unknown := broken - {control["name"] for control in data["control"]}:
        fail(f"no such control: {sorted(unknown)}")
    prowler = install_prowler(directory, data["prowler"]["version"])
    programs = aws_programs()
    with tempfile.TemporaryDirectory() as home:
        course = course_without_needs(os.path.join(home, "course"))
        tools = Tools(program, prowler, course, data["control"])
        seen = look_everywhere(data, tools, program, programs, home, runs)
    timed, looks, counted, load = seen
    print(f"{len(data['control'])} controls, prowler {data['prowler']['version']}, {runs} runs, "
          f"{os.cpu_count()} processors with a load of {load[0]:.1f} before and {load[1]:.1f} after")
    print_controls(data)
    if timed:
        print_costs(timed, counted["practice"])
    print_summary(data, looks)
    found = {}
    for place in PLACES:
        print_verdicts(data, place, looks[place])
        found |= differences(data, place, looks[place])
    bad = print_differences(data, found)
    for place in PLACES:
        print_unread(data, place, looks[place])
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main())
