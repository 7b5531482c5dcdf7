"""The Train page: the form, the live charts and the record of runs."""
