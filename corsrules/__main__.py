"""`python -m corsrules`."""

from corsrules.cli import main

main(prog_name="corsrules")
