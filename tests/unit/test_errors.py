from __future__ import annotations

import pickle

import pytest

from glmdata import errors

CASES = [
    (errors.ConfigError, ValueError),
    (errors.InputError, ValueError),
    (errors.StorageError, OSError),
    (errors.MissingFileError, FileNotFoundError),
    (errors.AccessError, PermissionError),
    (errors.CorruptDataError, ValueError),
    (errors.MemoryBudgetError, MemoryError),
    (errors.InternalError, RuntimeError),
]


@pytest.mark.parametrize(("kind", "builtin"), CASES)
def test_each_class_is_ours_and_the_nearest_builtin(
    kind: type[errors.GlmdataError], builtin: type[Exception]
) -> None:
    error = kind("threshold: expected 1, found 2")
    assert isinstance(error, errors.GlmdataError)
    assert isinstance(error, builtin)
    assert str(error) == "threshold: expected 1, found 2"
    assert error.hint is None
    assert kind("message", hint="do this").hint == "do this"


def test_missing_and_forbidden_files_are_storage_errors() -> None:
    assert issubclass(errors.MissingFileError, errors.StorageError)
    assert issubclass(errors.AccessError, errors.StorageError)


def test_input_error_names_its_path() -> None:
    assert errors.InputError("gone", path="crawl/").path == "crawl/"
    assert errors.InputError("gone").path is None


def test_errors_survive_a_process_pool() -> None:
    error = pickle.loads(pickle.dumps(errors.InputError("gone", path="x", hint="look")))
    assert (str(error), error.path, error.hint) == ("gone", "x", "look")
