"""From an environment to what a resolver is asked for. Pure; nothing is fetched."""

from packaging.version import Version

from environments import facts
from environments.spec import BUNDLED, LEGACY, NIGHTLY, Environment

#: A marker that holds nowhere: an override with it takes a package out of a resolution.
_NOWHERE = "sys_platform == 'never'"


def requirements(environment: Environment) -> tuple[str, ...]:
    """The packages an environment is resolved from, sorted by name; empty for a ready-made image."""
    if environment.image is not None:
        return ()
    found = [*_tensorflow(environment), *_keras(environment), *_backend(environment), *environment.packages]
    return tuple(sorted(found))


def overrides(environment: Environment) -> tuple[str, ...]:
    """Requirements that replace what packages ask of each other."""
    tensorflow = environment.tensorflow
    if environment.image is not None or tensorflow is None or tensorflow == NIGHTLY:
        return ()
    found: list[str] = []
    if environment.keras == LEGACY and environment.device == "cpu":
        # tf-keras requires tensorflow by that name, which would be installed over tensorflow-cpu.
        found.append(f"tensorflow; {_NOWHERE}")
    if environment.keras == NIGHTLY:
        # TensorFlow requires keras, which is the same folder as keras-nightly.
        found.append(f"keras; {_NOWHERE}")
    pins_tensorrt = facts.FIRST_AND_CUDA <= Version(tensorflow) <= facts.LAST_AND_CUDA_WITH_TENSORRT
    if environment.device == "cuda" and pins_tensorrt:
        found += [f"{name}; {_NOWHERE}" for name in facts.TENSORRT]
    return tuple(found)


def wheels_only(environment: Environment) -> bool:
    """False where a package of the environment exists as a source archive only, so that one must be built."""
    tensorflow = environment.tensorflow
    if tensorflow is None or tensorflow == NIGHTLY:
        return True
    return Version(tensorflow) > facts.LAST_WITH_SOURCE_PACKAGES


def resolver_options(environment: Environment) -> tuple[str, ...]:
    """Options that uv needs to resolve *and to install* this environment: torch has CPU builds of its own."""
    if environment.image is None and environment.backend == "torch" and environment.device == "cpu":
        return ("--torch-backend", "cpu")
    return ()


def variables(environment: Environment) -> dict[str, str]:
    """The variables that make the stack what its id says; a user's own ``env`` comes on top."""
    found: dict[str, str] = {}
    if environment.device == "cpu":
        found["CUDA_VISIBLE_DEVICES"] = "-1"
    if environment.keras == LEGACY:
        found["TF_USE_LEGACY_KERAS"] = "1"
    if environment.backend != "tensorflow":
        found["KERAS_BACKEND"] = environment.backend
    return found


def _tensorflow(environment: Environment) -> list[str]:
    version = environment.tensorflow
    cuda = environment.device == "cuda"
    if version is None:
        return []
    if version == NIGHTLY:
        # tf-nightly-cpu exists, but was seven weeks behind when this was written.
        return ["tf-nightly[and-cuda]" if cuda else "tf-nightly"]
    if not cuda and Version(version) >= facts.FIRST_TENSORFLOW_CPU:
        return [f"tensorflow-cpu=={version}"]
    if cuda and Version(version) >= facts.FIRST_AND_CUDA:
        return [f"tensorflow[and-cuda]=={version}"]
    return [f"tensorflow=={version}"]


def _keras(environment: Environment) -> list[str]:
    keras, tensorflow = environment.keras, environment.tensorflow
    if keras == NIGHTLY or (keras == BUNDLED and tensorflow == NIGHTLY):
        return ["keras-nightly"]
    if keras == LEGACY:
        if tensorflow is None or tensorflow == NIGHTLY:
            return ["tf-keras-nightly"]
        return [f"tf-keras~={facts.minor(tensorflow)}.0"]
    return [] if keras == BUNDLED else [f"keras=={keras}"]


def _backend(environment: Environment) -> list[str]:
    if environment.backend == "jax":
        return ["jax[cuda12]" if environment.device == "cuda" else "jax[cpu]"]
    return ["torch"] if environment.backend == "torch" else []
