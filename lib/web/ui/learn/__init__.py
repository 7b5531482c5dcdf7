"""The Learn page: a panel for each idea, each with its figure, its questions and its ten lines of code."""
