"""What one environment is, as a plain value."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Backend = Literal["tensorflow", "jax", "torch"]
Device = Literal["cpu", "cuda"]

#: Values of ``keras`` that are not a version.
BUNDLED = "bundled"
LEGACY = "legacy"
NIGHTLY = "nightly"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One pinned stack: base, Python, TensorFlow, Keras, backend and device.

    ``tensorflow`` is an exact version, ``"nightly"``, or None where another backend carries Keras or where
    ``image`` brings its own. ``keras`` is an exact version, ``"bundled"`` (whatever resolves with that
    TensorFlow), ``"legacy"`` (tf-keras) or ``"nightly"``.
    """

    id: str
    tensorflow: str | None = None
    keras: str = BUNDLED
    backend: Backend = "tensorflow"
    device: Device = "cpu"
    python: str = "3.11"
    #: Resolve as the registry was on this day; None means today.
    as_of: date | None = None
    #: The container image that packages are provisioned on; the venv engine uses a host Python instead.
    base_image: str = ""
    #: Ask the container engine for GPUs.
    gpus: bool = False
    #: A ready-made image that is used as it is: no lock, nothing installed.
    image: str | None = None
    #: Further requirements, resolved into the lock with the rest.
    packages: tuple[str, ...] = ()
    #: Environment variables set inside, sorted by name.
    variables: tuple[tuple[str, str], ...] = ()
    #: Seconds that one cell may take.
    timeout: float = 60.0
    #: Bytes of resident memory that one cell may take.
    memory: int = 2 * 1024**3

    @property
    def floating(self) -> bool:
        """True where the packages are resolved anew at each run instead of read from a committed lock."""
        return self.tensorflow == NIGHTLY or self.keras == NIGHTLY

    @property
    def locked(self) -> bool:
        """True where the environment installs from a lock; False for a ready-made image."""
        return self.image is None
