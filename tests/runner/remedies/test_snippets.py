"""Templates filled for a place; whether the code works is seen in tests/real/test_remedy_code.py."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.agent import stand_in
from runner.agent.repair import repair
from runner.remedies.data import remedies
from runner.remedies.snippets import Place, edit_lines, fill

KINDS = ["keras", "h5", "savedmodel", "weights", "checkpoint", "json"]
VARIANTS = [
    "",
    "tree",
    "h5",
    "h5_with_state",
    "h5_by_weight",
    "h5_by_slot",
    "keras_by_weight",
    "checkpoint_of_keras_3",
]
EDITS = ("dropped quantization_config = null of Dense (2 times)",)


@pytest.mark.parametrize("item", remedies(), ids=lambda item: item.id)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_snippet_is_python_and_nothing_is_left_to_fill(item: Any, kind: str, variant: str) -> None:
    for generation in (2, 3):
        for flag in (False, True):
            place = Place(
                kind=kind,
                variant=variant,
                generation=generation,
                tensorflow=not flag,
                custom=flag,
                unbuilt=flag,
                misnamed=flag,
            )
            code = fill(item.code, place, EDITS)
            shown = code.replace("{path}", "m").replace("{renamed}", "n")
            compile(shown, "snippet", "exec")
            for word in (
                "keras",
                "custom",
                "weights",
                "unpack",
                "build",
                "edit",
                "own",
                "compile",
                "arithmetic",
            ):
                assert f"{{{word}}}" not in shown
            assert ("my_model." in shown or "(my_model)" in shown) == ("import my_model" in shown)
            assert "crossload" not in shown


LOAD = '{keras}\nmodel = keras.models.load_model("{path}"{custom})\n'


def test_a_plain_file() -> None:
    assert fill(LOAD) == 'from tensorflow import keras\n\nmodel = keras.models.load_model("{path}")\n'


def test_another_backend_and_classes_of_the_models_own() -> None:
    code = fill(LOAD, Place(tensorflow=False, custom=True))
    assert code.startswith("import keras\nimport my_model  # your own code")
    assert code.endswith(
        'load_model("{path}", custom_objects=getattr(my_model, "CUSTOM_OBJECTS", vars(my_model)))\n'
    )


def test_a_file_under_a_wrong_name_is_copied_first() -> None:
    code = fill(LOAD, Place(kind="h5", misnamed=True))
    assert code.index('shutil.copy("{path}", "{renamed}")') < code.index('load_model("{renamed}")')
    assert "copytree" in fill(LOAD, Place(kind="savedmodel", misnamed=True))
    opened = 'import h5py\nfile = h5py.File("{path}")\n'
    assert "shutil" not in fill(opened, Place(kind="h5", misnamed=True))  # read by its bytes


def test_variants() -> None:
    codes = {"h5": "1", "keras": "2", "in_keras_2": "3", "tree": "4"}
    assert fill(codes, Place(kind="keras")) == "2\n"
    assert fill(codes, Place(kind="keras", generation=2)) == "3\n"
    assert fill(codes, Place(kind="keras", generation=2, variant="tree")) == "4\n"
    assert fill(codes, Place(kind="checkpoint")) == "1\n"


def test_weights_beside_an_architecture_are_the_file_itself() -> None:
    code = 'read("{weights}")\n'
    assert fill(code, Place(kind="json")) == 'read("{path}/m.weights.h5")\n'
    assert fill(code, Place(kind="json", architecture="eval.json")) == 'read("{path}")\n'


def test_settings_stand_before_what_they_set() -> None:
    code = fill('import os\nos.environ["A"] = "1"\nimport tensorflow as tf\nmy_model.x()\nimport zipfile\n')
    assert [line.split()[0] for line in code.splitlines()[:5]] == [
        "import",
        "import",
        'os.environ["A"]',
        "import",
        "import",
    ]
    assert code.index("tensorflow") < code.index("import my_model")


def edited(config: Any, *edits: str) -> Any:
    names: dict[str, Any] = {}
    exec(edit_lines(edits), names)
    return json.loads(json.dumps(config), object_hook=names["edit"])


@pytest.mark.parametrize(
    "rule",
    [
        {"do": "drop", "key": "ragged"},
        {"do": "drop", "key": "groups"},
        {"do": "rename_key", "key": "units", "to": "size"},
        {"do": "set", "key": "query_shape", "value": None},
        {"do": "set", "key": "seed", "value": {"a": [1, "b", True]}},
        {"do": "replace", "key": "units", "from": 2, "to": "two of a kind"},
        {"do": "unwrap", "key": "shape"},
        {"do": "wrap", "key": "units"},
        {"do": "rename_class", "classes": ["Dense"], "to": "Denser"},
        {"do": "policy_to_name"},
        {"do": "move_module", "module": "keras.layers", "to": "keras.src.layers"},
        {"do": "name_module", "classes": ["Softmax"], "key": "axis", "module": "keras.layers"},
    ],
)
def test_the_snippet_does_what_the_repair_said(rule: dict[str, Any]) -> None:
    policy = {"class_name": "DTypePolicy", "config": {"name": "float32"}}
    dense = {
        "module": "keras.layers",
        "class_name": "Dense",
        "config": {"units": 2, "ragged": False, "groups": " of it", "dtype": policy, "shape": [3]},
    }
    softmax = {"class_name": "Softmax", "config": {"axis": [1, 2]}}
    config = [dense, softmax, {"class_name": "Model", "config": {"layers": [dense, dense]}}]
    repaired, edits = repair(config, [rule])
    assert edits
    assert edited(config, *edits) == repaired


@pytest.mark.parametrize("generation", [2, 3])
def test_what_a_function_computed_is_put_back_besides(generation: int) -> None:
    said = "dense.activation computes hard_sigmoid as Keras 2 does"
    lines = fill("{arithmetic}\n", Place(generation=generation)).split("\n\n", 1)[-1]
    place = Place(generation=generation)
    assert fill(LOAD, place, (said,)).endswith(lines)
    repair_it = fill("{edit}\n" + LOAD, place, (said, *EDITS))
    assert repair_it.endswith(lines)
    assert "DROP" in repair_it
    assert "hard_sigmoid" not in fill(LOAD, place, EDITS)


def test_what_a_few_lines_cannot_say_gives_no_snippet() -> None:
    assert edit_lines(()) == ""
    assert (
        edit_lines(("dropped a = 1 of Dense", "calls in the graph are written as Keras 2 writes them")) == ""
    )
    assert fill("{edit}\nload()", Place(), ("it could not be said",)) == ""
    cut = "set seed of Dense to [1, 2, 3..."
    assert edit_lines((cut,)) == ""
    one_of_two_names = ("class Conv instead of Convolution", "dropped a = 1 of Conv")
    assert edit_lines(one_of_two_names) == ""


@pytest.mark.parametrize(
    "edit",
    [
        'dropped a"]; import os; [" = 1 of Dense',
        'dropped a = 1 of Dense"] = x',
        'renamed a"b to c in Dense',
        "Dense is looked for in a;b instead of c",
        "set a b of Dense to null",
    ],
)
def test_nothing_of_a_file_but_plain_names_gets_into_code(edit: str) -> None:
    assert edit_lines((edit,)) == ""


@given(st.text(max_size=60))
def test_any_edit_gives_code_that_compiles_or_none(text: str) -> None:
    for edit in (
        text,
        f"dropped {text} = {text} of Dense",
        f"dropped a = {text} of Dense",
        f"renamed a to {text} in {text}",
        f"set a of Dense to {text}",
        f"a of Dense is {text} instead of {text}",
        f"class {text} instead of Dense",
    ):
        compile(edit_lines((edit,)), "edit", "exec")


def test_an_endpoint_that_is_not_the_usual_one_is_called_by_its_name() -> None:
    code = 'serve = loaded.signatures["serving_default"]\n'
    assert fill(code, edits=['called the endpoint a"b']) == "serve = loaded.signatures['a\"b']\n"
    assert "{path}" not in fill(code, edits=["called the endpoint {path}"])
    assert fill(code) == code


@pytest.mark.parametrize("identifier", ["saved_model_load", "tfsm_layer"])
def test_what_stands_in_for_an_optimizer_is_in_the_code(identifier: str) -> None:
    item = next(item for item in remedies() if item.id == identifier)
    code = fill(item.code, Place(kind="savedmodel"), [stand_in.SAID, "called the endpoint serve"])
    compile(code, "snippet", "exec")
    assert code.index("register_revived_type") < code.index('"{path}"')
    assert code.count("import tensorflow as tf") == 1
    assert '"serve"' in code
