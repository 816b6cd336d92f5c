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
# The best network of the training run now writes by itself. Each character that it draws is the
# next one that it reads.
#
# **What you will do:** load the model, let it write a passage, and see what temperature and top-p
# do.

# %% tags=["parameters"]
book = "../data/tales.txt"
folder = "../reports/notebooks"
encoding = ""
validation_fraction = 0.1
passage_length = 1000
temperature = 1.0
top_p = 1.0
prime = ""
seed = 400

# %%
from rnn.book import read_book
from rnn.interactive.sampler import sampler
from rnn.memorised import LIMIT, longest_copy, words
from rnn.neurons import LENGTH, passage_rows, pick, states_over
from rnn.report.display import figure, plain, say, source, table, text
from rnn.report.figures import neurons
from rnn.sampling import compose, draw, reshape
from rnn.storage import load_model, save_text
from rnn.text import decode, encode, split
from rnn.variants import variants

# %% [markdown]
# ## Drawing a character
#
# The probabilities $p_t$ are what the network believes; a character is drawn from them. The
# *temperature* $\tau$ changes them first, to $p^{1/\tau}$ made to add up to one again: below one
# the likely becomes likelier, and the text safer and more repetitive; above one the text becomes
# wilder. *Top-p* then keeps only the likeliest characters, the fewest whose probabilities add up
# to it.

# %%
source(
    reshape,
    draw,
    label="code-draw",
    caption="How the next character is chosen: `rnn/sampling.py`.",
)

# %% [markdown]
# ## The passage
#
# Without a prime text the network goes on from the state in which it was best, and reads the
# first character of the book. With one, it starts from zero and reads the prime.

# %%
model = load_model(f"{folder}/model.npz")
passage = compose(
    model, passage_length, prime=prime, temperature=temperature, top_p=top_p, seed=seed
)
save_text(f"{folder}/passage.txt", passage)

# %%
text(
    passage,
    label="text-passage",
    caption=f"{len(passage):,} characters by the best model, at temperature {temperature:g} and "
    f"top-p {top_p:g}" + (", after the prime text." if prime else "."),
    part=4,
)

# %% [markdown]
# It is of the length asked for, and made of the book's characters alone.

# %%
assert len(passage) == passage_length
assert set(passage) <= set(model.vocabulary)

# %% [markdown]
# ## Surer or wilder
#
# The entropy of what is drawn from says how much is left to chance: with one bit per character, a
# coin is thrown for each. Temperature and top-p both turn it, in different ways. A low temperature
# makes the network repeat itself, a high one lets every character in now and then, and one wrong
# letter leads to the next. Top-p shuts the unlikely ones out and leaves the others as they were.

# %%
ways = [(0.5, 1.0), (1.0, 1.0), (1.5, 1.0), (1.0, 0.9), (1.0, 0.5)]
written = list(variants(model, ways, seed))
table(
    ["temperature", "top-p", "bits", "text"],
    [[f"{v.temperature:g}", f"{v.top_p:g}", f"{v.bits:.2f}", v.text[:110]] for v in written],
    label="tab-variants",
    caption="The same network with the same random numbers, and the entropy per character of what "
    f"was drawn from, a mean over {len(written[0].text):,} characters of which the first are "
    "shown.",
)

# %% [markdown]
# ## By heart, or its own?
#
# A network that copied its book would write well and have learned nothing else. How much it copies
# can be counted: the longest run of characters of the passage that stands in the training part,
# letter for letter, and the share of its words that do. A text that was never trained on shows how
# much of both comes about by itself, since all books say *said the* and *in the*.

# %%
data = read_book(book, lowercase=model.lowercase, encoding=encoding,
                 unicode_form=model.unicode_form)  # fmt: skip
assert data.vocabulary == model.vocabulary, "the model is of another book: run 03 on this one"
training, validation = split(data.indices, validation_fraction)
known = set(words(decode(training[-LIMIT:], data.vocabulary)))
texts = {"the passage": encode(passage, data.vocabulary)}
if len(validation) >= len(passage):
    texts["as much held-out text"] = validation[: len(passage)]

# %%
copies = {name: longest_copy(indices, training) for name, indices in texts.items()}
used = {name: list(words(decode(i, data.vocabulary)))[1:-1] for name, i in texts.items()}
found = {name: sum(word in known for word in each) for name, each in used.items()}
own = dict.fromkeys(word for word in used["the passage"] if word not in known)
table(
    ["", *texts],
    [
        ["longest run copied, in characters", *(f"{copy.length:,}" for copy in copies.values())],
        ["which is", *(
            repr(decode(texts[name][copy.passage:][:min(copy.length, 80)], data.vocabulary))
            for name, copy in copies.items())],
        ["at this place of the training part", *(
            f"{copy.book / len(training):.1%}" for copy in copies.values())],
        ["words", *(f"{len(each):,}" for each in used.values())],
        ["of them in the training part", *(
            f"{found[name] / len(used[name]):.0%}" if used[name] else "" for name in texts)],
    ],
    label="tab-memory",
    caption="What the passage has from the book. "
    + (f"Words of its own: {plain(', '.join(list(own)[:12]))}." if own else "It has no new words.")
    + (f" Only the last {LIMIT:,} characters were searched." if len(training) > LIMIT else ""),
)  # fmt: skip

# %% [markdown]
# ## Inside
#
# The hidden units were never told what to be. Some of them come to follow something that a reader
# would recognise: whether a quotation is open, how far the line has come, whether a word has just
# ended and how long it is. The units below were not chosen by eye. For each of these the
# correlation with every unit was computed, and the unit with the largest, in absolute value, is
# shown. It may still follow other things besides.

# %%
stretch = validation if len(validation) >= LENGTH else data.indices[-LENGTH:]
h = states_over(model, stretch)
read = decode(stretch[: len(h)], data.vocabulary)
picked = pick(h, read)
rows = passage_rows(read)
found_in = "held out" if stretch is validation else "at the end of the book"

# %%
if picked:
    figure(
        neurons(
            [read[row] for row in rows],
            [[h[row, neuron.unit] for row in rows] for neuron in picked],
            [f"unit {n.unit} and {n.feature}: r = {n.correlation:.2f}" for n in picked],
        ),
        label="fig-neurons",
        caption=f"Hidden units over some lines of the book: the colour is the value of the unit "
        f"after it has read the character. The correlations $r$ are over {len(h):,} characters "
        f"{found_in}; where one is near zero, no unit follows that. ↵ is a line end.",
        alt="Lines of text, once for each unit, coloured by its value: "
        + "; ".join(f"unit {n.unit} has a correlation of {n.correlation:.2f} with {n.feature}"
                    for n in picked) + ".",
    )  # fmt: skip
else:
    say("In this book there is nothing to follow: no quotes, no lines and no words.")

# %% [markdown]
# ## Your turn
#
# In JupyterLab the controls below write new text. The page of a report has its own, under the
# passage.

# %%
sampler(model, seed)
