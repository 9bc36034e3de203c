import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parents[1]


def run_page_tests(require: str) -> subprocess.CompletedProcess[str]:
    """The page's tests on a machine whose PATH has no browser."""
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "tests/real/test_page.py",
            "-p",
            "no:cacheprovider",
            "-k",
            "axe or paper",
        ],
        cwd=HERE,
        env={**os.environ, "PATH": "/nonexistent", "CROSSLOAD_CHROMIUM": "", "CROSSLOAD_REQUIRE": require},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_missing_browser_skips_and_says_so() -> None:
    done = run_page_tests("docker")
    assert done.returncode == 0, done.stdout
    assert "not run here" in done.stdout
    (count,) = re.findall(r"^(\d+) skipped", done.stdout, re.MULTILINE)
    assert int(count) >= 7
    assert (
        f"{count} tests: There is no Chromium here; install it, or name it in CROSSLOAD_CHROMIUM."
        in done.stdout
    )


def test_a_missing_browser_fails_where_it_is_required() -> None:
    done = run_page_tests("docker, browser")
    assert done.returncode == 1
    (count,) = re.findall(r"(\d+) (?:failed|errors) in ", done.stdout)
    assert int(count) >= 7
    assert " skipped" not in done.stdout.splitlines()[-1]
    assert "CROSSLOAD_REQUIRE names 'browser', so this test may not be skipped." in done.stdout
