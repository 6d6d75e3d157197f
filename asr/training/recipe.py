"""The recipe, step by step: words → speech → network → model folder.

What a step is made of decides whether it must be done again.
"""

import hashlib
import json
import os
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

from asr.training import lexicon
from asr.training.graph import Costs, write_graph
from asr.training.language_model import LanguageModel, estimate
from asr.training.measure import SHIPPED, comparison
from asr.training.model_folder import write_model
from asr.training.sentences import TEXTS, Use, sentence
from asr.training.size import Size
from asr.training.speech_data import Chunk, make_chunk
from asr.training.word_frequencies import read_frequencies
from asr.training.worker_pool import Piece, run_all
from asr.training.workshop import Step, fingerprint

ROOT = Path(__file__).parents[2]
TRAINING_PYTHON = ROOT / "build" / "training-venv" / "bin" / "python"
_DICTIONARY = "lib/python*/site-packages/jieba/dict.txt"
_HERE = Path(__file__).parent
_CHUNK_TIMEOUT_S = 1800.0
_SEEDS = {Use.TRAINING: 1_000, Use.TUNING: 9_000_000}
_SEED_STEP, _RETRY_STEP = 17, 1_000_003

Told = Callable[[float, float], None]

_WORDS = ("lexicon", "sentences", "spoken_numbers", "units")
_SPEECH = (
    *_WORDS, "alignment", "codecs", "espeak_library", "mfcc", "pronunciation", "sounds", "speech_data", "telephone",
    "utterances", "voices",
)  # fmt: skip
_NETWORK = ("fit", "network")
_MODEL = (
    *_WORDS, "acoustic_model", "graph", "kaldi_format", "language_model", "mfcc", "model_folder", "openfst", "phones",
    "word_frequencies",
)  # fmt: skip
_EVALUATION = (*_SPEECH, "evaluation", "evaluation_set", "hearing", "measure", "rates")
_COMPARED = ("clean", "noise_10", "amr_12", "loss_5", "mixed", "free")
_LANGUAGE_SEED = 3


class TrainingFailed(Exception):
    """The program that fits the network ended without one."""


def _sources(names: tuple[str, ...]) -> list[Path]:
    return [*(_HERE / f"{name}.py" for name in names), *sorted(TEXTS.glob("*.txt"))]


def dictionary() -> Path:
    """jieba's list of words with their frequencies."""
    return next(TRAINING_PYTHON.parents[1].glob(_DICTIONARY))


def words_step(size: Size) -> Step:
    """words.json: the vocabulary."""

    def make(folder: Path, told: Told) -> None:
        general = lexicon.general_words(dictionary(), size.general_words)
        vocabulary = lexicon.vocabulary(lexicon.domain_words() | set(general))
        text = json.dumps(vocabulary, ensure_ascii=False, indent=0)
        (folder / "words.json").write_text(text, encoding="utf-8")

    return Step("words", "Words", fingerprint(size.general_words, sources=_sources(_WORDS)), make)


def read_words(folder: Path) -> list[str]:
    """The vocabulary."""
    read = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    return [str(word) for word in read]


def speech_step(size: Size, words: Path) -> Step:
    """A file per chunk; chunks that are there already are not made again."""

    def make(folder: Path, told: Told) -> None:
        vocabulary = read_words(words)
        lexicon.vocabulary(vocabulary)  # reads every word once: the workers inherit what was read
        wanted = {Use.TUNING: size.tuning_chunks, Use.TRAINING: size.training_chunks}
        jobs = [(use, index) for use, count in wanted.items() for index in range(count)]
        paths = {job: folder / f"{job[0].value}-{job[1]:04}.npz" for job in jobs}
        missing = [job for job in jobs if not paths[job].exists()]
        pieces = [_piece(job, size.utterances_a_chunk, vocabulary, paths[job]) for job in missing]
        done = len(jobs) - len(missing)

        def count(_: Piece) -> None:
            nonlocal done
            done += 1
            told(done, len(jobs))

        run_all(pieces, timeout_s=_CHUNK_TIMEOUT_S, on_done=count)

    amounts = (size.training_chunks, size.tuning_chunks, size.utterances_a_chunk, size.general_words)
    return Step("speech", "Speech", fingerprint(*amounts, sources=_sources(_SPEECH)), make)


def _piece(job: tuple[Use, int], count: int, vocabulary: list[str], path: Path) -> Piece:
    use, index = job

    def work(tries: int) -> None:
        seed = _SEEDS[use] + index * _SEED_STEP + tries * _RETRY_STEP
        make_chunk(Chunk(use, seed, count), vocabulary, path)

    return Piece(path.stem, work)


def network_step(size: Size, speech: Step, data: Path) -> Step:
    """network.npz, made by the program in the training environment, which alone has torch."""

    def make(folder: Path, told: Told) -> None:
        command = [TRAINING_PYTHON, "-m", "asr.training.fit", data, folder / "network.npz", size.epochs]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_WAIT_POLICY": "PASSIVE"}
        with (folder / "fit.log").open("a", encoding="utf-8") as log:
            program = subprocess.Popen(
                [str(part) for part in command], stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
            )
            assert program.stdout is not None
            for line in program.stdout:
                log.write(line)
                log.flush()
                facts = json.loads(line)
                if "step" in facts:
                    told(facts["step"], facts["of"])
        if program.wait() != 0:
            raise TrainingFailed(f"the fit ended with status {program.returncode}")

    sources = _sources(_NETWORK)[: len(_NETWORK)]
    return Step("network", "Network", fingerprint(speech.fingerprint, size.epochs, sources=sources), make)


def model_step(size: Size, fitted: Step, network: Path, words: Path) -> Step:
    """The model's folder."""

    def make(folder: Path, told: Told) -> None:
        vocabulary = read_words(words)
        write_model(network / "network.npz", folder)
        told(1, 4)
        language = language_model(vocabulary, size.language_sentences)
        told(3, 4)
        write_graph(folder / "graph", vocabulary, language, Costs())

    facts = (fitted.fingerprint, size.language_sentences)
    return Step("model", "Model", fingerprint(*facts, sources=_sources(_MODEL)), make)


def language_model(vocabulary: list[str], sentences: int) -> LanguageModel:
    """From as many training sentences; neither tuning nor test sentences are among them."""
    rng = random.Random(_LANGUAGE_SEED)
    drawn = (sentence(rng, Use.TRAINING) for _ in range(sentences))
    return estimate(drawn, vocabulary, read_frequencies(dictionary(), vocabulary))


def comparison_step(size: Size, built: Step, model: Path) -> Step:
    """comparison.txt: error rates of the model just made beside the shipped one's."""

    def make(folder: Path, told: Told) -> None:
        text = comparison(model, size.compared, _COMPARED, told)
        (folder / "comparison.txt").write_text(text + "\n", encoding="utf-8")

    shipped = [SHIPPED / name for name in ("am/final.mdl", "graph/Gr.fst", "graph/HCLr.fst")]
    facts = (built.fingerprint, size.compared, *(hashlib.sha256(path.read_bytes()).hexdigest() for path in shipped))
    return Step("comparison", "Comparison", fingerprint(*facts, sources=_sources(_EVALUATION)), make)
