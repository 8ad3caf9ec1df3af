#!/usr/bin/python3
"""The phone under test, behind the shim: postern run --role app --target exec:conformance/undertest/phone/phone.py"""

import standard  # noqa: F401

from postern_shim import App, RigError, serve
from refused import Refused
from tap import Tap
from wallet import Wallet
from wish import Wish


class Phone(App):
    product, version = "Python phone", "1"
    wallet = None

    def provision(self, **given):
        self.wallet = None
        try:
            self.wallet = Wallet(**given)
        except (Refused, ValueError):
            raise RigError("provision: a key, a root or a grant of it is not good") from None

    def tap(self, link, **wished):
        if self.wallet is None:
            raise RigError("tap: provision comes first")
        wish = Wish(**wished)
        return Tap(self.wallet, link, wish).run()


if __name__ == "__main__":
    serve(Phone())
