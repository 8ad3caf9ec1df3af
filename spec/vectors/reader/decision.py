"""The lock's decision: chapter 07 from step 7 of section 7.5 on, with chapters 16 to 18 and 20.

A Lock has what lasts, a Transaction the rest.  Requests come in the clear; the
proof of possession and the channel are in exchange.py.
"""

import cbor
import cose
import documents
import objects
import rights
import trust
import uses
from messages import FLAG, Request
from objects import CONDITION, RIGHT
from refused import LIMIT, REASON, Refused, need, table

CAPABILITY, OPERATION, LOG_OUTCOME, ROLE = table("capabilities"), table("operations"), table("log-outcomes"), table("roles")
BLOCK = table("block-modes")
NOTICED = (None, "blocked", "evidence", "hours")


class Status(Exception):
    """The lock answers with a status word, and the transaction ends; reason is the local one of section 9.3."""

    def __init__(self, word, reason):
        super().__init__(word)
        self.word, self.reason = word, reason


class Missing(Exception):
    """The form missing; reason is the local one where it stands for a fault."""

    def __init__(self, key_id, reason=None):
        super().__init__(key_id.hex())
        self.key_id, self.reason = key_id, reason


class PowerLost(Exception):
    pass


class Circumstances:
    """What a request meets: the clock (time, offset), energy, what the sensor sees, when the power is lost."""

    def __init__(self, seconds=0, clock=None, charge=100, bolt=None, power=None):
        self.seconds, self.clock, self.charge, self.bolt, self.power = seconds, clock, charge, bolt, power


class Lock:
    def __init__(self, lock_id, area, roots, authorities, floor, capabilities, compartments, owner=None):
        self.id, self.area, self.roots, self.capabilities = lock_id, area, roots, capabilities
        self.certificates = list(authorities)
        self.floor = self.least_floor = floor
        self.compartments, self.owner = compartments, owner
        self.suites = {0, 2} if self.has("suite-2") else {0}
        self.conditions = rights.ALL_CONDITIONS - (set() if self.has("uses") else {CONDITION["uses"]})
        self.policy, self.policy_version, self.since = None, 0, 0
        self.lists, self.uses = [], uses.Table()
        self.sequence, self.entries = 0, []

    def has(self, capability):
        return bool(self.capabilities & CAPABILITY[capability])

    # Whom the lock trusts

    def _settings(self):
        """The policy where its co-owners and anchors count; PST-OWN-022."""
        return self.policy if self.policy and self.policy.version != self.since else None

    def owner_keys(self):
        policy = self._settings()
        return ([self.owner] if self.owner else []) + (policy.co_owners if policy else [])

    def trusted(self):
        policy = self._settings()
        return self.roots + (policy.anchors if policy else [])

    def root_of(self, certificate):
        """The root or anchor under which a certificate verifies; None where none is left."""
        try:
            return trust.authority_root(certificate, self.trusted())
        except Refused:
            return None

    def denies_certificate(self, certificate):
        root = self.root_of(certificate)
        return any(each.denies_certificate(certificate, root) for each in self.lists)

    def usable_certificates(self):
        """Those that the lock holds, that a root or an anchor stands behind and that no list denies."""
        return [each for each in self.certificates if self.root_of(each) is not None and not self.denies_certificate(each)]

    def lost_policy(self):
        """Section 18.3."""
        return self.policy_version > (self.policy.version if self.policy else 0) and not self.policy_version < self.since

    # What changes hands

    def log(self, *content):
        self.sequence += 1
        self.entries.append([self.sequence, *content])

    def _log_owner(self, outcome, known):
        content = [known.logged(self.floor), known.level, OPERATION["configure"], LOG_OUTCOME[outcome], 0]
        self.log(*content, ROLE["owner"], 0, self.owner.id, 0, b"")

    def _wipe(self):
        self.uses = self.uses.wiped()

    def transfer(self, policy, transaction):
        self.owner, self.since = policy.cnf, policy.version
        self._wipe()
        self._log_owner("transferred", transaction.evidence(self.floor))

    def commission(self, key):
        self.owner = key
        self._log_owner("commissioned", rights.Evidence(0))

    def reset(self, key):
        """Section 20.5."""
        self.owner, self.policy, self.since = key, None, self.policy_version + 1
        self._wipe()
        self._log_owner("reset", rights.Evidence(0))


