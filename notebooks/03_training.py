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
# # Training
#
# The network reads the book from front to back, sequence by sequence, and after each of them its
# parameters take a small step against the gradient.

# %% [markdown] tags=["lesson"]
# **What you will do:** train the network, watch its loss fall, and read what it writes on the
# way.
#
# **What you need to know:** what a gradient is. [The previous chapter](02_gradcheck.ipynb) shows
# how this one is computed.

# %% tags=["parameters"]
book = "../data/tales.txt"
folder = "../reports/notebooks"
lowercase = True
unicode_form = "nfc"
encoding = ""
validation_fraction = 0.05
test_fraction = 0.05
validation_limit = 200000
test_limit = 200000
cell = "rnn"
hidden_size = 100
seq_length = 25
batch_size = 1
optimiser = "adagrad"
learning_rate = None  # the optimiser's own: 0.1 for AdaGrad
schedule = "constant"
warmup = 0
clip = 5.0
clip_by = "value"
dropout = 0.0
initialisation = "normal"
init_scale = 0.01
random_offset = False
dtype = "float64"
threads = 1
epochs = 7
max_updates = 0
sample_every = 10000
sample_length = 200
evolution_until = 100000
checkpoint_every = 50000
checkpoint_seconds = 20.0
seed = 400
student = ""  # a file with functions of your own; see docs/student.md

# %%
from rnn.settings import checked, first_network

settings = checked(locals())

# %%
from dataclasses import replace

from rnn.analysis.copying import SEARCHED, words
from rnn.analysis.counting.ladder import ladder
from rnn.analysis.kinds import kinds
from rnn.analysis.mixing import GATE
from rnn.analysis.reach import reach
from rnn.analysis.together import together
from rnn.exercise.own.exhibits import listing, unlike
from rnn.exercise.own.student import opened
from rnn.exhibits.adapting import along, by_kind, two_ways
from rnn.exhibits.judging import calibration, moments, reaches, rungs
from rnn.exhibits.listings import update
from rnn.exhibits.show import show
from rnn.exhibits.training import course, evolution, loss_curve, losses_by_position, outcome
from rnn.exhibits.update_rule import rule_of_update
from rnn.files.book import read_book
from rnn.files.checkpoint import checkpointed, identity
from rnn.files.storage import from_notebooks, save_run
from rnn.interactive import progress
from rnn.interactive.dashboard import dashboard
from rnn.interactive.watch import watch
from rnn.run import COMPILED, judged, trained_model
from rnn.text import decode, split
from rnn.training import conclude

# %% [markdown]
# ## The update rule
#
# A gradient says which way is down at one place. An update rule, such as AdaGrad (Duchi, Hazan and
# Singer 2011) or Adam (Kingma and Ba 2015), decides how far to step.

# %%
book, folder, student = from_notebooks(book, folder, student)
own = opened(student, settings)  # None, unless there is such a file

# %%
show(unlike(own, "The rule in words", "clip", "adagrad") or rule_of_update(settings))
show(listing(own, "clip", "adagrad") or update(settings))

# %% [markdown]
# ## Reading the book
#
# Each sequence starts from the state that the one before it left, so the network remembers further
# back than the gradient reaches. At the start of an epoch, where the book begins anew, the state is
# zero again. The loss of an update is that of the forward pass that made its gradient.
# Measured after the update, on the very characters that were just learned, it would flatter the
# network.

# %%
data = read_book(book, **settings.reading)
parts = split(data.indices, validation_fraction, test_fraction)
training, validation, test = parts

# %%
K, about = len(data.vocabulary), identity(data.sha256, settings, own.sha256 if own else "")
saving = {"folder": folder, "about": about, "say": progress.say, "anew": not progress.in_report()}
functions = own.functions if own else COMPILED
runs = checkpointed(training, validation, K, settings, **saving, functions=functions)
run = watch(runs, data.vocabulary)
best = conclude(run, validation)
model = trained_model(run, data.vocabulary, data.indices[0])
tested = judged(run, test)
save_run(folder, run, model, tested)

