"""The three that side_by_side.py compares: what each says of an account, and what it costs."""
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from side_by_side_accounts import REGION, fail, measured

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOLS = ("stepproof", "prowler", "script")
# The first that is among several verdicts is what they come to.
WORST = ("fail", "could not look", "waiting", "cannot tell", "pass")


@dataclass
class Run:
    """One look of a tool at an account. A control that it says nothing of is silent."""

    verdicts: dict
    seconds: float
    megabytes: float


def worst(verdicts):
    return min(verdicts, key=WORST.index, default="silent")


class Tools:
    """The three, ready to look at an account."""

    def __init__(self, program, prowler, course, controls):
        self.program, self.prowler_home = program, prowler
        self.course, self.controls = course, controls
        self.steps = self.steps_of_checks()

    def steps_of_checks(self):
        """The steps whose checks are compared."""
        wanted = {name for control in self.controls for name in control["stepproof"]}
        steps = {}
        for file in os.listdir(os.path.join(self.course, "checks")):
            with open(os.path.join(self.course, "checks", file), encoding="utf-8") as text:
                pairs = re.findall(r"^- check: (\S+)\n  step: (\S+)", text.read(), re.MULTILINE)
            steps.update((name, step) for name, step in pairs if name in wanted)
        if missing := wanted - steps.keys():
            fail(f"checks that the course doesn't have: {sorted(missing)}")
        return sorted(set(steps.values()))

    def look(self, tool, variables):
        return getattr(self, tool)(variables)

    def stepproof(self, variables, all_of_it=False):
        command = [self.program, "verify", "--course", self.course, "--format", "json"]
        for step in () if all_of_it else self.steps:
            command += ["--step", step]
        output, seconds, megabytes = measured(command, variables, (0, 1, 3))
        checks = {
            check["check"]: check["verdict"].replace("_", " ")
            for module in json.loads(output)["modules"]
            for step in module["steps"]
            for check in step["checks"]
        }
        verdicts = {
            control["name"]: worst(checks[name] for name in control["stepproof"])
            for control in self.controls
        }
        return Run(verdicts, seconds, megabytes)

    def prowler(self, variables):
        names = sorted({name for control in self.controls for name in control["prowler"]})
        with tempfile.TemporaryDirectory() as output:
            log = os.path.join(output, "log")
            command = [os.path.join(self.prowler_home, "bin", "python"), "-m", "prowler", "aws"]
            command += ["--region", REGION, "--check", *names, "--ignore-exit-code-3"]
            command += ["--output-formats", "csv", "--output-directory", output]
            command += ["--output-filename", "findings", "--log-level", "ERROR", "--log-file", log]
            _, seconds, megabytes = measured(command, variables)
            with open(log, encoding="utf-8") as text:
                said = text.read()
            found = findings(os.path.join(output, "findings.csv"))
        verdicts = {}
        for control in self.controls:
            each = [status for name in control["prowler"] for status in found.get(name, ())]
            unread = control.get("prowler_unread")
            if unread and re.search(unread["log"], said):
                each.append("could not look")
            verdicts[control["name"]] = worst(each)
        return Run(verdicts, seconds, megabytes)

    def script(self, variables):
        command = ["bash", os.path.join(ROOT, "benches", "side_by_side.sh")]
        output, seconds, megabytes = measured(command, variables, (0, 1, 3))
        lines = (line.split() for line in output.splitlines())
        verdicts = {name: verdict.replace("_", " ") for verdict, name in lines}
        return Run(verdicts, seconds, megabytes)


def findings(path):
    """prowler's statuses by check. Without any finding it writes no file."""
    words = {"PASS": "pass", "FAIL": "fail", "MANUAL": "cannot tell"}
    found = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as rows:
            for row in csv.DictReader(rows, delimiter=";"):
                found.setdefault(row["CHECK_ID"], []).append(words[row["STATUS"]])
    return found


def install_prowler(directory, version):
    """prowler in an environment of its own, made once; its directory."""
    place = os.path.join(directory, f"prowler-{version}")
    python = os.path.join(place, "bin", "python")
    ask = [python, "-c", "import importlib.metadata as m; print(m.version('prowler'))"]
    there = os.path.exists(python) and subprocess.run(
        ask, capture_output=True, text=True, check=False).stdout.strip()
    if there != version:
        print(f"Installing prowler {version} in {place}. This takes minutes.", file=sys.stderr)
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                        f"prowler=={version}"], check=True)
    return place


def aws_programs():
    """The directory of the pinned AWS CLI and ministack, installed as .ci/run does."""
    done = subprocess.run([os.path.join(ROOT, ".ci", "venv")], stdout=subprocess.PIPE, text=True,
                          check=True)
    return done.stdout.strip()


def course_without_needs(to):
    """The course with no step that needs another: each check is compared by what it sees itself."""
    for part in ("modules", "checks", "content"):
        shutil.copytree(os.path.join(ROOT, part), os.path.join(to, part))
    modules = os.path.join(to, "modules")
    for name in (name for name in os.listdir(modules) if name.endswith(".yaml")):
        path = os.path.join(modules, name)
        with open(path, encoding="utf-8") as file:
            lines = [line for line in file if not line.lstrip().startswith("needs:")]
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(lines)
    return to
