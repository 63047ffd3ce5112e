//! Text as deduplication sees it: normalised, cut into units, joined into shingles.
//!
//! [`Normaliser`] turns text into its normal form (NFKC, case folded, white space collapsed).
//! [`Shingler`] cuts that form into units (a Han character, a word, a Thai letter with its marks)
//! and hashes the windows over them. `glmdata-dedup` calls both once a document and keeps their
//! buffers, so a scan allocates nothing per document. [`url_form`] is what addresses are compared by.
//! [`Measurer`] gives the numbers that rules of the filter ask for, [`PiiFinder`] what is masked.
//! [`HanSigns`] tells which Chinese a text is. [`RawUnits`] and [`RepeatWindows`] find repeated passages.
//!
//! ```
//! use glmdata_text::{Shingling, shingle_texts};
//! let shingles = shingle_texts("Merges GLM-4 模型 with cl100k", Shingling::Mixed);
//! assert_eq!(shingles, ["merges glm 4 模 型", "glm 4 模 型 with", "4 模 型 with cl100k"]);
//! ```

mod bitmap;
mod character;
mod chinese;
mod hash;
mod long;
mod mojibake;
mod normalise;
mod pii;
mod raw_unit;
mod repeat_window;
mod script_fold;
mod shingle;
mod signals;
mod sparse_mojibake;
mod terms;
mod unit;
mod unseen;
mod url;
mod window;

pub use bitmap::Simd;
pub use character::{Kind, UNICODE_VERSION, kind_of};
pub use chinese::HanSigns;
pub use hash::mix64;
pub use long::{LongText, Said};
pub use mojibake::{Mojibake, mojibake};
pub use normalise::{Normaliser, normalised};
pub use pii::{Pii, PiiFinder, PiiKind, masked};
pub use raw_unit::{END_OF_UNIT, RawUnit, RawUnits};
pub use repeat_window::{RepeatWindow, RepeatWindows};
pub use script_fold::{fold_script, script_folded};
pub use shingle::{Shingler, Shingling, ShinglingError, shingle_texts};
pub use signals::{
    Measurer, OFFENCE, Passages, SEGMENTED, SIGNALS, SegmentedMeasurer, Segmenter, Signals,
    without_formulas,
};
pub use unit::{Found, Unit, UnitScanner};
pub use url::{url_form, url_host};
pub use window::{least, rehash, select};
