"""Static files in production: compressed, and named by a hash of their content, so that browsers keep them for ever."""

from __future__ import annotations

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Django has no public name for them.
EXTENSION, (*DECLARATIONS, _CALL) = vars(HashedFilesMixin)["_js_module_import_aggregation_patterns"]
# `import("./chart.js")`, but not `{import("./store.js").State}` of a JSDoc comment: types refer to each other in
# circles, and a circle of hashes has no end.
CALL = (r"""(?P<matched>import\(["'](?P<url>[./].*?)["']\))(?!(?-i:\.[A-Z]))""", """import("%(url)s")""")


class HashedModules:
    """Rewrites what our modules import to the hashed names."""

    support_js_module_import_aggregation = True
    # Each pass settles one more level of modules that import modules.
    max_post_process_passes = 30
    _js_module_import_aggregation_patterns = (EXTENSION, (*DECLARATIONS, CALL))


class HashedStaticFiles(HashedModules, CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # has no types
    """The storage of production; `manage.py collectstatic` fills it."""
