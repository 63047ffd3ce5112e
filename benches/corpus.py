"""Made-up Chinese and English text of any amount, for the question whether time is linear.

Words and two-character Han words are invented by a seeded generator, texts are drawn from them by a
Zipf law: half English, half Chinese, 1 to 3 kB each. About 30 % are near copies of one of the last
40,000 texts (a stamp in front, a few words changed, the end cut off) or equal ones, 2 % are pages
of sites whose every page shares most of its text (500 pages a site), and one boilerplate page is
1 % of all. The first n documents are the same however many follow: a smaller corpus is the
beginning of a larger one. Sites and families of copies keep their size as the corpus grows and
grow in number, as in a crawl of more sites; only the boilerplate page grows with it.

`echo 1000 | python benches/corpus.py FILE SEED` writes a JSONL file of 1,000 documents. Every
further number on standard input makes it grow to that many; each is answered with itself once it is
done.
"""

import random
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

N_WORDS = 60_000
CHUNK = 4_000
"""Documents that are drawn at once."""
REMEMBERED = 40_000
"""Texts that copies are made of."""
COPIES = 0.30
PAGES = 0.02
PAGES_A_SITE = 500
SITES_AT_ONCE = 1
BOILERPLATE = 0.01
ONSETS = "b d f g k l m n p r s t v z ch sh st tr"
VOWELS = "a e i o u ea ou"
ESCAPED_NEWLINE = "\\n"
"""Texts hold no other character that JSON escapes, so records need no encoder."""


class Language:
    """Draws running text as words; `gap` stands between them."""

    def __init__(self, draw: np.random.Generator, words: list[str], gap: str, stop: str) -> None:
        self._draw = draw
        self._words = np.array(words, dtype=object)
        self._share = np.cumsum(1 / np.arange(10, 10 + len(words)))
        self.gap = gap
        self.stop = stop

    def words(self, n: int) -> list[str]:
        """`n` words by their frequency."""
        at = np.searchsorted(self._share, self._draw.random(n) * self._share[-1])
        return self._words[at].tolist()

    def text(self, words: list[str]) -> str:
        """Words as sentences of 12 and paragraphs of 5 sentences."""
        sentences = [self.gap.join(words[at : at + 12]) for at in range(0, len(words), 12)]
        paragraphs = [
            (self.stop + self.gap).join(sentences[at : at + 5])
            for at in range(0, len(sentences), 5)
        ]
        return (self.stop + ESCAPED_NEWLINE).join(paragraphs) + self.stop


def english(draw: np.random.Generator) -> Language:
    """Words of two to four syllables."""
    syllables = [onset + vowel for onset in ONSETS.split() for vowel in VOWELS.split()]
    words = set()
    while len(words) < N_WORDS:
        picked = draw.integers(len(syllables), size=draw.integers(2, 5))
        words.add("".join(syllables[i] for i in picked))
    return Language(draw, sorted(words, key=lambda word: (len(word), word)), " ", ".")


def chinese(draw: np.random.Generator) -> Language:
    """Words of two characters of the 3,500 from U+5000 on."""
    pairs = draw.choice(3_500 * 3_500, N_WORDS, replace=False)
    words = [chr(0x5000 + pair // 3_500) + chr(0x5000 + pair % 3_500) for pair in pairs.tolist()]
    return Language(draw, words, "", "。")


class Site:
    """Pages that share all but a title and the middle of their text."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.left = PAGES_A_SITE
        words = language.words(300)
        self._head, self._tail = words[:150], words[150:]

    def page(self) -> str:
        """The next page; 30 to 130 of its some 370 words are its own."""
        self.left -= 1
        own = self.language.words(30 + 25 * (self.left % 5))
        return self.language.text([*own[:4], *self._head, *own[4:], *self._tail])


def documents(seed: int) -> Iterator[str]:
    """Texts without end, JSON-escaped."""
    numbers = np.random.default_rng(seed)
    draw = random.Random(seed)
    languages = [english(numbers), chinese(numbers)]
    # An English word has some 6.4 bytes with its space, a Chinese one 6.
    lengths = (150, 480)
    boilerplate = languages[0].text(languages[0].words(180))
    sites: list[Site] = []
    remembered: list[tuple[Language, list[str]]] = []
    while True:
        # All words of a chunk at once: drawing them text by text would be ten times slower.
        pools = [iter(language.words(CHUNK * sum(lengths) // 4)) for language in languages]
        for _ in range(CHUNK):
            kind = draw.random()
            if kind < BOILERPLATE:
                yield boilerplate
            elif kind < BOILERPLATE + PAGES:
                sites = [site for site in sites if site.left]
                while len(sites) < SITES_AT_ONCE:
                    sites.append(Site(languages[len(sites) % 2]))
                yield draw.choice(sites).page()
            elif kind < BOILERPLATE + PAGES + COPIES and remembered:
                yield copy(draw, *draw.choice(remembered))
            else:
                which = draw.random() < 0.5
                language = languages[which]
                words = list(islice(pools[which], draw.randint(*lengths)))
                if len(words) < lengths[0]:
                    # The pool was drawn for the average and is used up.
                    words = language.words(lengths[0])
                if len(remembered) < REMEMBERED:
                    remembered.append((language, words))
                else:
                    remembered[draw.randrange(REMEMBERED)] = (language, words)
                yield language.text(words)


def copy(draw: random.Random, language: Language, words: list[str]) -> str:
    """A text again, as crawls have it: equal, stamped, edited or cut off."""
    way = draw.randrange(4)
    if way == 0:
        return language.text(words)
    if way == 1:
        stamp = f"{draw.randint(2001, 2024)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        return f"{stamp} {draw.randint(100, 99_999)}{ESCAPED_NEWLINE}{language.text(words)}"
    if way == 2:
        edited = words.copy()
        for _ in range(1 + len(words) // 100):
            edited[draw.randrange(len(words))] = draw.choice(words)
        return language.text(edited)
    return language.text(words[: len(words) * draw.randint(88, 99) // 100])


def records(seed: int) -> Iterator[str]:
    """JSONL records without end."""
    for number, text in enumerate(documents(seed)):
        yield f'{{"id": "{number:08}", "text": "{text}", "source": "s{number % 7}"}}\n'


def main() -> None:
    """Let the file in the arguments grow to the sizes on standard input."""
    path, seed = Path(sys.argv[1]), int(sys.argv[2])
    stream, written = records(seed), 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for line in sys.stdin:
            wanted = int(line)
            file.writelines(islice(stream, wanted - written))
            file.flush()
            written = wanted
            print(written, flush=True)


if __name__ == "__main__":
    main()
