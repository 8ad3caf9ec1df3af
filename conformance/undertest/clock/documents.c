#include "documents.h"
#include "slots.h"

void wipe(struct lasting *d)
{
    log_wipe(d);
    d->has_log_key = 0;
    memset(d->log_key, 0, sizeof d->log_key);
    memset(d->slots, 0, sizeof d->slots);
    for (size_t i = 0; i < USE_RECORDS; i++)
        if (d->records[i].owners) memset(&d->records[i], 0, sizeof d->records[i]);
    d->lost[OWNERS] = 0;
}

/* ---- policy ---- */

static int take_policy(struct lock *l, span raw)
{
    struct object o;
    int why = object_read(&o, raw, T_POLICY);
    if (why != R_NONE) return why;
    const struct policy *p = &o.policy;
    uint32_t kept = l->mem.policy_version;
    if (!same(p->id, SPAN(l->mem.lock_id))) return R_TARGET;
    if (p->version > kept && p->version - kept > VERSION_STEP) return R_LIMIT;
    if (p->version < kept || (p->version == kept && !policy_lost(l))) return R_SUPERSEDED;
    if (!l->mem.has_owner || !named(&o, &l->mem.owner)) return R_ISSUER_UNKNOWN;
    if ((why = object_verify(&o, &l->mem.owner)) != R_NONE) return why;
    if (o.cnf.suite == 2 && !has(l, C_SUITE_2)) return R_ALGORITHM;

    bool gives_away = !same_key(&o.cnf, &l->mem.owner);
    struct lasting *d = change(l);
    memset(d->policy, 0, sizeof d->policy);
    memcpy(d->policy, raw.p, raw.n);
    d->n_policy = (uint16_t)raw.n;
    d->policy_version = p->version;
    d->policy_gave_away = gives_away;
    if (o.iat > d->floor) d->floor = o.iat;
    else if (p->reset) d->floor = later(o.iat, d->least_floor);
    for (size_t i = 0; i < SLOTS; i++)
        if (d->slots[i].left > 0 && slot_ends(&d->slots[i], &o, gives_away)) memset(&d->slots[i], 0, sizeof d->slots[i]);
    if (gives_away) {
        uint8_t id[KEY_ID];
        struct moment now = moment_now(l, d->floor);
        struct log_entry e = log_event(&now, OP_CONFIGURE, L_TRANSFERRED);
        d->owner = o.cnf;
        d->since = p->version;
        wipe(d);
        key_id(&o.cnf, id);
        log_who(&e, ROLE_OWNER, id);
        if (!log_add(d, e)) return R_STATE;
    }
    return commit(l) ? R_NONE : R_STATE;
}

/* ---- time token ---- */

static int take_token(struct lock *l, const struct request *q, span raw)
{
    struct object o;
    struct signer s;
    int why = object_read(&o, raw, T_TOKEN);
    if (why != R_NONE) return why;
    bool live = o.token.nonce.n > 0;
    if (live && (!has(l, C_LIVE_TIME) || !same(o.token.nonce, SPAN(l->tx.nonce)) || l->now_ms - l->tx.selected_ms > LIVE_SECONDS * 1000)) return R_EVIDENCE;
    if (!live && o.iat < l->mem.floor) return R_SUPERSEDED;
    if ((why = document_signer(l, q, &s, &o, RIGHT_TIME)) != R_NONE) return why;
    if ((why = object_verify(&o, &s.key)) != R_NONE) return why;
    if (!(s.certificate.authority.rights & RIGHT_TIME)) return R_AUTHORITY_RIGHT;
    if (o.iat < s.certificate.iat || o.iat > s.certificate.exp) return R_AUTHORITY_EXPIRED;
    if (o.iat > l->mem.floor && o.iat - l->mem.floor >= TOKEN_SECONDS) {
        change(l)->floor = o.iat;
        if (!commit(l)) return R_STATE;
    }
    l->tx.token = true;
    l->tx.live = live;
    l->tx.token_time = o.iat;
    l->tx.token_offset = o.token.offset;
    return R_NONE;
}

/* ---- revocation list ---- */

