#include "slots.h"
#include "resume.h"
#include "trust.h"

/* The leaf of the grants in a slot. */
static bool leaf_of(const struct slot *s, struct object *leaf)
{
    size_t at = 0;
    for (size_t i = 0; i + 1 < s->links; i++) at += s->n[i];
    return object_read(leaf, (span){s->chain + at, s->n[s->links - 1]}, T_GRANT) == R_NONE;
}

static bool slot_is_of(const struct slot *s, const struct transaction *t)
{
    if (s->left == 0 || (s->links == 0) != t->bare) return false;
    if (t->bare) return same_key(&s->key, &t->key);
    if (s->links != t->n_links) return false;
    struct object leaf;
    return leaf_of(s, &leaf) && memcmp(leaf.digest, t->link[t->n_links - 1].digest, DIGEST) == 0;
}

uint8_t slot_change(const struct lock *l, struct lasting *d, bool wanted)
{
    const struct transaction *t = &l->tx;
    if (!has(l, C_RESUMPTION)) return 0;
    if (t->resumed) {
        struct slot *s = &d->slots[t->slot];
        uint8_t next[32];
        resume_next(s->secret, next);
        memcpy(s->secret, next, 32);
        s->age = ++d->ages;
        if (--s->left == 0) memset(s, 0, sizeof *s);
        erase(next, sizeof next);
        return 0;
    }
    struct slot *own = NULL, *to = &d->slots[0];
    size_t bytes = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *s = &d->slots[i];
        if (slot_is_of(s, t)) own = s;
        if (to->left != 0 && (s->left == 0 || s->age < to->age)) to = s;
    }
    for (size_t i = 0; !t->bare && i < t->n_links; i++) bytes += t->n_raw[i];
    if (own != NULL) {
        memset(own, 0, sizeof *own);
        to = own;
    }
    if (!wanted || bytes > OBJECT_MAX) return 0;
    memset(to, 0, sizeof *to);
    export_secret(&t->exchange, EXPORT_RESUMPTION, t->select_hash, to->secret, 32);
    to->left = SLOT_TAPS;
    to->links = t->bare ? 0 : t->n_links;
    to->key = t->bare ? t->key : t->signer.key;
    to->by_owner = !t->bare && t->signer.owner;
    size_t at = 0;
    for (size_t i = 0; i < to->links; i++) {
        to->n[i] = t->n_raw[i];
        memcpy(to->chain + at, t->raw[i], t->n_raw[i]);
        at += t->n_raw[i];
    }
    to->age = ++d->ages;
    return SLOT_TAPS;
}

bool slot_ends(const struct slot *s, const struct object *o, bool gives_away)
{
    const struct policy *p = &o->policy;
    if (s->links == 0) {
        bool stays = same_key(&s->key, &o->cnf);
        for (size_t i = 0; !gives_away && i < p->n_co_owners; i++) stays = stays || same_key(&s->key, &p->co_owners[i]);
        return !stays;
    }
    struct object leaf;
    if (!leaf_of(s, &leaf)) return true;
    for (size_t k = 0; k < p->denied.n; k += TAG)
        if (memcmp(p->denied.p + k, leaf.digest, TAG) == 0) return true;
    return false;
}

bool slot_taken(struct lock *l, const struct slot *s)
{
    struct transaction *t = &l->tx;
    t->bare = s->links == 0;
    if (t->bare) {
        t->key = s->key;
        return t->owners = is_owner_key(l, &s->key);
    }
    size_t at = 0;
    t->n_links = s->links;
    for (size_t i = 0; i < s->links; i++) {
        t->n_raw[i] = s->n[i];
        memcpy(t->raw[i], s->chain + at, s->n[i]);
        at += s->n[i];
        if (object_read(&t->link[i], (span){t->raw[i], t->n_raw[i]}, T_GRANT) != R_NONE) return false;
    }
    t->key = t->link[t->n_links - 1].cnf;
    return signer_held(l, &t->signer, &t->link[0]) && t->signer.owner == s->by_owner && same_key(&t->signer.key, &s->key);
}
