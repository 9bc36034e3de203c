"""What is known about released versions, with where each fact comes from. Data only; nothing is fetched."""

from packaging.version import Version

#: TensorFlow minor -> the Pythons for which its latest patch has Linux x86-64 wheels, oldest to newest.
#: Source: the file names of ``tensorflow-cpu`` on the package registry's simple index, November 2026.
PYTHONS_OF_TENSORFLOW = {
    "1.15": ("3.7",),  # and older ones, which the agent does not run on
    "2.5": ("3.7", "3.8", "3.9"),
    "2.6": ("3.7", "3.8", "3.9"),
    "2.7": ("3.7", "3.8", "3.9"),
    "2.8": ("3.7", "3.8", "3.9", "3.10"),
    "2.9": ("3.7", "3.8", "3.9", "3.10"),
    "2.10": ("3.7", "3.8", "3.9", "3.10"),
    "2.11": ("3.8", "3.9", "3.10"),
    "2.12": ("3.8", "3.9", "3.10", "3.11"),
    "2.13": ("3.8", "3.9", "3.10", "3.11"),
    "2.14": ("3.9", "3.10", "3.11"),
    "2.15": ("3.9", "3.10", "3.11"),
    "2.16": ("3.9", "3.10", "3.11", "3.12"),
    "2.17": ("3.9", "3.10", "3.11", "3.12"),
    "2.18": ("3.9", "3.10", "3.11", "3.12"),
    "2.19": ("3.9", "3.10", "3.11", "3.12"),
    "2.20": ("3.9", "3.10", "3.11", "3.12", "3.13"),
    "2.21": ("3.10", "3.11", "3.12", "3.13"),
}

#: Before this release, ``tensorflow`` is the package for processors too.
#: Source: the releases of ``tensorflow-cpu`` on the registry: 1.15.0, which got no patches, then 2.1.0.
FIRST_TENSORFLOW_CPU = Version("2.1.0")

#: The first release whose ``and-cuda`` extra brings the CUDA libraries as packages.
#: Source: the extras in the metadata of ``tensorflow`` 2.13.1 (none) and 2.14.0 (and-cuda).
FIRST_AND_CUDA = Version("2.14.0")

#: Releases whose ``and-cuda`` extra pins TensorRT, which has no wheels to install from: 2.14.0 to 2.15.0.
#: Source: resolving ``tensorflow[and-cuda]``; 2.15.0.post1 was released to drop it.
LAST_AND_CUDA_WITH_TENSORRT = Version("2.15.0")
TENSORRT = ("tensorrt", "tensorrt-bindings", "tensorrt-libs")

#: The first release whose Keras is Keras 3, so that tf-keras means something else than the Keras inside.
#: Source: TensorFlow 2.16 release notes.
FIRST_KERAS_3 = Version("2.16.0")

#: Up to this minor, TensorFlow pins wrapt 1.12 and termcolor 1.1, which exist as source archives only.
#: Source: their files on the registry; ``tensorflow-cpu`` 2.6.5 fails with wheels only, 2.7.4 does not.
LAST_WITH_SOURCE_PACKAGES = Version("2.6.99")


def minor(version: str) -> str:
    """``2.15.1`` -> ``2.15``."""
    parsed = Version(version)
    return f"{parsed.major}.{parsed.minor}"


def pythons(tensorflow: str) -> tuple[str, ...]:
    """The Pythons that have wheels of this TensorFlow, oldest first; empty where it is not known."""
    return PYTHONS_OF_TENSORFLOW.get(minor(tensorflow), ())
