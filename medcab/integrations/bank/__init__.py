"""A bank that says who its clients are, by OpenID Connect."""
