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
# # Many runs, one comparison
#
# A study trains a grid of settings, each with several seeds, and compares them.

# %% [markdown]
# ## The question

# %% tags=["parameters"]
folder = "../reports/tales-study"

# %%
from rnn.exhibits import comparison, comparison_figures
from rnn.exhibits.show import show
from rnn.files.results import read_study
from rnn.files.storage import from_notebooks

# %%
(folder,) = from_notebooks(folder)
study = read_study(folder)

# %%
planned = {(i, seed) for i in range(len(study.combinations)) for seed in study.seeds}
made = {(row.combination, row.seed) for row in study.rows}
assert made <= planned
assert len(made) == len(study.rows), "a run that is there twice"

# %%
show(comparison.question(study))
show(comparison.design(study))

# %% [markdown]
# ## How they learned
#
# The smoothed loss follows the losses of single sequences slowly. It is that of text which the
# network is learning from, and says little of how a setting does on text that it has not seen.

# %%
show(comparison_figures.learning_curves(study))

# %% [markdown]
# ## The losses compared
#
# The same setting ends elsewhere with another seed. A difference between two settings means little
# unless it is large beside what the seeds alone do.

# %%
show(comparison_figures.losses_by_setting(study))
show(comparison.outcomes(study))
show(comparison.tested(study))

# %% [markdown]
# With the same seed, two settings start from the same random numbers. So the differences are taken
# seed by seed: $d_s = L_s - L_s^{\text{baseline}}$. If the settings were equal in the mean, and the
# differences normally distributed, the mean $\bar d$ of $n$ differences, over its standard error,
# would follow Student's distribution,
#
# $$ t = \frac{\bar d}{\hat\sigma_d / \sqrt{n}} \sim t_{n-1}. $$
#
# A few seeds can't show whether the differences are normally distributed, so p is no more than a
# guide. Of many comparisons some look large by chance. *Holm's method* corrects the probabilities
# for their number.

# %%
show(comparison.differences(study))
show(comparison.told_apart(study))
show(comparison_figures.parameter_map(study))

# %% [markdown]
# A lower loss may be bought with time.

# %%
show(comparison_figures.loss_against_seconds(study))

# %% [markdown]
# ## The same opening

# %%
show(comparison.continuations(study))

# %% [markdown]
# ## The runs
#
# Training that diverges is a result, and what it says is that the setting is no good with that
# seed. A run that failed for another reason, such as a machine that went away, says nothing.

# %%
show(comparison.undone(study))
show(comparison.machines(study))
show(comparison.runs(study))

# %% [markdown]
# ### Further reading
#
# - S. Holm (1979). A simple sequentially rejective multiple test procedure. *Scandinavian Journal
#   of Statistics* 6(2), 65–70.
# - X. Bouthillier et al. (2021). Accounting for variance in machine learning benchmarks.
#   *Proceedings of Machine Learning and Systems* 3, 747–769.
# - R. Agarwal, M. Schwarzer, P. S. Castro, A. C. Courville and M. G. Bellemare (2021). Deep
#   reinforcement learning at the edge of the statistical precipice. *NeurIPS*.
