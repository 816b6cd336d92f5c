# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     notebook_metadata_filter: kernelspec,jupytext,-jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The book
#
# The network learns everything from one book, one character at a time. This chapter reads the book
# and turns its characters into the integers that the network sees.

# %% [markdown] tags=["lesson"]
# **What you will do:** read a plain-text file, meet its alphabet, hold out its end for later, and
# look at one pair of input and target.
#
# **What you need to know:** a little Python and NumPy, and what a logarithm is.

# %% tags=["parameters"]
book = "../data/tales.txt"
folder = "../reports/notebooks"
lowercase = True
unicode_form = "nfc"
encoding = ""
validation_fraction = 0.05
test_fraction = 0.05
seq_length = 25

# %%
from rnn.settings import checked

settings = checked(locals())

# %%
import numpy as np

from rnn.analysis.counting.entropies import block_entropies
from rnn.exhibits.book import (
    character_counts,
    character_frequencies,
    entropies,
    guessing,
    sequence,
    sizes,
)
from rnn.exhibits.show import show
from rnn.files.book import read_book
from rnn.files.storage import from_notebooks, save_book
from rnn.text import decode, encode, split

# %% [markdown]
# ## From characters to integers
#
# The *vocabulary* is the list of the characters that occur in the book, sorted by code point. The
# order matters: the network knows characters only by their place in this list, so a model that is
# reloaded with another order writes gibberish.
#
# The end of the book can be *held out*: the network then never trains on it. What is held out has
# two parts, either of which may be empty. The *validation part* chooses: the best model of a run,
# and the better of several settings. The *test part*, after it, judges: it is read once, when
# nothing is left to choose. A part that has chosen can't judge as well, since what was chosen may
# suit it by chance.

# %%
book, folder = from_notebooks(book, folder)
data = read_book(book, **settings.reading)
parts = split(data.indices, validation_fraction, test_fraction)
save_book(folder, data, parts)

# %%
K = len(data.vocabulary)
show(sizes(parts, K))

# %%
show(character_counts(data.counts, data.vocabulary))

# %% [markdown]
# ## What there is to learn
#
# In most books characters are far from equally likely, and that alone is worth something: a
# network that learned only these frequencies would already do better than guessing. As a rule,
# they are the first thing that training finds.

# %%
show(guessing(data.counts))

# %%
show(character_frequencies(data.counts, data.vocabulary))

# %% [markdown]
# What else can be known about a character lies in the characters before it. Shannon (1951) asked
# how much it is, for English. The entropy of a character given the $n - 1$ before it is the average
# surprise, in bits, of a reader who knows how often every sequence of $n$ characters (an *n-gram*)
# occurs in this book (Cover and Thomas 2006):
#
# $$ H_n = -\sum_{x_1 \ldots x_n} p(x_1 \ldots x_n) \log_2 p(x_n \mid x_1 \ldots x_{n-1}). $$
#
# Where it falls as $n$ grows, there can be two reasons. Longer contexts say more; but they are also
# seen less often, and a context seen only once seems to determine what follows. The first is
# knowledge that carries over to another text, the second is memory. Text that is held out tells
# them apart, as in [Training](03_training.ipynb).

# %%
show(entropies(block_entropies(data.indices), K))

# %% [markdown]
# ## Input and target
#
# Training reads the book in sequences of $T$ characters. The *target* $y$ is the input $x$ shifted
# by one: at each position the network is asked for the character that comes next.

# %%
x, y = parts.training[:seq_length], parts.training[1 : seq_length + 1]
show(sequence(x, y, data.vocabulary))

# %% [markdown]
# Nothing was lost: the indices decode to the same text, and the parts make up the book.

# %%
start = data.indices[:100_000]
assert np.array_equal(encode(decode(start, data.vocabulary), data.vocabulary), start)
assert sum(map(len, parts)) == len(data.indices)

# %% [markdown] tags=["lesson"]
# ## Exercises
#
# 1. Change `lowercase` and run the notebook again. By which factor does the vocabulary change, and
#    by which the entropy of a character? Explain what you see.
# 2. Shuffle the characters of the book. Which of the entropies in the last figure stay the same,
#    and what happens to the others?
# 3. Compute the entropies on the first tenth of the book alone. Which of them change most, and
#    which of the two reasons above explains it?

# %% [markdown]
# ## Further reading
#
# - C. E. Shannon (1951). Prediction and entropy of printed English. *Bell System Technical Journal*
#   30(1), 50–64.
# - T. M. Cover and J. A. Thomas (2006). *Elements of Information Theory*, second edition, chapter
#   2. Wiley.
