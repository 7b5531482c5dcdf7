"""Label audits: what models that never saw an image say of its labels, ranked, and how far that can be trusted."""