class Chain:
    """A verified credential that is a grant: its links from the root's down, and who signed the first."""

    def __init__(self, links, key, certificate=None, root=None, held=True):
        self.links, self.key, self.certificate, self.root, self.held = links, key, certificate, root, held

    @property
    def leaf(self):
        return self.links[-1]

    def raises_to(self, lock, floor):
        """The floor as the root's grant raises it, section 7.6."""
        return raised(lock, floor, self.links[0], self.certificate)


def raised(lock, floor, grant, certificate):
    if certificate and certificate.rights & RIGHT["time"] and not lock.denies_certificate(certificate):
        return max(floor, grant.iat)
    return floor


class Transaction:
    """One channel of a holder whose possession of the credential's key is proved.

    credential is a grant (Object) or a bare key (Key).
    """

    def __init__(self, lock, credential, nonce=None):
        self.lock, self.credential, self.nonce = lock, credential, nonce
        self.token = self.chain = None
        self.looked = self.driven = False
        self.requests = 0
        self.bare = None if isinstance(credential, objects.Object) else credential

    def evidence(self, floor):
        return rights.evidence(self.meets.clock, self.token, self.meets.seconds, floor)

    @property
    def seconds(self):
        return self.meets.seconds

    def request(self, data, meets=None):
        """Answers a request: a Decision, or raises Status, Missing or PowerLost."""
        self.meets = meets or Circumstances()
        if self.requests >= LIMIT["requests"]:
            raise Status("6982", "limit")
        self.requests += 1
        try:
            request = Request(data)
        except Refused as fault:
            raise Status("6982", fault.reason) from fault
        if self.bare is None and self.chain is None:
            self.chain = Search(self, request).chain()
        return Decision(self, request)

    @property
    def role(self):
        if self.bare:
            return "owner"
        return "operator" if self.chain.certificate else "guest"


class Search:
    """Steps 10 and 11 of section 7.5, with sections 7.5.1 and 17.2."""

    def __init__(self, transaction, request):
        self.transaction, self.lock, self.request = transaction, transaction.lock, request

    def chain(self):
        try:
            links = self._climb()
            found = self._signer(links[0])
        except Refused as fault:
            raise Status("6982", fault.reason) from fault
        chain = Chain(links, *found)
        self._verify(chain)
        return chain

    def _climb(self):
        links = [self.transaction.credential]
        while links[0].parent is not None:
            need(len(links) < LIMIT["links"], "delegation", "a chain of more than three links")
            links.insert(0, self._parent(links[0]))
        return links

    def _parent(self, link):
        for item, data in zip(self.request.chain, self.request.chain_bytes):
            if objects.kind_of(item) == "grant":
                grant = objects.read(data, "grant")
                if grant.digest == link.parent:
                    return grant
        raise Missing(link.kid)

    def _signer(self, grant):
        """Key, certificate, root and whether the lock holds it."""
        lock, transaction = self.lock, self.transaction
        if not transaction.looked:
            transaction.looked = True
            for key in lock.owner_keys():
                if key.id == grant.kid:
                    return key, None, None, True
            serving = [each for each in lock.usable_certificates() if each.cnf.id == grant.kid and self._serves(each, grant)]
            if serving:
                best = max(serving, key=lambda each: each.exp)
                return best.cnf, best, lock.root_of(best), True
        for item, data in zip(self.request.chain, self.request.chain_bytes):
            if objects.kind_of(item) != "grant":
                certificate = objects.read(data, "authority")
                if certificate.cnf.id == grant.kid:
                    return certificate.cnf, certificate, None, False
        raise Missing(grant.kid)

    def _serves(self, certificate, grant):
        try:
            trust.operators_grant(grant, certificate)
        except Refused:
            return False
        return raised(self.lock, self.lock.floor, grant, certificate) < certificate.exp

    def _verify(self, chain):
        try:
            if not chain.held:
                chain.root = trust.authority_root(chain.certificate, self.lock.trusted())
            trust.verify(chain.links[0], chain.key)
        except Refused as fault:
            if chain.held:
                raise Missing(chain.links[0].kid, fault.reason) from fault
            raise Status("6982", fault.reason) from fault
        try:
            for parent, link in zip(chain.links, chain.links[1:]):
                need(link.kid == parent.cnf.id, "issuer-unknown")
                trust.verify(link, parent.cnf)
            for place in range(len(chain.links) - 1):
                judge_form(chain, place)
        except Refused as fault:
            raise Status("6982", fault.reason) from fault


