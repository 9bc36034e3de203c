"""Which environments a model is carried through, and what is saved there."""

import pytest

from runner.symptoms import Stack
from runner.upgrade.migrate_route import route


def stack(tensorflow: str, keras: str, backend: str = "tensorflow", device: str = "cpu") -> Stack:
    return Stack(tensorflow=tensorflow, keras=keras, backend=backend, device=device)


STACKS = {
    "tf1.15": stack("1.15.5", "2.2.4"),
    "tf2.5": stack("2.5.3", "2.5.0"),
    "tf2.9": stack("2.9.3", "2.9.0"),
    "tf2.12": stack("2.12.1", "2.12.0"),
    "tf2.15": stack("2.15.1", "2.15.0"),
    "tf2.15-cuda": stack("2.15.1", "2.15.0", device="cuda"),
    "tf2.18-legacy": stack("2.18.1", "2.18.0"),
    "tf2.16-keras3.4": stack("2.16.2", "3.4.1"),
    "tf2.18-keras3.8": stack("2.18.1", "3.8.0"),
    "tf2.21": stack("2.21.0", "3.15.1"),
    "jax": stack("", "3.15.1", backend="jax"),
}


@pytest.mark.parametrize(
    ("home", "target", "expected"),
    [
        ("tf2.9", "tf2.15", ["tf2.9", "tf2.12"]),
        ("tf2.21", "tf2.16-keras3.4", ["tf2.21", "tf2.18-keras3.8"]),
    ],
)
def test_the_way_leads_over_neighbours(home: str, target: str, expected: list[str]) -> None:
    assert list(route(home, target, STACKS).between) == expected


def test_the_last_keras_2_and_the_first_keras_3_are_on_the_way_across() -> None:
    forth = list(route("tf2.5", "tf2.21", STACKS).between)
    assert forth[:4] == ["tf2.5", "tf2.15", "tf2.18-legacy", "tf2.16-keras3.4"]
    back = list(route("tf2.21", "tf2.5", STACKS).between)
    assert back[:4] == ["tf2.21", "tf2.16-keras3.4", "tf2.15", "tf2.18-legacy"]


def test_the_target_is_not_on_the_way_and_neither_is_a_gpu() -> None:
    for target in ("tf2.15", "tf2.21"):
        between = route("tf2.9", target, STACKS).between
        assert target not in between
        assert "tf2.15-cuda" not in between


def test_there_are_never_many() -> None:
    many = {f"tf2.{minor}": stack(f"2.{minor}.0", f"2.{minor}.0") for minor in range(4, 16)}
    assert len(route("tf2.4", "tf2.15", many).between) == 5


@pytest.mark.parametrize(
    ("target", "came_as", "expected"),
    [
        ("tf2.21", "h5", ("keras", "h5")),
        ("tf2.21", "savedmodel", ("keras", "h5")),
        ("tf2.21", "weights", ("keras", "weights", "h5")),
        ("jax", "keras", ("keras", "h5")),
        ("tf2.15", "keras", ("keras", "h5")),
        ("tf2.15", "h5", ("h5",)),
        ("tf2.15", "savedmodel", ("savedmodel", "h5")),
        ("tf2.12", "keras", ("h5",)),  # its m.keras is a folder
    ],
)
def test_the_result_is_what_the_target_saves(target: str, came_as: str, expected: tuple[str, ...]) -> None:
    assert route("tf2.9", target, STACKS, came_as=came_as).land == expected


def test_a_format_that_was_asked_for_is_the_only_one() -> None:
    assert route("tf2.9", "tf2.21", STACKS, asked="export").land == ("export",)


@pytest.mark.parametrize(
    ("target", "asked"), [("tf2.21", "savedmodel"), ("jax", "export"), ("tf2.12", "keras")]
)
def test_a_format_that_the_target_has_not_leads_nowhere(target: str, asked: str) -> None:
    assert route("tf2.9", target, STACKS, asked=asked).land == ()


def test_what_goes_on_is_hdf5_from_keras_2_and_an_archive_from_keras_3() -> None:
    between = route("tf2.12", "tf2.21", STACKS).between
    assert between["tf2.12"] == ("h5",)
    assert between["tf2.15"] == ("h5", "keras")
    assert between["tf2.16-keras3.4"] == ("keras", "h5")


def test_home_does_not_save_again_what_it_has_saved() -> None:
    assert "tf2.9" not in route("tf2.9", "tf2.21", STACKS, came_as="h5").between
    assert route("tf2.15", "tf2.21", STACKS, came_as="h5").between["tf2.15"] == ("keras",)
    assert route("tf2.9", "tf2.21", STACKS, came_as="savedmodel").between["tf2.9"] == ("h5",)


def test_an_environment_of_unknown_versions_is_taken_for_a_new_one() -> None:
    stacks = {**STACKS, "image": stack("", "")}
    assert route("tf2.9", "image", stacks, came_as="h5").land == ("keras", "h5")
