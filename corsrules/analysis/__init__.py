"""What follows from a file: its tests, their coverage, why a request is answered so, what two files differ in, attacks.

These rooms ask `engine` and `language`, never a check, and never look at what is really sent (`evidence`).
"""
