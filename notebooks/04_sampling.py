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
# # Writing
#
# The best network now writes by itself (Karpathy 2015): each character that it draws is the next
# one that it reads.

# %% [markdown] tags=["lesson"]
# **What you will do:** load the model, let it write a passage, and see what temperature and top-p
# do.
#
# **What you need to know:** what a probability distribution is. The model comes from
# [the training](03_training.ipynb), which must have run.

# %% tags=["parameters"]
book = "../data/tales.txt"
folder = "../reports/notebooks"
encoding = ""
validation_fraction = 0.05
test_fraction = 0.05
passage_length = 1000
temperature = 1.0
top_p = 1.0
prime = ""
seed = 400
student = ""  # a file with functions of your own; see docs/student.md
model_file = ""  # a saved model, in place of that of the training; see docs/page.md

# %%
from rnn.settings import checked

settings = checked(locals())

# %%
from rnn.analysis.copying import SEARCHED, longest_copy, words
from rnn.analysis.neurons import LENGTH, pick, states_over
from rnn.analysis.variants import variants
from rnn.exercise.own.exhibits import listing, unlike
from rnn.exercise.own.student import opened
from rnn.exhibits import writing
from rnn.exhibits.listings import drawing
from rnn.exhibits.show import show
from rnn.files.book import read_book
from rnn.files.storage import check_vocabulary, from_notebooks, load_model, save_text
from rnn.interactive.sampler import sampler
from rnn.sampling import compose
from rnn.text import decode, encode, split

# %% [markdown]
# ## Drawing a character
#
# The probabilities $p_t$ are what the network believes; a character is drawn from them. A
# *temperature* $\tau$ other than one changes them first, to $p^{1/\tau}$, scaled to add up to one
# again. Below one it makes the likely likelier, and the text safer and more repetitive; above one
# the text becomes wilder. *Top-p* (Holtzman et al. 2020) below one then keeps only the likeliest
# characters: the fewest whose probabilities add up to at least the given share.

# %%
book, folder, student, model_file = from_notebooks(book, folder, student, model_file)
own = opened(student, settings)  # None, unless there is such a file
show(listing(own, "synthesise") or drawing(settings))

# %% [markdown]
# ## The passage
#
# Without a prime text the network starts from the state in which it was best, and reads the first
# character of the book. With one, it starts from a zero state and reads the prime text.

# %%
model = load_model(model_file or f"{folder}/model.npz")
data = read_book(
    book, lowercase=model.lowercase, encoding=encoding, unicode_form=model.unicode_form
)
check_vocabulary(model, data)
show(writing.whose(model, model_file))

# %%
how = {"prime": prime, "temperature": temperature, "top_p": top_p, "seed": seed}
passage = (own.compose if own else compose)(model, passage_length, **how)
save_text(f"{folder}/passage.txt", passage)

# %%
show(writing.passage(passage, temperature, top_p, prime, model_file), part=4)

# %% [markdown]
# It has the requested length, and consists of the book's characters alone.

# %%
assert len(passage) == passage_length
assert set(passage) <= set(model.vocabulary)

# %% [markdown]
# ## Surer or wilder
#
# The entropy of the distribution says how much is left to chance: one bit per character is the toss
# of a coin for each. Temperature and top-p both change it, in different ways. A low temperature
# tends to make a network repeat itself. A high one lets every character in now and then, and one
# wrong character leads to the next. Top-p shuts the unlikely ones out and leaves the proportions of
# the others unchanged.

# %%
ways = [(0.5, 1.0), (1.0, 1.0), (1.5, 1.0), (1.0, 0.9), (1.0, 0.5)]
written = writing.variants(list(variants(model, ways, seed)))
show(unlike(own, "The table", "forward") or written)

# %% [markdown]
# ## By heart, or its own?
#
# A network that copied its book would write well and have learned nothing else. How much it copies
# can be counted: the longest run of characters of the passage that occurs in the training part,
# and the share of its words, if they can be told apart. A test part, where it is long enough, shows
# how much of both is to be expected anyway, since texts of one kind have much in common.

# %%
training, _, test = split(data.indices, validation_fraction, test_fraction)
known = set(words(decode(training[-SEARCHED:], data.vocabulary)))
texts = {"the passage": passage}
if len(test) >= len(passage):
    texts["as much of the test part"] = decode(test[: len(passage)], data.vocabulary)

# %%
copies = {name: longest_copy(encode(one, data.vocabulary), training) for name, one in texts.items()}
show(writing.memory(texts, copies, known, len(training)))

# %% [markdown]
# ## Inside
#
# The hidden units were never told what to be. Karpathy, Johnson and Fei-Fei (2016) found that some
# come to follow what a reader would recognise. Here none was chosen by eye. For each feature that
# is named below, the correlation with every unit was computed, and the unit with the largest, in
# absolute value, is shown. It may follow other things as well.

# %%
stretch = test if len(test) >= LENGTH else data.indices[-LENGTH:]
h = states_over(model.network, stretch, model.states)
read = decode(stretch[: len(h)], data.vocabulary)

# %%
units = writing.neurons(pick(h, read), h, read, test=stretch is test)
show(unlike(own, "The figure", "forward") or units)

# %% [markdown] tags=["lesson"]
# ## Your turn
#
# In JupyterLab the controls below write new text. The page of a report has controls of its own,
# under the passage.
#
# Paste a page by another author as the prime text, and tick *learn from the prime text first*: a
# copy of the network goes on training on that page, as [a reader does](03_training.ipynb), before
# it writes, and you see how it takes to the other's words and manner.

# %% tags=["lesson", "remove-output"]
sampler(model, seed, training)

# %% [markdown] tags=["lesson"]
# ## Exercises
#
# 1. Write at the temperatures 0.2 and 2. At which of them is the longest copied run longer, and at
#    which are there more words of the network's own?
# 2. Choose a hidden unit: one that follows a feature, if any does. Give the network a prime text in
#    which that feature is present, and one in which it is absent. Does the unit tell them apart,
#    and do the texts that follow differ accordingly?
# 3. Set that unit to zero at each step of `rnn.sampling.sample`. What changes in the text?

# %% [markdown]
# ## Further reading
#
# - A. Karpathy (2015). [The unreasonable effectiveness of recurrent neural
#   networks](https://karpathy.github.io/2015/05/21/rnn-effectiveness/).
# - A. Karpathy, J. Johnson and L. Fei-Fei (2016). Visualizing and understanding recurrent networks.
#   *ICLR Workshop*.
# - A. Holtzman, J. Buys, L. Du, M. Forbes and Y. Choi (2020). The curious case of neural text
#   degeneration. *ICLR*.
