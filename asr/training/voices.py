"""Who speaks: voices for training, for tuning and for tests, kept apart, and voices invented for training.

The eight test voices are those of the demonstration and of the tests. Nothing is ever trained on them or tuned with
them.
"""

import random
import shutil
from pathlib import Path

TEST_VOICES = ("m3", "f4", "Annie", "Denis", "klatt2", "quincy", "shelby", "grandma")
TUNING_VOICES = ("m6", "f2", "Alicia", "Mike", "klatt5", "belinda", "travis", "steph2")
ODD_VOICES = ("whisper", "whisperf", "croak", "Demonic", "robosoft3", "UniRobot")
"""Never trained on, and unlike anybody."""
TRAINING_VOICES = (
    "", "m1", "m2", "m4", "m5", "m7", "m8", "f1", "f3", "f5", "Alex", "Andrea", "Andy", "AnxiousAndy", "Diogo", "Gene",
    "Gene2", "Henrique", "Hugo", "Jacky", "Lee", "Marco", "Mario", "Michael", "Mr serious", "Nguyen", "Storm", "Tweaky",
    "adam", "anika", "antonio", "aunty", "benjamin", "boris", "caleb", "david", "ed", "edward", "edward2", "grandpa",
    "gustave", "iven", "iven2", "iven3", "john", "kaukovalta", "klatt", "klatt3", "klatt4", "linda", "marcelo", "max",
    "michel", "miguel", "norbert", "pablo", "paul", "pedro", "rob", "robert", "sandro", "steph", "victor", "zac",
)  # fmt: skip
INVENTED_AT_ONCE = 80
"""espeak-ng lists at most some 350 languages and variants together; more would be ignored without a word."""

_VARIANTS = Path("voices") / "!v"


def invent_voices(installed: Path, folder: Path, seed: int, count: int = INVENTED_AT_ONCE) -> list[str]:
    """A copy of espeak-ng's data in `folder` with random variants besides its own; their names."""
    for entry in installed.iterdir():
        if entry.name != "voices":
            (folder / entry.name).symlink_to(entry)
    shutil.copytree(installed / _VARIANTS, folder / _VARIANTS)  # without the MBROLA voices: the list is short
    rng = random.Random(seed)
    names = [f"invented{index:03}" for index in range(count)]
    for name in names:
        (folder / _VARIANTS / name).write_text(variant(name, rng), encoding="ascii")
    return names


def variant(name: str, rng: random.Random) -> str:
    """A speaker: pitch, length of the vocal tract, breath, roughness, spectrum."""
    low = rng.uniform(65, 230)
    tract = rng.gauss(100, 9)
    lines = ["language variant", f"name {name}", f"pitch {low:.0f} {low * rng.uniform(1.15, 1.75):.0f}"]
    for formant in range(9):
        frequency = min(132.0, max(74.0, tract + rng.gauss(0, 4 if formant < 4 else 7)))
        lines.append(f"formant {formant} {frequency:.0f} {rng.uniform(55, 145):.0f} {rng.uniform(70, 155):.0f}")
    lines += [
        f"flutter {rng.randint(0, 14)}",
        f"roughness {rng.choice([0, 0, 1, 2, 3])}",
        f"voicing {rng.randint(55, 145)}",
        f"consonants {rng.randint(45, 160)} {rng.randint(45, 160)}",
    ]
    if rng.random() < 0.4:
        lines.append("breath " + " ".join(str(rng.randint(0, 14)) for _ in range(5)))
    if rng.random() < 0.6:
        lines.append(f"tone 600 {rng.randint(90, 210)} 1200 {rng.randint(70, 190)} 2400 {rng.randint(50, 170)}")
    if rng.random() < 0.25:
        lines.append(f"klatt {rng.randint(1, 6)}")
    return "\n".join(lines) + "\n"
