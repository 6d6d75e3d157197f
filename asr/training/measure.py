"""`python -m asr.training.measure [MODEL] [COUNT]`: measure a model for its card, docs/speech.md, as Markdown tables.

Each part runs in a process of its own, two at a time on two cores; about ten minutes for 120 recordings a line.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from asr.training.evaluation import Result, answers, error_rates, false_answers, false_words, machine_facts, word_times
from asr.training.evaluation_set import CONDITIONS
from asr.training.hearing import Ear, known_words
from asr.training.rates import Rate
from asr.training.worker_pool import Piece, run_all

SHIPPED = Path(__file__).parents[1] / "models" / "mini-cn"
_COUNT = 120
_TIMEOUT_S = 3600.0

Told = Callable[[float, float], None]


def measured_rates(
    models: Mapping[str, Path], names: Sequence[str], count: int, told: Told = lambda _, __: None
) -> dict[str, dict[str, Result]]:
    """Error rates of some models under some conditions, by condition and then by the model's key."""
    vocabulary = _shared_words(list(models.values()))
    with tempfile.TemporaryDirectory() as folder:
        jobs = [(name, key) for name in names for key in models]
        paths = {job: Path(folder) / f"{job[0]}-{job[1]}.json" for job in jobs}
        pieces = [_piece(models[key], vocabulary, name, count, paths[name, key]) for name, key in jobs]
        done = 0

        def counted(_: Piece) -> None:
            nonlocal done
            done += 1
            told(done, len(jobs))

        run_all(pieces, timeout_s=_TIMEOUT_S, on_done=counted)
        return {name: {key: _read(paths[name, key]) for key in models} for name in names}


def _shared_words(models: Sequence[Path]) -> list[str]:
    """Random words are drawn from what all of them know."""
    return sorted(set.intersection(*(set(known_words(model)) for model in models)))


def _piece(model: Path, vocabulary: Sequence[str], name: str, count: int, path: Path) -> Piece:
    def work(_: int) -> None:
        (result,) = error_rates(Ear(model), vocabulary, count, [name])
        path.write_text(json.dumps(result.as_json()), encoding="utf-8")

    return Piece(f"{name} of {model.name}", work)


def _read(path: Path) -> Result:
    facts = json.loads(path.read_text(encoding="utf-8"))
    return Result(facts["name"], facts["title"], Rate(**facts["rate"]), facts["count"])


def comparison(model: Path, count: int, names: Sequence[str], told: Told) -> str:
    """The model just made beside the one that is shipped, on the same recordings."""
    rates = measured_rates({"made": model, "shipped": SHIPPED}, names, count, told)
    lines = ["character error rate (95 % interval)        made here               shipped"]
    for by_model in rates.values():
        made, shipped = by_model["made"], by_model["shipped"]
        lines.append(f"{made.title:<38}{made.rate!s:>22}{shipped.rate!s:>22}")
    points = [100 * (each["made"].rate.value - each["shipped"].rate.value) for each in rates.values()]
    lines.append(f"made here minus shipped, on average: {sum(points) / len(points):+.2f} points")
    return "\n".join(lines)


def tables(model: Path, count: int) -> str:
    """The card's tables, as Markdown."""
    machine = _machine_facts(model)
    rates = measured_rates({"this": model}, [each.name for each in CONDITIONS], count)
    ear, vocabulary = Ear(model), known_words(model)
    lines = _table("sentences, voices and line", "CER", [each["this"] for each in rates.values()])
    lines += _table("answer, closed grammar", "heard exactly", list(answers(ear, vocabulary, count)))
    lines += _table("false alarm", "share", [false_answers(ear, vocabulary, count), false_words(ear, count)])
    facts = word_times(ear, count) | machine
    return "\n".join([*lines, *(f"- {name}: {value}" for name, value in facts.items())])


def _machine_facts(model: Path) -> dict[str, float]:
    """Measured in a process that has heard nothing yet: its memory is the model's."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "facts.json"

        def work(_: int) -> None:
            path.write_text(json.dumps(machine_facts(model)), encoding="utf-8")

        run_all([Piece("size and speed", work)], timeout_s=_TIMEOUT_S)
        facts: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
        return facts


def _table(what: str, measure: str, results: Sequence[Result]) -> list[str]:
    rows = [f"| {each.title} | {each.rate} | {each.count} |" for each in results]
    return [f"| {what} | {measure} (95 % interval) | recordings |", "|---|---|---|", *rows, ""]


if __name__ == "__main__":
    given = sys.argv[1:]
    chosen = Path(given[0]) if given else SHIPPED
    sys.stdout.write(tables(chosen, int(given[1]) if len(given) > 1 else _COUNT) + "\n")
