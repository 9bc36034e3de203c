from environments.dockerfile import text
from environments.lock import assemble
from environments.spec import Environment

ENVIRONMENT = Environment(
    id="tf2.18.1-legacy-cpu",
    tensorflow="2.18.1",
    keras="legacy",
    base_image="python:3.11-slim",
    variables=(("GREETING", 'say "hi" for $5\\n'), ("TF_USE_LEGACY_KERAS", "1")),
)
LOCK = assemble(ENVIRONMENT, "numpy==1.26.4 \\\n    --hash=sha256:aaaa\n")


def test_it_builds_from_an_empty_folder_with_the_lock_inside() -> None:
    lines = text(ENVIRONMENT, LOCK).splitlines()
    assert lines[:4] == [
        "# syntax=docker/dockerfile:1",
        f"# tf2.18.1-legacy-cpu, from the lock {LOCK.sha256}",
        "FROM python:3.11-slim",
        "COPY <<'CROSSLOAD_LOCK' /tmp/lock.txt",
    ]
    end = lines.index("CROSSLOAD_LOCK")
    assert "\n".join(lines[4:end]) == LOCK.text.rstrip()
    assert not any(line.startswith(("ADD", "COPY")) for line in lines[end:])


def test_the_packages_are_installed_by_their_hashes() -> None:
    found = text(ENVIRONMENT, LOCK)
    assert "uv pip install --no-cache --no-deps --require-hashes" in found
    assert "-r /tmp/lock.txt\n" in found
    assert found.endswith('CMD ["python"]\n')


def test_variables_mean_in_the_image_what_they_mean_in_the_matrix() -> None:
    lines = text(ENVIRONMENT, LOCK).splitlines()
    assert 'ENV TF_USE_LEGACY_KERAS="1"' in lines
    # A Dockerfile replaces $NAME and reads \\ and \" inside quotes.
    assert 'ENV GREETING="say \\"hi\\" for \\$5\\\\n"' in lines
