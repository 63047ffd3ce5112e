"""Exit codes: by them a script learns what to mend. The site prints what stands below each."""

DONE = 0
"""Done, or answered."""
GATE_FAILED = 1
"""Done, and a promise that was asked about is broken: a rule, a hash, a count, a wanted size."""
USAGE = 2
"""An option, a file of options or an input makes no sense."""
TOO_MANY_BAD = 3
"""More of the input was bad than `--max-bad` allows, or not one document was read."""
STORAGE = 4
"""The file system refused, or a file that glmdata wrote is damaged or missing."""
RESOURCES = 5
"""Memory: the budget is too small for the work."""
INTERNAL = 70
"""A promise of glmdata itself is broken: please report it."""
INTERRUPTED = 130
"""Ctrl-C; run the same command again to go on."""
TERMINATED = 143
"""SIGTERM; run the same command again to go on."""
