from reports.answer import answer
from reports.answer_moves import moves
from runner.results import Cause, Remedy, Verdict
from tests.reports.asked import DEGRADED, IDENTICAL, STUCK, checked, typical


def test_how_to_move_where_little_or_nothing_is_lost() -> None:
    assert moves(answer(checked({"tf2.15.1-cpu": IDENTICAL})))[0].advice == (
        "nothing to do; it loads as it is, and every check agrees."
    )
    plain = {**DEGRADED, "remedies": (), "lost": ("optimizer", "compile", "training")}
    assert moves(answer(checked({"tf2.15.1-cpu": plain})))[0].advice == (
        "it loads and predicts the same; lost: optimizer, compile and training."
    )
    assert moves(answer(checked({"tf2.15.1-cpu": DEGRADED})))[0].advice == (
        "it predicts the same and loses optimizer; to keep more: Compile again (verified, identical)."
    )


def test_versions_with_the_same_way_share_it() -> None:
    found = answer(typical(), asked=("tf2.16.2-keras3.4.1-cpu", "tf2.15.1-cpu"))
    assert [move.title for move in moves(found)] == [
        "To move to 2.21.0 or 2.16.2 with Keras 3.4.1",
        "To move to 2.15.1",
    ]


def test_a_command_quotes_the_name_of_the_file() -> None:
    (move,) = moves(answer(checked({"tf2.21.0-cpu": STUCK}, file="my $(rm) model.h5")))
    assert move.code == "crossload migrate 'my $(rm) model.h5' --to tf2.21.0-cpu"


def test_what_lacks_code_or_a_part_is_not_sent_on_a_search() -> None:
    stuck = {"tf2.21.0-cpu": STUCK}
    (move,) = moves(answer(checked(stuck, reference=False, needs=("Own",))))
    assert move.advice == "nothing loads it without the code for the model's classes. With that, ask again:"
    assert move.code == "crossload check model.h5 --custom-objects FILE.py"
    alone = {"tf2.21.0-cpu": {**STUCK, "cause": "configuration_missing"}}
    (move,) = moves(answer(checked(alone, reference=False)))
    assert move.code == "crossload check model.h5 --probe FILE.py"
    (move,) = moves(answer(checked(stuck, reference=False, damage=("It ends too early.",))))
    assert (move.advice, move.code) == ("the file is not whole: get it once more, and ask again.", "")


def test_what_only_code_can_mend_is_not_sent_on_a_search() -> None:
    found = checked({"tf2.21.0-cpu": {**STUCK, "cause": "gone", "telling": "Keras here has no Gate."}})
    gone = Cause(id="gone", title="Gone", sentence="It is gone.", advice="Put a class into a file.")
    (move,) = moves(answer(found.model_copy(update={"causes": (*found.causes, gone)})))
    assert move.advice.endswith(". Keras here has no Gate. Put a class into a file. With that, ask again:")
    assert move.code == "crossload check model.h5 --custom-objects FILE.py"


def test_outputs_alone_are_not_called_all_that_can_be_had() -> None:
    lost = ("compile", "optimizer", "training", "resave")
    bare = {**STUCK, "remedies": (Remedy(id="recompile", verdict=Verdict.DEGRADED, lost=lost),)}
    (move,) = moves(answer(checked({"tf2.21.0-cpu": bare})))
    assert move.advice.endswith(
        " That is no Keras model any more; look for one: crossload migrate model.h5 --to VERSION"
    )
    found = checked({"tf2.21.0-cpu": bare})
    artifacts = tuple(one.model_copy(update={"format": "export"}) for one in found.artifacts)
    (move,) = moves(answer(found.model_copy(update={"artifacts": artifacts})))
    assert "migrate" not in move.advice
