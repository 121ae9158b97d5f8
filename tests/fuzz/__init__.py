"""Coverage-guided fuzzing: the targets, the script that runs them under atheris, and the corpus."""
