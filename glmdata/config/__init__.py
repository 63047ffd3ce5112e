"""How options reach a stage: flag, environment, glmdata.toml, default, in this order.

fields.py     how an option is declared: default, help, limits
documents.py  options that every stage of documents has
kinds.py      how a value, as people write it, becomes what a field holds
model.py      the base of configs: fields judged one by one, frozen, equal by value
sizes.py      `512MiB`, `300B`
given.py      values and the places they were written at, which messages name
sources.py    merges the four places
tables.py     a TOML file; lines.py finds the line of a key in it
spelling.py   the word that was meant
workspace.py  the folder everything is written to and the TOML file beside it
limits.py     what may differ between runs without changing a byte of the result
"""
