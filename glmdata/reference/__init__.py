"""Slow, readable twins of the compiled loops: the specification that tests compare them with.

Nothing here imports anything of ours or any package: the standard library alone, so that an error
in the compiled half cannot hide in its own judge. Read in this order:

    normalise   NFKC, case folding, white space
    units       Han characters, words, letters with their marks
    shingles    windows over units, and their hashes
    sketch      Fast Similarity Sketching, the same integers
    bands       which sketches are compared
    jaccard     what is true of two sets
    keep        who comes first
    decide      who stays
    dedup       all of it, every pair compared
    passages    lines and paragraphs that many documents have
    templates   what a site prints on its pages
    url         the form in which addresses are compared
    script_fold traditional Chinese characters as simplified ones
    scripts     what a code point counts as in signals
    phrases     placeholders
    offence     offensive terms
    code_lines  whether a line is program text
    signals     every number a filter may ask of a document
    bpe         pre-tokens, merging, training, rule C1 (stands alone)
    keyed       the stream that mixing draws from
    mix         which documents are taken, how often, in which mode
    pack        documents to rows, rows as a model reads them

The Unicode tables are those of the running Python (14.0 in CPython 3.11); the compiled half has
newer ones. Normal form, case folding and most categories of an assigned code point never change
(Unicode stability policies), so both agree on text of code points that this Python knows:
`unicodedata.category(c) != "Cn"`.
"""
