"""Static files in production: compressed, and named by a hash of their content, so that browsers keep them for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    # Without it `import "./feed.js"` would still name the file without its hash.
    support_js_module_import_aggregation = True
