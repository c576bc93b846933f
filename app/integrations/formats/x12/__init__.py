"""X12: the 834 (005010X220A1) we write and read, and the TA1, 999 and 997 that answer it.

`eight34` holds the facts, `profile` one carrier's dialect, `writer` and `reader` turn facts into bytes and back,
`rules` and `gate` judge a file, `acknowledgements` reads the answers, `explain` says it all in plain words.
"""
