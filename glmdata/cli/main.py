"""`glmdata`: pick the verb, turn exceptions into messages and exit codes."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from types import FrameType
from typing import Any, NoReturn

import click

from glmdata.cli import exit_codes
from glmdata.cli.output import Shaded, flush, open_streams, say
from glmdata.cli.verbs import Verbs
from glmdata.config.environment import check_environment
from glmdata.errors import (
    ConfigError,
    CorruptDataError,
    GlmdataError,
    InputError,
    InternalError,
    MemoryBudgetError,
    NothingReadError,
    StorageError,
)

VERBS = {
    "run": "run a whole recipe, from a crawl to what a training loop reads",
    "recipes": "list the recipes that come with glmdata, or print one",
    "init": "write a glmdata.toml that names every option",
    "dedup": "remove exact and near duplicates",
    "filter": "remove documents by rules over what was measured of them",
    "benchmark-pack": "write benchmark items as hashes, to be handed on",
    "calibrate": "fit the thresholds of rules to your own corpus",
    "train-classifier": "teach a classifier for any label, for rules of the filter",
    "train-tokenizer": "learn a vocabulary of GLM-4's shape from the documents that stayed",
    "shard": "turn documents into ids, as Arrow files",
    "mix": "plan training rows: how much of which source, which row holds what",
    "tokenizer": "judge, mend, compare, export and use a vocabulary",
    "report": "write what the workspace holds as a page to read and print",
    "materialize": "write the rows of a plan as Arrow, for readers that know no plans",
    "export": "write the formats of Megatron-LM, nanotron and OLMo-core",
    "verify": "hash every file of a stage folder again and add its counts up",
    "explain": "tell why a document was kept or removed, with both texts",
    "browse": "serve a local page: look decisions up, and mark what is wrong",
    "diff": "compare two runs: which documents one kept and the other did not",
    "show": "print what a workspace or a stage folder holds",
    "config": "print the options in force and where each comes from",
    "completion": "print the completion script of a shell",
}

_EXIT_BY_ERROR: tuple[tuple[type[BaseException], int], ...] = (
    (ConfigError, exit_codes.USAGE),
    (NothingReadError, exit_codes.TOO_MANY_BAD),
    (InputError, exit_codes.USAGE),
    (StorageError, exit_codes.STORAGE),
    (CorruptDataError, exit_codes.STORAGE),
    (MemoryBudgetError, exit_codes.RESOURCES),
    (MemoryError, exit_codes.RESOURCES),
    (InternalError, exit_codes.INTERNAL),
    (OSError, exit_codes.STORAGE),
)


def code_of(error: type[BaseException]) -> int | None:
    """The exit code of an error; None of one that nobody meant to raise."""
    return next((code for kind, code in _EXIT_BY_ERROR if issubclass(error, kind)), None)


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        import glmdata

        say(f"glmdata {glmdata.__version__}")
        ctx.exit()


@click.group(
    cls=Verbs,
    verbs=VERBS,
    package="glmdata.cli",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and exit.",
)
def glmdata() -> None:
    """Clean, deduplicated Chinese/English corpora for pretraining."""
    check_environment()


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit."""
    open_streams()
    code = run(sys.argv[1:] if arguments is None else arguments)
    flush()
    # The process ends: looking for cycles among all modules once more took 30 ms.
    gc.freeze()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command; returns its exit code and leaves messages on standard error."""
    terminated = _watch_for_termination()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names of files may be no text; as an escape they are, in JSON too.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = glmdata.main(arguments, prog_name="glmdata", standalone_mode=False)
        return code if isinstance(code, int) else exit_codes.DONE
    except (KeyboardInterrupt, click.Abort):
        if terminated:
            _report("terminated", hint="run the same command again to go on")
            return exit_codes.TERMINATED
        _report("interrupted", hint="run the same command again to go on")
        return exit_codes.INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        # A verb that has verbs below it, called alone.
        say(error.ctx.get_help())
        return exit_codes.DONE
    except click.ClickException as error:
        _report(_usage_message(error), hint=_usage_hint(error))
        return exit_codes.USAGE
    except SystemExit:
        # How click ends when the reader of its own output, such as help, has seen enough.
        # Readers of ours may go at any time: glmdata.cli.output.
        return exit_codes.DONE
    except ModuleNotFoundError as error:
        if error.name != "glmdata._native":
            raise
        _report("the compiled module is missing", hint="run `make build` or install a wheel")
        return exit_codes.INTERNAL
    except UnicodeEncodeError as error:
        # Bytes of the command line that are no UTF-8 can name a file, and nothing else.
        given = [*arguments, *(f"{k}={v}" for k, v in os.environ.items() if k[:8] == "GLMDATA_")]
        strange = next((text for text in given if not text.isascii() and _is_no_text(text)), None)
        if strange is None:
            return _explain_failure(error)
        _report(f"expected UTF-8, found {strange!a}", hint="only names of files may be others")
        return exit_codes.USAGE
    except Exception as error:
        return _explain_failure(error)


def _is_no_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _explain_failure(error: Exception) -> int:
    code = code_of(type(error))
    if code is None or isinstance(error, InternalError):
        import traceback

        traceback.print_exc()
        hint = getattr(error, "hint", None)
        _report(
            f"internal error: {type(error).__name__}: {error}",
            hint=hint or "please report this with the lines above and the command",
        )
        return exit_codes.INTERNAL
    hint = error.hint if isinstance(error, GlmdataError) else None
    if hint is None and code == exit_codes.RESOURCES:
        hint = "give it more with --memory"
    _report(str(error) or "out of memory", hint=hint)
    return code


def _report(message: str, *, hint: str | None) -> None:
    for word, shade, text in (("error", "red", message), ("hint", "cyan", hint)):
        if text:
            say(text, err=True, head=Shaded(word, shade))


def _usage_message(error: click.ClickException) -> str:
    # Not format_message for an unknown option: click puts its guesses there, ours are the hint.
    is_option = isinstance(error, click.NoSuchOption)
    message = (error.message if is_option else error.format_message()).rstrip(".")
    return message[:1].lower() + message[1:]


def _usage_hint(error: click.ClickException) -> str | None:
    if isinstance(error, click.NoSuchOption) and error.possibilities:
        return f"did you mean `{error.possibilities[0]}`?"
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"see `{error.ctx.command_path} --help`"
    return None


def _watch_for_termination() -> list[bool]:
    """Make SIGTERM stop a run like Ctrl-C does; the list is non-empty once it came."""
    seen: list[bool] = []

    def stop(_: int, __: FrameType | None) -> Any:
        seen.append(True)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    return seen
