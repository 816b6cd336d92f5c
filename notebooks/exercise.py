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

# %% [markdown] tags=["write"]
# # Write a recurrent network
#
# A recurrent network reads one character after another and keeps what it has read in a vector, its
# *hidden state*. You write one in NumPy, derive its gradient by hand, train it on a book, and read
# what it writes.
#
# **What you will do:** write the functions of `student.py` that are blank, in any editor or in
# JupyterLab, and check each here as soon as it is written. Save `student.py` and run a cell: what
# you changed is loaded anew. The answers to the questions are for you; take paper.

# %% [markdown] tags=["debug"]
# # Find the slip in a recurrent network
#
# A recurrent network reads one character after another and keeps what it has read in a vector, its
# *hidden state*. The one in `student.py` is written in NumPy, with its gradient, and has one slip.
#
# **What you will do:** check each function here, derive what the wrong one should compute, and find
# the line that computes something else. The check says what is wrong and does not name the slip.
# Mend `student.py` in any editor or in JupyterLab, save it and run a cell: what you changed is
# loaded anew. Then train the network. The answers to the questions are for you; take paper.

# %% [markdown]
# **What you need to know:** the product of two matrices, and the chain rule.
#
# This notebook runs in a folder that `make exercise` has written, beside `student.py`.

# %%
# %load_ext autoreload
# %autoreload 2

# %%
import numpy as np
import student
from check import check
from ipywidgets import interact
from live import Live
from student import Parameters

# %% [markdown]
# ## The book
#
# The characters become whole numbers: each is the index of a character in a sorted list.

# %%
with open("tales.txt", encoding="utf-8") as file:  # noqa: PTH123
    book = file.read().lower()
vocabulary = sorted(set(book))
index = {character: k for k, character in enumerate(vocabulary)}
text = np.array([index[character] for character in book])
K = len(vocabulary)
print(f"{len(text):,} characters, {K} of them different: {''.join(vocabulary)!r}")

# %% [markdown]
# **Question.** A network that knows nothing gives each character the same probability. What is its
# loss for a sequence of $T$ characters, in nats? Keep the number: training begins there.

# %% [markdown]
# ## Scores become probabilities
#
# The network gives each character a score $o_k$; the softmax makes probabilities of the scores.
#
# **Questions.** What happens to the probabilities if the same number is added to all scores? How
# does that help where a score is large? Which axis of a matrix of shape $(T, K)$ is summed over?

# %% [markdown] tags=["softmax"]
# Write `softmax`.

# %%
check(student.softmax)

# %% [markdown]
# ## Forward

# %% [markdown] tags=["rnn"]
# $$
# h_t = \tanh(W h_{t-1} + U x_t + b), \qquad
# o_t = V h_t + c, \qquad
# p_t = \operatorname{softmax}(o_t)
# $$

# %% [markdown] tags=["gru"]
# With $s$ for the logistic function, $s(a) = 1 / (1 + e^{-a})$:
#
# $$
# \begin{aligned}
# r_t &= s(W_r h_{t-1} + U_r x_t + b_r) \\
# z_t &= s(W_z h_{t-1} + U_z x_t + b_z) \\
# n_t &= \tanh(r_t \odot (W_n h_{t-1}) + U_n x_t + b_n) \\
# h_t &= (1 - z_t) \odot n_t + z_t \odot h_{t-1}
# \end{aligned}
# $$
#
# and then $o_t = V h_t + c$ and $p_t = \operatorname{softmax}(o_t)$. The three blocks of $U$, $W$
# and $b$ are those of $r$, $z$ and $n$, in this order.

# %% [markdown] tags=["lstm"]
# With $s$ for the logistic function, $s(a) = 1 / (1 + e^{-a})$, and $a_t = W h_{t-1} + U x_t + b$
# in four blocks of $m$ rows:
#
# $$
# \begin{aligned}
# i_t &= s(a_{i,t}), \quad f_t = s(a_{f,t}), \quad n_t = \tanh(a_{n,t}), \quad o_t = s(a_{o,t}) \\
# q_t &= f_t \odot q_{t-1} + i_t \odot n_t \\
# h_t &= o_t \odot \tanh(q_t)
# \end{aligned}
# $$
#
# and then $p_t = \operatorname{softmax}(V h_t + c)$. The state is both $h$ and the memory $q$.

