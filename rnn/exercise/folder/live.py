"""What the lesson shows while the network learns: the loss as a curve, and what it writes.

It is no part of the exercise, and works in JupyterLab alone.
"""

import matplotlib.pyplot as plt
from IPython.display import DisplayHandle, display


class Live:
    """A picture and a text below it, both updated in place.

    Attributes
    ----------
    samples
        What was shown: the step, the loss and the text of each.
    """

    def __init__(self, label: str) -> None:
        self.samples: list[tuple[int, float, str]] = []
        self._figure, self._axes = plt.subplots(figsize=(7, 3))
        (self._line,) = self._axes.plot([], [])
        self._axes.set(xlabel="update", ylabel=label)
        plt.close(self._figure)  # or it would be shown once more
        self._picture, self._text = DisplayHandle(), DisplayHandle()
        self._begun = False

    def show(self, step: int, loss: float, text: str) -> None:
        """Add a point to the curve, and show a text."""
        self.samples.append((step, float(loss), text))
        steps, losses, _ = zip(*self.samples, strict=True)
        self._line.set_data(steps, losses)
        self._axes.relim()
        self._axes.autoscale_view()
        shown = {"text/plain": f"update {step}, smoothed loss {loss:.1f}\n{text}"}
        if self._begun:
            self._picture.update(self._figure)
            self._text.update(shown, raw=True)
        else:
            display(self._figure, display_id=self._picture.display_id)
            display(shown, raw=True, display_id=self._text.display_id)
        self._begun = True
