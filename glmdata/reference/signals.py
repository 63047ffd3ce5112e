"""Every signal of a document, from its published or stated definition, one after the other.

The compiled half finds all of them in one pass; here each is worked out from the text on its own,
in the words of the rule sets it comes from: Gopher (arXiv 2112.11446, as datatrove reads it),
C4 (arXiv 1910.10683, the same), FineWeb (arXiv 2406.17557), ChineseWebText (arXiv 2311.01149).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

from glmdata.reference.formulas import spans
from glmdata.reference.garbage import garbage
from glmdata.reference.markup import plain_digits
from glmdata.reference.offence import offence
from glmdata.reference.phrases import placeholder_characters
from glmdata.reference.pii import pii
from glmdata.reference.prose import Line, is_closed, is_unseen, lines_of, prose_signals
from glmdata.reference.scripts import ALONE, IN_WORD, LETTERS, PLAIN, script_of
from glmdata.reference.units import units as shingle_units

STOP_WORDS = {"the", "be", "to", "of", "and", "that", "have", "with"}
POLICY = re.compile(
    "javascript|terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies",
    re.IGNORECASE | re.ASCII,
)
LOREM_IPSUM = re.compile("lorem ipsum", re.IGNORECASE | re.ASCII)
CITATION = re.compile(r"\[(?:[0-9]*|edit|citation needed)\]\Z")
INNER_SENTENCE = re.compile(r"[.?!](?=[\"')\]]*[ \t])")
ADDRESS_TAIL = re.compile(r"""[!-~]*?(?=[^!-~]|["'()<>\[\]{}`]|\Z)""")
WINDOW = 13
LITTLE = 0.1
ADDRESS = 20
Length = Callable[[str], int]


def share(part: float, whole: float) -> float:
    """A share, 0 of nothing."""
    return part / whole if whole else 0.0


def signals(text: str) -> dict[str, float]:
    """Name and value of every signal of a text, in the order of the compiled half.

    Parameters
    ----------
    text
        Any text, as it was crawled.
    """
    scripts = Counter(map(script_of, text))
    count = scripts.__getitem__
    words = text.split()
    lines = split_lines(text)
    full = [line for line in lines if line.strip()]
    n_letters = sum(scripts[name] for name in LETTERS)
    n_spaces = count("space") + count("newline")
    n_special = len(text) - n_letters - n_spaces - count("digit") - count("mark")
    upper = sum(script_of(c) in LETTERS and unicodedata.category(c) == "Lu" for c in text)
    plain = [word for word in words if any(script_of(c) in PLAIN for c in word)]
    lengths = sorted(min(len(word), 255) for word in plain)
    read = lines_of(lines)
    kinds = [line.kind for line in read]
    said = [line for line in read if line.kind not in ("fenced", "code", "formula")]
    prose_han = sum(sum(script_of(c) == "han" for c in line.raw) for line in said)
    prose_han -= sum(script_of(c) == "han" for line in said for part in unsaid(line) for c in part)
    prose_words = sum(map(words_of_prose, said))
    found: dict[str, float] = {
        "n_bytes": len(text.encode()),
        "n_chars": len(text),
        "n_lines": len(full),
        "n_paragraphs": len(paragraphs(text)),
        "n_words": len(words),
        "n_plain_words": len(plain),
        "n_units": len(units(text)),
        "n_han": count("han"),
        "n_kana": count("kana"),
        "n_hangul": count("hangul"),
        "n_latin": count("latin"),
        "n_other_letters": count("other") + count("letter"),
        "n_digits": count("digit"),
        "n_prose_han": prose_han,
        "n_prose_words": prose_words,
        "han_share": share(prose_han, prose_han + prose_words),
        "letter_share": share(n_letters, len(text)),
        "digit_share": share(count("digit"), len(text)),
        "alnum_share": share(n_letters + count("digit") + count("number"), len(text)),
        "space_share": share(n_spaces, len(text)),
        "newline_share": share(count("newline"), len(text)),
        "special_share": share(n_special, len(text)),
        "upper_share": share(upper, n_letters),
        "url_share": share(sum(end - start for start, end in addresses(text)), len(text)),
        "mean_word_length": share(sum(map(len, plain)), len(plain)),
        "median_word_length": lengths[(len(lengths) - 1) // 2] if lengths else 0,
        "alpha_word_share": share(
            sum(any(script_of(c) in LETTERS for c in word) for word in words), len(words)
        ),
        "hash_per_word": share(text.count("#"), len(words)),
        "ellipsis_per_word": share(text.count("...") + text.count("…"), len(words)),
        "newline_per_word": share(text.count("\n"), len(words)),
        "n_stop_words": len(STOP_WORDS & set(words)),
        "longest_token": longest_token(text, addressed=True),
        "mean_line_length": share(sum(map(len, full)), len(full)),
        "longest_line": max(map(len, full), default=0),
        "third_longest_line": sorted(map(len, full), reverse=True)[2] if len(full) > 2 else 0,
        "bullet_line_share": share(sum(s.strip()[:1] in tuple("•-") for s in lines), len(lines)),
        "ellipsis_line_share": share(
            sum(line.rstrip().endswith(("...", "…")) for line in lines), len(lines)
        ),
        "punctuated_line_share": share(
            sum(script_of(line.rstrip()[-1]) == "terminal" for line in full), len(full)
        ),
        "closed_line_share": share(sum(map(is_closed, full)), len(full)),
        "short_line_share": share(sum(len(line) <= 30 for line in full), len(full)),
    }
    found |= repetition(text, words, lines)
    found |= c4(full)
    found["fenced_line_share"] = share(kinds.count("fenced"), len(full))
    found["code_line_share"] = share(kinds.count("code"), len(full))
    found["n_code_lines"] = kinds.count("code")
    visible = len(text) - n_spaces
    in_code = sum(
        script_of(c) not in ("space", "newline")
        for line in read
        if line.kind == "code"
        for c in line.raw
    )
    found["code_char_share"] = share(in_code, visible)
    found["placeholder_share"] = share(placeholder_characters(text), visible)
    runs = (match.group() for match in re.finditer(r"(\S)\1{9,}", text))
    found["run_share"] = share(sum(map(len, runs)), visible)
    prose = places_of_prose(text, read)
    weight, terms, severe = offence(text, prose)
    found["offensive_weight"] = weight
    found["offensive_per_1000"] = share(weight * 1000.0, len(text))
    found["offensive_terms"] = terms
    found["offensive_severe"] = severe
    found["n_pii"] = len(pii(text))

    def repetition_of_prose(in_prose: list[str], prose: str, size: int) -> dict[str, float]:
        all_prose = 20 * len(in_prose) >= 19 * len(words)
        few = max(value for name, value in found.items() if "gram_share" in name) <= LITTLE
        usual = all(len(word) == counted(word) for word in words)
        if few or (all_prose and usual):
            part = gram_shares(words, len(text), least=2)
        else:
            part = gram_shares(list(filter(counted, in_prose)), size, counted, least=2)
        repeated = found["repeated_13_share"]
        if not all_prose and repeated > LITTLE:
            repeated = repeated_windows(prose)
        grams = {f"prose_{name}": value for name, value in part.items() if "gram_" in name}
        return grams | {"prose_repeated_13_share": repeated}

    plain_token = longest_token(text, addressed=False)
    found |= prose_signals(text, read, share, plain_token, repetition_of_prose)
    waste = garbage(text, prose)
    return found | {
        "broken_share": share(waste["broken"], len(units(text)) - count("han") / 2),
        "notice_share": share(waste["notice_characters"], visible),
        "n_notices": waste["notices"],
        "spam_terms": waste["spam_terms"],
        "spam_kinds": waste["spam_kinds"],
        "spam_topics": waste["spam_topics"],
        "spam_per_1000": share(waste["spam"] * 1000.0, found["width"]),
        "n_shop_phrases": waste["shop"],
        "n_cloze_gaps": waste["cloze"],
        "n_odd_pairs": waste["odd"],
        "encoded_share": share(waste["encoded"], visible),
        "plain_digit_share": share(*plain_digits(text)),
    }


def places_of_prose(text: str, lines: list[Line]) -> list[tuple[int, int]]:
    """Where lines of prose begin and end in a text, without white space at their ends."""
    found = []
    at = 0
    for line in lines:
        at = text.index(line.raw, at)
        if line.kind == "prose":
            start = at + len(line.raw) - len(line.raw.lstrip())
            found.append((start, start + len(line.raw.strip())))
        at += len(line.raw)
    return found


def split_lines(text: str) -> list[str]:
    """Lines between line feeds; nothing behind the last one is no line."""
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


def paragraphs(text: str) -> list[str]:
    """What two or more line feeds in a row separate."""
    return [part for part in re.split(r"\n{2,}", text.strip("\n")) if part]


def units(text: str) -> list[str]:
    """Single Han characters, kana and Thai letters; words of everything else."""
    found = []
    in_word = False
    for character in text:
        script = script_of(character)
        if script in ALONE or (script in IN_WORD and not in_word):
            found.append(character)
            in_word = script in IN_WORD
        elif script in IN_WORD:
            found[-1] += character
        elif script != "mark":
            in_word = False
    return found


def addresses(text: str) -> list[tuple[int, int]]:
    """Start and end of every `scheme://...`, the scheme being the run of letters before it."""
    spans: list[tuple[int, int]] = []
    for match in re.finditer("://", text):
        start = match.start()
        while start and script_of(text[start - 1]) in IN_WORD | {"mark"}:
            start -= 1
        while start < match.start() and script_of(text[start]) == "mark":
            start += 1
        if start == match.start() or (spans and start < spans[-1][1]):
            continue
        tail = ADDRESS_TAIL.match(text, match.start())
        spans.append((start, tail.end() if tail else match.end()))
    return spans


def unsaid(line: Line) -> list[str]:
    """The formulas, tags and entities within a line; of tags, addresses are blanks."""
    text = line.raw.strip()
    found = [(text[start:end], kind) for start, end, kind in spans(text) if kind != "code"]
    return [without_addresses(part) if "tag" in kind else part for part, kind in found]


def without_addresses(text: str) -> str:
    """A text with blanks in the place of addresses, and of what goes on with a word of theirs."""
    for start, end in reversed(addresses(text)):
        joined = IN_WORD | {"mark"} if script_of(text[end - 1]) in IN_WORD else set()
        while end < len(text) and script_of(text[end]) in joined:
            end += 1
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def words_of_prose(line: Line) -> int:
    """How many words with a letter, no Han, stand outside of addresses and what is unsaid."""
    said = words_with_letter(without_addresses(line.raw))
    return max(0, said - sum(map(words_with_letter, unsaid(line))))


def words_with_letter(text: str) -> int:
    """Units with a letter that are no Han characters."""
    scripts = (set(map(script_of, unit)) for unit in units(text))
    return sum(bool(found & LETTERS) and "han" not in found for found in scripts)


def longest_token(text: str, *, addressed: bool) -> int:
    """Letters, digits and marks of the longest run without white space, Han, kana, Thai.

    Without `addressed`, what stands behind `://` in an address is not counted.
    """
    hidden = set()
    if not addressed:
        for start, end in addresses(text):
            hidden |= set(range(text.index("://", start), end))
    longest = now = 0
    for place, character in enumerate(text):
        script = script_of(character)
        if script in ALONE or script in ("space", "newline"):
            now = 0
        elif script in PLAIN and place not in hidden:
            now += 1
            longest = max(longest, now)
    return longest


def duplicates(parts: Sequence[str]) -> tuple[int, int]:
    """How many parts occurred before, and their characters."""
    seen: set[str] = set()
    number = characters = 0
    for part in parts:
        if part in seen:
            number += 1
            characters += len(part)
        seen.add(part)
    return number, characters


def counted(word: str) -> int:
    """Characters that repetition of prose counts of a word: none unseen, 20 of an address."""
    if is_unseen(word):
        return 0
    return min(len(word), ADDRESS) if "://" in word else len(word)


def top_gram(words: Sequence[str], n: int, length: Length = len, least: int = 1) -> int:
    """Characters of the most frequent n-gram, the first of equals, times its count."""
    grams = Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))
    if not grams:
        return 0
    (gram, times), *_ = grams.most_common(1)
    return (sum(map(length, gram)) + n - 1) * times if times >= least else 0


