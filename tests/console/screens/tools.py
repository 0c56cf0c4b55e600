"""The shop's other tools, to which the platform delivers: one is slow, one is down, one was down a while ago."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Self

LATENCY_S: Final = 0.03


@dataclass
class Tool:
    status: int = 200
    latency_s: float = LATENCY_S
    says: bytes = b'{"status": 1}'
    refuses: bytes = b""
    """Requests in which this stands are answered 400: what the tool does not like about them."""
    complains: bytes = b'{"error": "unavailable"}'

    def take(self, body: bytes) -> tuple[int, bytes]:
        if self.latency_s:
            time.sleep(self.latency_s)
        if self.refuses and self.refuses in body:
            return 400, b'{"error": "this address is not one we can write to"}'
        return (self.status, self.says if self.status < 300 else self.complains)


class Tools:
    """Each by the first part of its path, on one port of this machine."""

    def __init__(self, names: Mapping[str, Tool]) -> None:
        self._tools = dict(names)
        tools = self._tools

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"  # connections stay open between requests

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, said = tools[self.path.split("/")[1]].take(body)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Handler)

    @property
    def down(self) -> list[str]:
        return [name for name, tool in self._tools.items() if tool.status >= 500]

    def __getitem__(self, name: str) -> Tool:
        return self._tools[name]

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/{name}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
