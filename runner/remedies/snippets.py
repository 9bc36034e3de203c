"""The code by which a person does a remedy: templates of the data file, filled for one kind of file and one Keras.

What comes out still has ``{path}``, the file, and ``{renamed}``, a copy of it under the name of what it is: reports
put the names there. It uses nothing of this project. ``my_model`` stands for the model's own code.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runner.remedies.literals import NoLiteral, literal, parsed

#: Where the weights are once they lie in a file of their own.
_UNPACKED = "model.weights.h5"
_OWN_CODE = "import my_model  # your own code: build_model(), and the model's classes and functions\n"
#: As ``--custom-objects`` takes them.
_OWN_OBJECTS = ', custom_objects=getattr(my_model, "CUSTOM_OBJECTS", vars(my_model))'
_OWN_CLASSES = "import my_model  # your own code: the model's classes and functions\n"
#: Calls of the code that builds the model, which a stranger's file comes without.
_BUILDS = ("my_model.build_model(", "my_model.inputs(")
#: Sentences of repair (runner/agent/repair.py) that a snippet can say in code. What stands in them comes from the
#: file: only plain names get into code.
_COUNT = r"(?: \(\d+ times\))?$"
_DROPPED = re.compile(r"^(?:changes meaning: )?dropped (\w+) = .* of ([\w>.]+)" + _COUNT, re.DOTALL)
_RENAMED = re.compile(r"^renamed (\w+) to (\w+) in ([\w>.]+)" + _COUNT)
_MOVED = re.compile(r"^([\w>.]+) is looked for in ([\w.]+) instead of ([\w.]+)" + _COUNT)
_NAMED = re.compile(r"^(\w+) is named as one of (keras(?:\.\w+)+)" + _COUNT)
_SET = re.compile(r"^set (\w+) of ([\w>.]+) to (.+?)" + _COUNT, re.DOTALL)
_REPLACED = re.compile(r"^(\w+) of ([\w>.]+) is (.+) instead of (.+?)" + _COUNT, re.DOTALL)
_CLASS = re.compile(r"^class ([\w>.]+) instead of ([\w>.]+)" + _COUNT)
#: What stands in ways.py for a file whose code is run.
_TRUSTED = "the code in the file is allowed to run"
#: What remedies.py says where predict, traced, is wrong.
EAGERLY = "predict calls the model eagerly"
_ENDPOINT = re.compile(r"called the endpoint (.+)$")
#: What arithmetic.py says of each function that it puts back.
_COMPUTES = re.compile(r"^\S+ computes hard_sigmoid as Keras (\d+) does$")
_POLICY = re.compile(r"^dtype policy \w+ is given by its name" + _COUNT)
#: What stand_in.py says of the optimizer's class that is not there any more.
STANDS_IN = "something stands in for the optimizer of Keras 2, whose slots are in the file"
_IN_ITS_PLACE = """import tensorflow as tf
types = tf.__internal__.saved_model.load

class Optimizer(tf.Module):  # stands in for that of Keras 2, which is not there: its slots are dropped
    def add_slot(self, var, slot_name):
        return tf.Variable(tf.zeros_like(var))

version = types.VersionedTypeRegistration(
    object_factory=lambda proto: Optimizer(), version=1, min_producer_version=1, min_consumer_version=1
)
types.register_revived_type("optimizer", lambda thing: isinstance(thing, Optimizer), versions=[version])

"""
#: Compiles a model as the model's own code does.
_LIKE_ITS_CODE = """built = my_model.build_model()
model.compile(optimizer=built.optimizer.from_config(built.optimizer.get_config()), loss=built.loss)"""
#: Generation of the consumer -> what imports there are, and how hard_sigmoid is computed in the other generation.
_ARITHMETIC = {
    2: ("import tensorflow as tf\n", "as Keras 3 computes it", "tf.nn.relu6(x + 3.0) / 6.0"),
    3: ("", "as Keras 2 computes it", "keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)"),
}
_PUT_BACK = """
def hard_sigmoid(x):  # {meaning}
    return {formula}

