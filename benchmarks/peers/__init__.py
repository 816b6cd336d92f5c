"""The peers: one file each, written as one would with its library.

Each has a class `Peer` (see `benchmarks.task.Peer`), but for `floor` and `profile`, which have no
loop to run, and the `parts` of an update instead.
"""
