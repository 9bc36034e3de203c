"""An answer as Markdown, to be posted under a pull request. Text from the model's file is text there and no more."""

from reports import answer_headline
from reports import answer_words as words
from reports.answer import Answer, Target
from reports.answer_moves import moves
from reports.markdown_text import COMMENT_LIMIT, block, code, fitted, prose, table
from reports.text import clip
from reports.verdicts import SYMBOLS

_LEFT_OUT = "*The rest does not fit here; the page has it.*"
#: Characters of one piece of code.
_CODE = 6000


def markdown(answer: Answer, *, limit: int = COMMENT_LIMIT) -> str:
    """The answer, how to move, and a row for each version; at most ``limit`` bytes."""
    parts = [
        f"## crossload: {prose(answer_headline.headline(answer))}",
        "\n".join(_group(*words.said(group, answer)) for group in (*answer.groups, *answer.sides)),
        f"**{prose(answer_headline.safe(answer))}**",
    ]
    for move in moves(answer):
        parts.append(f"**{prose(move.title)}:** {prose(move.advice)}")
        if move.code:
            parts.append(block(clip(move.code, _CODE), "console" if move.shell else "python"))
    rows = [_row(target, answer) for target in answer.targets]
    if rows:
        parts.append(table(["version", "outcome", "lost, or why", "works with"], rows))
    parts.append("\n".join(f"- {prose(fact)}" for fact in words.facts(answer)))
    digest = answer.question.sha256
    parts.append(f"The file: {code(answer.question.file)}" + (f", sha256 {code(digest)}" if digest else ""))
    return fitted(parts, limit, _LEFT_OUT)


def _group(versions: str, fate: str) -> str:
    return f"- **{prose(versions)}**: {prose(fate)}."


def _row(target: Target, answer: Answer) -> list[str]:
    verdict = target.cell.verdict
    works = words.verified(target.works) if target.works else ""
    return [
        prose(target.name),
        f"{SYMBOLS[verdict]} {verdict.replace('_', ' ')}",
        prose(words.because(target, answer), 300),
        prose(works, 300),
    ]
