"""What is really sent: requests and answers as they were recorded.

What is read here is data from outside: read within bounds, never executed.
"""