# %% [markdown]
# ## What was learned
#
# A single sequence is short, and its loss jumps with whatever it happens to contain. The smoothed
# loss follows slowly: at each step it moves a thousandth of the way towards the new loss.

# %%
show(loss_curve(run), part=2)

# %%
show(outcome(run))

# %% [markdown]
# Samples were written while the network learned, each starting from the state that
# training had reached. As a rule, a network first learns which characters are common, then which
# follow one another, and then longer and longer pieces of text.

# %%
show(evolution(run, data.vocabulary), part=3)

# %% [markdown]
# ## Behind the loss
#
# The norm of the gradient says how steep the loss is where the network stands, and the share of
# clipped entries how often it was too steep. The loss on a validation part, in bits per character,
# is the one to choose by: the network has not learned from that text. The *spectral radius* of $W$,
# its largest eigenvalue in absolute value, says what many steps do to a state. If it is below one,
# they shrink the state to nothing; a network that remembers needs a larger one.

# %%
show(course(run))

# %% [markdown]
# Some passages of a book can be harder than others, as a list or a song may be in a novel. If that
# is what makes the smoothed loss uneven, its bumps come back in each epoch, at the same place of
# the book. The figure has the mean of the losses of all updates in each part of the book.

# %%
show(losses_by_position(run))

# %% [markdown]
# ## How far back does the gradient reach?
#
# The loss at time $t$ depends on every earlier state, and the chain rule says how much. For the
# vanilla network:
#
# $$ \frac{\partial L_t}{\partial h_{t-k}} = \Bigl( \prod_{j=1}^{k} W^\top
#    \operatorname{diag}(1 - h_{t-k+j}^2) \Bigr) \frac{\partial L_t}{\partial h_t}. $$
#
# It is a product of $k$ matrices, and it shrinks or grows exponentially with $k$. Small weights
# make it vanish within a few characters. Larger ones are no simple cure: they drive the units to
# the flat ends of $\tanh$, where $1 - h^2$ is close to zero. The network cannot learn from what
# happened beyond this reach. That is the *vanishing gradient* (Bengio, Simard and Frasconi 1994;
# Pascanu, Mikolov and Bengio 2013); the gates of the GRU and the LSTM were invented to give the
# gradient another way back.

# %%
start = first_network(settings, len(data.vocabulary))
back = min(max(2 * seq_length, 50), 100)
norms = {
    name: reach(network, data.indices, back, seed=seed)
    for name, network in moments(start, run).items()
}

# %%
show(unlike(own, "The figure", "forward") or reaches(norms, seq_length))

# %% [markdown]
# ## Is it any good?
#
# A number means little without another beside it. The oldest way to predict text is to count. An
# *n-gram model* looks up how often each character followed the last $n - 1$, and falls back on
# shorter contexts where it has seen too little. It knows nothing of what lies further back, and is
# fitted in a moment. How it falls back matters. By the rule of Witten and Bell (1991), a context
# counts for less if many different characters followed it. By that of Kneser and Ney, as Chen and
# Goodman (1999) have it, something is taken off each count, and shorter contexts count how many
# different characters stood before them, not how often they occurred.
#
# Both models, and the network, are judged *as trained*: they learn nothing from the test part.

# %%
counted = ladder(training, test, K, limit=test_limit)
show(rungs(counted, tested))

# %% [markdown]
# A reader does learn while reading. A model can, too, and fairly: each character is predicted
# first, and learned from afterwards, so nothing is judged that was learned. Counting then simply
# goes on counting (Cleary and Witten 1984). The network goes on training, by small steps along the
# gradient of the few characters just read, with a pull back to the parameters that training found:
# this is *dynamic evaluation* (Krause et al. 2018). And both can be *mixed*, with weights that are
# learned on the way (Mahoney 2005).