def duplicate_grams(words: Sequence[str], n: int, length: Length = len) -> int:
    """Characters in n-grams met before, each character once: a hit is stepped over."""
    seen: set[tuple[str, ...]] = set()
    characters = at = 0
    while at <= len(words) - n:
        gram = tuple(words[at : at + n])
        if gram in seen:
            characters += sum(map(length, gram))
            at += n
        else:
            seen.add(gram)
            at += 1
    return characters


def repetition(text: str, words: Sequence[str], lines: Sequence[str]) -> dict[str, float]:
    """Gopher's repetition rules, FineWeb's of lines, ChineseWebText's of windows."""
    some = [line for line in lines if line]
    blocks = paragraphs(text)
    n_lines, line_chars = duplicates(some)
    full_chars = duplicates([line for line in some if line.strip()])[1]
    n_blocks, block_chars = duplicates(blocks)
    return {
        "dup_line_share": share(n_lines, len(some)),
        "dup_line_char_share": share(line_chars, len(text)),
        "dup_text_char_share": share(full_chars, len(text) - text.count("\n")),
        "dup_paragraph_share": share(n_blocks, len(blocks)),
        "dup_paragraph_char_share": share(block_chars, len(text)),
        **gram_shares(words, len(text)),
        "repeated_13_share": repeated_windows(text),
    }


