"""The threshold lab in a report, which has no server: `lib.export.report.page` puts the joined script into the file."""
