"""What the web's standards fix: origins, public suffixes, HTTP names and lists, and the browser's steps.

Nothing here knows a rule or a file of ours. These rooms import nothing of ours but each other.
"""
