"""The page of one model file: the answer to what was asked of it. It stands alone, and can be mailed."""

from functools import partial

from reports import answer as answers
from reports import answer_headline, answer_words
from reports.addresses import cell_id
from reports.answer import Answer
from reports.answer_moves import moves
from reports.grid import Entry
from reports.members import members
from reports.templating import command, draw_alone
from reports.view import artifact_key, numbers, view
from runner.results import ArtifactResult, Results

#: Reasons that are listed, and stories of one reason.
_REASONS, _STORIES = 120, 25


def render(results: Results, asked: Answer | None = None) -> str:
    """The page; ``asked`` is the answer to what the results ask, as it was given."""
    seen = view(results)
    if asked is None:
        asked = answers.answer(results)
    artifacts = tuple(artifact for of in seen.artifacts.values() for artifact in of)
    places = {artifact_key(artifact): f"a{number}" for number, artifact in enumerate(artifacts)}
    of_entries = numbers(seen.told)

    def place(entry: Entry) -> str:
        return f"c{entry.number}" if entry.number in of_entries else "answer"

    def artifact_place(artifact: ArtifactResult | None) -> str:
        return places.get(artifact_key(artifact), "") if artifact else ""

    return draw_alone(
        "question.html.j2",
        run=results.run,
        results=results,
        grid=seen.grid,
        asked=asked,
        answer=answer_headline.headline(asked),
        scope="",
        lead=answer_headline.safe(asked),
        tried=True,
        entries_of={entry.cell.consumer: entry for entry in seen.grid.entries},
        reasons=seen.reasons[:_REASONS],
        more_reasons=len(seen.reasons[_REASONS:]),
        listed_stories=_STORIES,
        listed={story.number for reason in seen.reasons[:_REASONS] for story in reason.stories[:_STORIES]},
        causes=seen.causes,
        meanings=seen.meanings,
        # The few cells of a question have a place of their own each, the identical ones too.
        quiet=(),
        home="answer",
        stories=seen.told,
        artifacts=artifacts,
        artifact_place=artifact_place,
        address=lambda entry: cell_id(entry.cell),
        place=place,
        unsaved=seen.unsaved,
        members=partial(
            members,
            place=place,
            artifact_place=artifact_place,
            command=partial(command, question=results.question),
        ),
        because=answer_words.because,
        facts=answer_words.facts,
        moves=moves,
        said=answer_words.said,
        verified=answer_words.verified,
    )