def judge_form(chain, place):
    """Step 12 for one link: sections 4.8.1, 4.8.2 and 17.2."""
    link = chain.links[place]
    if place == 0:
        if chain.certificate:
            trust.operators_grant(link, chain.certificate)
        else:
            trust.no_service(link)
        return
    parent = chain.links[place - 1]
    need(parent.iat <= link.iat <= parent.exp, "delegation")
    trust.no_service(link)


class Decision:
    """Steps 12 to 20 of section 7.5: outcome, reason, documents, notice, charge, drives."""

    def __init__(self, transaction, request):
        self.transaction, self.lock, self.request = transaction, transaction.lock, request
        self.outcome = self.reason = self.notice = self.charge = self.drives = None
        self.documents = []
        self.lost_power = False
        self.floor = self.lock.floor
        try:
            self._decide()
        except Refused as fault:
            self.outcome, self.reason = "refused", fault.reason
        if self.outcome in ("refused", "done"):
            self.lock.floor = max(self.lock.floor, self.floor)

    def _decide(self):
        lock, transaction, chain = self.lock, self.transaction, self.transaction.chain
        fault = None
        if chain:
            try:
                judge_form(chain, len(chain.links) - 1)
            except Refused as found:
                fault = found
        self._take_documents()
        self.floor = lock.floor
        if fault:
            raise fault
        self._still_trusted()
        if chain:
            self.floor = chain.raises_to(lock, self.floor)
        self._operation_known()
        counted = self._judge()
        if self.request.operation not in rights.OPENS:
            self.outcome = "done"
            if self.request.operation == OPERATION["configure"] and transaction.bare is None:
                raise Refused("action")
            return
        if transaction.driven:
            raise Status("6985", "sequence")
        table = lock.uses.opening(counted, self.floor)
        if transaction.meets.charge < 100:
            self.outcome, self.charge = "pending", transaction.meets.charge
            return
        self._open(table, counted)

    def _take_documents(self):
        for data in self.request.document_bytes:
            try:
                documents.judge(self.lock, self.transaction, data, self.request.chain_bytes)
                self.documents.append("none")
            except Refused as fault:
                self.documents.append(fault.reason)

    def _still_trusted(self):
        """Step 14."""
        lock, transaction, chain = self.lock, self.transaction, self.transaction.chain
        if transaction.bare:
            need(transaction.bare in lock.owner_keys(), "denied")
        elif chain.certificate:
            need(lock.root_of(chain.certificate) is not None, "denied")
        else:
            need(chain.key in lock.owner_keys(), "denied")

    def _operation_known(self):
        """Step 16."""
        request, lock = self.request, self.lock
        status, read_log = request.operation == OPERATION["status"], request.operation == OPERATION["read-log"]
        log = bool(request.flags & FLAG["log"])
        implemented = sum(FLAG.values()) - (0 if lock.has("resumption") else FLAG["resumption"])
        known = (
            request.operation in OPERATION.values()
            and not request.unknown
            and request.flags & ~implemented == 0
            and request.proof is None
            and (not log or status and not request.flags & FLAG["receipt"])
            and (request.page is None or read_log or status and log)
        )
        need(known, "operation-unknown")
        need(request.resource <= lock.compartments, "resource")

    def _judge(self):
        """Step 17: sections 7.7 and 18.5.  Gives the counted links; sets the notice, and the service."""
        transaction, chain, request = self.transaction, self.transaction.chain, self.request
        self.service = 0
        if transaction.bare:
            co_owner = transaction.bare != self.lock.owner
            need(not co_owner or request.operation != OPERATION["configure"], "action")
            return []
        known = transaction.evidence(self.floor)
        asked = rights.Asked(self.lock, request.operation, request.resource, known, self.floor)
        deciding = []
        for place, link in enumerate(chain.links):
            certificate = chain.certificate if place == 0 else None
            deciding.append(rights.judge_link(link, len(chain.links) - 1 - place, asked, certificate))
        entry = deciding[0][1]
        if chain.certificate:
            self.service = trust.service_of(entry, chain.certificate)
        try:
            self._policy_allows(asked, entry)
        except Refused as fault:
            if fault.reason in NOTICED:
                self._show_notice()
            raise
        self._show_notice()
        return self._counted(deciding)

    def _counted(self, deciding):
        chain, counted, exp = self.transaction.chain, [], None
        owners = chain.certificate is None or chain.root not in self.lock.roots
        for link, (place, entry) in zip(chain.links, deciding):
            exp = link.exp if exp is None else min(exp, link.exp)
            condition = entry.condition("uses")
            if condition:
                counted.append(uses.Counted(link.tag, place, exp, *condition, uses.OWNERS if owners else uses.OPERATORS))
        return counted

    def _show_notice(self):
        policy, role = self.lock.policy, self.transaction.role
        if policy and policy.notice and policy.notice[4] & {"guest": 1, "operator": 2}[role]:
            self.notice = policy.notice[:4]

    def _policy_allows(self, asked, entry):
        """Section 18.5."""
        lock, chain, policy = self.lock, self.transaction.chain, self.lock.policy
        by_owner = chain.certificate is None
        version = entry.condition("policy", 0)
        need(not by_owner or version >= lock.since, "denied")
        need(not any(each.denies_chain(chain.links, chain.key) for each in lock.lists), "denied")
        need(by_owner or not lock.denies_certificate(chain.certificate), "denied")
        need(not lock.lost_policy(), "blocked")
        need(not policy or not any(link.tag in policy.denied for link in chain.links), "denied")
        need(not policy or not by_owner or version >= policy.least, "denied")
        if asked.action is None:
            return
        block = policy.block if policy else 0
        need(not block & BLOCK["guests" if by_owner else "services"], "blocked")
        if by_owner:
            return
        admissions = [each for each in (policy.admissions if policy else []) if each[0] == self.service]
        need(admissions and admissions[0][1] & asked.action, "not-admitted")
        if len(admissions[0]) == 4:
            need(asked.known.level >= admissions[0][2], "evidence")
            need(rights.in_schedule(admissions[0][3], asked.known), "hours")

    def _open(self, table, counted):
        """Section 7.8."""
        lock, transaction, chain = self.lock, self.transaction, self.transaction.chain
        power = transaction.meets.power
        if power == "lost-before":
            raise PowerLost
        lock.floor = max(lock.floor, self.floor)
        lock.uses = table
        if chain and chain.certificate and not chain.held:
            if all(each.digest != chain.certificate.digest for each in lock.certificates):
                lock.certificates.append(chain.certificate)
            chain.held = True
        self._write("started", 0)
        transaction.driven = True
        self.drives = self.request.resource
        if power == "lost-after":
            self.lost_power = True
            return
        if transaction.meets.bolt == "stuck":
            self.outcome, self.reason = "failed", "drive"
            self._write("failed", REASON["drive"])
            return
        self.outcome = "unconfirmed" if transaction.meets.bolt == "unseen" else "opened"
        lock.uses = lock.uses.confirmed(counted)

    def _write(self, outcome, reason):
        lock, transaction, request = self.lock, self.transaction, self.request
        known = transaction.evidence(lock.floor)
        who = transaction.bare.id if transaction.bare else transaction.chain.leaf.tag
        content = [known.logged(lock.floor), known.level, request.operation, LOG_OUTCOME[outcome], reason]
        lock.log(*content, ROLE[transaction.role], self.service, who, request.resource, request.reference)




def bare_key(item):
    """The key of a claims set {8: {1: COSE_Key}}, section 6.3."""
    held = item.integers() if isinstance(item, cbor.Map) else None
    need(held is not None and list(held) == [8], "malformed", "claims set")
    return cose.confirmation(held[8])
