"""The command line: one file a verb, which parses, calls a stage and prints.

`main` dispatches and turns exceptions into exit codes, `options` makes flags out of config fields,
`terminal` decides on colour and disarms crawled text, `progress` draws the running line, `summary`
and `pair` lay out results. Results go to standard output, everything else to standard error.
"""
