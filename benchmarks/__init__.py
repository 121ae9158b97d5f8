"""What CORS costs: `python -m benchmarks` measures corsrules beside what else can be installed.

Every figure is a ratio to a floor that is measured in the same run; no absolute time is kept.
"""
