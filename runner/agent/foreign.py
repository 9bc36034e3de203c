"""What people give for a model by mistake, told from its first bytes. Nothing is unpacked and nothing is run."""

from __future__ import annotations

#: Bytes from the beginning that are enough to tell.
HEAD = 4096
_PICKLE = "a pickle, which runs whatever its author wanted; it is not opened"
_AS_TEXT = "an HDF5 file that was handled as text on its way, which changes bytes in all of it: copy it again as binary"
#: Where it stands, what it is, and the words for it.
_MAGIC = (
    (4, b"TFL3", "a TensorFlow Lite model: it is run by an interpreter, and no Keras loads it"),
    (0, b"\x80\x02", _PICKLE),
    (0, b"\x80\x03", _PICKLE),
    (0, b"\x80\x04", _PICKLE),
    (0, b"\x80\x05", _PICKLE),
    (0, b"version https://git-lfs", "a Git LFS pointer: the model itself was not downloaded"),
    (0, b"\x1f\x8b", "an archive packed with gzip: unpack it first"),
    (0, b"BZh", "an archive packed with bzip2: unpack it first"),
    (0, b"\xfd7zXZ", "an archive packed with xz: unpack it first"),
    (0, b"\x28\xb5\x2f\xfd", "an archive packed with zstd: unpack it first"),
    (0, b"7z\xbc\xaf", "an archive packed with 7-Zip: unpack it first"),
    (0, b"Rar!", "an archive packed with RAR: unpack it first"),
    (257, b"ustar", "a tar archive: unpack it first"),
    (0, b"\x93NUMPY", "an array that NumPy wrote: it has no architecture"),
    (0, b"GGUF", "a language model in GGUF, which no Keras loads"),
    (0, b"\x89PNG", "a picture"),
    (0, b"\xff\xd8\xff", "a picture"),
    (0, b"%PDF", "a PDF document"),
    # Line ends that were changed, and bytes that were read as UTF-8. The second byte of PNG is another one.
    (0, b"\x89HDF\n\x1a\n", _AS_TEXT),
    (0, b"\x89HDF\r\r\n", _AS_TEXT),
    (0, b"\xef\xbf\xbdHDF", _AS_TEXT),
    (0, b"\xc2\x89HDF", _AS_TEXT),
)
_NOTHING = "neither HDF5 nor a zip archive, so it is no file that Keras wrote"


def sentence(head: bytes, name: str = "") -> str:
    """What a file that is not empty is instead of a model; ``head`` are its first :data:`HEAD` bytes."""
    if not head.strip(b"\0"):
        return "It begins with nothing but zeros: a download that was cut off, or a place-holder."
    return "This is {}.".format(_what(head, name))


def _what(head: bytes, name: str) -> str:
    for place, magic, what in _MAGIC:
        if head[place:].startswith(magic):
            return what
    if head[8:10] == b'{"' and int.from_bytes(head[:8], "little") < 1 << 27:
        return "weights in safetensors: they have no architecture, and no Keras loads them by themselves"
    if _onnx(head):
        return "an ONNX model, which no Keras loads: it is run by an ONNX runtime"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:400].lower()
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<error")):
        return "a web page, saved under a model's name: the download needs another address, or a login"
    if text.startswith(b"{") and (b'"weightsManifest"' in head or b'"modelTopology"' in head):
        if b'"graph-model"' in head:
            return (
                "a graph of TensorFlow.js, which no Keras loads: ask for the model that it was converted from"
            )
        return (
            "a model of TensorFlow.js: its converter (pip install tensorflowjs) makes it a Keras file, with"
            " --input_format tfjs_layers_model --output_format keras"
        )
    if text.startswith((b"{", b"[")):
        return "text, perhaps an architecture as JSON; the weights are another file"
    if text.startswith((b"backend:", b"class_name:")):
        return "an architecture as YAML, which Keras has not read since TensorFlow 2.6; the weights are another file"
    if name.endswith(".pb"):
        return "what looks like a frozen TensorFlow 1 graph: it has no signature, and no Keras loads it"
    if _readable(head):
        return "text, and no model"
    return _NOTHING


def _onnx(head: bytes) -> bool:
    """Field 1 is the version of the format, a small number; field 2 names who wrote it (onnx.proto: ModelProto)."""
    if len(head) < 5 or head[0] != 0x08 or not 1 <= head[1] <= 30 or head[2] != 0x12:
        return False
    producer = head[4 : 4 + head[3]]
    return 0 < head[3] < 100 and len(producer) == head[3] and _readable(producer)


def _readable(content: bytes) -> bool:
    return all(byte in b"\t\r\n" or 32 <= byte < 127 for byte in content)