/* Does the lock hold a certificate of this key that has not ended by its floor? */
static bool renewed(const struct lock *l, const struct kept_list *k)
{
    struct object c;
    for (size_t i = 0; i < 2 * AUTHORITIES; i++) {
        const struct held *h = i < AUTHORITIES ? &l->mem.given[i] : &l->mem.learned[i - AUTHORITIES];
        if (h->n == 0 || object_read(&c, (span){h->bytes, h->n}, T_AUTHORITY) != R_NONE) continue;
        if (same_key(&c.cnf, &k->signer) && c.exp > l->mem.floor) return true;
    }
    return false;
}

/* Step 4 of the order in section 18.9. */
static bool run_out(const struct lock *l, const struct kept_list *k)
{
    struct object o;
    if (k->expiry == 0 || k->expiry > l->mem.floor || renewed(l, k)) return false;
    if (object_read(&o, (span){k->bytes, k->n}, T_LIST) != R_NONE) return true;
    for (size_t i = 0; i < o.list.n; i++)
        if (o.list.exps[i] > l->mem.floor) return false;
    return true;
}

/* The place for a list of this signer, -1 where there is none. */
static int list_place(const struct lock *l, const struct key *signer)
{
    int best = -1, rank = 9;
    for (int i = 0; i < LISTS; i++) {
        const struct kept_list *k = &l->mem.lists[i];
        int r = k->n == 0 ? 2 : same_key(&k->signer, signer) ? 1 : !is_trusted(l, &k->root) ? 3 : run_out(l, k) ? 4 : 9;
        if (r < rank) {
            rank = r;
            best = i;
        }
    }
    return best;
}

/* The list of this key that the lock holds, NULL where it holds none. */
static const struct kept_list *list_of(const struct lock *l, const struct key *signer)
{
    for (size_t i = 0; i < ROOTS_MAX + LISTS; i++) {
        const struct kept_list *k = i < ROOTS_MAX ? &l->mem.root_lists[i] : &l->mem.lists[i - ROOTS_MAX];
        if (k->n > 0 && same_key(&k->signer, signer)) return k;
    }
    return NULL;
}

static int take_list(struct lock *l, const struct request *q, span raw)
{
    struct object o, old;
    struct kept_list k;
    struct signer s;
    const struct key *t;
    int why = object_read(&o, raw, T_LIST);
    if (why != R_NONE) return why;
    size_t root = 0;
    while ((t = trusted(l, root)) != NULL && !named(&o, t)) root++;
    memset(&k, 0, sizeof k);
    k.n = (uint16_t)raw.n;
    memcpy(k.bytes, raw.p, raw.n);
    if (t != NULL) {
        k.signer = k.root = *t;
    } else {
        if ((why = document_signer(l, q, &s, &o, RIGHT_REVOKE)) != R_NONE) return why;
        k.signer = s.key;
        k.root = s.held.root;
        k.expiry = s.certificate.exp;
    }
    if ((why = object_verify(&o, &k.signer)) != R_NONE) return why;
    if (t == NULL) {
        if (!(s.certificate.authority.rights & RIGHT_REVOKE)) return R_AUTHORITY_RIGHT;
        if (o.iat < s.certificate.iat || o.iat > s.certificate.exp) return R_AUTHORITY_EXPIRED;
    }
    const struct kept_list *held = list_of(l, &k.signer);
    if (held != NULL && object_read(&old, (span){held->bytes, held->n}, T_LIST) == R_NONE && old.list.version >= o.list.version) return R_SUPERSEDED;
    struct lasting *d = change(l);
    if (root < l->mem.n_roots) {
        d->root_lists[root] = k;
    } else {
        int place = list_place(l, &k.signer);
        if (place < 0) return R_TABLE_FULL;
        d->lists[place] = k;
    }
    return commit(l) ? R_NONE : R_STATE;
}

void documents_take(struct lock *l, const struct request *q, uint8_t reasons[DOCUMENTS_MAX])
{
    for (size_t i = 0; i < q->n_documents; i++) {
        struct object o;
        span raw = q->documents[i];
        int why;
        switch (object_typ(raw)) {
        case T_POLICY: why = take_policy(l, raw); break;
        case T_LIST: why = take_list(l, q, raw); break;
        case T_TOKEN: why = take_token(l, q, raw); break;
        default: why = object_read(&o, raw, T_POLICY);      /* of no kind that is a document: the reason says why */
        }
        reasons[i] = (uint8_t)why;
    }
}
