"""HTTP/1.1 connections, with bounds on what a caller may send and on how long it may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httptools
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from graphql_api import log_context
from graphql_api.answer_writing import AnswerWriting, refuse_last
from graphql_api.arrival import ARRIVAL, Arrival, arrival_of
from graphql_api.beginnings import BEGINNINGS, start
from graphql_api.headers import bytes_of_head, has_body
from graphql_api.pipelining import WAITING_REQUESTS_MAXIMUM, is_read_on
from graphql_api.refusals import Refusal, bad_request, headers_too_large, overloaded, sent_too_slowly
from graphql_api.requests import new_request_id
from graphql_api.time_limit import TimeLimit

if TYPE_CHECKING:
    import asyncio

    from uvicorn._types import ASGI3Application
    from uvicorn.config import Config
    from uvicorn.server import ServerState

    from graphql_api.beginnings import Beginnings
    from graphql_api.connection_limits import ConnectionLimits
    from graphql_api.open_connections import OpenConnections

logger = structlog.stdlib.get_logger(__name__)

# What each request calls is called by this name: super() takes twice as long, and more than some of the bounds.
_uvicorn = HttpToolsProtocol


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, which has no bounds of its own.

    A caller has `receive_seconds` from its first byte on for a whole request, and `send_seconds` for taking an answer;
    a connection on which nothing was sent is closed after `receive_seconds` as well. Nothing that was received is kept
    beyond the size of the headers, but for the body that the application has not asked for yet.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        limits: ConnectionLimits,
        open_connections: OpenConnections,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = limits
        self._open_connections = open_connections
        # An application of another kind may have none.
        self._beginnings: Beginnings | None = app_state.get(BEGINNINGS)
        self._idle_limit = TimeLimit(self.loop, self.timeout_keep_alive, self._idle_for_too_long)
        self._receiving_limit = TimeLimit(self.loop, limits.receive_seconds, self._received_too_slowly)
        self._sending_limit = TimeLimit(self.loop, limits.send_seconds, self._taken_too_slowly)
        self._unused = True
        self._receiving = False
        self._began = 0.0
        self._in_body = False
        # Bytes that were received since there was a body to pass on.
        self._overhead = 0
        # How many bytes came last at once, and how many came with the beginning of a request.
        self._piece = 0
        self._first_piece = 0
        self._running: RequestResponseCycle | None = None
        # The same until it begins, with what is to work on it.
        self._starts: tuple[RequestResponseCycle, ASGI3Application] | None = None
        self._done_reading = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self._answers = AnswerWriting(transport)
        self._receiving_limit.start()
        if self._open_connections.opened(self):
            self._open_connections.waits(self)
        elif self._open_connections.refused(self):
            self._refuse(overloaded())
        else:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for limit in (self._idle_limit, self._receiving_limit, self._sending_limit):
            limit.close()
        self._open_connections.closed(self)
        # Nobody waits for them, and they are not begun.
        self.pipeline.clear()
        if self._running is not None and not self._running.response_complete:
            self._leave(self._running)

    def data_received(self, data: bytes) -> None:
        if self._done_reading:
            return
        if not self._receiving:
            self._begin_receiving()
        self._overhead += len(data)
        self._piece = len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # What follows may be in that protocol. The connection ends with the answer.
            return
        except httptools.HttpParserError:
            if not self._done_reading:
                self._refuse(bad_request("This is no HTTP/1.1 request that can be read."))
        else:
            # Its body is still on its way.
            self._begin()
            if self._overhead > self._limits.header_bytes:
                self._refuse(headers_too_large(self._limits.header_bytes))
            elif self.pipeline:
                if is_read_on(self.pipeline):
                    self.flow.resume_reading()
                else:
                    self.flow.pause_reading()

    def on_message_begin(self) -> None:
        _uvicorn.on_message_begin(self)
        if not self._receiving:
            self._begin_receiving()
        self._overhead = 0
        self._first_piece = self._piece
        self._arrival = Arrival(self._began)
        self.scope[ARRIVAL] = self._arrival  # type: ignore[typeddict-unknown-key] # ours; uvicorn names its own

    def on_headers_complete(self) -> None:
        # What came in all since the beginning is looked at first, since adding up the headers takes longer.
        limit = self._limits.header_bytes
        if self._first_piece + self._overhead > limit and bytes_of_head(self.url, self.headers) > limit:
            self._refuse(headers_too_large(limit))
            raise ValueError("the headers are too large")
        if len(self.pipeline) >= WAITING_REQUESTS_MAXIMUM:
            self._refuse(bad_request("Too many requests on this connection wait for their answers."))
            raise ValueError("too many requests wait")
        changes_protocol = self.parser.should_upgrade()
        if changes_protocol and has_body(self.headers):
            self._refuse(bad_request("There is no other protocol here: send the body without `Upgrade`."))
            raise ValueError("a body together with a change of protocol")
        _uvicorn.on_headers_complete(self)
        self.cycle.transport = self._answers
        self._in_body = True
        if changes_protocol:
            # It is answered as if it had not asked for one.
            self.cycle.keep_alive = False
        # What comes after the body in the form of headers is for nobody.
        self.headers = []

    def on_body(self, body: bytes) -> None:
        self._overhead = 0
        _uvicorn.on_body(self, body)

    def on_message_complete(self) -> None:
        _uvicorn.on_message_complete(self)
        self._arrival.is_whole = True
        self._receiving = False
        self._in_body = False
        self._overhead = 0
        if self.flow.read_paused and not self.pipeline:
            # Paused to keep a long body from growing; it is complete, and only what is read tells of a caller who left.
            self.flow.resume_reading()
        self._begin()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        self._open_connections.works(self)
        # Not before it is known whether all of it is there.
        self._starts = (cycle, app)

    def on_response_complete(self) -> None:
        # As uvicorn has it, but for the time that it may be idle: uvicorn sets a timer for that after each response,
        # which costs more than all that is limited here.
        self.server_state.total_requests += 1
        self._answers.end()
        self._open_connections.waits(self)
        if self.transport.get_write_buffer_size():
            self._sending_limit.start()
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            self._begin()
        elif not self._receiving:
            self._idle_limit.start()

    def shutdown(self) -> None:
        super().shutdown()
        if self._beginnings is not None:
            self._beginnings.begin_all()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._sending_limit.start()

    def _begin(self) -> None:
        if self._starts is not None:
            starts, self._starts = self._starts, None
            if self._beginnings is None:
                start(self, *starts)
            else:
                self._beginnings.begin(self, *starts)

    def _begin_receiving(self) -> None:
        self._unused = False
        self._receiving = True
        self._began = self._receiving_limit.start()

    def _idle_for_too_long(self) -> None:
        if not self._receiving and (self._running is None or self._running.response_complete):
            self.timeout_keep_alive_handler()

    def _received_too_slowly(self) -> None:
        if self._done_reading or self._unused:
            # There was time to read the refusal, or nothing was asked for.
            self.transport.abort()
        elif not self._receiving:
            # It was received in time.
            return
        elif self.flow.read_paused:
            # The application has not taken yet what is there.
            self._receiving_limit.start()
        else:
            self._refuse(sent_too_slowly(self._limits.receive_seconds))

    def _taken_too_slowly(self) -> None:
        if self.transport.get_write_buffer_size():
            answered = self._running and self._running.scope.get("request_id")
            logger.info("A caller does not take its answer; its connection is closed.", request_id=answered)
            self.transport.abort()

    def _leave(self, cycle: RequestResponseCycle) -> None:
        # uvicorn knows the newest request best, and that is another one where requests wait.
        cycle.disconnected = True
        cycle.message_event.set()
        arrival_of(cycle.scope).leave()

    def _refuse(self, refusal: Refusal) -> None:
        """Answer a request that the application does not get, or gets no further; it is the last of its connection."""
        self._done_reading = True
        if self._in_body and self.cycle.response_started:
            self.transport.abort()  # the log has told of its answer
            return
        self._receiving_limit.start()
        running = self._running if self._running is not None and not self._running.response_complete else None
        self._begin()
        if running is not None and self._in_body and self.cycle is running:
            # The application has begun with it, and will write its line of the log.
            identity = running.scope.setdefault("request_id", new_request_id())  # type: ignore[typeddict-item] # as above
            arrival_of(running.scope).refusal = refusal
            self._leave(running)
            refuse_last(self.transport, refusal, identity)
            return
        # The caller's own id may not have been read, and the log may know one that was answered before.
        log_context.begin(identity := new_request_id())
        logger.info("A request was refused.", status=refusal.status, code=refusal.code)
        if running is not None:
            # Those before it get their answers; then the connection is closed.
            if self._in_body:
                self.pipeline.popleft()
            last = self.pipeline[0][0] if self.pipeline else running
            last.keep_alive = False
            self.flow.pause_reading()
            self._receiving_limit.stop()
            return
        refuse_last(self.transport, refusal, identity)
