"""HTTP routes beside the pages, and the access that each allows: uploads, pictures, exports, sweeps, label matrices.

Only the routes that take data check access:

- `receiving` (``/api/uploads/{id}``) and `drops` (``/api/drops/{id}``) want the token of an open page (the header
  ``Upload-Token``), and of a browser that the request comes from this app's own pages (``Sec-Fetch-Site``, and
  ``Origin`` against ``Host``).
- All others (GET) check no token, no login, no ``Host`` and no ``Origin``: whoever reaches the server may read every
  dataset and run. What keeps others out is the address that the server listens on, ``server.address`` in
  ``.streamlit/config.toml`` and `lib.web.settings` (this computer only), or a login in front of it.

No address names a file. Names of datasets and runs are checked by `lib.core.workspace.check_name`, so that none leaves
the workspace; an image is a row number, and one that is used where it is must still be the one that was imported
(`lib.core.in_place.checked`). ``Cross-Origin-Resource-Policy`` in `serving.SAFE` keeps other sites from embedding what
is sent.
"""
