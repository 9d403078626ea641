"""Writes FOLDER/model.onnx: one operator, in the version that wonnx reads. Usage: model.py OPERATOR SIZES... FOLDER"""

import sys

from onnx import TensorProto, helper, save


def main():
    operator, *sizes, folder = sys.argv[1:]
    sizes = [int(size) for size in sizes]
    if operator == "matmul":
        m, n, k = sizes
        shapes, output, node, attributes = [(m, k), (k, n)], (m, n), "MatMul", {}
    elif operator == "conv2d":
        c, h, w, o, k, p, g = sizes
        shapes, output, node = [(1, c, h, w), (o, c // g, k, k)], (1, o, h + 2 * p - k + 1, w + 2 * p - k + 1), "Conv"
        attributes = {"kernel_shape": [k, k], "pads": [p] * 4, "strides": [1, 1], "dilations": [1, 1], "group": g}
    else:
        sys.exit(f"wonnx has no operator for {operator}")
    names = [f"input{number}" for number in range(len(shapes))]
    tensor = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(
        [helper.make_node(node, names, ["output"], **attributes)],
        "one",
        [tensor(name, shape) for name, shape in zip(names, shapes)],
        [tensor("output", output)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    save(model, f"{folder}/model.onnx")


main()
