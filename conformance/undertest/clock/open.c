#include "open.h"
#include "slots.h"

/* Puts the certificate of the root's signer among those that were learned, if it is new. */
static void learn(struct lasting *d, const struct held *h)
{
    struct held *to = &d->learned[0];
    for (size_t i = 0; i < 2 * AUTHORITIES; i++) {
        const struct held *k = i < AUTHORITIES ? &d->given[i] : &d->learned[i - AUTHORITIES];
        if (k->n == h->n && memcmp(k->bytes, h->bytes, h->n) == 0 && same_key(&k->root, &h->root)) return;
    }
    for (size_t i = 1; i < AUTHORITIES; i++)
        if (to->n != 0 && (d->learned[i].n == 0 || d->learned[i].age < to->age)) to = &d->learned[i];
    *to = *h;
    to->age = ++d->ages;
}

static struct log_entry entry_of(const struct lock *l, const struct request *q, const struct moment *now, const struct judgement *j)
{
    struct log_entry e = log_event(now, (uint8_t)q->operation, L_STARTED);
    uint8_t id[KEY_ID];
    key_id(&l->tx.key, id);
    log_who(&e, role_of(l), l->tx.bare ? id : l->tx.link[l->tx.n_links - 1].digest);
    e.service = j->service;
    e.resource = q->resource;
    e.n_reference = (uint8_t)q->reference.n;
    if (q->reference.n > 0) memcpy(e.reference, q->reference.p, q->reference.n);
    return e;
}

void open_door(struct lock *l, const struct request *q, const struct moment *now, const struct judgement *j, struct answer *a)
{
    struct lasting *d = &l->draft;
    struct log_entry e = entry_of(l, q, now, j);
    d->floor = now->floor;
    if (!l->tx.bare && !l->tx.signer.owner) learn(d, &l->tx.signer.held);
    uint8_t openings = slot_change(l, d, q->flags & F_RESUMPTION);
    a->outcome = O_FAILED;
    a->reason = R_STATE;
    if (!log_add(d, e) || !commit(l)) return;
    struct judgement again = {R_NONE, false, {0}, 0};
    if (!l->tx.bare) again = judge(l, q, now);
    if (again.reason != R_NONE) return;

    l->tx.driven = true;
    l->world.moves[q->resource]++;
    a->resumption = openings;
    if (l->world.motion == STICKS) {
        a->reason = R_DRIVE;
        e.outcome = L_FAILED;
        e.reason = R_DRIVE;
        if (log_add(change(l), e)) commit(l);
        return;
    }
    a->outcome = l->world.motion == MOVES ? O_OPENED : O_UNCONFIRMED;
    a->reason = R_NONE;
    if (use_confirm(l, change(l), j)) commit(l);
}
