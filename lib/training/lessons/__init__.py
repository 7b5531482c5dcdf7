"""Trainings of seconds that show what a choice does: asked for as questions, answered by one worker."""
