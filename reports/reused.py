"""How much of a run was run for earlier ones, and how long ago."""

from datetime import UTC, datetime

from runner.results import Results


def reused(results: Results) -> str:
    """In a sentence how many cells hold from earlier runs, and how old the oldest is; empty where all were run."""
    held = [cell for cell in results.cells if cell.cached]
    if not held:
        return ""
    oldest = min(cell.ran for cell in held)
    cells = "1 holds" if len(held) == 1 else f"{len(held):,} hold"
    return f"Of {len(results.cells):,} cells {cells} from earlier runs; the oldest was run {age(oldest, results)}."


def age(ran: str, results: Results) -> str:
    """How long before a run a cell was run, in words; the date itself where the clock was put back since."""
    then, now = _time(ran), _time(results.run.finished or results.run.started)
    if then is None or now is None or then > now:
        return f"on {ran[:10]}"
    days = (now - then).days
    words = {0: "less than a day ago", 1: "1 day ago"}
    return f"{words.get(days, f'{days:,} days ago')}, on {ran[:10]}"


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
