"""Hugging Face tokenizers: byte-level BPE over the pattern of cl100k_base.

`train_s` is the time from texts in memory to a vocabulary of 50,000 tokens.
"""

import sys
import time

from texts import texts
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

SIZE = 50_000
# That of cl100k_base, as first published.
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

documents = texts(sys.argv[1])
tokenizer = Tokenizer(models.BPE())
split = pre_tokenizers.Split(Regex(PATTERN), "isolated")
byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level])
alphabet = pre_tokenizers.ByteLevel.alphabet()
trainer = trainers.BpeTrainer(vocab_size=SIZE, show_progress=False, initial_alphabet=alphabet)
start = time.perf_counter()
tokenizer.train_from_iterator(iter(documents), trainer)
print(f"train_s,{time.perf_counter() - start:.3f}")
