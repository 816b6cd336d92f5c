"""The solution of the exercise, in plain NumPy for one stream; its source becomes `student.py`.

The backward passes are those of `rnn.analysis.plain`.
"""
