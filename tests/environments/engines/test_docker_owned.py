import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from docker.errors import APIError, NotFound
from hypothesis import given
from hypothesis import strategies as st

from environments.engines.docker_owned import Owner, _alive, explained, ignoring_missing, owner
from environments.errors import InfrastructureError

OWN = Owner(state="0123456789abcdef")


@given(st.text(max_size=200))
def test_any_key_gives_a_name_that_docker_takes(key: str) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}", OWN.name(key))


def test_names_are_stable_readable_and_different() -> None:
    name = OWN.name("load/tf2.15.1-cpu")
    assert name == OWN.name("load/tf2.15.1-cpu")
    assert name.startswith("crossload-01234567-load-tf2.15.1-cpu-")
    assert name != OWN.name("load tf2.15.1-cpu")
    assert name != Owner(state="fedcba9876543210").name("load/tf2.15.1-cpu")


def test_a_state_folder_is_one_by_whatever_path(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    assert owner(tmp_path).state == owner(tmp_path / "link").state
    assert owner(tmp_path).state != owner(tmp_path / "other").state
    assert owner(tmp_path).run != owner(tmp_path).run


def test_this_run_is_alive() -> None:
    assert _alive(OWN.labels)


def test_a_run_whose_process_is_gone_is_dead() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert not _alive({**OWN.labels, "crossload.pid": str(gone.pid)})


def test_a_run_whose_id_another_process_has_now_is_dead() -> None:
    assert not _alive({**OWN.labels, "crossload.started": "1"})


def test_what_cannot_be_known_counts_as_alive() -> None:
    assert _alive({**OWN.labels, "crossload.host": "elsewhere", "crossload.pid": "999999999"})
    assert _alive({key: value for key, value in OWN.labels.items() if key != "crossload.pid"})


def test_labels_name_this_process() -> None:
    assert OWN.labels["crossload"] == "1"
    assert OWN.labels["crossload.pid"] == str(os.getpid())


def test_errors_of_the_daemon_say_what_was_done() -> None:
    with (
        pytest.raises(
            InfrastructureError, match=r"^Docker failed while eating: too much food\. Look at it with: "
        ),
        explained("eating"),
    ):
        raise APIError("500", explanation="too\nmuch food.")


def refuse(status: int, explanation: str) -> None:
    response = requests.Response()
    response.status_code = status
    raise APIError("refused", response=response, explanation=explanation)


def missing() -> None:
    raise NotFound("no such container")


def test_only_what_is_gone_or_going_is_ignored() -> None:
    with ignoring_missing():
        missing()
    with ignoring_missing():
        refuse(409, "removal of container x is already in progress")
    with pytest.raises(APIError), ignoring_missing():
        refuse(409, "volume is in use")
    with pytest.raises(APIError), ignoring_missing():
        refuse(500, "already in progress")
