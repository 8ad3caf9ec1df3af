"""Who may sign what: sections 4.6, 4.7 and 4.8."""

from objects import CONDITION, RIGHT
from refused import need


def authority_root(certificate, roots):
    """The root under which an authority certificate verifies, steps 2 to 4 of section 4.6.

    Where several roots have the key id, the first that is good decides, and
    where none is, the fault of the first is named.
    """
    return _first_good(certificate, [(root, root) for root in roots], lambda root: None)


def lock_certificate_authority(certificate, authorities):
    """The authority under which a lock certificate verifies, steps 2 to 6 of section 4.7."""

    def under(authority):
        need(authority.rights & RIGHT["lock"], "authority-right")
        need(authority.iat <= certificate.iat <= authority.exp, "authority-expired")

    return _first_good(certificate, [(each.cnf, each) for each in authorities], under)


def _first_good(signed, signers, further):
    candidates = [(key, signer) for key, signer in signers if key.id == signed.kid]
    need(candidates, "issuer-unknown")
    first = None
    for key, signer in candidates:
        try:
            verify(signed, key)
            further(signer)
            return signer
        except Exception as fault:
            first = first or fault
    raise first


def verify(signed, key):
    """alg is the key's and the signature verifies under it."""
    need(signed.alg_is_of(key), "algorithm")
    need(signed.verifies(key), "signature")


def operators_grant(grant, certificate):
    """Section 4.8.1: a grant under the certificate of the authority that signed it."""
    need(certificate.rights & RIGHT["issue"], "authority-right")
    need(certificate.iat <= grant.iat <= certificate.exp, "authority-expired")
    need(grant.exp - grant.iat <= certificate.longest, "grant-too-long")
    need(all(service_of(entry, certificate) for entry in grant.entries), "service")


def service_of(entry, certificate):
    """The service of an entry of an operator's grant; 0 where it has none."""
    named = entry.condition("service")
    if named is not None:
        return named if named in certificate.services else 0
    return certificate.services[0] if len(certificate.services) == 1 else 0


def no_service(grant):
    """Section 4.8.2, and step 3 of section 17.2: nobody but an operator names a service."""
    need(not any(CONDITION["service"] in entry.conditions for entry in grant.entries), "service")
