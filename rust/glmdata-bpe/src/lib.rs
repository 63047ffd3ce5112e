//! Byte-level BPE: vocabularies, the pre-token scanner, encoding and training.
mod base;
mod encode;
mod inventory;
mod merge;
mod pairs;
mod prefetch;
mod ranks;
mod scan;
mod tiktoken_file;
mod train;
mod validity;

pub use base::{Base, cl100k};
pub use encode::{Encoder, Split, StreamDecoder, Tokenizer};
pub use inventory::{Counter, Inventory, Word};
pub use ranks::Ranks;
pub use scan::{CL100K_PATTERN, Digits, Pattern, Pieces, SINGLE_DIGIT_PATTERN, UNICODE_VERSION};
pub use tiktoken_file::{from_tiktoken, to_tiktoken};
pub use train::{Guards, Phase, Trained, Veto, train};
pub use validity::{Fault, Merges, closure, faults};
