"""A right passed on, chapter 27: the request that asks for it, and the pass that brings it."""

import standard  # noqa: F401

import base64

import passes
from refused import REASON, Refused


def request(wallet):
    """The request as bytes, and its link."""
    data = wallet.bare.cred
    return data, passes.HEAD["request-link"] + base64.urlsafe_b64encode(data).decode().rstrip("=")


def take(wallet, bytes=None, link=None):
    """None where the wallet has the pass now, else the reason why not."""
    try:
        wallet.take(passes.read(passes.of_link("pass-link", link) if bytes is None else bytes))
    except Refused as fault:
        return REASON[fault.reason]
    return None
