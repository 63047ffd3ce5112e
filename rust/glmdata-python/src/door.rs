//! The one door between Python and the crates.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use glmdata_base::{Cancel, Error, Result};
use pyo3::prelude::*;

use crate::errors::to_python;

/// How often Python gets to look for Ctrl-C.
const LOOK: Duration = Duration::from_millis(20);

/// Run `work` on a thread of its own without the GIL. Ctrl-C raises the cancel flag and, once the
/// work has stopped, `KeyboardInterrupt`; a panic becomes `InternalError`.
pub(crate) fn enter<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&Cancel) -> Result<T> + Send,
) -> PyResult<T> {
    let cancel = Cancel::new();
    let outcome = std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            catch_unwind(AssertUnwindSafe(|| work(&cancel))).unwrap_or_else(|panic| {
                let what = panic
                    .downcast_ref::<&str>()
                    .map(ToString::to_string)
                    .or_else(|| panic.downcast_ref::<String>().cloned())
                    .unwrap_or_else(|| "a panic without a message".to_owned());
                Err(Error::internal(what))
            })
        });
        let mut interrupt = None;
        while !worker.is_finished() {
            // The worker wakes this thread when it is done by ending; until then look at signals.
            py.detach(|| wait_for(&worker));
            if let Err(raised) = py.check_signals() {
                cancel.cancel();
                interrupt = Some(raised);
                break;
            }
        }
        let outcome = py.detach(|| worker.join());
        match interrupt {
            Some(raised) => Err(raised),
            None => Ok(outcome),
        }
    })?;
    match outcome {
        Ok(done) => done.map_err(|error| to_python(py, error)),
        Err(_) => Err(to_python(py, Error::internal("a worker thread ended without a result"))),
    }
}

fn wait_for<T>(worker: &std::thread::ScopedJoinHandle<'_, T>) {
    // Short calls (a page of shingles, a plan) should not pay a whole look.
    for shift in 0..8 {
        if worker.is_finished() {
            return;
        }
        std::thread::sleep(Duration::from_micros(100 << shift).min(LOOK));
    }
}
