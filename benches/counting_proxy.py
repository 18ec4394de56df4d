"""An HTTP proxy that counts what passes: side_by_side.py puts it before an account."""
import collections
import contextlib
import http.client
import http.server
import re
import threading
import urllib.parse

DROPPED = {"connection", "transfer-encoding", "keep-alive", "content-length"}


class Counts:
    """What was asked since it was last emptied."""

    def __init__(self):
        self.lock = threading.Lock()
        self.clear()

    def clear(self):
        self.calls = collections.Counter()
        self.requests = 0

    def note(self, headers, method, path, body):
        """Signed requests are calls of an AWS API; the others are for the application, a token or a
        function's package, whose address is signed instead."""
        with self.lock:
            if "AWS4-HMAC-SHA256" in headers.get("Authorization", ""):
                self.calls[operation(headers, method, path, body)] += 1
            else:
                self.requests += 1


def operation(headers, method, path, body):
    """The operation's name, where the protocol tells it; else method and path."""
    if target := headers.get("X-Amz-Target"):
        return target
    if action := re.search(rb"(?:^|&)Action=(\w+)", body):
        return action[1].decode()
    return f"{method} {urllib.parse.urlsplit(path).path}"


@contextlib.contextmanager
def proxy(upstream):
    """Passes everything on to an endpoint; the proxy's endpoint and its counts."""
    counts, to = Counts(), urllib.parse.urlsplit(upstream).netloc

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            counts.note(self.headers, self.command, self.path, body)
            connection = http.client.HTTPConnection(to, timeout=60)
            try:
                connection.putrequest(self.command, self.path, skip_host=True,
                                      skip_accept_encoding=True)
                for name, value in self.headers.items():
                    if name.lower() not in DROPPED:
                        connection.putheader(name, value)
                connection.putheader("Content-Length", str(len(body)))
                connection.endheaders(body)
                answer = connection.getresponse()
                contents = answer.read()
            finally:
                connection.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in DROPPED | {"date", "server"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(contents)))
            self.end_headers()
            if self.command != "HEAD":
                # Who has read enough of a package hangs up.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.wfile.write(contents)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = pass_on

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", counts
    finally:
        server.shutdown()
        server.server_close()
