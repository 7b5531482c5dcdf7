"""HTTP routes beside the pages: uploads, exports, sweeps and label matrices."""
