import os
import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from environments import uv


def test_the_program_runs() -> None:
    said = subprocess.run([uv.binary(), "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("uv ")


def test_pip_variables_are_translated_when_uv_has_none() -> None:
    host = {
        "PIP_INDEX_URL": "https://packages.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://a.example/simple /srv/wheels https://b.example/simple",
    }
    assert uv.network(host) == {
        "UV_DEFAULT_INDEX": "https://packages.example/simple",
        "UV_INDEX": "https://a.example/simple https://b.example/simple",
    }


def test_uv_variables_win_over_pip_variables() -> None:
    host = {
        "PIP_INDEX_URL": "https://pip.example/simple",
        "UV_INDEX_URL": "https://uv.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://pip.example/more",
        "UV_EXTRA_INDEX_URL": "https://uv.example/more",
    }
    assert uv.network(host) == {
        "UV_INDEX_URL": "https://uv.example/simple",
        "UV_EXTRA_INDEX_URL": "https://uv.example/more",
    }


def test_a_folder_as_pip_index_is_not_an_index_for_uv() -> None:
    assert uv.network({"PIP_INDEX_URL": "/srv/simple", "PIP_EXTRA_INDEX_URL": "/srv/more"}) == {}


def test_proxies_pass_in_both_cases_and_nothing_else_does() -> None:
    host = {
        "https_proxy": "http://proxy.example:3128",
        "HTTPS_PROXY": "http://proxy.example:3128",
        "NO_PROXY": "localhost",
        "UV_INDEX_COMPANY_PASSWORD": "correct-horse",
        "UV_CACHE_DIR": "/home/me/cache",
        "UV_FIND_LINKS": "/srv/wheels",
        "UV_PUBLISH_TOKEN": "no",
        "AWS_SECRET_ACCESS_KEY": "no",
        "HOME": "/home/me",
        "HTTP_PROXY": "",
    }
    assert set(uv.network(host)) == {"https_proxy", "HTTPS_PROXY", "NO_PROXY", "UV_INDEX_COMPANY_PASSWORD"}


def test_certificates_are_the_first_file_that_exists(tmp_path: Path) -> None:
    bundle = tmp_path / "company.pem"
    bundle.write_text("")
    gone = str(tmp_path / "gone.pem")
    assert uv.certificates({"SSL_CERT_FILE": gone, "REQUESTS_CA_BUNDLE": str(bundle)}) == bundle
    assert uv.certificates({"SSL_CERT_FILE": gone}) is None
    assert uv.certificates({}) is None


def test_the_environment_drops_what_misleads_and_adds_what_is_asked(tmp_path: Path) -> None:
    bundle = tmp_path / "company.pem"
    bundle.write_text("")
    host = {
        "PATH": "/usr/bin",
        "VIRTUAL_ENV": "/home/me/.venv",
        "PYTHONPATH": "/home/me/lib",
        "PYTHONHOME": "/usr",
        "REQUESTS_CA_BUNDLE": str(bundle),
        "PIP_INDEX_URL": "https://packages.example/simple",
    }
    assert uv.environment({"UV_CACHE_DIR": "/c"}, host) == {
        "PATH": "/usr/bin",
        "REQUESTS_CA_BUNDLE": str(bundle),
        "SSL_CERT_FILE": str(bundle),
        "PIP_INDEX_URL": "https://packages.example/simple",
        "UV_DEFAULT_INDEX": "https://packages.example/simple",
        "UV_CACHE_DIR": "/c",
    }


def test_the_real_environment_is_the_default() -> None:
    assert uv.environment()["PATH"] == os.environ["PATH"]


def test_credentials_in_urls_are_masked() -> None:
    text = "GET https://me:p%40ss@packages.example/simple failed; see http://proxy.example/a@b and ftp://x@y"
    assert uv.masked(text, {}) == (
        "GET https://***@packages.example/simple failed; see http://proxy.example/a@b and ftp://***@y"
    )


def test_badly_quoted_credentials_are_masked_whole() -> None:
    assert uv.masked("https://me:p@ss@host/simple", {}) == "https://***@host/simple"


def test_secrets_of_the_host_are_masked_wherever_they_stand() -> None:
    host = {
        "UV_INDEX": "company=https://me:s%2Fcret@packages.example/simple",
        "UV_INDEX_OTHER_PASSWORD": "hunter22",
        "PIP_INDEX_URL": "https://token-abc@packages.example/simple",
    }
    assert uv.masked("s/cret s%2Fcret hunter22 token-abc fine", host) == "*** *** *** *** fine"


def test_the_telling_line_is_the_last_error() -> None:
    assert uv.telling("Traceback\nValueError: no\n  at the end\n\n") == "ValueError: no"
    assert uv.telling("nothing\nof note\n") == "of note"
    assert uv.telling("") == ""


def test_of_a_chain_the_error_and_its_innermost_cause_are_told() -> None:
    chain = (
        "Using Python 3.11\n"
        "error: Request failed after 3 retries in 13.7s\n"
        "  cause: error sending request for url (http://127.0.0.1:9/simple/six/)\n"
        "  cause: client error (Connect)\n"
        "  cause: operation timed out\n"
    )
    assert uv.telling(chain) == "Request failed after 3 retries in 13.7s: operation timed out"
    assert uv.telling("  cause: alone\n") == "cause: alone"
    wide = (
        "error: Request failed after 3 retries in 3.7s\n"
        "  cause: dns error\n"
        "  cause: failed to lookup address information: Temporary failure in name\n"
        "         resolution\n\n"
    )
    assert uv.telling(wide) == (
        "Request failed after 3 retries in 3.7s: failed to lookup address information: "
        "Temporary failure in name resolution"
    )


@given(user=st.text("abcXYZ09:%@_.-", min_size=1), before=st.text(max_size=20), after=st.text(max_size=20))
def test_no_user_part_survives(user: str, before: str, after: str) -> None:
    marked = f"{user}§"
    assert "§" not in uv.masked(
        f"{before.replace('§', '')} https://{marked}@host/{after.replace('§', '')}", {}
    )
