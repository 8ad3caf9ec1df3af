#include "owner.h"
#include "documents.h"

static bool proof_right(const struct lock *l, const struct request *q)
{
    uint8_t secret[32], mac[32];
    if (q->proof.n != SETUP) return false;
    export_secret(&l->tx.exchange, EXPORT_COMMISSIONING, l->tx.select_hash, secret, 32);
    hmac(mac, SPAN(l->mem.setup), SPAN(secret));
    bool right = equal_constant_time(mac, q->proof.p, SETUP);
    erase(secret, sizeof secret);
    erase(mac, sizeof mac);
    return right;
}

void agree_log_key(const struct lock *l, struct lasting *d)
{
    export_secret(&l->tx.exchange, EXPORT_LOG, l->tx.select_hash, d->log_key, 32);
    d->has_log_key = 1;
}

int become_owner(struct lock *l, const struct request *q, struct answer *a)
{
    if (q->operation != OP_CONFIGURE || q->unknown || (q->flags & ~(uint64_t)(F_RECEIPT | F_RESUMPTION | F_LOG)) != 0) return R_OWNER_UNKNOWN;
    if ((!vacant(l) && !l->world.button) || l->tx.resumed) return R_OWNER_UNKNOWN;
    if (!proof_right(l, q)) return R_OWNER_UNKNOWN;
    bool first = vacant(l);
    uint8_t id[KEY_ID];
    struct moment now = moment_now(l, l->mem.floor);
    struct log_entry e = log_event(&now, OP_CONFIGURE, first ? L_COMMISSIONED : L_RESET);
    struct lasting *d = change(l);
    if (!first) {
        wipe(d);
        memset(d->policy, 0, sizeof d->policy);
        d->n_policy = 0;
        d->policy_gave_away = 0;
        d->since = d->policy_version + 1;
    }
    d->has_owner = 1;
    d->owner = l->tx.key;
    agree_log_key(l, d);
    key_id(&l->tx.key, id);
    log_who(&e, ROLE_OWNER, id);
    a->outcome = O_DONE;
    if (log_add(d, e) && commit(l)) {
        l->tx.owners = true;
    } else {
        a->outcome = O_FAILED;
        a->reason = R_STATE;
    }
    return R_NONE;
}
