from areas.decided import exempt, outcome  # noqa: F401
