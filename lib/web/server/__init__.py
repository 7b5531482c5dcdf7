"""HTTP routes beside the pages, and the access that each allows: uploads, pictures, exports, sweeps, label matrices.

Access to all of them, and to Streamlit's own, is decided by `gate`, which stands before everything: under which names
the app answers (`hosts`), that its own pages ask, and who is logged in (`login`, `login_token`, `login_oidc`), as
`sharing` reads it from the environment at the start. Whoever is let in may read every dataset and run.

`receiving` (``/api/uploads/{id}``) and `drops` (``/api/drops/{id}``), which take data, also want the token of an open
page, the header ``Upload-Token``.

No address names a file. Names of datasets and runs are checked by `lib.core.workspace.check_name`, so that none leaves
the workspace; an image is a row number, and one that is used where it is must still be the one that was imported
(`lib.core.in_place.checked`). ``Cross-Origin-Resource-Policy`` in `serving.SAFE` keeps other sites from embedding what
is sent.
"""