for layer in model._flatten_layers():
    for place in ("activation", "recurrent_activation"):
        if getattr(layer, place, None) is keras.activations.hard_sigmoid and not hasattr(layer, "cell"):
            setattr(layer, place, hard_sigmoid)
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a snippet is to work."""

    #: What the file is: keras, h5, savedmodel, weights, checkpoint or json.
    kind: str = "keras"
    #: A variant that is preferred to the one for the kind, where the remedy has it.
    variant: str = ""
    #: The generation of the Keras that loads it.
    generation: int = 3
    #: Whether that Keras runs on TensorFlow.
    tensorflow: bool = True
    #: Whether the name does not say what the file is.
    misnamed: bool = False
    #: Whether the model has classes or functions of its own.
    custom: bool = False
    #: Whether the model's layers have no weights before its first call.
    unbuilt: bool = False
    #: What compiles the model, where the file says it; else its own code does.
    compile: str = ""
    #: The architecture that lies beside weights, where that is a user's.
    architecture: str = ""


def fill(code: str | Mapping[str, str], place: Place = Place(), edits: Sequence[str] = ()) -> str:
    """The template for this place, filled. Without a variant for the kind of file it is the first one."""
    template = _variant(code, place)
    for edit in edits:
        if found := _ENDPOINT.match(edit):
            template = template.replace('"serving_default"', literal(found[1]))
    if STANDS_IN in edits:
        template = _IN_ITS_PLACE + template
    if "{edit}\n" in template:
        said = [one for one in edits if one not in (_TRUSTED, EAGERLY, STANDS_IN) and not computes(one)]
        lines = edit_lines(said)
        if not lines:
            return ""
        template = template.replace("{edit}\n", lines)
        if _TRUSTED in edits and place.generation == 3:
            template = "keras.config.enable_unsafe_deserialization()\n" + template
    if "{arithmetic}" not in template and any(map(computes, edits)):
        template += "{arithmetic}\n"
    if "{arithmetic}\n" in template:
        imported, meaning, formula = _ARITHMETIC[place.generation]
        lines = _PUT_BACK.replace("{meaning}", meaning).replace("{formula}", formula)
        template = imported + template.replace("{arithmetic}\n", lines)
        if "{keras}" not in template:
            template = "{keras}\n" + template
    if EAGERLY in edits and re.search(r"^model = ", template, re.MULTILINE):
        template = (
            template.rstrip("\n")
            + "\nmodel.run_eagerly = True  # predict gets slower, and is right for every size\n"
        )
    template = template.replace("{compile}", place.compile or _LIKE_ITS_CODE)
    if place.architecture:
        template = template.replace('"{path}/m.json"', literal(place.architecture))
        template = template.replace('"{path}/m.weights.h5"', '"{path}"')
    template = template.replace(
        "{keras}", "from tensorflow import keras" if place.tensorflow else "import keras"
    )
    template = template.replace("{custom}", _OWN_OBJECTS if place.custom else "")
    template = template.replace("{own}", "variables" if place.generation == 3 else "weights")
    first_call = "model(my_model.inputs())  # one batch: it makes the layers' weights\n"
    template = template.replace("{build}\n", first_call if place.unbuilt else "")
    if re.search(r"\bmy_model\b", template):
        template = (_OWN_CODE if builds(template) else _OWN_CLASSES) + template
    if "{weights}" in template:
        template = _with_weights(template, place)
    if place.misnamed and "{renamed}" not in template and re.search(r'load_\w+\("\{path\}"', template):
        template = _copied(place.kind) + template.replace("{path}", "{renamed}", 1).replace(
            '"{path}"', '"{renamed}"'
        )
    return _imports_first(template)


def computes(edit: str) -> bool:
    """Whether an edit put a function in the place of one that Keras computes otherwise now."""
    return _COMPUTES.match(edit) is not None


def builds(code: str) -> bool:
    """Whether the code needs the model's own to build it."""
    return any(call in code for call in _BUILDS)


