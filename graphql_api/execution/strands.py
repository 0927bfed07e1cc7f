"""Tasks that are cheaper than asyncio's: for what is awaited of objects and lists.

A large answer awaits hundreds of fields, and an asyncio.Task for each takes as long as all else that is done for the
field. What a strand lacks of a task is what only others than the code inside could ask of it: nobody can await it, and
`asyncio.all_tasks()` does not list it.
"""

from __future__ import annotations

from asyncio.tasks import _enter_task, _leave_task
from contextvars import copy_context
from inspect import CORO_CREATED, getcoroutinestate
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from strawberry.execution.is_awaitable import optimized_is_awaitable

from graphql_api.execution.stoppable import Stoppable
from graphql_api.execution.together import Together

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Awaitable
    from contextvars import Context


class Strand(Stoppable):
    """Something awaitable that runs beside others, and the `key` under which what it gives belongs.

    To the code inside it is the current task, in a copy of the context: it can be cancelled, as a time-out does. It
    takes its steps in the turns of the event loop in which a task would take them.
    """

    __slots__ = (
        "__weakref__",
        "_awaitable",
        "_completes",
        "_context",
        "_driven",
        "_together",
        "executor",
        "field",
        "key",
        "place",
    )

    completes = False
    """Whether more is to be done with what the awaitable gives, see complete()."""

    def __init__(self, key: Any, awaitable: Any, executor: Any = None, field: Any = None, place: Any = None) -> None:
        """`executor`, `field` and `place` are for those who override complete() and guard()."""
        self.key = key
        self.executor = executor
        self.field = field
        self.place = place
        self._awaitable = awaitable
        self._completes = self.completes
        self._driven: Any
        self._together: Any
        self._waits_for = self._message = None
        self._cancels = 0
        self._must_cancel = self._is_done = False

    def complete(self, value: Any) -> Any:
        """Make something else of what the awaitable gave. That may be awaitable again, and is then awaited."""
        return value

    def guard(self, error: Exception) -> Any:
        """Give what stands for an error that was raised, or raise it."""
        raise error

    async def alone(self) -> Any:
        """Do the same within the task of who awaits this, where nothing runs beside it."""
        try:
            value = await self._awaitable
            if self._completes:
                value = self.complete(value)
                if value.__class__ is not dict and optimized_is_awaitable(value):
                    value = await value
        except Exception as error:  # noqa: BLE001 - which ones matter is the guard's
            return self.guard(error)
        return value

    def begin(self, together: Together) -> None:
        """Take the first step."""
        self._together = together
        self._context = context = copy_context()
        awaitable = self._awaitable
        if awaitable.__class__ is CoroutineType:
            self._driven = awaitable
        elif not self._drive(awaitable):
            return
        context.run(self._step)

    def close(self) -> None:
        """Close what will never begin, of which Python warns else."""
        awaitable = self._awaitable
        if isinstance(awaitable, CoroutineType) and getcoroutinestate(awaitable) == CORO_CREATED:
            awaitable.close()

    def get_coro(self) -> Any:
        """Give what is being run."""
        return self._driven

    def get_context(self) -> Context:
        """Give the context in which it runs."""
        return self._context

    def get_name(self) -> str:
        """Give a name; log records of Python 3.12 and later ask for it."""
        return f"Strand-{self.key}"

    def _drive(self, awaitable: Any) -> bool:
        """Have a step drive it; false where many are awaited, which end without one."""
        if awaitable.__class__ is CoroutineType:
            self._driven = awaitable
        elif awaitable.__class__ is Together and awaitable.is_many and not self._must_cancel:
            awaitable.begin(self._context)
            awaitable.add_done_callback(self._many_ended, context=self._context)
            self._waits_for = awaitable
            return False
        else:
            self._driven = _awaiting(awaitable)
        return True

    def _step(self, error: BaseException | None = None) -> None:
        self._waits_for = None
        if self._must_cancel:
            error = self._cancelled(error)
        loop = self._together.loop
        _enter_task(loop, self)  # type: ignore[arg-type] # may be a task of another kind
        try:
            while True:
                try:
                    awaited = self._driven.send(None) if error is None else self._driven.throw(error)
                except StopIteration as end:
                    value = end.value
                else:
                    self._suspend(awaited, loop)
                    return
                if not self._completes:
                    break
                self._completes = False
                value = self.complete(value)
                if value.__class__ is dict or not optimized_is_awaitable(value):
                    break
                if not self._drive(value):
                    return
                error = None
        except BaseException as raised:  # noqa: BLE001 - a task ends with it as well
            self._fail(raised)
        else:
            self._end(value)
        finally:
            _leave_task(loop, self)  # type: ignore[arg-type] # see above
            # See _woken().
            error = None

    def _suspend(self, awaited: Any, loop: AbstractEventLoop) -> None:
        """Go on when what the code waits for has ended: by the protocol between tasks and futures."""
        if awaited is None:
            loop.call_soon(self._step, context=self._context)
        elif not getattr(awaited, "_asyncio_future_blocking", False):
            self._refuse(f"Task got bad yield: {awaited!r}", loop)
        elif awaited.get_loop() is not loop:
            self._refuse(f"Task {self!r} got Future {awaited!r} attached to a different loop", loop)
        else:
            awaited._asyncio_future_blocking = False  # noqa: SLF001 - the protocol
            awaited.add_done_callback(self._woken, context=self._context)
            self._waits_for = awaited
            if self._must_cancel and awaited.cancel(msg=self._message):
                self._must_cancel = False

    def _refuse(self, reason: str, loop: AbstractEventLoop) -> None:
        loop.call_soon(self._step, RuntimeError(reason), context=self._context)

    def _woken(self, awaited: Any) -> None:
        try:
            awaited.result()
        except BaseException as raised:  # noqa: BLE001 - for the code inside
            error = raised
        else:
            self._step()
            return
        try:
            # Not where it is being handled: what is raised next inside would seem to come of it.
            self._step(error)
        finally:
            # By its traceback it holds this very call.
            del error, awaited

    def _many_ended(self, together: Together) -> None:
        error = together.exception()
        if error is None and not self._must_cancel:
            self._waits_for = None
            self._end(together.data)
        else:
            self._driven = together.stopped(error or self._cancelled())
            self._step()

    def _end(self, value: Any) -> None:
        if self._must_cancel:
            # It was cancelled after it waited for the last time.
            self._fail(self._cancelled())
            return
        together = self._together
        # What has ended holds nothing that holds it.
        self._together = self._awaitable = self._driven = self._waits_for = None
        self._is_done = True
        together.end(self.key, value)

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, Exception):
            try:
                value = self.guard(error)
            except BaseException as raised:  # noqa: BLE001 - whatever it is, it is the end
                error = raised
            else:
                self._end(value)
                return
        together = self._together
        self._together = self._awaitable = self._driven = self._waits_for = None
        self._is_done = True
        together.fail(error)
        if isinstance(error, KeyboardInterrupt | SystemExit):
            # Out of a task too, it ends the event loop.
            raise error


async def _awaiting(awaitable: Awaitable[Any]) -> Any:
    """Make a coroutine of something else that is awaitable, or fail as `await` does."""
    return await awaitable
