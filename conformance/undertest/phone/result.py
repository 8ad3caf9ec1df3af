"""How a tap ends or goes on other than by a lock's decision."""


class Fault(Exception):
    """The tap ends without a decision: reason is a name of the registry. late says that the lock may have done what was asked."""

    def __init__(self, reason, late=False):
        super().__init__(reason)
        self.reason, self.late = reason, late


class Again(Exception):
    """The tap goes on from SELECT."""
