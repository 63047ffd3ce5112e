"""Exit codes: by them a script learns what to mend."""

DONE = 0
GATE_FAILED = 1
USAGE = 2
TOO_MANY_BAD = 3
STORAGE = 4
RESOURCES = 5
INTERNAL = 70
INTERRUPTED = 130
TERMINATED = 143
