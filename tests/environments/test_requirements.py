from typing import Any

import pytest

from environments.requirements import overrides, requirements, resolver_options, variables, wheels_only
from environments.spec import Environment

CPU = {"CUDA_VISIBLE_DEVICES": "-1"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"tensorflow": "2.15.1"}, ("tensorflow-cpu==2.15.1",)),
        ({"tensorflow": "2.16.2", "keras": "3.4.1"}, ("keras==3.4.1", "tensorflow-cpu==2.16.2")),
        ({"tensorflow": "2.18.1", "keras": "legacy"}, ("tensorflow-cpu==2.18.1", "tf-keras~=2.18.0")),
        ({"tensorflow": "2.15.1", "device": "cuda"}, ("tensorflow[and-cuda]==2.15.1",)),
        ({"tensorflow": "2.13.1", "device": "cuda"}, ("tensorflow==2.13.1",)),
        ({"tensorflow": "nightly"}, ("keras-nightly", "tf-nightly")),
        ({"tensorflow": "nightly", "device": "cuda"}, ("keras-nightly", "tf-nightly[and-cuda]")),
        ({"tensorflow": "nightly", "keras": "legacy"}, ("tf-keras-nightly", "tf-nightly")),
        ({"tensorflow": "2.21.0", "keras": "nightly"}, ("keras-nightly", "tensorflow-cpu==2.21.0")),
        ({"keras": "3.15.1", "backend": "jax"}, ("jax[cpu]", "keras==3.15.1")),
        ({"keras": "3.15.1", "backend": "jax", "device": "cuda"}, ("jax[cuda12]", "keras==3.15.1")),
        ({"keras": "3.15.1", "backend": "torch"}, ("keras==3.15.1", "torch")),
        (
            {"tensorflow": "2.15.1", "packages": ("pandas==2.2.3",)},
            ("pandas==2.2.3", "tensorflow-cpu==2.15.1"),
        ),
        ({"image": "registry.example/x:1"}, ()),
    ],
)
def test_what_the_resolver_is_asked_for(fields: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert requirements(Environment(id="x", **fields)) == expected


def test_tf_keras_does_not_bring_the_full_tensorflow_beside_the_cpu_build() -> None:
    legacy = Environment(id="x", tensorflow="2.18.1", keras="legacy")
    assert overrides(legacy) == ("tensorflow; sys_platform == 'never'",)
    assert overrides(Environment(id="x", tensorflow="2.18.1", keras="legacy", device="cuda")) == ()


def test_two_packages_do_not_write_the_same_keras() -> None:
    nightly = Environment(id="x", tensorflow="2.21.0", keras="nightly")
    assert overrides(nightly) == ("keras; sys_platform == 'never'",)


def test_tensorrt_without_wheels_is_left_out() -> None:
    names = [
        line.split(";")[0] for line in overrides(Environment(id="x", tensorflow="2.14.1", device="cuda"))
    ]
    assert names == ["tensorrt", "tensorrt-bindings", "tensorrt-libs"]
    assert overrides(Environment(id="x", tensorflow="2.15.1", device="cuda")) == ()
    assert overrides(Environment(id="x", tensorflow="2.14.1")) == ()


def test_only_the_oldest_need_a_package_that_is_built() -> None:
    assert not wheels_only(Environment(id="x", tensorflow="2.6.5"))
    assert wheels_only(Environment(id="x", tensorflow="2.7.4"))
    assert wheels_only(Environment(id="x", tensorflow="nightly"))
    assert wheels_only(Environment(id="x", keras="3.8.0", backend="jax"))


def test_torch_on_the_cpu_has_builds_of_its_own() -> None:
    assert resolver_options(Environment(id="x", keras="3.8.0", backend="torch")) == ("--torch-backend", "cpu")
    assert resolver_options(Environment(id="x", keras="3.8.0", backend="torch", device="cuda")) == ()
    assert resolver_options(Environment(id="x", tensorflow="2.15.1")) == ()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"tensorflow": "2.15.1"}, CPU),
        ({"tensorflow": "2.15.1", "device": "cuda"}, {}),
        ({"tensorflow": "2.18.1", "keras": "legacy"}, {**CPU, "TF_USE_LEGACY_KERAS": "1"}),
        ({"keras": "3.8.0", "backend": "torch"}, {**CPU, "KERAS_BACKEND": "torch"}),
    ],
)
def test_variables(fields: dict[str, Any], expected: dict[str, str]) -> None:
    assert variables(Environment(id="x", **fields)) == expected
