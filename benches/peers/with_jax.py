"""The job in JAX: `python with_jax.py [--patches]`."""

import sys

import jax
import jax.numpy as jnp
from jax import lax, nn, random

import job

# Convolutions as products of patches, and pooling as a maximum over axes.
PATCHES = "--patches" in sys.argv

KERNELS = {"net1": (10, 2, 3, 3), "net2": (10, 1, 3, 3)}
DENSE = {"net1": [(80, 50), (50, 10), (10, 2)], "net2": [(80, 80), (80, 10), (20, 50), (50, 2)]}


def initial(network, key):
    """Returns weights and bias of each layer, uniform in ±1/√fan_in."""
    parameters = []
    for shape in [KERNELS[network], (20, 10, 3, 3), *DENSE[network]]:
        fan_in, outputs = (shape[0], shape[1]) if len(shape) == 2 else (9 * shape[1], shape[0])
        key, weight, bias = random.split(key, 3)
        bound = fan_in**-0.5
        uniform = lambda key, shape: random.uniform(key, shape, minval=-bound, maxval=bound)
        parameters.append((uniform(weight, shape), uniform(bias, (outputs,))))
    return parameters


def conv(x, weight, bias):
    if not PATCHES:
        return lax.conv(x, weight, (1, 1), "VALID") + bias[:, None, None]
    samples, channels, height, width = x.shape
    shifted = [x[:, :, i : height - 2 + i, j : width - 2 + j] for i in range(3) for j in range(3)]
    patches = jnp.stack(shifted, 2).reshape(samples, 9 * channels, height - 2, width - 2)
    return jnp.einsum("nkhw,ok->nohw", patches, weight.reshape(-1, 9 * channels)) + bias[:, None, None]


def pool_relu(x):
    if not PATCHES:
        return nn.relu(lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID"))
    samples, channels, height, width = x.shape
    return nn.relu(x.reshape(samples, channels, height // 2, 2, width // 2, 2).max((3, 5)))


def dense(x, layers):
    *hidden, (weight, bias) = layers
    for w, b in hidden:
        x = nn.relu(x @ w + b)
    return x @ weight + bias


def forward(network, parameters, pixels, key=None):
    """Returns the comparison's scores and, for Net2, the digits' scores; a key means dropout."""
    first, second, *rest = parameters
    x = pixels.reshape(-1, 1, 14, 14) if network == "net2" else pixels
    x = conv(pool_relu(conv(x, *first)), *second)
    if key is not None:
        x = x * (random.bernoulli(key, 0.8, (*x.shape[:2], 1, 1)) / 0.8)
    x = pool_relu(x).reshape(-1, 80)
    if network == "net1":
        return dense(x, rest), None
    scores = dense(x, rest[:2])
    return dense(scores.reshape(-1, 20), rest[2:]), scores


def nll(scores, labels):
    return -jnp.take_along_axis(nn.log_softmax(scores), labels[:, None], 1).mean()


def loss_of(parameters, network, pixels, targets, digits, key):
    output, scores = forward(network, parameters, pixels, key)
    loss = nll(output, targets)
    return loss if scores is None else loss + nll(scores, digits.reshape(-1))


def metrics_of(network, parameters, pixels, targets, digits):
    output, scores = forward(network, parameters, pixels)
    metrics = [nll(output, targets), (output.argmax(1) == targets).mean()]
    if scores is not None:
        digits = digits.reshape(-1)
        metrics += [nll(scores, digits), (scores.argmax(1) == digits).mean()]
    return jnp.stack(metrics)


def main():
    if PATCHES:
        sys.argv.remove("--patches")
    options = job.arguments()
    network, batch = options.network, options.batch
    train, test = ([jnp.asarray(a) for a in job.pairs(split, 1000)] for split in ("train", "t10k"))

    def step(state, chosen_and_key):
        (parameters, velocity), (chosen, key) = state, chosen_and_key
        gradient = jax.grad(loss_of)(parameters, network, *(a[chosen] for a in train), key)
        velocity = jax.tree.map(lambda v, g: 0.5 * v + g, velocity, gradient)
        return (jax.tree.map(lambda p, v: p - 0.01 * v, parameters, velocity), velocity), None

    @jax.jit
    def epoch(state, key):
        shuffle, last, *keys = random.split(key, 2 + 1000 // batch)
        order = random.permutation(shuffle, 1000)
        whole = len(keys) * batch
        state, _ = lax.scan(step, state, (order[:whole].reshape(-1, batch), jnp.stack(keys)))
        if whole < 1000:
            state, _ = step(state, (order[whole:], last))
        return state, [metrics_of(network, state[0], *part) for part in (train, test)]

    begin = jax.jit(lambda key: initial(network, key))

    def run(seed, epochs):
        key = random.key(seed)
        parameters = begin(key)
        state = (parameters, jax.tree.map(jnp.zeros_like, parameters))
        for number in range(epochs):
            state, metrics = epoch(state, random.fold_in(key, number))
            metrics = [m.tolist() for m in metrics]
        return metrics[1][1]

    job.measure(f"JAX {jax.__version__}{', patches' if PATCHES else ''}", run, options)


main()
