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
# # The network and its gradient
#
# A recurrent network reads one character after another and keeps what it has read in a vector,
# its *hidden state*. This chapter writes the network down, derives the gradient of its loss by
# hand, and verifies the derivation, for every parameter, before anything is trained.

# %% [markdown] tags=["lesson"]
# **What you will do:** read the forward pass beside its equations, derive the backward pass step
# by step, and check it against two kinds of numerical derivative.
#
# **What you need to know:** the product of two matrices, and the chain rule.

# %% tags=["parameters"]
book = "../data/tales.txt"
folder = "../reports/notebooks"
lowercase = True
unicode_form = "nfc"
encoding = ""
cell = "rnn"
hidden_size = 100
seq_length = 25
batch_size = 1  # of the training: here there is one stream
dropout = 0.0  # of the training: here there is none
initialisation = "normal"
init_scale = 0.01
seed = 400
student = ""  # a file with functions of your own; see docs/student.md

# %%
from rnn.settings import checked, first_network

settings = checked(locals())

# %%
from rnn.analysis.planted import check_planted, recognise, with_larger_weights
from rnn.analysis.sweep import sweep
from rnn.exercise.own.exhibits import listing, verdicts
from rnn.exercise.own.student import opened
from rnn.exhibits.gradient import gradients, other_cell, parameters, planted, step_sweep, verdict
from rnn.exhibits.listings import backward_pass, forward_pass, loss_function, output_layer
from rnn.exhibits.show import show
from rnn.files.book import read_book
from rnn.files.storage import from_notebooks, save_gradient_check
from rnn.gradcheck import analytic_gradient, check_gradients, first_sequence
from rnn.interactive.progress import progress

# %% [markdown]
# ## Forward
#
# The character $x_t$ and the state $h_{t-1}$ before it make the new state, and the state makes a
# probability for each character that could come next:
#
# $$
# \begin{aligned}
# h_t &= \tanh(W h_{t-1} + U x_t + b) \\
# o_t &= V h_t + c \\
# p_t &= \operatorname{softmax}(o_t)
# \end{aligned}
# $$
#
# The notation is that of the assignment, and of Goodfellow, Bengio and Courville (2016). If $x_t$
# is written as a one-hot vector, $U x_t$ picks a column of $U$: the one at the index of the
# character.

# %%
book, folder, student = from_notebooks(book, folder, student)
own = opened(student, settings)  # None, unless there is such a file
data = read_book(book, **settings.reading)
K = len(data.vocabulary)
network = first_network(settings, K)
if cell != "rnn":
    show(other_cell(cell))

# %%
show(parameters(network, settings))

# %%
show(listing(own, "forward") or forward_pass(settings))

# %%
show(listing(own, "softmax") or output_layer(settings))

# %% [markdown]
# ## Loss
#
# The loss of a sequence is the sum of the surprises at the characters that actually came,
#
# $$ L = -\sum_{t=1}^{T} \log p_t[y_t], $$
#
# in nats per sequence. Divided by $T$ it is in nats per character; divided by $\ln 2$ as well, it
# is in bits per character.

# %%
show(listing(own, "loss") or loss_function())

# %% [markdown]
# ## Backward
#
# The gradient is computed from the end of the sequence back to its beginning, which Werbos (1990)
# calls *backpropagation through time*, in five steps.
#
# **The output.** The derivative of $-\log \operatorname{softmax}(o_t)[y_t]$ with respect to $o_t$
# is the difference between what was predicted and what came, with $y_t$ one-hot:
#
# $$ g_t = \frac{\partial L}{\partial o_t} = p_t - y_t. $$
#
# **The output layer.** Since $o_t = V h_t + c$ uses the same $V$ and $c$ at each step, their
# gradients are sums over time:
#
# $$ \frac{\partial L}{\partial V} = \sum_t g_t h_t^\top, \qquad
#    \frac{\partial L}{\partial c} = \sum_t g_t. $$
#
# **The hidden state.** Write $a_t = W h_{t-1} + U x_t + b$ for what goes into the hyperbolic
# tangent. The state $h_t$ is used twice, by the output at $t$ and by the next state, so two
# gradients meet in it:
#
# $$ \frac{\partial L}{\partial h_t} = V^\top g_t + W^\top \frac{\partial L}{\partial a_{t+1}}. $$
#
# After the last step nothing follows, and the second term is absent.
#
# **The nonlinearity.** The derivative of $\tanh$ is $1 - \tanh^2$, entry by entry:
#
# $$ \frac{\partial L}{\partial a_t} = \frac{\partial L}{\partial h_t} \odot (1 - h_t^2). $$
#
# **The recurrent layer.** Again one set of parameters serves all steps:
#
# $$ \frac{\partial L}{\partial W} = \sum_t \frac{\partial L}{\partial a_t} h_{t-1}^\top, \qquad
#    \frac{\partial L}{\partial U} = \sum_t \frac{\partial L}{\partial a_t} x_t^\top, \qquad
#    \frac{\partial L}{\partial b} = \sum_t \frac{\partial L}{\partial a_t}. $$
#
# Each step back multiplies by $W^\top$ and by $1 - h^2$, which is at most one. Over many steps
# such a product grows without bound or fades to nothing. Clipping is the remedy for the first.

