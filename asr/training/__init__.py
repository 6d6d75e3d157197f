"""How the embedded model is made: `make model`. An offline recipe, no part of the running hotline.

Text → pronunciation → synthesized voices → a simulated telephone → features and frame labels → a small network →
Kaldi's files. Everything comes from Debian and PyPI packages; torch is met in `fit.py` alone, which runs in an
environment of its own. `docs/speech.md` is the model's card, ADR 10 says why.
"""
