"""Judges the templates: SAM's own translator transforms them, cfn-lint judges them before and after.

With pages as arguments, their `diff apply=FILE` blocks are applied in order, and the templates are
judged again after each block: a learner who follows the instructions never holds a broken template.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

TEMPLATES = ["setup.yaml", "database.yaml", "template.yaml", "trail.yaml", "guardduty.yaml"]
BLOCK = re.compile(r"^```diff apply=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REGION = "us-east-1"
CFN_LINT = Path(sys.executable).with_name("cfn-lint")


class ManagedPolicies:
    """No policy is named without its ARN, so there is nothing to look up."""

    def load(self):
        return {}


def translated(path):
    """What CloudFormation makes of a SAM template, once its code is packaged."""
    template = yaml_parse(path.read_text())
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        code = properties.get("CodeUri")
        if code is not None:
            if not (path.parent / code).is_dir():
                sys.exit(f"{path.name}: there is no directory {code}")
            properties["CodeUri"] = "s3://bucket/key"
    return transform(template, {}, ManagedPolicies())


def lint(path, shown):
    run = subprocess.run(
        [CFN_LINT, "--non-zero-exit-code", "informational", "--regions", REGION, "--", path],
        capture_output=True, text=True,
    )
    if run.returncode != 0:
        sys.exit(f"cfn-lint on {shown}:\n{run.stdout}{run.stderr}")


def judge(path, scratch):
    lint(path, path.name)
    if "AWS::Serverless-2016-10-31" not in path.read_text():
        return
    result = translated(path)
    stages = [
        resource["Properties"]["StageName"]
        for resource in result["Resources"].values()
        if resource["Type"] == "AWS::ApiGateway::Stage"
    ]
    named = [
        resource["Properties"]["StageName"]
        for resource in result["Resources"].values()
        if resource["Type"] == "AWS::ApiGateway::Deployment" and "StageName" in resource["Properties"]
    ]
    if path.name == "template.yaml" and (stages != ["dev"] or named):
        sys.exit(f"{path.name}: its stages are {stages + named}, not dev alone")
    output = scratch / f"translated-{path.stem}.json"
    output.write_text(json.dumps(result))
    lint(output, f"{path.name} as SAM translates it")


def hunks(diff):
    """Each hunk's lines before and after its change."""
    for part in re.split(r"^@@.*\n", diff, flags=re.MULTILINE)[1:]:
        lines = [(line[:1] or " ", line[1:]) for line in part.splitlines()]
        yield [t for sign, t in lines if sign in " -"], [t for sign, t in lines if sign in " +"]


def applied(text, diff):
    """The text with the diff's changes. As in stepproof, a hunk's place is where its lines are: other
    modules move them. They must be there exactly once."""
    lines = text.splitlines()
    for before, after in hunks(diff):
        size = len(before)
        places = [at for at in range(len(lines) - size + 1) if lines[at : at + size] == before]
        if len(places) != 1:
            raise ValueError(f"{len(places)} places have these lines:\n" + "\n".join(before))
        lines[places[0] : places[0] + size] = after
    return "\n".join(lines) + "\n"


def follow(page, app, scratch):
    blocks = BLOCK.findall(page.read_text())
    for number, (name, diff) in enumerate(blocks, 1):
        try:
            (app / name).write_text(applied((app / name).read_text(), diff))
        except ValueError as error:
            sys.exit(f"{page.name}: diff {number} of {len(blocks)} does not fit {name}: {error}")
        if name in TEMPLATES:
            judge(app / name, scratch)
    print(f"{page.name}: {len(blocks)} diffs apply in order, and leave sound templates")


def main():
    app, *pages = (Path(argument).resolve() for argument in sys.argv[1:])
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory)
        copy = scratch / "app"
        copy.mkdir()
        for name in TEMPLATES:
            (copy / name).write_text((app / name).read_text())
        for code in ("api", "authorizer", "database", "rotation"):
            shutil.copytree(app / code, copy / code, ignore=shutil.ignore_patterns("node_modules"))
        for name in TEMPLATES:
            judge(copy / name, scratch)
        print(f"{', '.join(TEMPLATES)}: sound, before and after SAM's translation")
        for page in pages:
            follow(page, copy, scratch)


main()
