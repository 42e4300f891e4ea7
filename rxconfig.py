"""Reflex's configuration. How the front end is built and served stands in medcab/frontend.py."""

import reflex as rx

from medcab.ui.build_plugins import SameOriginPlugin
from medcab.ui.theme import theme_plugin

config = rx.Config(
    app_name="medcab",
    app_module_import="medcab.medcab",
    # The bundle must not name a host: SameOriginPlugin replaces this address by the one the page came from.
    api_url="http://localhost:8000",
    deploy_url=None,
    cors_allowed_origins=[],
    telemetry_enabled=False,
    show_built_with_reflex=False,
    # Each worker keeps its tabs' states in memory: the default would pickle personal data to disk, unencrypted (decision 0016).
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
    redis_token_expiration=1800,
    default_color_mode="system",
    # In the order of preference: brotli is a sixth smaller.
    frontend_compression_formats=["brotli", "gzip"],
    frontend_lazy_bundled_libraries=True,
    plugins=[theme_plugin(), SameOriginPlugin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
