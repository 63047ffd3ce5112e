"""Every exception glmdata raises on purpose, on one page.

Each class derives from `GlmdataError` and from the nearest builtin, so callers may catch either.
The message says what failed, where, and what was expected and found, in lower case; the way out
is apart, in `hint`. The compiled module raises these classes by name.
"""

from __future__ import annotations

import sys


class GlmdataError(Exception):
    """Base of all errors; `str(error)` is the message, `hint` the way out if one is known.

    Parameters
    ----------
    message
        What failed, where, and what was expected and found.
    hint
        One sentence or command that helps, without the word "hint".
    """

    hint: str | None

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        if hint is not None and sys.version_info >= (3, 11):
            # A traceback shows it; the command line prints it by itself.
            self.add_note(f"hint: {hint}")


class ConfigError(GlmdataError, ValueError):
    """An option, a key or a combination of them makes no sense."""


class InputError(GlmdataError, ValueError):
    """An input as a whole cannot be used; single bad records are quarantined instead.

    `path` is the input as the user named it, or None when it came from memory.
    """

    path: str | None

    def __init__(self, message: str, *, path: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.path = path


class NothingReadError(InputError):
    """Not one document was read: no file has a reader, or all of them were refused."""


class StorageError(GlmdataError, OSError):
    """The file system refused: disk full, read-only, or an input/output fault."""


class MissingFileError(StorageError, FileNotFoundError):
    """A file that should be there is not."""


class AccessError(StorageError, PermissionError):
    """The system does not let this user read or write the file."""


class CorruptDataError(GlmdataError, ValueError):
    """A file that glmdata wrote is damaged."""


class MemoryBudgetError(GlmdataError, MemoryError):
    """The memory budget is too small for the work."""


class InternalError(GlmdataError, RuntimeError):
    """A promise of glmdata itself is broken: please report it."""
