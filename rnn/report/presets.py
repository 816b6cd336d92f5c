"""The presets: named sets of parameters, chosen with PRESET. PARAMS overrides them."""

from typing import Any

PRESETS: dict[str, dict[str, Any]] = {
    # The KTH assignment: the defaults of the notebooks.
    "assignment": {},
    # A whole report in well under a minute.
    "quick": {
        "max_updates": 5000,
        "sample_every": 1000,
        "validation_limit": 20_000,
        "test_limit": 20_000,
        "dtype": "float32",
    },
    # The assignment's network and epochs, trained as one would today.
    "adam": {
        "optimiser": "adam",
        "learning_rate": 0.004,
        "schedule": "cosine",
        "initialisation": "orthogonal",
        "seq_length": 50,
        "batch_size": 4,
        "dtype": "float32",
        "sample_every": 2000,
    },
    # The lowest loss in some ten minutes on two cores. benchmarks/search.py found these values in
    # shorter runs. It chose a dropout of 0.2; at full length 0.2 and 0.4 do equally well.
    "best": {
        "cell": "gru",
        "hidden_size": 512,
        "seq_length": 32,
        "batch_size": 64,
        "optimiser": "adam",
        "learning_rate": 0.008,
        "schedule": "cosine",
        "warmup": 100,
        "clip_by": "norm",
        "dropout": 0.3,
        "initialisation": "orthogonal",
        "init_scale": 0.05,
        "random_offset": True,
        "dtype": "float32",
        "threads": 2,
        "epochs": 1_000_000,
        "max_updates": 4500,
        "sample_every": 750,
    },
}
