"""What the library leaves un-awaited where an error ends an execution first, of which Python warns."""

# It cancels the tasks of the other fields, and what one that has not begun would have awaited is awaited by nobody.
# Where that is found while a named tuple is made, whose code can import nothing, Python cannot warn of it, and says so.
_CODE = r"(Executor|GraphQLCoreConverter)\."
FILTERS = (
    f"ignore:coroutine '{_CODE}:RuntimeWarning",
    f"ignore:Exception ignored in. <coroutine object {_CODE}:pytest.PytestUnraisableExceptionWarning",
)
"""Filters of warnings for tests that have operations executed by the library; no plan of ours has such coroutines."""
