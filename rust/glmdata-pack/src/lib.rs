//! Documents of a token store to training rows: which are taken and how often, which row holds what,
//! and what a row looks like once a model reads it.
//!
//! ```text
//! store ──> choose ──> pack ──> plan          (this crate; small, no token is copied)
//!                              plan row + tokens ──> realise     (the loader)
//! ```
//!
//! Nothing here is random: every choice is a hash of a seed and of what is chosen, so it is the same
//! for any number of threads and any layout of shards.

mod keyed;

pub use keyed::Keyed;
