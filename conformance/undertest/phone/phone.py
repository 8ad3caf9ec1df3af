#!/usr/bin/python3
"""The phone under test, behind the shim: postern run --role app --target exec:conformance/undertest/phone/phone.py

phone.py --vpcd PORT has its lock in a reader of vpcd that listens there, and the shim beside it."""

import standard  # noqa: F401

import argparse

from card import Card
from passing import request, take
from postern_shim import App, RigError, serve
from presented import Presented
from refused import Refused
from tap import Tap
from vpcd import Reader
from wallet import Wallet
from wish import Wish


class Phone(App):
    product, version = "Python phone", "1"
    wallet = presented = None

    def __init__(self, reader=None):
        self.reader = reader

    def provision(self, **given):
        self._put_away()
        self.wallet = None
        try:
            self.wallet = Wallet(**given)
        except (Refused, ValueError):
            raise RigError("provision: a key, a root or a grant of it is not good") from None

    def tap(self, link, **wished):
        self._ready("tap")
        if self.reader:
            self.reader.begin()
        return Tap(self.wallet, Wish(**wished), Card((self.reader or link).transceive), link.live).run()

    # Binding R

    def present(self, **wished):
        self._ready("present")
        self.presented = Presented(self.wallet, Wish(**wished))

    def command(self, apdu):
        return self.presented.command(apdu) if self.presented else None

    def leave(self):
        if self.presented is None:
            raise RigError("leave: present comes first")
        return self._put_away()

    # Chapter 27

    def ask(self):
        self._ready("ask")
        return request(self.wallet)

    def take(self, **form):
        self._ready("take")
        if len(form) != 1:
            raise RigError("take: a pass comes as bytes or as a link")
        return take(self.wallet, **form)

    def _ready(self, verb):
        self._put_away()
        if self.wallet is None:
            raise RigError(verb + ": provision comes first")

    def _put_away(self):
        """Ends a tap by binding R that is still under way."""
        presented, self.presented = self.presented, None
        return presented and presented.leave()


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--vpcd", type=int, metavar="PORT")
    port = options.parse_args().vpcd
    serve(Phone(Reader(port) if port else None))
