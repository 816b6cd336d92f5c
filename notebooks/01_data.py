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
# Everything the network will know, it learns from one book, a character at a time. This chapter
# reads the book and turns its characters into the integers that the network sees.
#
# **What you will do:** read a plain-text file, meet its alphabet, hold out its end for later, and
# look at one pair of input and target.

# %% tags=["parameters"]
book = "../data/tales.txt"
folder = "../reports/notebooks"
lowercase = True
unicode_form = "nfc"
encoding = ""
validation_fraction = 0.1
seq_length = 25

# %%
import numpy as np

from rnn.book import read_book
from rnn.ngrams import block_entropies
from rnn.report.display import figure, say, table
from rnn.report.figures import character_frequencies, entropies
from rnn.report.tables import character_counts
from rnn.storage import save_book
from rnn.text import decode, encode, split

# %% [markdown]
# ## From characters to integers
#
# The *vocabulary* is the list of the characters that occur in the book, sorted by code point. The
# order matters: the network knows characters only by their place in this list, so a model that is
# reloaded with another order writes gibberish. The end of the book is *held out*. The network
# never trains on it, which makes it a fair test of what was learned.

# %%
data = read_book(book, lowercase=lowercase, encoding=encoding, unicode_form=unicode_form)
training, validation = split(data.indices, validation_fraction)
save_book(folder, data, len(training), len(validation))

# %%
table(
    ["", "characters"],
    [
        ["the book", f"{len(data.indices):,}"],
        ["to train on", f"{len(training):,}"],
        ["held out", f"{len(validation):,}"],
        ["different ones: the vocabulary size K", f"{len(data.vocabulary):,}"],
    ],
    label="tab-book",
    caption="The size of the book, of its two parts, and of its vocabulary.",
)

# %%
K = len(data.vocabulary)
heads, rows = character_counts(data.counts, data.vocabulary)
shown = np.sort(data.counts)[::-1][:40].sum()
table(
    heads,
    rows,
    label="tab-vocabulary",
    caption="The vocabulary and how often each character occurs in the book, the commonest first."
    + (f" The {K - 40:,} that are not shown make up {1 - shown / data.counts.sum():.2%} of it."
       if K > 40 else ""),
)  # fmt: skip

# %% [markdown]
# ## What is there to learn
#
# In most books characters are far from equally likely, and that alone is worth something: a
# network that learned only these frequencies would already do better than guessing. It is the
# first thing training finds.

# %%
frequencies = np.sort(data.counts / data.counts.sum())[::-1]
entropy = np.sum(frequencies * np.log(1 / frequencies))
say(
    f"Guessing blindly costs $\\ln K$ = {np.log(K):.2f} nats per character;"
    f" knowing the frequencies brings it down to their entropy, {entropy:.2f} nats."
)

# %%
commonest = data.vocabulary[int(np.argmax(data.counts))]
figure(
    character_frequencies(data.counts, data.vocabulary),
    label="fig-characters",
    caption="How often the commonest characters occur, as a share of the whole book. It takes only "
    f"{np.searchsorted(frequencies.cumsum(), 0.5) + 1} of the {K:,} to make up half of it.",
    alt=f"Bar chart of character frequencies in falling order, from {frequencies[0]:.1%} for "
    f"{commonest!r} down to {frequencies[:40][-1]:.2%}.",
)

# %% [markdown]
# Most of what there is to know stands in the characters before. The entropy of a character given
# the $n - 1$ before it says how many bits are left to be surprised by, for one who knows how often
# every sequence of $n$ characters (an *n-gram*) occurs in this book:
#
# $$ H_n = -\sum_{x_1 \ldots x_n} p(x_1 \ldots x_n) \log_2 p(x_n \mid x_1 \ldots x_{n-1}). $$
#
# It falls as $n$ grows, and for two reasons. Longer contexts do say more; but they are also seen
# less often, and a context seen once seems to determine what follows. The first is knowledge that
# carries over to another text, the second is memory. The [training](03_training.ipynb) will tell
# them apart, on text that was held out.

# %%
known = block_entropies(data.indices)
left = [f"{bits:.2f}" for bits in known.bits[np.isfinite(known.bits)]]
figure(
    entropies(known.bits, known.distinct, K),
    label="fig-entropies",
    caption="What is left to learn of a character once the $n - 1$ before it are known, counted on "
    f"{'the last ' if known.shortened else ''}{known.counted:,} characters. Guessing blindly "
    f"costs $\\log_2 K$ = {np.log2(K):.2f} bits. Under each bar: how many different n-grams occur.",
    alt=f"Bar chart of the entropy in bits per character: {np.log2(K):.2f} when guessing, then "
    f"{', '.join(left)} for n = 1 to {len(left)}.",
)

# %% [markdown]
# ## Input and target
#
# Training reads the book in sequences of $T$ characters. The *target* $y$ is the input $x$ moved
# on by one: at each place the network is asked for the character that comes next.

# %%
x, y = training[:seq_length], training[1 : seq_length + 1]
table(
    ["", "characters", "indices"],
    [
        ["x", repr(decode(x, data.vocabulary)), " ".join(map(str, x))],
        ["y", repr(decode(y, data.vocabulary)), " ".join(map(str, y))],
    ],
    label="tab-sequence",
    caption="The first sequence of the book and its target.",
)

# %% [markdown]
# Nothing was lost on the way: the indices give the text back, and the two parts make up the book.

# %%
start = data.indices[:100_000]
assert np.array_equal(encode(decode(start, data.vocabulary), data.vocabulary), start)
assert len(training) + len(validation) == len(data.indices)
