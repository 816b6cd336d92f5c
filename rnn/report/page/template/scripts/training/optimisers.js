// What a gradient does to the parameters, as in rnn/optimisers.py: clipping and the update rules.
// A rule has a memory of as many rows as it needs, at first zeros.
const clips = {
  value(gradient, limit) {
    for (let i = 0; i < gradient.length; i++) {
      const value = gradient[i];
      if (value > limit) gradient[i] = limit;
      else if (value < -limit) gradient[i] = -limit;
    }
  },
  norm(gradient, limit) {
    let sum = 0;
    for (let i = 0; i < gradient.length; i++) sum += gradient[i] * gradient[i];
    const norm = Math.sqrt(sum);
    if (norm <= limit) return;
    const scale = limit / norm;
    for (let i = 0; i < gradient.length; i++) gradient[i] *= scale;
  },
};

const optimisers = {
  adagrad: {
    rows: 1,
    rate: 0.1,
    update(theta, gradient, [s], rate) {
      for (let i = 0; i < theta.length; i++) {
        const g = gradient[i];
        s[i] += g * g;
        theta[i] -= (rate * g) / Math.sqrt(s[i] + 1e-8);
      }
    },
  },
  adam: {
    rows: 2,
    rate: 0.002,
    update(theta, gradient, [v, s], rate, step) {
      const eta = rate / (1 - 0.9 ** (step + 1)), unbias = 1 / Math.sqrt(1 - 0.999 ** (step + 1));
      const fast = 1 - 0.9, fresh = 1 - 0.999;
      for (let i = 0; i < theta.length; i++) {
        const g = gradient[i];
        v[i] = 0.9 * v[i] + fast * g;
        s[i] = 0.999 * s[i] + fresh * g * g;
        theta[i] -= (eta * v[i]) / (Math.sqrt(s[i]) * unbias + 1e-8);
      }
    },
  },
  rmsprop: {
    rows: 1,
    rate: 0.002,
    update(theta, gradient, [s], rate) {
      const fresh = 1 - 0.99;
      for (let i = 0; i < theta.length; i++) {
        const g = gradient[i];
        s[i] = 0.99 * s[i] + fresh * g * g;
        theta[i] -= (rate * g) / (Math.sqrt(s[i]) + 1e-8);
      }
    },
  },
};
