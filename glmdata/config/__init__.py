"""How options reach a stage: flag, environment, glmdata.toml, default, in this order.

`workspace` finds the folder everything is written to and the TOML file beside it, `sources` merges
the four places and remembers where each value came from, `lines` finds the line of a TOML key for
error messages, `sizes` reads `512MiB`, `limits` holds what may differ between runs without
changing a byte of the result.
"""
