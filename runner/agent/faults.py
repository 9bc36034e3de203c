"""What can be broken on purpose, as data. Read on both sides: by the planner and inside environments.

A fault of a file is done to what was saved, before anybody loads it. A fault of saving holds while it is saved:
then the artifact is what such a save leaves behind.
"""

from __future__ import annotations

from .capabilities import numbers

#: Fault -> what is done, in one sentence.
FAULTS = {
    "garbage": "64 random bytes are written into the middle of the file that holds the weights.",
    "bit_flip": "One bit of one weight is flipped: its sign.",
    "bit_flip_crc": "The sign of one weight is flipped, and the archive's checksum made to fit.",
    "truncated": "The file that holds the weights is cut in half, as an interrupted copy leaves it.",
    "emptied": "The file that holds the weights has no bytes.",
    "missing_shard": "The file of a directory that holds the weights is gone.",
    "missing_config": "The archive has no config.json.",
    "missing_weights": "The archive has no weights.",
    "lfs_pointer": "A git-lfs pointer stands in place of the file that holds the weights: it was never fetched.",
    "renamed": "The file has another extension, and is loaded by its new name.",
    "disk_full": "No file can grow beyond half of the largest that a whole save writes; writing more fails.",
    "killed": "The process is killed half way through the largest file.",
    "read_only": "The directory may not be written to.",
    "out_of_memory": "The process can get hardly any more memory while it saves.",
}
#: Those that hold while saving.
SAVING = ("disk_full", "killed", "read_only", "out_of_memory")

_KINDS = {
    "bit_flip_crc": ("zip",),
    "missing_config": ("zip",),
    "missing_weights": ("zip",),
    "missing_shard": ("directory",),
    "renamed": ("zip", "hdf5"),
}
_WHY = {
    "bit_flip_crc": "it is no archive with checksums that can be made to fit",
    "missing_config": "it is no archive with members",
    "missing_weights": "it is no archive with members",
    "missing_shard": "it is a single file",
    "renamed": "it is a directory, and its name says nothing",
}


def kind_of(format_name: str, keras: str) -> str:
    """``zip``, ``hdf5`` or ``directory``: what a version writes in a format; empty where only running can tell.

    Source: files written by TensorFlow 2.5 to 2.21; ``m.keras`` is an archive from Keras 2.13 on.
    """
    if format_name in ("h5", "weights"):
        return "hdf5"
    if format_name != "keras":
        return "directory"
    if not numbers(keras):
        return ""
    return "zip" if numbers(keras) >= (2, 13) else "hdf5"


def obstacle(fault: str, format_name: str, keras: str) -> str:
    """Why a fault means nothing for what a version writes in a format, in a sentence; empty where it does."""
    kind = kind_of(format_name, keras)
    if not kind or kind in _KINDS.get(fault, (kind,)):
        return ""
    return "The fault {} is not for what is written here: {}.".format(fault, _WHY[fault])
