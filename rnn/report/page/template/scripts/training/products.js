// The three matrix products of training. Matrices are stored by rows, of m numbers each. Four rows,
// or four characters, are taken at a time: that loads fewer numbers, and no sum waits for another.

// out = A x, where x begins at `from` and out at `to`.
function multiply(A, rows, m, x, from, out, to) {
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const a = i * m, b = a + m, c = b + m, d = c + m;
    let p = 0, q = 0, r = 0, s = 0;
    for (let j = 0; j < m; j++) {
      const value = x[from + j];
      p += A[a + j] * value;
      q += A[b + j] * value;
      r += A[c + j] * value;
      s += A[d + j] * value;
    }
    out[to + i] = p;
    out[to + i + 1] = q;
    out[to + i + 2] = r;
    out[to + i + 3] = s;
  }
  for (; i < rows; i++) {
    let sum = 0;
    for (let j = 0, a = i * m; j < m; j++) sum += A[a + j] * x[from + j];
    out[to + i] = sum;
  }
}

// out += Aᵀ g, where g begins at `from` and out at `to`.
function multiplyBack(A, rows, m, g, from, out, to) {
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const a = i * m, b = a + m, c = b + m, d = c + m;
    const p = g[from + i], q = g[from + i + 1], r = g[from + i + 2], s = g[from + i + 3];
    for (let j = 0; j < m; j++) {
      out[to + j] += p * A[a + j] + q * A[b + j] + r * A[c + j] + s * A[d + j];
    }
  }
  for (; i < rows; i++) {
    const p = g[from + i];
    for (let j = 0, a = i * m; j < m; j++) out[to + j] += p * A[a + j];
  }
}

// D = the sum over t of g_t h_tᵀ, where the T vectors h_t begin at `from`.
function outer(D, rows, m, g, h, from, T) {
  D.fill(0);
  let t = 0;
  for (; t + 4 <= T; t += 4) {
    const a = from + t * m, b = a + m, c = b + m, d = c + m;
    for (let i = 0; i < rows; i++) {
      const at = t * rows + i, row = i * m;
      const p = g[at], q = g[at + rows], r = g[at + 2 * rows], s = g[at + 3 * rows];
      for (let j = 0; j < m; j++) {
        D[row + j] += p * h[a + j] + q * h[b + j] + r * h[c + j] + s * h[d + j];
      }
    }
  }
  for (; t < T; t++) {
    for (let i = 0, a = from + t * m; i < rows; i++) {
      const p = g[t * rows + i], row = i * m;
      for (let j = 0; j < m; j++) D[row + j] += p * h[a + j];
    }
  }
}
