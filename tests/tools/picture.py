#!/usr/bin/env python3
"""Makes README's picture of the running program.

usage: picture.py PROGRAM [OUT.svg]

Sets up module 0 on a practice account of its own, starts the program in a terminal (tmux), checks
step 1d before it is done, unlocks a hint, and draws what stands on the screen.
"""
import os
import subprocess
import sys
import tempfile
import time

import screenshot

COLUMNS, ROWS = 120, 36
# Keys, and what stands on the screen once they are read.
SESSION = [("", "practice 000000000000"), ("V", "Proven: 7 of 7 checks."), (":", "ALL ACTIONS"),
           ("1d", ": 1d"), ("\r", "1d Ask for a token on every method \u2500"),
           ("v", "not yet: Without an authorizer"), ("h", "Hint 1 of 3"), ("jjjj", "Hint 1 of 3")]
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tui.svg")


class Terminal:
    """A tmux server of its own with one window."""

    def __init__(self, home, command):
        self.tmux = ["tmux", "-S", os.path.join(home, "tmux"), "-u", "-f", "/dev/null"]
        self.run("new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), *command,
                 ";", "set-option", "-g", "status", "off")

    def run(self, *words):
        return subprocess.run([*self.tmux, *words], check=True, capture_output=True,
                              encoding="utf-8").stdout

    def screen(self, *options):
        return self.run("capture-pane", "-p", *options)

    def wait_for(self, text):
        deadline = time.monotonic() + 60
        while text not in self.screen():
            if time.monotonic() > deadline:
                sys.exit(f"no {text!r} on\n{self.screen()}")
            time.sleep(0.05)

    def settle(self):
        """Waits until a second brings nothing new: code is coloured after it is shown."""
        last, since = "", time.monotonic()
        while time.monotonic() - since < 1:
            now = self.screen("-e")
            if now != last:
                last, since = now, time.monotonic()
            time.sleep(0.1)


def main():
    program = os.path.abspath(sys.argv[1])
    out = sys.argv[2] if len(sys.argv) > 2 else OUT
    with tempfile.TemporaryDirectory() as home:
        values = {"HOME": home, "STEPPROOF_HOME": home, "LANG": "C.UTF-8", "TZ": "UTC",
                  "PATH": os.environ["PATH"]}
        subprocess.run([program, "practice", "solve", "0"], check=True, env=values,
                       stdout=subprocess.DEVNULL)
        environment = [f"{name}={value}" for name, value in values.items()]
        start = ["env", "-i", "TERM=screen-256color", *environment, program, "--practice",
                 "--ends", "2h30m"]
        terminal = Terminal(home, start)
        try:
            for keys, text in SESSION:
                terminal.run("send-keys", "-l", keys)
                terminal.wait_for(text)
            terminal.settle()
            lines = terminal.screen("-e").split("\n")
        finally:
            terminal.run("kill-server")
    with open(out, "w", encoding="utf-8") as file:
        file.write(screenshot.svg(lines, COLUMNS, ROWS))


if __name__ == "__main__":
    main()
