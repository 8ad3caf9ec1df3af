#include "trust.h"

bool vacant(const struct lock *l) { return !l->mem.has_owner && l->mem.sequence == 0; }

bool policy_lost(const struct lock *l)
{
    uint32_t held = l->has_policy ? l->policy.policy.version : 0;
    return l->mem.policy_version > held && l->mem.policy_version >= l->mem.since;
}

/* The policy, where its co-owners and anchors count. */
static const struct policy *settings(const struct lock *l)
{
    return l->has_policy && !l->mem.policy_gave_away && !policy_lost(l) ? &l->policy.policy : NULL;
}

const struct key *trusted(const struct lock *l, size_t i)
{
    if (i < l->mem.n_roots) return &l->mem.roots[i];
    const struct policy *p = settings(l);
    i -= l->mem.n_roots;
    return p != NULL && i < p->n_anchors ? &p->anchors[i] : NULL;
}

bool is_root(const struct lock *l, const struct key *k)
{
    for (size_t i = 0; i < l->mem.n_roots; i++)
        if (same_key(&l->mem.roots[i], k)) return true;
    return false;
}

bool is_trusted(const struct lock *l, const struct key *k)
{
    const struct key *t;
    for (size_t i = 0; (t = trusted(l, i)) != NULL; i++)
        if (same_key(t, k)) return true;
    return false;
}

const struct key *owner_key(const struct lock *l, size_t i)
{
    if (!l->mem.has_owner) return NULL;
    if (i == 0) return &l->mem.owner;
    const struct policy *p = settings(l);
    return p != NULL && i - 1 < p->n_co_owners ? &p->co_owners[i - 1] : NULL;
}

bool is_owner_key(const struct lock *l, const struct key *k)
{
    const struct key *o;
    for (size_t i = 0; (o = owner_key(l, i)) != NULL; i++)
        if (same_key(o, k)) return true;
    return false;
}

/* The certificate of s->held, which is known to read. */
static bool parse(struct signer *s)
{
    s->owner = false;
    if (object_read(&s->certificate, (span){s->held.bytes, s->held.n}, T_AUTHORITY) != R_NONE) return false;
    s->key = s->certificate.cnf;
    return true;
}

static void take(struct signer *s, span raw)
{
    memset(s, 0, sizeof *s);
    s->held.n = (uint16_t)raw.n;
    memcpy(s->held.bytes, raw.p, raw.n);
}

int certificate_verify(const struct lock *l, struct signer *s, span raw)
{
    struct object o;
    int why = object_read(&o, raw, T_AUTHORITY), first = R_ISSUER_UNKNOWN;
    if (why != R_NONE) return why;
    take(s, raw);
    if (!parse(s)) return R_MALFORMED;
    const struct key *t;
    bool found = false;
    for (size_t i = 0; (t = trusted(l, i)) != NULL; i++) {
        if (!named(&s->certificate, t)) continue;
        why = object_verify(&s->certificate, t);
        if (why == R_NONE) {
            s->held.root = *t;
            s->verified = true;
            return R_NONE;
        }
        if (!found) first = why;
        found = true;
    }
    return first;
}

/* Does a list deny this object? */
static bool denies(const struct kept_list *k, const struct object *o)
{
    struct object list;
    if (object_read(&list, (span){k->bytes, k->n}, T_LIST) != R_NONE) return true;
    if (o->iat < list.list.least) return true;
    for (size_t i = 0; i < list.list.n; i++)
        if (memcmp(list.list.tags[i].p, o->digest, TAG) == 0) return true;
    return false;
}

static bool denied_by(const struct lock *l, const struct key *signer, const struct object *o)
{
    for (size_t i = 0; i < ROOTS_MAX + LISTS; i++) {
        const struct kept_list *k = i < ROOTS_MAX ? &l->mem.root_lists[i] : &l->mem.lists[i - ROOTS_MAX];
        if (k->n > 0 && same_key(&k->signer, signer) && denies(k, o)) return true;
    }
    return false;
}

bool certificate_denied(const struct lock *l, const struct object *certificate, const struct key *root) { return denied_by(l, root, certificate); }
bool link_denied(const struct lock *l, const struct key *authority, const struct object *link) { return denied_by(l, authority, link); }

uint32_t entry_service(const struct authority *a, const struct entry *e)
{
    if (e->service == 0) return a->n == 1 ? a->services[0] : 0;
    for (size_t i = 0; i < a->n; i++)
        if (a->services[i] == e->service) return e->service;
    return 0;
}

