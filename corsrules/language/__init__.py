"""The language of a `cors.toml`: its text and places, its model, its two pattern grammars, and what a profile says.

Parsing is finished here: what leaves these rooms is parsed, and nobody above parses a text of the file again. Nothing
here judges whether a file is wise (`checks`) or answers a request (`engine`).
"""
