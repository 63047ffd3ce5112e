//! Byte-level BPE: vocabularies, the pre-token scanner, encoding and training.
//!
//! [`Ranks`] is a vocabulary, [`Base`] makes those that training starts from, [`from_tiktoken`] reads
//! one. [`Merges`] and [`faults`] judge it by rule C1: where that holds, every encoder that knows the
//! ranks gives the same ids. [`Tokenizer`] and [`Encoder`] turn text into ids and back.
//! [`Inventory`] counts the pre-tokens of a corpus, [`train`] learns new tokens from it.
//! [`count_files`] makes the inventories of crawled files, a [`Recipe`] says what is learned from them.
//! [`count_usage`] compares vocabularies on crawled files, [`encode_files`] turns them into ids on disk,
//! and [`known`] are the published vocabularies to compare with.
//!
//! ```
//! use glmdata_base::{Cancel, Progress};
//! use glmdata_bpe::{Base, Digits, Guards, Inventory, Phase, Split, Tokenizer, train};
//! let texts = ["东海的龙王在龙宫里", "龙王说：龙宫"];
//! let inventory = Inventory::count(&texts, Digits::UpToThree);
//! let phase = Phase { inventory: &inventory, tokens: 8, least: 2, guards: Guards::default() };
//! let trained = train(Base::Glm4.ranks()?, &[phase], &Cancel::new(), &Progress::new())?;
//! let tokenizer = Tokenizer::new(trained.ranks, Split::Family(Digits::UpToThree));
//! let ids = tokenizer.encoder().encode("龙王在龙宫")?;
//! assert!(ids.len() < "龙王在龙宫".len() && tokenizer.is_valid());
//! assert_eq!(tokenizer.decode(&ids)?, "龙王在龙宫".as_bytes());
//! # Ok::<(), glmdata_base::Error>(())
//! ```

mod base;
mod corpus;
mod encode;
mod inventory;
mod known;
mod language;
mod merge;
mod metadata;
mod pairs;
mod prefetch;
mod ranks;
mod recipe;
mod resume;
mod rows;
mod scan;
mod store;
mod tiktoken_file;
mod train;
mod usage;
mod validity;

pub use base::Base;
pub use corpus::{Corpus, Resources, count_files};
pub use encode::{Encoder, Split, StreamDecoder, Tokenizer};
pub use inventory::{Counter, Counting, Inventory, Word};
pub use known::{KNOWN, cl100k, known};
pub use language::{CHINESE, CODE};
pub use metadata::{Tallies, Tally};
pub use ranks::Ranks;
pub use recipe::{Checkpoint, Learned, Policy, Recipe, Step};
pub use resume::count_or_resume;
pub use scan::{CL100K_PATTERN, Digits, Pattern, Pieces, SINGLE_DIGIT_PATTERN, UNICODE_VERSION};
pub use store::{StoreTallies, StoreTally, StoreTarget, TokenStore, encode_files};
pub use tiktoken_file::{from_tiktoken, to_tiktoken};
pub use train::{Guards, Phase, Trained, Veto, train};
pub use usage::{Share, Usage, count_usage};
pub use validity::{Fault, Merges, closure, faults};