def gram_shares(
    words: Sequence[str], characters: int, length: Length = len, *, least: int = 1
) -> dict[str, float]:
    """The most frequent n-grams, and n-grams met before, of so many characters."""
    top = {n: top_gram(words, n, length, least) for n in (2, 3, 4)}
    dup = {n: duplicate_grams(words, n, length) for n in range(5, 11)}
    found = {f"top_{n}gram_share": value for n, value in top.items()}
    found |= {f"dup_{n}gram_share": value for n, value in dup.items()}
    return {name: share(value, characters) for name, value in found.items()}


def repeated_windows(text: str) -> float:
    """The share of windows of 13 units that occur more than once."""
    # As deduplication cuts them: a Thai digit is one of its own there.
    all_units = [unit.text for unit in shingle_units(text)]
    windows = Counter(tuple(all_units[i : i + WINDOW]) for i in range(len(all_units) - WINDOW + 1))
    return share(sum(n for n in windows.values() if n > 1), windows.total())


def c4(full: Sequence[str]) -> dict[str, float]:
    """What C4 would keep of the lines, and what it would drop the page for."""
    found = dict.fromkeys(("c4_lines", "c4_sentences", "c4_lorem_ipsum", "c4_curly"), 0.0)
    for line in full:
        stripped = line.strip()
        while CITATION.search(stripped):
            stripped = CITATION.sub("", stripped)
        words = line.split()
        if not stripped.endswith((".", "?", "!", '"', "'")) or stripped.endswith("..."):
            continue
        if len(words) < 3 or any(len(word) > 1000 for word in words):
            continue
        if LOREM_IPSUM.search(line):
            found["c4_lorem_ipsum"] = 1
        elif POLICY.search(line):
            continue
        elif "{" in stripped:
            found["c4_curly"] = 1
        else:
            found["c4_lines"] += 1
            found["c4_sentences"] += 1 + len(INNER_SENTENCE.findall(stripped))
    return found
