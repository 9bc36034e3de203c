"""A Dockerfile for those who want an environment as an image. Runs of ours never build one."""

from environments.lock import Lock
from environments.requirements import resolver_options
from environments.spec import Environment


def text(environment: Environment, lock: Lock) -> str:
    """The whole Dockerfile, lock included: it builds from an empty folder."""
    end = "CROSSLOAD_LOCK"
    variables = "".join(f"ENV {name}={_quoted(value)}\n" for name, value in environment.variables)
    options = " ".join(resolver_options(environment))
    return (
        "# syntax=docker/dockerfile:1\n"
        f"# {environment.id}, from the lock {lock.sha256}\n"
        f"FROM {environment.base_image}\n"
        f"COPY <<'{end}' /tmp/lock.txt\n"
        f"{lock.text.rstrip()}\n"
        f"{end}\n"
        "RUN python3 -m venv /opt/crossload \\\n"
        " && /opt/crossload/bin/pip install --no-cache-dir uv \\\n"
        " && /opt/crossload/bin/uv pip install --no-cache --no-deps --require-hashes"
        f"{' ' + options if options else ''} --python /opt/crossload/bin/python -r /tmp/lock.txt\n"
        'ENV PATH="/opt/crossload/bin:$PATH"\n'
        f"{variables}"
        'CMD ["python"]\n'
    )


def _quoted(value: str) -> str:
    """A value as ``ENV`` reads it: inside quotes, with what has a meaning there escaped."""
    for character in ("\\", '"', "$"):
        value = value.replace(character, f"\\{character}")
    return f'"{value}"'
