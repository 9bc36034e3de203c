"""Templates as they were compiled before, kept from run to run: compiling takes as long as drawing a small run's pages.

No page depends on it. What is kept is used only where it is as it was written, by this version of Jinja, of these
templates and of the module that sets them up.
"""

import contextlib
import hashlib
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket

from environments.files import replace_bytes

#: Bytes of a checksum, which what is kept begins with.
_SUM = hashlib.sha256().digest_size


def kept(module: Path) -> jinja2.BytecodeCache | None:
    """A cache in a folder of this user's own; None where there is none that nobody else can write to.

    ``module`` is the source of whoever sets up the templates: how they are compiled depends on its options.
    """
    try:
        return _Kept(module)
    except (RuntimeError, OSError):
        return None


class _Kept(jinja2.FileSystemBytecodeCache):
    def __init__(self, module: Path) -> None:
        super().__init__()
        self._made_with = hashlib.sha256(jinja2.__version__.encode() + module.read_bytes()).hexdigest()

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return super().get_cache_key(f"{self._made_with} {name}", filename)

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            found = self._place(bucket).read_bytes()
        except OSError:
            return
        # A disk may have changed it, and Python's own format for code does not notice.
        if hashlib.sha256(found[_SUM:]).digest() == found[:_SUM]:
            bucket.bytecode_from_string(found[_SUM:])

    def dump_bytecode(self, bucket: Bucket) -> None:
        code = bucket.bytecode_to_string()
        with contextlib.suppress(OSError):  # there may be no room
            replace_bytes(self._place(bucket), hashlib.sha256(code).digest() + code)

    def _place(self, bucket: Bucket) -> Path:
        return Path(self._get_cache_filename(bucket))
