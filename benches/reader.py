#!/usr/bin/env python3
"""Times stepproof beside another terminal reader of Markdown: the same page, the same run.

usage: reader.py PROGRAM RUNS READER…        e.g. reader.py target/release/stepproof 11 frogmouth

READER is the other reader's command; the page is added as its last word. The page is the longest
one of the English content. Each program gets a pseudo-terminal of 120×40, in turns. Prints medians:
the first screen (300 visible characters were written), the time at which the page stands there
(half of its long words at least, and nothing came for half a second after), and the memory of the
program and what it started then. stepproof goes on at the page's first step. It has opened its
practice account by then, which it serves itself.
"""
import os
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time

from terminal import end, resident, spawn

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P_^][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])")
VISIBLE, QUIET, DEADLINE = 300, 0.5, 60


def visible(output):
    """The characters that an output writes, without what moves and colours."""
    return re.sub(rb"[\s\x00-\x1f]", b"", ESCAPES.sub(b"", output)).decode(errors="ignore")


def long_words(paragraph):
    return set(re.findall(r"[a-zA-Z]{5,}", paragraph))


def read(terminal, begun, words):
    """When the first screen was there, and when the last of the page, in milliseconds."""
    output, first, last = b"", None, None
    while True:
        if time.perf_counter() - begun > DEADLINE:
            sys.exit(f"the page isn't shown within {DEADLINE} s")
        if select.select([terminal], [], [], QUIET)[0]:
            output += os.read(terminal, 65536)
            now = time.perf_counter()
            text = visible(output)
            if len(text) >= VISIBLE:
                first = first or now
            if sum(word in text for word in words) * 2 >= len(words):
                last = now
        elif last:
            return (first - begun) * 1000, (last - begun) * 1000


def measure(command, home, words):
    begun = time.perf_counter()
    pid, terminal = spawn(command, home)
    times = read(terminal, begun, words)
    memory = resident(pid)
    end(pid, terminal)
    return *times, memory


def open_module(program, home, step):
    """Leaves stepproof at a step, so that it starts there."""
    pid, terminal = spawn([program, "--practice"], home)
    for keys in (b"", f":{step}\r".encode(), b"q"):
        os.write(terminal, keys)
        begun = time.perf_counter()
        try:
            while select.select([terminal], [], [], 2)[0]:
                if time.perf_counter() - begun > DEADLINE:
                    sys.exit("stepproof doesn't come to rest")
                os.read(terminal, 65536)
        except OSError:
            break
    os.waitpid(pid, 0)
    os.close(terminal)


def version(command):
    ran = subprocess.run([*command, "--version"], capture_output=True, encoding="utf-8",
                         check=False)
    return ran.stdout.strip() or command[0]


def main():
    program, runs, reader = os.path.abspath(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    pages = os.path.join(ROOT, "content", "en")
    numbered = [name for name in os.listdir(pages) if name[:2].isdigit()]
    page = max((os.path.join(pages, name) for name in numbered), key=os.path.getsize)
    step = f"{int(os.path.basename(page)[:2])}a"
    with open(page, encoding="utf-8") as file:
        paragraphs = file.read().split("\n\n")
    heading = next(at for at, text in enumerate(paragraphs) if f"{{#{step}}}" in text)
    with tempfile.TemporaryDirectory() as home:
        open_module(program, home, step)
        commands = {version([program]): ([program, "--practice"], paragraphs[heading + 1]),
                    version(reader): ([*reader, page], paragraphs[1])}
        taken = {name: [] for name in commands}
        for at in range(runs + 1):
            for name, (command, paragraph) in commands.items():
                figures = measure(command, home, long_words(paragraph))
                # The first turn warms the disk's cache.
                if at:
                    taken[name].append(figures)
    size = os.path.getsize(page)
    print(f"{os.path.basename(page)}, {size} bytes, 120×40, medians of {runs} runs")
    width = max(map(len, taken))
    print(f"{'':{width}} {'first screen':>13} {'page stands':>11} {'memory':>9}")
    for name, figures in taken.items():
        first, last, memory = (statistics.median(column) for column in zip(*figures))
        print(f"{name:{width}} {first:10.1f} ms {last:8.1f} ms {memory:6.1f} MB")


if __name__ == "__main__":
    main()
