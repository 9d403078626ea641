"""tinygrad's WEBGPU device as a peer: loads inputs, times an operator when asked to, saves its output.

The lines are those of ../compare.py. Times are the device's own timestamps: tinygrad makes its pipelines anew on every
call, so by the host's clock it would look slower than its kernels are.
"""

import contextlib
import io
import sys

import numpy as np
from tinygrad import Tensor
from tinygrad.helpers import Context, GlobalCounters


def read(folder, number, shape):
    return Tensor(np.fromfile(f"{folder}/{number}.bin", dtype=np.float32).reshape(shape)).realize()


def load(operator, sizes, folder):
    if operator == "matmul":
        m, n, k = sizes
        a, b = read(folder, 0, (m, k)), read(folder, 1, (k, n))
        return lambda: a.matmul(b)
    if operator == "conv2d":
        c, h, w, o, k, p, g = sizes
        x, weights = read(folder, 0, (1, c, h, w)), read(folder, 1, (o, c // g, k, k))
        return lambda: x.conv2d(weights, padding=p, groups=g)
    if operator == "gelu":
        (n,) = sizes
        x = read(folder, 0, (n,))
        return lambda: 0.5 * x * (1 + (x * 0.7071067811865476).erf())
    raise ValueError(f"no operator {operator}")


def once(compute):
    """Seconds that the kernels of one run took on the device."""
    GlobalCounters.reset()
    with Context(DEBUG=2), contextlib.redirect_stdout(io.StringIO()):
        compute().realize()
    return GlobalCounters.time_sum_s


def main():
    compute = None
    for line in sys.stdin:
        match line.split():
            case ["load", operator, *sizes, folder]:
                compute = load(operator, [int(size) for size in sizes], folder)
                answer = "loaded"
            case ["time", runs]:
                answer = " ".join(str(once(compute)) for _ in range(int(runs)))
            case ["save", file]:
                compute().numpy().astype(np.float32).tofile(file)
                answer = "saved"
            case _:
                raise ValueError(f"`{line}` is not understood")
        print("PEER", answer, flush=True)


main()