def edit_lines(edits: Sequence[str]) -> str:
    """A function ``edit`` that does these edits to each object of a configuration; empty if it cannot do them all."""
    drop: dict[str, list[str]] = {}
    rename: list[tuple[str, str, str]] = []
    move: list[tuple[str, str]] = []
    put: list[tuple[str, str, str]] = []
    replace: list[tuple[str, str, str, str]] = []
    classes: list[tuple[str, str]] = []
    named: list[tuple[str, str]] = []
    policy = False
    try:
        for edit in edits:
            if found := _DROPPED.match(edit):
                keys = drop.setdefault(found[2], [])
                keys += [found[1]] if found[1] not in keys else []
            elif found := _RENAMED.match(edit):
                rename.append((found[3], found[1], found[2]))
            elif found := _SET.match(edit):
                put.append((found[2], found[1], parsed(found[3])))
            elif found := _CLASS.match(edit):
                classes.append((found[2], found[1]))
            elif found := _MOVED.match(edit):
                move.append((found[3], found[2]))
            elif found := _NAMED.match(edit):
                named.append((found[1], found[2]))
            elif _POLICY.match(edit):
                policy = True
            elif found := _REPLACED.match(edit):
                replace.append((found[2], found[1], parsed(found[3]), parsed(found[4])))
            else:
                return ""
    except NoLiteral:
        return ""
    if len({old for old, _ in classes} | {new for _, new in classes}) < 2 * len(classes) or (
        {new for _, new in classes} & {*drop, *(one[0] for one in (*rename, *put, *replace, *named))}
    ):
        return ""  # what is said of a class may be said of it under either name
    lines = ["DROP = " + json.dumps(drop), ""] if drop else []
    lines += ["def edit(item):"]
    if policy:
        lines.append(
            '    if str(item.get("class_name")).endswith("Policy"):\n        return item["config"]["name"]'
        )
    if drop:
        lines.append(
            '    for key in DROP.get(item.get("class_name"), ()):\n        item["config"].pop(key, None)'
        )
    for name, old, new in rename:
        lines.append(f'    if item.get("class_name") == "{name}" and "{old}" in item["config"]:')
        lines.append(f'        item["config"]["{new}"] = item["config"].pop("{old}")')
    for name, key, value in put:
        lines.append(f'    if item.get("class_name") == "{name}":')
        lines.append(f'        item["config"].setdefault("{key}", {value})')
    for name, key, new, old in replace:
        lines.append(f'    if item.get("class_name") == "{name}" and item["config"].get("{key}") == {old}:')
        lines.append(f'        item["config"]["{key}"] = {new}')
    for old, new in move:
        lines.append(f'    if item.get("module") == "{old}":\n        item["module"] = "{new}"')
    for name, module in named:
        lines.append(f'    if item.get("class_name") == "{name}":')
        lines.append(f'        item.update(module="{module}", registered_name=None)')
    for old, new in classes:
        lines.append(f'    if item.get("class_name") == "{old}":\n        item["class_name"] = "{new}"')
        lines.append(f'        if item.get("registered_name") == "{old}":')
        lines.append(f'            item["registered_name"] = "{new}"')
    return "\n".join([*lines, "    return item", "", ""]) if edits else ""


def _variant(code: str | Mapping[str, str], place: Place) -> str:
    if isinstance(code, str):
        return code
    keys = (place.variant, f"in_keras_{place.generation}", place.kind)
    return next((code[key] for key in keys if key in code), next(iter(code.values())))


def _with_weights(template: str, place: Place) -> str:
    """The file that holds the weights: beside the architecture, unpacked from the archive, or the file itself."""
    if place.kind == "keras":
        unpack = f'zipfile.ZipFile("{{path}}").extract("{_UNPACKED}")\n'
        return "import zipfile\n" + template.replace("{unpack}\n", unpack).replace("{weights}", _UNPACKED)
    inside = "{path}/m.weights.h5" if place.kind == "json" and not place.architecture else "{path}"
    return template.replace("{unpack}\n", "").replace("{weights}", inside)


def _copied(kind: str) -> str:
    copy = "copytree" if kind == "savedmodel" else "copy"
    return f'import shutil\nshutil.{copy}("{{path}}", "{{renamed}}")\n'


def _imports_first(code: str) -> str:
    """Imports in front, each once: the standard library's, others', the model's own. Settings stay before imports."""
    lines = code.strip("\n").split("\n")
    first = [line for line in dict.fromkeys(lines) if re.match(r"(import |from |os\.environ)", line)]
    rest = "\n".join(line for line in lines if line not in first).strip("\n")
    return "\n".join([*sorted(first, key=_rank), "", rest]).strip("\n") + "\n"


def _rank(line: str) -> int:
    """Where a line stands among the first ones."""
    if line.startswith("os.environ"):
        return 1
    if line.startswith("import my_model"):
        return 3
    return 2 if re.search(r"tensorflow|keras|h5py", line) else 0
