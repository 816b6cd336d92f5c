// The evolution of the text under a curve of the loss: all samples, and one at a time once one is chosen.

// Draws the curve, and returns a function that moves its dot to a sample.
function lossCurve(figure, losses) {
  const dot = one(".dot", figure), high = Math.max(...losses), low = Math.min(...losses);
  const x = (i) => (100 * i) / Math.max(losses.length - 1, 1);
  const y = (loss) => 4 + (32 * (high - loss)) / (high - low || 1);
  one("polyline", figure).setAttribute("points", losses.map((loss, i) => `${x(i)},${y(loss)}`).join(" "));
  return (i) => {
    dot.style.insetInlineStart = `${x(i)}%`;
    dot.style.top = `${y(losses[i]) / 16}rem`; // the curve is 40 units, or 2.5rem, high
  };
}

function playEvolution(figure) {
  const samples = all(".samples li", figure), last = samples.length - 1;
  const [slider, play, every, label] = ["input", ".play", ".every", "output"].map((s) => one(s, figure));
  const moveDot = lossCurve(figure, samples.map((sample) => Number(sample.dataset.loss)));
  let timer = null;

  const show = (i) => {
    slider.value = i;
    samples.forEach((sample, j) => sample.classList.toggle("current", i === j));
    label.textContent = one(".step", samples[i]).textContent;
    slider.setAttribute("aria-valuetext", label.textContent);
    moveDot(i);
  };
  const showAll = (yes) => {
    figure.classList.toggle("one", !yes);
    every.setAttribute("aria-pressed", yes);
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  };
  const advance = () => {
    if (slider.valueAsNumber < last) show(slider.valueAsNumber + 1);
    else stop();
  };
  const start = () => {
    showAll(false);
    if (slider.valueAsNumber === last) show(0);
    play.textContent = "Pause";
    timer = setInterval(advance, 900);
  };

  slider.addEventListener("input", () => {
    stop();
    showAll(false);
    show(slider.valueAsNumber);
  });
  play.addEventListener("click", () => {
    if (timer) stop();
    else start();
  });
  every.addEventListener("click", () => {
    stop();
    showAll(figure.classList.contains("one"));
  });
  slider.max = last;
  show(last);
  stop();
  showAll(true);
}
for (const figure of all("figure.evolution")) playEvolution(figure);
