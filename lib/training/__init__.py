"""Training runs: configuration, worker, events and history; torch only in the learner and the worker."""
