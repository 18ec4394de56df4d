"""The accounts that side_by_side.py has read: on the embedded practice account, and on ministack, an
emulator that this project didn't write."""
import contextlib
import json
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

REGION = "us-east-1"
# A 12-digit access key is an account of its own in both places.
KEYS = {
    "insecure": "100000000001",
    "solved": "100000000002",
    "mistakes": "100000000003",
    "denied": "100000000004",
}
PLACES = {"practice": tuple(KEYS), "ministack": ("insecure", "solved", "mistakes")}
API = {
    "practice": ("_api/{api}/{stage}/", "_cognito/{domain}/oauth2/token"),
    "ministack": ("restapis/{api}/{stage}/_user_request_/", "oauth2/token"),
}
# What ministack follows of the course, and what its CloudFormation lacks and its API has.
SOLVED_THERE = ("0", "1", "2c", "7a", "7b", "11b")
TRAIL_THERE = '''
aws cloudtrail create-trail --name UnicornTrail --s3-bucket-name "$bucket"
aws cloudtrail start-logging --name UnicornTrail
'''
DEPLOY = '''
aws cloudformation deploy --stack-name Secure-Serverless --template-file setup.yaml \
  --parameter-overrides NatGateway=no
bucket=$(aws cloudformation describe-stacks --stack-name Secure-Serverless --output text \
  --query 'Stacks[0].Outputs[?OutputKey==`DeploymentS3Bucket`].OutputValue')
for stack in database:Secure-Serverless-Database template:CustomizeUnicorns; do
  aws cloudformation package --template-file "${stack%:*}.yaml" --s3-bucket "$bucket" \
    --output-template-file packaged.yaml
  aws cloudformation deploy --stack-name "${stack#*:}" --template-file packaged.yaml \
    --capabilities CAPABILITY_IAM
done
'''


def fail(text):
    sys.exit(f"side_by_side: {text}")


def environment(home, programs, place, endpoint, state):
    """What all three tools get: an endpoint, credentials and a region, and nothing else that this
    machine has set."""
    api, token = API[place]
    return {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": home,
        "LANG": "C.UTF-8",
        "STEPPROOF_HOME": os.path.join(home, "stepproof"),
        "STEPPROOF_API_URL": f"{endpoint}/{api}",
        "STEPPROOF_TOKEN_URL": f"{endpoint}/{token}",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": KEYS[state],
        "AWS_SECRET_ACCESS_KEY": "practice",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_PAGER": "",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def measured(command, variables, codes=(0,), directory=None):
    """Runs a command: its output, wall time, and the peak memory in MB of it or of a child."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.monotonic()
        process = subprocess.Popen(
            command, env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
            cwd=directory,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        text = output.read().decode()
        if process.returncode not in codes:
            fail(f"{command}: exit {process.returncode}\n{text}{errors.read().decode()}")
    # Linux counts kilobytes, macOS bytes.
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return text, seconds, usage.ru_maxrss / unit


def shell(script, variables, directory=None):
    measured(["bash", "-euo", "pipefail", "-c", script], variables, directory=directory)


def mistakes(data, place):
    """The mistakes that are made at a place."""
    return [one for one in data["mistake"] if place == "practice" or one.get("ministack")]


def solve(program, home, state, targets):
    """Brings a practice account to a state."""
    variables = {"PATH": os.environ["PATH"], "HOME": home, "STEPPROOF_HOME": home,
                 "AWS_ACCESS_KEY_ID": KEYS[state]}
    measured([program, "practice", "solve", *targets], variables)


@contextlib.contextmanager
def process(command, variables, log):
    """A server, ended at the end."""
    with open(log, "wb") as said:
        server = subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL, stdout=said,
                                  stderr=subprocess.STDOUT, cwd=os.path.dirname(log))
    try:
        yield server
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextlib.contextmanager
def practice(data, program, programs, home):
    """Serves the practice accounts, each in its state; their endpoint."""
    os.makedirs(home)
    for state in PLACES["practice"]:
        solve(program, home, state, ["0"] if state == "insecure" else ["all"])
    variables = {"PATH": os.environ["PATH"], "HOME": home, "STEPPROOF_HOME": home}
    server = subprocess.Popen([program, "practice", "start"], env=variables,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        if not select.select([server.stdout], [], [], 30)[0]:
            fail("the practice account doesn't start")
        line = server.stdout.readline()
        endpoint = re.search(r"http://[\d.:]+\d", line) or fail(line)
        of_mistakes = environment(home, programs, "practice", endpoint[0], "mistakes")
        for mistake in mistakes(data, "practice"):
            shell(mistake["run"], of_mistakes)
        refuse(data, endpoint[0])
        yield endpoint[0]
    finally:
        server.terminate()
        server.wait(timeout=10)


def refuse(data, endpoint):
    """Has the last of the practice accounts refuse what each control must be read with."""
    actions = sorted({action for control in data["control"] for action in control["denied"]})
    faults = [{"action": action, "fault": "access_denied", "account": KEYS["denied"]}
              for action in actions]
    request = urllib.request.Request(f"{endpoint}/_practice/faults", json.dumps(faults).encode(),
                                     {"Content-Type": "application/json"}, method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10):
        pass


@contextlib.contextmanager
def ministack(data, program, programs, home):
    """Serves ministack with the same application deployed in three accounts; its endpoint. The
    templates are those of a practice account that solved what ministack can follow."""
    os.makedirs(home)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    variables = {
        "PATH": f"{programs}:{os.environ['PATH']}", "HOME": home, "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "CLOUDTRAIL_RECORDING": "1",
        "STATE_DIR": os.path.join(home, "state"), "S3_DATA_DIR": os.path.join(home, "s3"),
    }
    log = os.path.join(home, "log")
    with process([os.path.join(programs, "ministack")], variables, log) as server:
        ready(server, port, log)
        for state in PLACES["ministack"]:
            solve(program, home, state, ["0"] if state == "insecure" else SOLVED_THERE)
            app = os.path.join(home, f"practice-app-{KEYS[state]}")
            there = environment(home, programs, "ministack", endpoint, state)
            shell(DEPLOY + (TRAIL_THERE if state != "insecure" else ""), there, app)
        for mistake in mistakes(data, "ministack"):
            shell(mistake["run"], there)
        yield endpoint


def ready(server, port, log):
    """Waits until a server takes connections."""
    end = time.monotonic() + 120
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    with open(log, encoding="utf-8") as said:
        fail(f"ministack doesn't answer:\n{said.read()}")
