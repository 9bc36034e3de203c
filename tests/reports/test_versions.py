import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.versions import listed, spoken, stacks
from runner.results import EnvironmentResult


def environment(identifier: str, tensorflow: str = "", keras: str = "", **more: object) -> EnvironmentResult:
    return EnvironmentResult.model_validate(
        {"id": identifier, "status": "ready", "tensorflow": tensorflow, "keras": keras, **more}
    )


def test_versions_are_named_as_people_say_them_and_in_the_order_of_their_keras() -> None:
    found = stacks(
        (
            environment("tf2.21.0-cpu", "2.21.0", "3.15.1"),
            environment("tf2.18.1-legacy-cpu", "2.18.1", "2.18.0"),
            environment("tf2.18.1-keras3.8.0-cpu", "2.18.1", "3.8.0"),
            environment("tf2.18.1-cpu", "2.18.1", "3.15.1"),
            environment("tf2.16.2-keras3.4.1-cpu", "2.16.2", "3.4.1"),
            environment("tf2.9.3-cpu", "2.9.3", "2.9.0"),
            environment("tf2.15.1-cpu", "2.15.1", "2.15.0"),
        )
    )
    assert [stack.name for stack in found.values()] == [
        "2.9.3",
        "2.15.1",
        "2.18.1 with tf-keras",
        "2.16.2 with Keras 3.4.1",
        "2.18.1 with Keras 3.8.0",
        "2.18.1 with Keras 3.15.1",
        "2.21.0",
    ]
    assert found["tf2.18.1-legacy-cpu"].branch == "tf-keras"
    assert not found["tf2.21.0-cpu"].branch
    assert found["tf2.18.1-keras3.8.0-cpu"].reaches(found["tf2.21.0-cpu"])
    assert not found["tf2.18.1-cpu"].reaches(found["tf2.18.1-keras3.8.0-cpu"])


@pytest.mark.parametrize(
    ("given", "name", "branch"),
    [
        (environment("keras3.15.1-jax-cpu", "", "3.15.1", backend="jax"), "Keras 3.15.1 on jax", "jax"),
        (environment("tf2.15.1-cuda", "2.15.1", "2.15.0", device="cuda"), "2.15.1 (cuda)", "cuda"),
        (
            environment("tfnightly-cpu", "2.23.0.dev20261101", "3.16.0"),
            "2.23.0.dev20261101 (nightly)",
            "nightly",
        ),
        (environment("company", "2.15.0", "2.15.0"), "2.15.0", ""),
        (environment("company"), "company", ""),
        # One that could not be made is known by its lock, or by its id.
        (environment("tf2.14.1-cpu"), "2.14.1", ""),
        (environment("mine", packages={"tensorflow": "2.17.1", "keras": "3.5.0"}), "2.17.1", ""),
        (
            environment("tf2.18.1-legacy-cpu", packages={"tf-keras": "2.18.0"}),
            "2.18.1 with tf-keras",
            "tf-keras",
        ),
        (environment("tf2.16.2-keras3.3.3-cpu"), "2.16.2 with Keras 3.3.3", ""),
    ],
)
def test_what_is_odd_has_a_name_and_a_branch(given: EnvironmentResult, name: str, branch: str) -> None:
    (found,) = stacks((given,)).values()
    assert (found.name, found.branch) == (name, branch)


def test_two_of_one_name_are_told_apart_by_their_ids() -> None:
    found = stacks(
        (environment("a", "2.15.1", "2.15.0"), environment("b", "2.15.1", "2.15.0")), ("tf2.1.0-cpu",)
    )
    assert [stack.name for stack in found.values()] == ["2.1.0", "2.15.1 (a)", "2.15.1 (b)"]


@given(st.text())
def test_any_id_has_a_name(identifier: str) -> None:
    (found,) = stacks((environment(identifier),)).values()
    assert found.id == identifier


def test_lists_are_said_in_words() -> None:
    assert listed(()) == ""
    assert listed(("a",)) == "a"
    assert listed(("a", "b"), "or") == "a or b"
    assert spoken(("a", "b", "c")) == "a, b and c"
    assert spoken(("a", "b", "c", "d")) == "a to d (4 versions)"
    assert spoken(("a", "b"), open_end=True) == "a and later"
    assert spoken(("a",), open_end=True) == "a"
