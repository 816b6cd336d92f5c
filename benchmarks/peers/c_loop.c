/* The updates of a vanilla network as a plain loop over OpenBLAS, in C.

   Compiled once for each precision: REAL is the type, GEMM and GEMV are the products of that type.
   U has a row for each character, (K, m); the other letters and shapes are those of
   rnn/vanilla.py. */

#include <cblas.h>
#include <string.h>
#include <tgmath.h>

typedef REAL real;

typedef struct {
    int K, m, T, B;
    real rate, clip, eps;
    real *theta, *gradient, *memory;  /* U, W, V, b, c, one after another */
    real *h, *p, *dh;                 /* (T + 1, B, m), (T * B, K), (T * B, m) */
} Learner;

/* C (rows, columns) = A B + beta C; a matrix that is to be transposed is marked. */
static void product(int rows, int columns, int inner, const real *a, int a_transposed,
                    const real *b, int b_transposed, real beta, real *c) {
    if (rows == 1) {
        if (b_transposed)
            GEMV(CblasRowMajor, CblasNoTrans, columns, inner, 1, b, inner, a, 1, beta, c, 1);
        else
            GEMV(CblasRowMajor, CblasTrans, inner, columns, 1, b, columns, a, 1, beta, c, 1);
        return;
    }
    GEMM(CblasRowMajor, a_transposed ? CblasTrans : CblasNoTrans,
         b_transposed ? CblasTrans : CblasNoTrans, rows, columns, inner, 1, a,
         a_transposed ? rows : inner, b, b_transposed ? inner : columns, beta, c, columns);
}

/* Fill the gradient for the sequences x, y (T, B), and return their loss. */
double fill_gradient(Learner *l, const int *x, const int *y) {
    const int K = l->K, m = l->m, T = l->T, B = l->B, n = T * B;
    const real *U = l->theta, *W = U + K * m, *V = W + m * m, *b = V + K * m, *c = b + m;
    real *dU = l->gradient, *dW = dU + K * m, *dV = dW + m * m, *db = dV + K * m, *dc = db + m;
    real *h = l->h, *p = l->p, *dh = l->dh;
    double loss = 0;

    for (int t = 0; t < T; t++) {
        real *a = h + (t + 1) * B * m;
        for (int i = 0; i < B; i++)
            for (int j = 0; j < m; j++) a[i * m + j] = U[x[t * B + i] * m + j] + b[j];
        product(B, m, m, h + t * B * m, 0, W, 1, 1, a);
        for (int i = 0; i < B * m; i++) a[i] = tanh(a[i]);
    }
    product(n, K, m, h + B * m, 0, V, 1, 0, p);
    for (int i = 0; i < n; i++) {
        real *o = p + i * K, largest = -INFINITY, total = 0;
        for (int k = 0; k < K; k++) o[k] += c[k];
        for (int k = 0; k < K; k++) largest = o[k] > largest ? o[k] : largest;
        loss -= o[y[i]] - largest;
        for (int k = 0; k < K; k++) total += o[k] = exp(o[k] - largest);
        loss += log(total);
        for (int k = 0; k < K; k++) o[k] /= total;
        o[y[i]] -= 1;
        for (int k = 0; k < K; k++) o[k] /= B;
    }

    memset(l->gradient, 0, sizeof(real) * (2 * K * m + m * m + m + K));
    product(K, m, n, p, 1, h + B * m, 0, 0, dV);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < K; k++) dc[k] += p[i * K + k];
    product(n, m, K, p, 0, V, 0, 0, dh);
    for (int t = T - 1; t >= 0; t--) {
        real *da = dh + t * B * m;
        const real *a = h + (t + 1) * B * m;
        if (t < T - 1) product(B, m, m, da + B * m, 0, W, 0, 1, da);
        for (int i = 0; i < B * m; i++) da[i] *= 1 - a[i] * a[i];
        for (int i = 0; i < B; i++)
            for (int j = 0; j < m; j++) {
                dU[x[t * B + i] * m + j] += da[i * m + j];
                db[j] += da[i * m + j];
            }
    }
    product(m, m, n, dh, 1, h, 0, 0, dW);
    return loss / B;
}

/* Make updates by AdaGrad from the start of the text (n, B) and a zero state. */
void train(Learner *l, const int *text, int count, double *losses) {
    const int T = l->T, B = l->B, m = l->m, size = 2 * l->K * m + m * m + m + l->K;
    memset(l->h, 0, sizeof(real) * B * m);
    for (int k = 0; k < count; k++) {
        losses[k] = fill_gradient(l, text + k * T * B, text + (k * T + 1) * B);
        for (int i = 0; i < size; i++) {
            real g = l->gradient[i];
            g = g > l->clip ? l->clip : g < -l->clip ? -l->clip : g;
            l->memory[i] += g * g;
            l->theta[i] -= l->rate * g / sqrt(l->memory[i] + l->eps);
        }
        memcpy(l->h, l->h + T * B * m, sizeof(real) * B * m);
    }
}