# %% [markdown]
# **Questions.** What is the shape of each term? If $x_t$ is one-hot, what is $U x_t$, and which
# single operation of NumPy gives it? Why has the array of states one row more than there are
# characters?

# %% [markdown] tags=["forward"]
# Write `forward`.

# %%
check(student.forward)

# %% [markdown]
# ## Loss
#
# $$ L = -\sum_{t=1}^{T} \log p_t[y_t] $$
#
# **Question.** Why is the sum, and not the mean, convenient for the derivation to come?

# %% [markdown] tags=["loss"]
# Write `loss`.

# %%
check(student.loss)

# %% [markdown]
# ## Backward
#
# Derive the gradient on paper, in this order, from the end of the sequence back to its beginning.
#
# **The output.** Write $\log p_t[y_t]$ in terms of the scores, and differentiate with respect to
# each score: what is $g_t = \partial L / \partial o_t$? Why do its entries sum to zero?
#
# **The output layer.** $V$ and $c$ are used at each step. What follows for
# $\partial L / \partial V$ and $\partial L / \partial c$? Which state does $g_t$ meet in the first?
#
# **The hidden state.** In which two places is $h_t$ used? So which two gradients meet in it, and
# which of them is absent after the last step?

# %% [markdown] tags=["rnn"]
# **The nonlinearity.** Write $a_t$ for what goes into $\tanh$. What is the derivative of $\tanh$,
# expressed by its result $h_t$? So what is $\partial L / \partial a_t$?
#
# **The recurrent layer.** $a_t$ depends on $W$, $U$ and $b$. What multiplies each? Which state does
# $\partial L / \partial a_t$ meet in the gradient of $W$, and what does it meet at the first step?

# %% [markdown] tags=["gru"]
# **The update gate.** $h_t$ mixes $n_t$ and $h_{t-1}$. What are its derivatives with respect to
# $n_t$, to $z_t$, and, past all gates, to $h_{t-1}$?
#
# **The gates.** What is the derivative of the logistic function, expressed by its result? Where
# does $r_t$ enter, and what multiplies its gradient?
#
# **The recurrent layer.** Why does the candidate's block of $\partial L / \partial W$ have a factor
# $r_t$ that those of $U$ and $b$ lack?

# %% [markdown] tags=["lstm"]
# **The memory.** In which two places is $q_t$ used? Which gradients meet in it, and through which
# gate does it flow from step $t + 1$ to step $t$?
#
# **The gates.** What is the derivative of the logistic function, expressed by its result? What
# multiplies it for each of $i_t$, $f_t$ and $o_t$, and which memory does the forget gate meet?
#
# **The recurrent layer.** The gradients of all four blocks together: how do those of $W$, $U$ and
# $b$ follow, and what flows back into $h_{t-1}$?

# %% [markdown] tags=["backward"]
# Write `backward`. Do not clip in it: clipping comes later, and would hide errors here.

# %%
check(student.backward)

# %% [markdown]
# Need a hint? Choose a function and a step: where to look, the equation, the slip.

# %%
functions = [student.softmax, student.forward, student.loss, student.backward, student.clip,
             student.adagrad, student.synthesise]  # fmt: skip
_ = interact(check, function=[(one.__name__, one) for one in functions], hint=(1, 3))

# %% [markdown]
# ## The gradient check, by hand
#
# `check` has done it already. Do it once yourself, for one entry of $W$: the loss a little above,
# the loss a little below.
#
# **Questions.** The central difference of step $\delta$ has an error that grows with $\delta^2$,
# and a rounding error that grows as $\delta$ shrinks. Which step is best? Try.

# %%
m, T = 100, 25
random = np.random.default_rng(400)

# %% tags=["rnn"]
rows, zero = m, np.zeros(m)