int grant_good(const struct signer *s, const struct object *g)
{
    if (s->owner) {
        for (size_t i = 0; i < g->grant.n; i++)
            if (g->grant.e[i].service != 0) return R_SERVICE;
        return R_NONE;
    }
    const struct object *c = &s->certificate;
    if (!(c->authority.rights & RIGHT_ISSUE)) return R_AUTHORITY_RIGHT;
    if (g->iat < c->iat || g->iat > c->exp) return R_AUTHORITY_EXPIRED;
    if (g->exp - g->iat > c->authority.longest) return R_GRANT_TOO_LONG;
    for (size_t i = 0; i < g->grant.n; i++)
        if (entry_service(&c->authority, &g->grant.e[i]) == 0) return R_SERVICE;
    return R_NONE;
}

uint32_t floor_with(const struct lock *l, const struct signer *s, const struct object *g)
{
    bool moves = !s->owner && (s->certificate.authority.rights & RIGHT_TIME) && !certificate_denied(l, &s->certificate, &s->held.root);
    return moves ? later(l->mem.floor, g->iat) : l->mem.floor;
}

/* The certificate in place i of those that the lock holds, where it counts: 1 it does, 0 it does not, -1 no such place. */
static int held_at(const struct lock *l, size_t i, struct signer *s)
{
    if (i >= 2 * AUTHORITIES) return -1;
    const struct held *h = i < AUTHORITIES ? &l->mem.given[i] : &l->mem.learned[i - AUTHORITIES];
    if (h->n == 0 || !is_trusted(l, &h->root)) return 0;
    s->held = *h;
    s->verified = true;
    return parse(s) && !certificate_denied(l, &s->certificate, &h->root);
}


void signer_copy(struct signer *to, const struct signer *from)
{
    *to = *from;
    if (!to->owner) parse(to);
    to->verified = from->verified;
}

bool signer_held(const struct lock *l, struct signer *s, const struct object *grant)
{
    const struct key *o;
    memset(s, 0, sizeof *s);
    for (size_t i = 0; (o = owner_key(l, i)) != NULL; i++) {
        if (!named(grant, o)) continue;
        s->owner = s->verified = true;
        s->key = *o;
        return true;
    }
    struct signer c;
    bool found = false;
    int is;
    for (size_t i = 0; (is = held_at(l, i, &c)) >= 0; i++) {
        if (is == 0 || !named(grant, &c.key) || grant_good(&c, grant) != R_NONE || floor_with(l, &c, grant) >= c.certificate.exp) continue;
        if (found && c.certificate.exp <= s->certificate.exp) continue;
        signer_copy(s, &c);
        found = true;
    }
    return found;
}

int signer_in_chain(const struct request *q, struct signer *s, const struct object *grant, int *why)
{
    struct object o;
    *why = R_ISSUER_UNKNOWN;
    for (size_t i = 0; i < q->n_chain; i++) {
        if (object_typ(q->chain[i]) == T_GRANT) continue;
        int fault = object_read(&o, q->chain[i], T_AUTHORITY);
        if (fault != R_NONE) {
            *why = fault;
            return -1;
        }
        if (!named(grant, &o.cnf)) continue;
        take(s, q->chain[i]);
        return parse(s) ? 1 : -1;
    }
    return 0;
}

int document_signer(const struct lock *l, const struct request *q, struct signer *s, const struct object *d, uint8_t right)
{
    struct signer c;
    bool found = false;
    int is;
    for (size_t i = 0; (is = held_at(l, i, &c)) >= 0; i++) {
        const struct object *o = &c.certificate;
        if (is == 0 || !named(d, &c.key) || !(o->authority.rights & right) || o->iat > d->iat || o->exp < d->iat || o->exp <= l->mem.floor) continue;
        if (found && o->exp <= s->certificate.exp) continue;
        signer_copy(s, &c);
        found = true;
    }
    if (found) return R_NONE;
    struct object o;
    for (size_t i = 0; i < q->n_chain; i++) {
        if (object_read(&o, q->chain[i], T_AUTHORITY) != R_NONE || !named(d, &o.cnf)) continue;
        int why = certificate_verify(l, s, q->chain[i]);
        if (why != R_NONE) return why;
        if (s->certificate.exp <= l->mem.floor) return R_AUTHORITY_EXPIRED;
        return certificate_denied(l, &s->certificate, &s->held.root) ? R_DENIED : R_NONE;
    }
    return R_ISSUER_UNKNOWN;
}
