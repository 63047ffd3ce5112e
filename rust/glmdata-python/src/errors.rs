//! Every kind of `Error` as the Python class that callers can catch.

use std::io::ErrorKind;

use glmdata_base::Error;
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::prelude::*;

/// The exception for `error`, an instance of a class of `glmdata.errors`.
pub(crate) fn to_python(py: Python<'_>, error: Error) -> PyErr {
    let (class, hint) = match &error {
        Error::Config { option, .. } if option == "text-field" => (
            "ConfigError",
            Some(
                "name it with --text-field; several may stand between commas, and data.text is a path",
            ),
        ),
        Error::Config { .. } => ("ConfigError", None),
        Error::Input { .. } => ("InputError", None),
        Error::NothingRead { .. } => (
            "NothingReadError",
            Some("name files or folders with documents, or the field with --text-field"),
        ),
        Error::Storage { source, .. } => match source.kind() {
            ErrorKind::NotFound => ("MissingFileError", None),
            ErrorKind::PermissionDenied => {
                ("AccessError", Some("check the owner and mode of the folder"))
            }
            ErrorKind::StorageFull => {
                ("StorageError", Some("free some space and run the same command again: it resumes"))
            }
            _ => ("StorageError", None),
        },
        Error::Corrupt { .. } => {
            ("CorruptDataError", Some("run again with --fresh to rebuild the stage folder"))
        }
        Error::Budget { what, .. } if what.contains("record") => (
            "MemoryBudgetError",
            Some("give a larger --memory, or set aside longer records with a smaller --max-record"),
        ),
        Error::Budget { .. } => ("MemoryBudgetError", Some("give a larger --memory")),
        Error::Cancelled => return PyKeyboardInterrupt::new_err(()),
        Error::Internal { .. } => {
            ("InternalError", Some("this is a bug in glmdata: please report it with the command"))
        }
        // `Error` may grow a kind before this table does.
        _ => ("InternalError", None),
    };
    raise(py, class, &error.to_string(), hint).unwrap_or_else(|failed| {
        // The package is broken if its own exceptions cannot be had; say both things.
        PyRuntimeError::new_err(format!("{error} ({failed})"))
    })
}

fn raise(py: Python<'_>, class: &str, message: &str, hint: Option<&str>) -> PyResult<PyErr> {
    let instance = py.import("glmdata.errors")?.getattr(class)?.call1((message,))?;
    if let Some(hint) = hint {
        instance.setattr("hint", hint)?;
        // Python 3.10 has no notes.
        if instance.hasattr("add_note")? {
            instance.call_method1("add_note", (format!("hint: {hint}"),))?;
        }
    }
    Ok(PyErr::from_value(instance))
}
