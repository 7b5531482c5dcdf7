"""Questions between page and process: a request on disk, its progress, its answer or one sentence why there is none."""
