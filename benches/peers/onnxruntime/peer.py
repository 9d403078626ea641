"""ONNX Runtime's CPU provider as a peer: builds a model of one workload, times it when asked to, saves its output.

The lines are those of ../../peer.rs: `load WORKLOAD FOLDER`, `time RUNS`, `save FILE`, where the workload is wgtune's own
line and the folder has the inputs as `0.bin` and so on. Without these files inputs are random. Weights and bias are
constants, as in a network; input and output are bound beforehand, so that no run copies them.
Usage: peer.py THREADS
"""

import os
import re
import sys
import time

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

OPSET = 21
TYPES = {"f32": (TensorProto.FLOAT, np.float32), "f16": (TensorProto.FLOAT16, np.float16)}


class Model:
    """An ONNX graph as it grows: nodes one after the other, each taking the result of the one before."""

    def __init__(self, element, folder):
        self.element, self.numpy_type = TYPES[element]
        self.folder, self.read_so_far = folder, 0
        self.nodes, self.constants, self.inputs, self.feeds = [], [], [], {}

    def values(self, shape):
        """The next of wgtune's inputs."""
        file = f"{self.folder}/{self.read_so_far}.bin"
        self.read_so_far += 1
        if os.path.exists(file):
            return np.fromfile(file, dtype=np.float32).reshape(shape).astype(self.numpy_type)
        generator = np.random.default_rng(self.read_so_far)
        return generator.uniform(-1, 1, shape).astype(self.numpy_type)

    def input(self, name, shape):
        self.feeds[name] = self.values(shape)
        self.inputs.append(helper.make_tensor_value_info(name, self.element, shape))
        return name

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values, self.numpy_type), name))
        return name

    def node(self, operator, *operands, **attributes):
        result = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, operands, [result], **attributes))
        return result

    def session(self, result, shape, threads):
        output = helper.make_tensor_value_info(result, self.element, shape)
        graph = helper.make_graph(self.nodes, "workload", self.inputs, [output], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def split(workload):
    """Operator, element, dims, whether transposed or channels last, expression, steps."""
    head, _, expression = workload.partition(":gelu(")
    words, *steps = head.split("+")
    operator, element, dims, *layout = words.split(":")
    sizes = {name: int(size) for name, size in re.findall(r"([a-z]+)(\d+)", dims)}
    return operator, element, sizes, layout, f"gelu({expression}" if expression else None, steps


def steps_of(model, value, steps, channels, shape):
    """The epilogue as nodes; `channels` is the shape that a bias is broadcast from."""
    for step in steps:
        name, number = re.fullmatch(r"([a-z_]+?)([\d.]*)", step).groups()
        if name == "bias":
            values = model.values([max(channels)]).reshape(channels)
            value = model.node("Add", value, model.constant("bias", values))
        elif name == "residual":
            value = model.node("Add", value, model.input("residual", shape))
        elif name == "relu" and number:
            bounds = (model.constant("low", np.array(0.0)), model.constant("high", np.array(float(number))))
            value = model.node("Clip", value, *bounds)
        elif name == "relu":
            value = model.node("Relu", value)
        elif name == "gelu":
            value = model.node("Gelu", value)
        else:
            raise ValueError(f"step {step} is not understood")
    return value


def convolution(model, sizes, layout, steps):
    def pair(name, unsaid=None):
        return [sizes.get(name + way, sizes.get(name, unsaid)) for way in "hw"]

    if layout and layout != ["nchw"]:
        raise ValueError("ONNX has convolutions of NCHW only")
    n, c, h, w, o, g = (sizes.get(name, 1) for name in "nchwog")
    k, s, p, d = pair("k"), pair("s", 1), pair("p", 0), pair("d", 1)
    out = [(size + 2 * p[i] - (k[i] - 1) * d[i] - 1) // s[i] + 1 for i, size in enumerate((h, w))]
    shape = [n, o, *out]
    operands = [model.input("x", [n, c, h, w]), model.constant("w", model.values([o, c // g, *k]))]
    if steps and steps[0] == "bias":
        operands.append(model.constant("bias", model.values([o])))
        steps = steps[1:]
    value = model.node("Conv", *operands, strides=s, pads=[*p, *p], dilations=d, group=g, kernel_shape=k)
    return steps_of(model, value, steps, [1, o, 1, 1], shape), shape


def matmul(model, sizes, layout, steps):
    b, m, n, k = (sizes.get(name, 1) for name in "bmnk")
    layout = (layout or ["nn"])[0]
    batch = [b] if "b" in sizes else []
    left = model.input("a", [*batch, k, m] if layout[0] == "t" else [*batch, m, k])
    right = model.values([*batch, n, k] if layout[1] == "t" else [*batch, k, n])
    if layout[0] == "t":
        left = model.node("Transpose", left, perm=[1, 0] if not batch else [0, 2, 1])
    right = model.constant("w", np.swapaxes(right, -1, -2) if layout[1] == "t" else right)
    shape = [*batch, m, n]
    return steps_of(model, model.node("MatMul", left, right), steps, [n], shape), shape


def chain(model, sizes, expression):
    if expression != "gelu(x)":
        raise ValueError("of chains only gelu(x) is understood")
    shape = list(sizes.values())
    return model.node("Gelu", model.input("x", shape)), shape


class Loaded:
    """A session with its input and output bound."""

    def __init__(self, workload, folder, threads):
        operator, element, sizes, layout, expression, steps = split(workload)
        model = Model(element, folder)
        if operator == "conv2d":
            value, shape = convolution(model, sizes, layout, steps)
        elif operator == "matmul":
            value, shape = matmul(model, sizes, layout, steps)
        elif operator == "chain":
            value, shape = chain(model, sizes, expression)
        else:
            raise ValueError(f"no operator {operator}")
        self.session = model.session(value, shape, threads)
        self.binding = self.session.io_binding()
        self.feeds = {name: onnxruntime.OrtValue.ortvalue_from_numpy(feed) for name, feed in model.feeds.items()}
        for name, feed in self.feeds.items():
            self.binding.bind_ortvalue_input(name, feed)
        self.output = onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(shape, model.numpy_type))
        self.binding.bind_ortvalue_output(value, self.output)

    def time(self):
        """Seconds that one run takes by the host's clock."""
        begin = time.perf_counter()
        self.session.run_with_iobinding(self.binding)
        return time.perf_counter() - begin

    def save(self, file):
        self.time()
        self.output.numpy().astype(np.float32).tofile(file)


def main():
    threads, loaded = int(sys.argv[1]), None
    for line in sys.stdin:
        match line.split():
            case ["load", workload, folder]:
                loaded = Loaded(workload, folder, threads)
                answer = "loaded"
            case ["time", runs]:
                answer = " ".join(str(loaded.time()) for _ in range(int(runs)))
            case ["save", file]:
                loaded.save(file)
                answer = "saved"
            case _:
                raise ValueError(f"`{line}` is not understood")
        print("PEER", answer, flush=True)


main()
