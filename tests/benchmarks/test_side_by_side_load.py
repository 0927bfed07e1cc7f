"""What wrk sends is what was compared before."""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from benchmarks.side_by_side.load import LoadFailed, send
from benchmarks.side_by_side.operations import OPERATIONS
from benchmarks.side_by_side.requests import KEY, Request, Requests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")

FIRST = 10_000_000


@contextmanager
def recording(status: int) -> Iterator[tuple[str, list[Request]]]:
    """Answer every request with a status, and write them down in their order."""
    received: list[Request] = []

    class Recorder(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            assert self.headers["Authorization"] == f"Bearer {KEY}"
            body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            received.append(Request(self.command, self.path, body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - the base class has it so

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Recorder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()
        thread.join()


def test_requests_are_sent_in_turns_with_their_numbers(tmp_path: Path) -> None:
    of_all_kinds = Requests(
        [
            template
            for operation in OPERATIONS.values()
            for requests in operation.requests.values()
            for template in requests.templates[:2]
        ]
    )
    with recording(200) as (address, received):
        load = send(address, of_all_kinds, first=FIRST, concurrency=1, seconds=1, directory=tmp_path, cores=())

    # wrk asks the script once before it sends anything.
    begin = next(number for number in (FIRST, FIRST + 1) if of_all_kinds.at(number) == received[0])
    assert received == [of_all_kinds.at(begin + number) for number in range(len(received))]
    assert len(received) > len(of_all_kinds.templates)
    assert 0 <= len(received) - load.requests <= 1
    assert load.failed == 0


def test_a_request_that_fails_ends_it(tmp_path: Path) -> None:
    """What is refused is quick to answer, and must not pass for speed."""
    requests = OPERATIONS["one team"].requests["handwritten"]
    with recording(503) as (address, _), pytest.raises(LoadFailed, match="requests failed"):
        send(address, requests, first=FIRST, concurrency=1, seconds=1, directory=tmp_path, cores=())
