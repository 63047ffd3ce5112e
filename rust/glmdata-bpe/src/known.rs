//! Published vocabularies, carried offline by the crate `tiktoken`: what training starts from and
//! what a new vocabulary is compared with. Patterns and special tokens are Python's.

use glmdata_base::{Error, Result};

use crate::ranks::Ranks;

/// Names and numbers of ranks. `glm4` is that of GLM-4 to GLM-4.7, `qwen2` that of Qwen 1 to 3.
pub const KNOWN: [(&str, u32); 5] = [
    ("cl100k_base", 100_256),
    ("o200k_base", 199_998),
    ("glm4", 151_329),
    ("qwen2", 151_643),
    ("llama3", 128_000),
];

/// The ranks of a published vocabulary.
pub fn known(name: &str) -> Result<Ranks> {
    let Some((_, count)) = KNOWN.iter().find(|(known, _)| *known == name) else {
        let names: Vec<_> = KNOWN.iter().map(|(known, _)| *known).collect();
        return Err(Error::config("vocabulary", &format!("one of {}", names.join(", ")), name));
    };
    let source = tiktoken::get_encoding(name)
        .ok_or_else(|| Error::internal(format!("{name} was not compiled in")))?;
    Ranks::new((0..*count).map(|rank| source.decode(&[rank])))
}

/// The 100,256 ranks of cl100k_base.
pub fn cl100k() -> Result<Ranks> {
    known("cl100k_base")
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::tiktoken_file::to_tiktoken;
    use crate::validity::faults;

    #[test]
    fn the_vocabularies_are_the_published_ones() {
        // sha256 of the files that tiktoken downloads, as its own source states them.
        for (name, sha256) in [
            ("cl100k_base", "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"),
            ("o200k_base", "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"),
        ] {
            let text = to_tiktoken(&known(name).unwrap());
            assert_eq!(glmdata_base::hex(&Sha256::digest(text.as_bytes())), sha256, "{name}");
        }
        assert!(known("gpt2").unwrap_err().to_string().contains("one of cl100k_base, o200k_base"));
    }

    #[test]
    fn which_of_them_obey_c1() {
        let found = KNOWN.map(|(name, _)| {
            let found = faults(&known(name).unwrap());
            (name, found.len(), found.iter().filter(|fault| !fault.reachable).count())
        });
        // For Llama 3 these are the numbers others counted: 588 unreachable of 678.
        assert_eq!(
            found,
            [
                ("cl100k_base", 0, 0),
                ("o200k_base", 0, 0),
                ("glm4", 1_072, 893),
                ("qwen2", 0, 0),
                ("llama3", 678, 588)
            ]
        );
    }
}
