"""CALLING BACK AND ASKING: callback tasks, attempts, dispositions, ratings."""
