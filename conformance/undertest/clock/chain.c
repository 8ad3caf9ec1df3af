#include "chain.h"

/* Is a delegated link good under the one above it (section 17.2, steps 5 and 6)? */
static int link_good(const struct object *link, const struct object *above)
{
    if (link->iat < above->iat || link->iat > above->exp) return R_DELEGATION;
    for (size_t i = 0; i < link->grant.n; i++)
        if (link->grant.e[i].service != 0) return R_SERVICE;
    return R_NONE;
}

int leaf_good(const struct transaction *t)
{
    size_t n = t->n_links;
    return n == 1 ? grant_good(&t->signer, &t->link[0]) : link_good(&t->link[n - 1], &t->link[n - 2]);
}

/* Climbs from the leaf: up[0] is the leaf, up[*n - 1] the topmost link known. */
static enum found climb(const struct request *q, struct object up[LINKS_MAX], size_t *n, int *why)
{
    while (up[*n - 1].grant.parent.n > 0) {
        *why = R_DELEGATION;
        if (*n == LINKS_MAX) return FAULT;
        struct object *next = &up[*n];
        size_t i;
        for (i = 0; i < q->n_chain; i++) {
            if (object_typ(q->chain[i]) != T_GRANT) continue;
            if ((*why = object_read(next, q->chain[i], T_GRANT)) != R_NONE) return FAULT;
            if (memcmp(next->digest, up[*n - 1].grant.parent.p, DIGEST) == 0) break;
        }
        *why = R_ISSUER_UNKNOWN;
        if (i == q->n_chain) return MISSING;
        (*n)++;
    }
    return FOUND;
}

/* Does a link verify under the key of the one above it? */
static int link_verify(const struct object *link, const struct object *above)
{
    return named(link, &above->cnf) ? object_verify(link, &above->cnf) : R_ISSUER_UNKNOWN;
}

enum found chain_find(struct lock *l, const struct request *q, uint8_t missing[KEY_ID], int *why)
{
    struct transaction *t = &l->tx;
    struct object up[LINKS_MAX];
    struct signer s;
    size_t n = 1;
    up[0] = t->link[0];
    enum found f = climb(q, up, &n, why);
    const struct object *root = &up[n - 1];
    memcpy(missing, root->kid.p, KEY_ID);
    if (f != FOUND) return f;
    bool held = !t->searched && signer_held(l, &s, root);
    t->searched = true;
    if (!held) {
        int in_chain = signer_in_chain(q, &s, root, why);
        if (in_chain <= 0) return in_chain == 0 ? MISSING : FAULT;
        struct held raw = s.held;
        if ((*why = certificate_verify(l, &s, (span){raw.bytes, raw.n})) != R_NONE) return FAULT;
    }
    if ((*why = object_verify(root, &s.key)) != R_NONE) return held ? MISSING : FAULT;
    for (size_t i = n - 1; i > 0; i--) {
        if ((*why = i == n - 1 ? grant_good(&s, &up[i]) : link_good(&up[i], &up[i + 1])) != R_NONE) return FAULT;
        if ((*why = link_verify(&up[i - 1], &up[i])) != R_NONE) return FAULT;
    }

    uint8_t leaf[OBJECT_MAX];
    size_t n_leaf = up[0].raw.n;
    memcpy(leaf, up[0].raw.p, n_leaf);
    for (size_t i = 0; i < n; i++) {
        span raw = i == n - 1 ? (span){leaf, n_leaf} : up[n - 1 - i].raw;
        memcpy(t->raw[i], raw.p, raw.n);
        t->n_raw[i] = (uint16_t)raw.n;
        if (object_read(&t->link[i], (span){t->raw[i], raw.n}, T_GRANT) != R_NONE) return FAULT;
    }
    t->n_links = (uint8_t)n;
    signer_copy(&t->signer, &s);
    return FOUND;
}
