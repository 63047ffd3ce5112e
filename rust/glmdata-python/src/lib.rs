//! The compiled half of the Python package: converts, calls, maps errors, and nothing else.
//!
//! One file for each crate it speaks for. Every call that does real work goes through
//! [`door::enter`], the only place that releases the GIL, watches for Ctrl-C and catches panics.

mod batch;
mod dedup;
mod door;
mod errors;
mod filter;
mod io;
mod mix;
mod progress;
mod reading;
mod sketch;
mod text;
mod tokenizer;
mod tokens;
mod train;

use pyo3::prelude::*;

/// `glmdata._native`.
#[pymodule(gil_used = false)]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<progress::Progress>()?;
    module.add_class::<mix::Survey>()?;
    module.add_class::<tokenizer::Tokenizer>()?;
    module.add_function(wrap_pyfunction!(dedup::dedup, module)?)?;
    module.add_function(wrap_pyfunction!(dedup::plan, module)?)?;
    module.add_function(wrap_pyfunction!(dedup::rethreshold, module)?)?;
    module.add_function(wrap_pyfunction!(filter::filter_apply, module)?)?;
    module.add_function(wrap_pyfunction!(filter::filter_score, module)?)?;
    module.add_function(wrap_pyfunction!(filter::filter_take, module)?)?;
    module.add_function(wrap_pyfunction!(filter::learn_classifier, module)?)?;
    module.add_function(wrap_pyfunction!(filter::ask_classifier, module)?)?;
    module.add_function(wrap_pyfunction!(filter::contamination, module)?)?;
    module.add_function(wrap_pyfunction!(filter::benchmark_pack, module)?)?;
    module.add_function(wrap_pyfunction!(filter::tell_languages, module)?)?;
    module.add_function(wrap_pyfunction!(filter::han_signs, module)?)?;
    module.add_function(wrap_pyfunction!(io::fetch_texts, module)?)?;
    module.add_function(wrap_pyfunction!(io::spool_arrow, module)?)?;
    module.add_function(wrap_pyfunction!(mix::realise_row, module)?)?;
    module.add_function(wrap_pyfunction!(sketch::band_keys, module)?)?;
    module.add_function(wrap_pyfunction!(sketch::choose_bands, module)?)?;
    module.add_function(wrap_pyfunction!(sketch::detection, module)?)?;
    module.add_function(wrap_pyfunction!(sketch::differences, module)?)?;
    module.add_function(wrap_pyfunction!(sketch::minhash, module)?)?;
    module.add_function(wrap_pyfunction!(sketch::sketch, module)?)?;
    module.add_function(wrap_pyfunction!(text::normalise, module)?)?;
    module.add_function(wrap_pyfunction!(text::shingle_hashes, module)?)?;
    module.add_function(wrap_pyfunction!(text::shingles, module)?)?;
    module.add_function(wrap_pyfunction!(text::segmented, module)?)?;
    module.add_function(wrap_pyfunction!(text::signals, module)?)?;
    module.add_function(wrap_pyfunction!(text::offence, module)?)?;
    module.add_function(wrap_pyfunction!(text::offence_terms, module)?)?;
    module.add_function(wrap_pyfunction!(text::pii, module)?)?;
    module.add_function(wrap_pyfunction!(text::mojibake, module)?)?;
    module.add_function(wrap_pyfunction!(text::simd_level, module)?)?;
    module.add_function(wrap_pyfunction!(text::url_form, module)?)?;
    module.add_function(wrap_pyfunction!(text::url_host, module)?)?;
    module.add_function(wrap_pyfunction!(tokens::encode_files, module)?)?;
    module.add_function(wrap_pyfunction!(tokens::token_usage, module)?)?;
    module.add_function(wrap_pyfunction!(train::train_tokenizer, module)?)?;
    module.add_function(wrap_pyfunction!(train::count_pretokens, module)?)?;
    module.add_function(wrap_pyfunction!(train::starting_ranks, module)?)?;
    Ok(())
}