# %%
show(listing(own, "backward") or backward_pass(settings))

# %% [markdown]
# ## Proof
#
# A derivation can be wrong, and a program can differ from its derivation. Either mistake shows when
# the gradient is compared with a numerical one, which needs only the forward pass. The *central
# difference*
#
# $$ \frac{\partial L}{\partial \theta_i} \approx
#    \frac{L(\theta_i + h) - L(\theta_i - h)}{2h} $$
#
# subtracts two nearly equal numbers, and so loses digits. The *complex step* (Squire and Trapp
# 1998) does not subtract: for a loss that is analytic,
#
# $$ \frac{\partial L}{\partial \theta_i} \approx \frac{\operatorname{Im} L(\theta_i + i h)}{h}, $$
#
# so $h$ can be so small that the approximation is exact to machine precision. The forward pass in
# `rnn/` runs on complex numbers unchanged. The gradient is checked unclipped, in double
# precision, on the first sequence of the book; the error is $\lVert a - n \rVert / (\lVert a
# \rVert + \lVert n \rVert)$ for the analytic gradient $a$ and the numerical one $n$.

# %%
x, y = first_sequence(data.indices, seq_length)
gradient = own.gradient(network, x, y) if own else analytic_gradient(network, x, y)
check = check_gradients(network, x, y, gradient=gradient, seed=seed, progress=progress)
if own:
    check = own.differences(check, network, x, y, gradient, seed=seed, progress=progress)
check = with_larger_weights(check, cell, seed, own.gradient if own else analytic_gradient)
save_gradient_check(folder, check)

# %%
name = own.name if own else ""
show(gradients(check, name), part=1)

# %%
show(verdict(check, recognise(network, x, y, gradient), name))
if own:
    show(verdicts(own), part=1)

# %% [markdown]
# ## Why not a smaller step?
#
# Two errors meet in a central difference. It leaves out the higher derivatives, an error that grows
# with $h^2$; and it subtracts two losses that agree in most of their digits, which leaves the
# rounding error $\varepsilon$ of a loss, divided by $h$:
#
# $$ \text{error}(h) \approx A h^2 + B \frac{\varepsilon}{h}. $$
#
# On logarithmic axes these are two straight lines, one rising, one falling, and their sum is a V.
# Its tip is the best that a difference can do, and its position is different for each parameter:
# the smaller a gradient, the more of it is lost in the rounding of the loss. The complex step has
# no difference, hence no left arm, and with its tiny $h$ no right arm either.

# %%
errors = sweep(network, x, y, gradient=gradient, seed=seed)
show(step_sweep(errors, check))

# %% [markdown]
# ## Would the check notice?
#
# A check that never fails proves nothing. So a backward pass is broken on purpose, in one place at
# a time, as a slip of the pen would break it. The pass is the same derivation in plain NumPy; each
# wrong gradient is checked on a small network with larger weights. Most of these gradients still
# point more or less downhill. A network trained with one of them still learns something, only less,
# which makes such errors hard to notice without a check.

# %%
show(planted(list(check_planted(cell, seed))))

# %% [markdown] tags=["lesson"]
# ## Exercises
#
# 1. Set `seq_length = 1` and run the notebook again. What are the gradient and the relative error
#    of $W$ now, and why?
# 2. Set `cell = "gru"`. Derive $\partial L / \partial h_{t-1}$ for it on paper, and find each of
#    its terms in the listing of the backward pass.
# 3. Replace $\tanh$ by $\max(0, a)$ on paper. Which line of the backward pass changes? For which
#    values of $a$ do the two numerical derivatives go wrong?

# %% [markdown]
# ## Further reading
#
# - I. Goodfellow, Y. Bengio and A. Courville (2016). *Deep Learning*, section 10.2. MIT Press.
# - P. J. Werbos (1990). Backpropagation through time: what it does and how to do it. *Proceedings
#   of the IEEE* 78(10), 1550–1560.
# - W. Squire and G. Trapp (1998). Using complex variables to estimate derivatives of real
#   functions. *SIAM Review* 40(1), 110–112.
