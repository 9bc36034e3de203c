"""What is given for a model by mistake is called by its name."""

import pytest

from runner.agent.foreign import sentence


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (b"\0" * 64, "nothing but zeros"),
        (b"\x1c\0\0\0TFL3\0\0", "TensorFlow Lite"),
        (b"\x80\x04\x95\0\0", "pickle"),
        (b"\x1f\x8b\x08\0", "gzip: unpack"),
        (b"\0" * 10 + b"x" * 247 + b"ustar", "tar archive"),
        (b"\x93NUMPY\x01\0", "NumPy"),
        (b"\x40\0\0\0\0\0\0\0" + b'{"a":{"dtype":"F32"}}', "safetensors"),
        (b"\x08\x08\x12\x07pytorch\x1a\x052.1.0", "ONNX"),
        (b"GGUF\x03\0\0\0", "GGUF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"%PDF-1.5", "PDF"),
        (b"\x89HDF\n\x1a\n\0\0", "handled as text"),
        (b"\xef\xbf\xbdHDF\r\n\x1a\n", "handled as text"),
        (b"\n <HTML><body>", "web page"),
        (b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code>", "web page"),
        (b'{"class_name": "Sequential"}', "architecture as JSON"),
        (
            b'{"format": "layers-model", "generatedBy": "keras v2.15.0", "modelTopology": {"keras_',
            "its converter",
        ),
        (b'{"modelTopology": {"class_name": "Model"}, "weightsManifest": [', "its converter"),
        (b'{"format": "graph-model", "modelTopology": {"node": [{', "a graph of TensorFlow.js"),
        (b"backend: tensorflow\nclass_name: Sequential\n", "YAML"),
        (b"hello\n", "text, and no model"),
        (b"\xfe\xff\0h", "neither HDF5 nor"),
        (b"\x08\x07\x12\xff", "neither HDF5 nor"),
    ],
)
def test_it_is_called_by_its_name(head: bytes, word: str) -> None:
    said = sentence(head, "model.h5")
    assert word in said
    assert said.endswith(".")


def test_a_graph_is_known_by_its_name_only() -> None:
    assert "frozen" in sentence(b"\x0a\x2f\x0a\x05input\x12\x0b", "graph.pb")
    assert "frozen" not in sentence(b"\x0a\x2f\x0a\x05input\x12\x0b", "graph.h5")