# %%
adapted = together(best.network, parts, best.states, limit=test_limit)
show(unlike(own, "The table", "forward") or two_ways(counted, adapted))

# %%
if not unlike(own, "What adapts", "forward"):
    model = replace(model, way=adapted.way, gate=GATE)
    save_run(folder, run, model, tested, adapted.losses)

# %%
show(unlike(own, "The figure", "forward") or along(adapted))

# %%
known = set(words(decode(training[-SEARCHED:], data.vocabulary)))
which = kinds(decode(test[: test_limit or None], data.vocabulary), known)
show(unlike(own, "The figure", "forward") or by_kind(adapted, which))

# %% [markdown]
# A good forecast is also an honest one. Of all the times that a network gives its likeliest
# character a probability of seven in ten, that character should come seven times in ten. This is
# *calibration* (Guo et al. 2017). It is not the same as being right: a network that only knew the
# frequencies of the characters would be calibrated, and useless.

# %%
show(unlike(own, "The figure", "forward") or calibration(best.network, test, best.states))

# %% [markdown] tags=["lesson"]
# ## Your turn
#
# In JupyterLab the controls below train another network on the same book; in a report there is
# nothing to press, and they are absent. Other cells can be run meanwhile, and the network above is
# not changed. The best new network is kept in `mine.model`, and saved in a folder beside the files
# of this notebook. *Keep this run* draws it beside the other runs that you kept, and `make study`
# takes these, with `KEPT`, instead of training them again.

# %% tags=["lesson", "remove-output"]
mine = dashboard(data, settings, folder=f"{folder}/mine")
mine

# %% [markdown] tags=["lesson"]
# ## Exercises
#
# 1. Train with `optimiser = "adam"`, at its own rate and at ten times as much. Which of the curves
#    above tells you first that the second rate is too high?
# 2. Train with `seq_length` 5, 25 and 100, and compare the losses on the validation part. What does
#    the figure of the gradient's reach say about the differences?
# 3. Train a GRU whose number of parameters is close to that of the vanilla network. Which of the
#    two is better, and how far does the gradient reach in each?

# %% [markdown]
# ## Further reading
#
# - J. Duchi, E. Hazan and Y. Singer (2011). Adaptive subgradient methods for online learning and
#   stochastic optimization. *Journal of Machine Learning Research* 12, 2121–2159.
# - D. P. Kingma and J. Ba (2015). Adam: a method for stochastic optimization. *ICLR*.
# - R. Pascanu, T. Mikolov and Y. Bengio (2013). On the difficulty of training recurrent neural
#   networks. *Proceedings of Machine Learning Research* 28(3), 1310–1318.
# - Y. Bengio, P. Simard and P. Frasconi (1994). Learning long-term dependencies with gradient
#   descent is difficult. *IEEE Transactions on Neural Networks* 5(2), 157–166.
# - I. H. Witten and T. C. Bell (1991). The zero-frequency problem: estimating the probabilities of
#   novel events in adaptive text compression. *IEEE Transactions on Information Theory* 37(4),
#   1085–1094.
# - B. Krause, E. Kahembwe, I. Murray and S. Renals (2018). Dynamic evaluation of neural sequence
#   models. *Proceedings of Machine Learning Research* 80, 2766–2775.
# - M. V. Mahoney (2005). *Adaptive weighing of context models for lossless data compression*,
#   technical report CS-2005-16. Florida Institute of Technology.
# - S. F. Chen and J. Goodman (1999). An empirical study of smoothing techniques for language
#   modeling. *Computer Speech and Language* 13(4), 359–394.
# - J. G. Cleary and I. H. Witten (1984). Data compression using adaptive coding and partial string
#   matching. *IEEE Transactions on Communications* 32(4), 396–402.
# - C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger (2017). On calibration of modern neural networks.
#   *Proceedings of Machine Learning Research* 70, 1321–1330.
