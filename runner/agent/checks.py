"""The checks of a cell, in their order: what was loaded, held against the producer's reference."""

from __future__ import annotations

import os
import time
from typing import Any, Callable

import numpy as np

from . import compare, formats, observe, settings
from .arrays import Array, Tolerances, coarser, digest, flatten, plain, to_numpy
from .capabilities import can_save
from .caught import KEPT, failure, first_line
from .reference import Reference
from .sniff import actual_format
from .stack import Stack, seed
from .traced import traced

#: Seconds of one prediction from which on the second save and load are not looked at: a thousand eager steps of a
#: recurrent layer take as long, and a cell has a minute.
_SLOW = 5.0
#: Seconds after which no further batches are compared: what is left of a cell's minute is for loss and saving.
_ENOUGH = 25.0
#: Where a difference was seen that a plain call does not show.
IN_PREDICT = "in predict, which is traced for inputs of any size"
#: Loads what a folder holds in a format.
Load = Callable[[str, str], Any]


class Checks:
    """Runs every check that applies; ``record`` receives values, sentences, and what the first use raised.

    ``load(format, folder)`` loads once more, the same file or what was saved anew; without it neither is tried.
    With ``odd`` the probe saves or loads in its own way, and what is saved anew is not for that.
    """

    def __init__(
        self,
        stack: Stack,
        model: Any,
        format_name: str,
        reference: Reference,
        tolerances: Tolerances,
        folder: str,
        record: dict[str, Any],
        load: Load | None = None,
        payload: str = "",
        odd: bool = False,
    ) -> None:
        self._load, self._payload, self._odd = load, payload, odd
        self._stack, self._model, self._format = stack, model, format_name
        self._reference, self._tolerances = reference, tolerances
        self._folder, self._record = folder, record
        self._inputs = reference.nest("inputs") if "inputs" in reference.facts else None
        self._outputs: Any = None
        #: Whether one prediction takes so long that a cell has no time for those that only confirm.
        self._slow = bool(reference.facts.get("way"))
        self._begun = time.monotonic()
        #: Its outputs for one batch where it is not called eagerly.
        self._traced: Callable[[Any], Any] | None = None
        self._seen: dict[str, Any] = {}
        self._digests: list[str] = []

    def run(self) -> None:
        """Run them; an exception at the first use ends it, one in a later check is that check's value."""
        self._begun = time.monotonic()
        try:
            self._look()
        except Exception as error:
            self._record["error"] = failure(error)
            self._record["details"]["load"] = "It loaded; its first use raised {}.".format(
                type(error).__name__
            )
            return
        facts = self._reference.facts
        if "structure" not in facts:  # a file that no environment at home could use
            done = "loads and predicts" if self._inputs is not None else "loads"
            self._note("outputs", ("not_applicable", "it {}; there is no reference".format(done)))
            return
        self._note("structure", compare.structure(facts["structure"], self._seen))
        if "config" in facts:
            self._attempt("config", lambda: settings.compare(facts["config"], settings.settings(self._model)))
        if "weights" in facts:
            self._attempt("weights", self._weights)
        self._note("outputs", self._compare_outputs())
        # Where it is slow, the traced calls say it all: at home they made no difference.
        if self._record["checks"]["outputs"] == "same" and not (self._slow and facts.get("traced")):
            self._other_batches()
        elif self._record["checks"]["outputs"] == "differs" and facts.get("label") and not self._slow:
            self._where()
        if self._record["checks"]["outputs"] == "same" and facts.get("traced"):
            self._traced_batches()
        if "loss" in facts:
            self._compiled()
        if self._format != "export":
            self._attempt("resave", self._resave)
        # Loading a SavedModel once more takes longer than a whole cell of another format.
        if self._load is not None and self._format not in ("savedmodel", "export") and not self._slow:
            self._attempt("reload", self._reload)

    def _weights(self) -> tuple[str, str]:
        facts = self._reference.facts
        value, sentence = compare.weights(facts["weights"], self._digests)
        exchanged = compare.exchanged(facts["by_layer"], observe.by_layer(self._model))
        return value, "; ".join(part for part in (sentence, exchanged) if part)

    def _look(self) -> None:
        if self._inputs is None:
            return
        way = self._reference.facts.get("way")
        if way:
            batches = [self._inputs, *(inputs for _, inputs, _ in self._reference.batches())]
            self._traced = traced(self._stack, self._model, batches, way)
        begun = time.monotonic()
        self._outputs = self._call(self._inputs)
        self._slow = bool(way) or time.monotonic() - begun > _SLOW
        if self._format == "export":
            self._seen = {"outputs": observe.signature(self._outputs)}
        else:
            self._seen = observe.structure(self._model, self._outputs)
            self._digests = [digest(array) for array in observe.weights(self._model)]

    def _call(self, inputs: Any) -> Any:
        """The model's outputs: eagerly, or traced where home did no other."""
        return self._traced(inputs) if self._traced is not None else observe.call(self._model, inputs)

    def _compare_outputs(self) -> tuple[str, str]:
        """Compare the outputs; where eager ones differ, a traced ``predict`` settles it."""
        found = self._arrays(self._outputs)
        value, sentence, self._record["max_abs_diff"] = self._against_reference(found)
        # Tracing costs as much as a whole cell; with other weights the outputs have to differ.
        unsettled = (
            value == "differs" and self._record["checks"].get("weights") == "same" and self._traced is None
        )
        if unsettled and len(found) == len(self._reference.arrays("output")):
            try:
                traced = self._arrays(self._model.predict(self._inputs, verbose=0))
            except Exception:
                return (
                    value,
                    sentence,
                )  # predict settles nothing where it does not run (text inputs in Keras 3)
            settled, _, apart = self._against_reference(traced)
            if settled == "same":
                self._record["max_abs_diff"] = apart
                return "same", "only with run_eagerly: {}".format(sentence)
        return value, sentence

    def _other_batches(self) -> None:
        """Further batches of an adopted file: versions may differ at some sizes or values alone."""
        findings: list[tuple[str, str, str, float | None]] = []
        batches = list(self._reference.batches())
        for facts, inputs, reference in batches:
            if self._late(len(findings) + 1, len(batches) + 1):
                break
            try:
                value, sentence, apart = self._batch(facts, inputs, reference)
            except Exception as error:
                value, sentence, apart = "failed", first_line(error, KEPT), None
            findings.append((facts["label"], value, sentence, apart))
        self._found(findings, len(findings) + 1, "")

    def _where(self) -> None:
        """Tell for which inputs the outputs differ, where they do for the first and not for all."""
        wrong: list[str] = [self._reference.facts["label"]]
        same: list[str] = []
        for facts, inputs, reference in self._reference.batches():
            if time.monotonic() - self._begun > _ENOUGH:
                break
            try:
                value, _, _ = self._batch(facts, inputs, reference, settle=False)
            except Exception:
                value = "failed"
            (same if value == "same" else wrong).append(facts["label"])
        if same:
            more = " and {} more of {} batches".format(len(wrong) - 1, len(wrong) + len(same))
            told = "for {}{}, and not for {}".format(wrong[0], more if len(wrong) > 1 else "", same[0])
            self._note("outputs", ("differs", "{}: {}".format(told, self._record["details"]["outputs"])))

    def _traced_batches(self) -> None:
        """The same batches as ``predict`` runs them; at home that made no difference."""
        first = {"label": "", "noise": self._reference.facts.get("noise", ())}
        batches = [(first, self._inputs, self._reference.arrays("output")), *self._reference.batches()]
        dtypes = self._reference.dtypes()
        try:
            run = traced(self._stack, self._model, [inputs for _, inputs, _ in batches])
        except Exception as error:
            self._note("outputs", ("failed", "{}: {}".format(IN_PREDICT, first_line(error, KEPT))))
            return
        if run is None or self._model.run_eagerly:
            return
        findings: list[tuple[str, str, str, float | None]] = []
        for facts, inputs, reference in batches:
            if self._late(len(findings), len(batches)):
                break
            try:
                found = self._arrays(run(inputs))
                value, sentence, apart = compare.outputs(
                    reference, dtypes, found, dtypes, self._tolerances, facts["noise"]
                )
            except Exception as error:
                value, sentence, apart = "failed", first_line(error, KEPT), None
            findings.append((facts["label"], value, sentence, apart))
        self._found(findings, len(findings), IN_PREDICT)

    def _late(self, done: int, total: int) -> bool:
        """Whether there is no time for more batches, which is noted: a slow model is not one that hangs."""
        late = time.monotonic() - self._begun > _ENOUGH and done > 0
        if late:
            self._note(
                "outputs", ("same", "compared for {} of {} batches, as one takes long".format(done, total))
            )
        return late

    def _found(self, findings: list[tuple[str, str, str, float | None]], total: int, where: str) -> None:
        """Note what differs: the first of it, and for how many of all batches. The first batch has no label."""
        wrong = [finding for finding in findings if finding[1] != "same"]
        if not wrong:
            return
        label, value, sentence, _ = wrong[0]
        self._record["max_abs_diff"] = max(
            [apart for _, _, _, apart in wrong if apart is not None], default=None
        )
        more = " and {} more of {} batches".format(len(wrong) - 1, total) if len(wrong) > 1 else ""
        inputs = "for {}{}".format(label, more) if label else ""
        told = ", ".join(part for part in (inputs, where) if part)
        self._note("outputs", (value, "{}: {}".format(told, sentence)))

    def _batch(
        self, facts: dict[str, Any], inputs: Any, reference: list[Array], settle: bool = True
    ) -> tuple[str, str, float | None]:
        """How the outputs for one batch differ; with ``settle``, a traced ``predict`` has the last word on it."""
        dtypes = [tensor[1] for tensor in facts["outputs"]["tensors"]]

        def held(outputs: Any) -> tuple[str, str, float | None]:
            found = self._arrays(outputs)
            return compare.outputs(reference, dtypes, found, dtypes, self._tolerances, facts["noise"])

        outputs = self._call(inputs)
        value, sentence = compare.structure(
            {"outputs": facts["outputs"]}, {"outputs": observe.signature(outputs)}
        )
        if value != "same":
            return value, sentence, None
        finding = held(outputs)
        if settle and finding[0] != "same" and self._traced is None and hasattr(self._model, "predict"):
            try:
                traced = held(self._model.predict(inputs, verbose=0))
            except Exception:
                return finding  # predict settles nothing where it does not run (text inputs in Keras 3)
            return traced if traced[0] == "same" else finding
        return finding

    def _against_reference(self, found: list[Array]) -> tuple[str, str, float | None]:
        dtypes = [tensor[1] for tensor in self._seen["outputs"]["tensors"]]
        reference = self._reference.arrays("output")
        noise = self._reference.facts.get("noise", ())
        return compare.outputs(reference, self._reference.dtypes(), found, dtypes, self._tolerances, noise)

    def _arrays(self, outputs: Any) -> list[Array]:
        leaves, _ = flatten(outputs)
        return [plain(to_numpy(leaf)) for leaf in leaves]

    def _compiled(self) -> None:
        """What a model needs to be evaluated and trained on."""
        facts = self._reference.facts
        targets = self._reference.nest("targets")
        alive = observe.compiled(self._model)
        if alive:
            self._attempt("loss", lambda: self._loss(targets))
        else:
            self._note("loss", ("lost", "the model came back without its loss and metrics"))
        if self._record["checks"]["loss"] == "failed":
            self._try_predict()
        if "optimizer" in facts:
            self._attempt(
                "optimizer", lambda: compare.optimizer(facts["optimizer"], observe.optimizer(self._model))
            )
        if "untrainable" in facts:
            self._note("training", ("not_applicable", "the producer could not: " + facts["untrainable"]))
        elif alive:
            self._attempt("training", lambda: self._training(targets))
        else:
            self._note("training", ("lost", "there is no optimizer to train with"))

    def _loss(self, targets: Any) -> tuple[str, str]:
        found = observe.loss(self._model, self._inputs, targets, eagerly=not self._reference.facts.get("way"))
        facts = self._reference.facts
        noise = facts.get("loss_noise", {})
        return compare.loss(facts["loss"], found, self._loss_dtype(), self._tolerances, noise)

    def _try_predict(self) -> None:
        """What breaks ``evaluate`` may break ``predict``, although calling the model gives the same outputs."""
        try:
            self._model.predict(self._inputs, verbose=0)
        except Exception as error:
            sentence = "calling the model works; predict() raises {}".format(first_line(error, KEPT))
            self._record["details"].setdefault("outputs", sentence[:KEPT])

    def _training(self, targets: Any) -> tuple[str, str]:
        facts = self._reference.facts
        seed(self._stack)
        step = observe.training(self._model, self._inputs, targets)
        if not np.isfinite(step["loss"]) and np.isfinite(facts["step_loss"]):
            return "failed", "the step's loss is {}".format(step["loss"])
        if facts["stochastic"] or "optimizer" not in facts:
            return compare.SAME  # it ran, and there is nothing to compare it with
        reference = {"loss": facts["step_loss"], "moved": self._reference.arrays("moved")}
        order = compare.pairing(facts["weights"], self._digests)
        return compare.training(reference, step, order, self._loss_dtype(), self._tolerances)

    def _resave(self) -> tuple[str, str]:
        """Save once more: in the same format, or as ``.keras`` where that is no longer to be had."""
        self._model.run_eagerly = False
        again = os.path.join(self._folder, "again")
        os.makedirs(again)
        same = can_save(self._format, self._stack.backend, self._stack.keras_version)
        format_name = self._format if same else "keras"
        formats.save(self._stack, self._model, format_name, again)
        if actual_format(os.path.join(again, formats.NAMES[format_name])) in ("missing", "empty"):
            return "failed", "the second save wrote nothing"
        if self._load is None or self._odd or self._slow or format_name == "savedmodel":
            return compare.SAME
        now = self._arrays(observe.call(self._model, self._inputs))  # it has been trained since
        if self._apart(now, self._arrays(observe.call(self._model, self._inputs))):
            return compare.SAME  # it carries a state from call to call, which has moved on
        try:
            found = self._arrays(observe.call(self._load(format_name, again), self._inputs))
        except Exception as error:
            return "failed", "what it saves does not load: {}".format(first_line(error, KEPT))
        sentence = self._apart(now, found)
        return (
            ("differs", "what it saves gives other outputs: {}".format(sentence))
            if sentence
            else compare.SAME
        )

    def _reload(self) -> tuple[str, str]:
        """The same file once more in the same process: it must be the same model again."""
        assert self._load is not None
        found = self._arrays(observe.call(self._load(self._format, self._payload), self._inputs))
        sentence = self._apart(self._arrays(self._outputs), found)
        return ("differs", "loaded twice, it differs: {}".format(sentence)) if sentence else compare.SAME

    def _apart(self, one: list[Array], two: list[Array]) -> str:
        dtypes = [tensor[1] for tensor in self._seen["outputs"]["tensors"]]
        if len(one) != len(two):
            return "{} outputs where {} were".format(len(two), len(one))
        return compare.outputs(one, dtypes, two, dtypes, self._tolerances)[1]

    def _loss_dtype(self) -> str:
        """Losses and metrics are summed in the process's own float type, of what its layers compute in theirs."""
        dtypes = self._reference.dtypes()
        return coarser(
            coarser(dtypes[0], "float32") if dtypes else "float32", observe.computes_in(self._model)
        )

    def _note(self, check: str, finding: tuple[str, str]) -> None:
        value, sentence = finding
        self._record["checks"][check] = value
        if sentence:
            self._record["details"][check] = sentence[:KEPT]

    def _attempt(self, check: str, function: Callable[[], tuple[str, str]]) -> None:
        """A check that may raise: then its value is ``failed`` and its sentence the exception's first line."""
        try:
            self._note(check, function())
        except Exception as error:
            self._note(check, ("failed", first_line(error, KEPT)))