# %% tags=["gru"]
rows, zero = 3 * m, np.zeros(m)

# %% tags=["lstm"]
rows, zero = 4 * m, np.zeros((2, m))

# %%
p = Parameters(
    U=random.normal(0, 0.01, (rows, K)),
    W=random.normal(0, 0.01, (rows, m)),
    V=random.normal(0, 0.01, (K, m)),
    b=np.zeros(rows),
    c=np.zeros(K),
)

# %%
x, y, delta = text[:T], text[1 : T + 1], 1e-5
h, P = student.forward(p, x, zero)
mine = student.backward(p, x, y, h, P).W[0, 1]
p.W[0, 1] += delta
above = student.loss(student.forward(p, x, zero)[1], y)
p.W[0, 1] -= 2 * delta
below = student.loss(student.forward(p, x, zero)[1], y)
p.W[0, 1] += delta
print("backward:", mine, " central difference:", (above - below) / (2 * delta))

# %% [markdown]
# ## The update
#
# A gradient may be very large where the state passes through many steps: `clip` limits each of its
# entries. `adagrad` gives each parameter its own step size, smaller where gradients were larger.
#
# **Question.** What is the very first step of AdaGrad, whatever the size of the gradient?

# %% [markdown] tags=["clip"]
# Write `clip`.

# %% [markdown] tags=["adagrad"]
# Write `adagrad`.

# %%
check(student.clip)
check(student.adagrad)

# %% [markdown]
# ## Writing
#
# A text is written character by character: draw one from the probabilities, and read it next.
#
# **Questions.** What would the text look like if the likeliest character were always taken? How
# does one number in $[0, 1)$ choose among $K$ characters?

# %% [markdown] tags=["synthesise"]
# Write `synthesise`.

# %%
check(student.synthesise)

# %% [markdown]
# ## Training
#
# The book is read from front to back, $T$ characters at a time; the state is carried from one
# sequence to the next, and is zero again where the book begins anew. The loss of a sequence jumps
# about, so a smoothed one is drawn: it moves a thousandth of the way towards each new loss. The
# picture follows the training, and now and then the network writes a few lines. JupyterLab's stop
# button ends the training early; the cells below it work all the same. If it makes far fewer
# than a hundred updates a second, look for loops over the hidden units, and write products of
# matrices for them.

# %%
updates, every = 10_000, 200
starts = np.arange(0, len(text) - T, T)
s = Parameters(*(np.zeros_like(part) for part in p))
smooth, live = T * np.log(K), Live(f"smoothed loss, nats per {T} characters")

# %%
for step in range(updates + 1):
    start = starts[step % len(starts)]
    x, y = text[start : start + T], text[start + 1 : start + T + 1]
    state = zero if start == 0 else h[..., -1, :]
    h, P = student.forward(p, x, state)
    smooth += 0.001 * (student.loss(P, y) - smooth)
    if step % every == 0:
        sample = student.synthesise(p, state, x[0], 200, random.random(200))
        live.show(step, smooth, "".join(vocabulary[k] for k in sample))
    d = student.backward(p, x, y, h, P)
    d = student.clip(d, 5.0) or d
    p, s = student.adagrad(p, d, s, 0.1) or (p, s)

# %% [markdown]
# ## The evolution of the text

# %%
for step, loss, sample in live.samples[:: max(1, len(live.samples) // 5)]:
    print(f"update {step}, smoothed loss {loss:.1f}\n{sample}\n")

# %% [markdown]
# **Questions.** What does the network learn first: the letters, the length of words, or their
# spelling? By how much has the loss fallen from what you computed at the beginning? Divide by
# $T \ln 2$: how many bits does a character need?

# %% [markdown]
# ## A passage

# %%
passage = student.synthesise(p, h[..., -1, :], y[-1], 1000, random.random(1000))
print("".join(vocabulary[k] for k in passage))

# %% [markdown]
# ## All functions together
#
# `python check.py` in a terminal says the same as the cell below, and exits with status zero if
# all are right.

# %%
for function in functions:
    check(getattr(student, function.__name__))
