"""A stage folder: who may write it, what is in it, when it is complete.

`folder` decides between done, start and resume; `lock` keeps two runs apart; `manifest` is the file
written last, whose presence means complete; `listing` says whether inputs changed; `atomic` writes
small files whole or not at all.
"""
