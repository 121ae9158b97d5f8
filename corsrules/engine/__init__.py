"""From a policy to the answer of a request: compiled once, then only looked up.

Nothing here reads a file, a socket or a clock, and nothing raises on the path of a request. Standard library only.
"""
