#include "log.h"

enum { LABEL_SALT = 1, LABEL_PAGE };

void log_put(writer *w, const struct log_entry *e, bool hide_sequence)
{
    put_array(w, 11);
    put_uint(w, hide_sequence ? 0 : e->sequence);
    put_uint(w, e->time);
    put_uint(w, e->evidence);
    put_uint(w, e->operation);
    put_uint(w, e->outcome);
    put_uint(w, e->reason);
    put_uint(w, e->role);
    put_uint(w, e->service);
    put_bytes(w, (span){e->who, e->n_who});
    put_uint(w, e->resource);
    put_bytes(w, (span){e->reference, e->n_reference});
}



static void next_head(uint8_t head[DIGEST], const struct log_entry *e)
{
    uint8_t b[64];
    writer w = cbor_write(b, sizeof b);
    log_put(&w, e, false);
    span parts[] = {{head, DIGEST}, written(&w)};
    sha256(head, 2, parts);
}

static struct log_entry *place(struct lasting *d, uint32_t sequence) { return &d->log[sequence % LOG_ENTRIES]; }
static const struct log_entry *entry(const struct lasting *d, uint32_t sequence) { return &d->log[sequence % LOG_ENTRIES]; }
static int64_t oldest(const struct lasting *d) { return d->oldest == 0 ? (int64_t)d->sequence + 1 : d->oldest; }

bool log_add(struct lasting *d, struct log_entry e)
{
    if (d->sequence == UINT32_MAX) return false;
    uint32_t n = d->sequence + 1;
    if (d->oldest == 0) {
        d->oldest = n;
        memcpy(d->base, d->head, DIGEST);
    } else if (n - d->oldest >= LOG_ENTRIES) {
        next_head(d->base, entry(d, d->oldest));
        d->oldest++;
    }
    e.sequence = n;
    *place(d, n) = e;
    d->sequence = n;
    next_head(d->head, &e);
    return true;
}

void log_wipe(struct lasting *d)
{
    memset(d->log, 0, sizeof d->log);
    memset(d->base, 0, sizeof d->base);
    d->oldest = 0;
}

struct log_entry log_event(const struct moment *now, uint8_t operation, uint8_t outcome)
{
    struct log_entry e;
    memset(&e, 0, sizeof e);
    e.time = now->evidence == E_FLOOR ? now->floor : (uint32_t)now->time;
    e.evidence = now->evidence;
    e.operation = operation;
    e.outcome = outcome;
    return e;
}

void log_who(struct log_entry *e, uint8_t role, const uint8_t who[8])
{
    e->role = role;
    e->n_who = TAG;
    memcpy(e->who, who, TAG);
}

void log_page(const struct lasting *m, uint8_t page, uint8_t out[PAGE_BYTES])
{
    int64_t to = (int64_t)m->sequence - PAGE_ENTRIES * page, from = to - PAGE_ENTRIES + 1;
    if (from < oldest(m)) from = oldest(m);
    uint8_t base[DIGEST] = {0};
    uint32_t n = to >= from ? (uint32_t)(to - from + 1) : 0;
    if (n > 0) {
        memcpy(base, m->base, DIGEST);
        for (int64_t i = oldest(m); i < from; i++) next_head(base, entry(m, (uint32_t)i));
    }
    memset(out, 0, PAGE_BYTES);
    writer w = cbor_write(out, PAGE_BYTES);
    put_array(&w, 3);
    put_bytes(&w, SPAN(m->lock_id));
    put_bytes(&w, SPAN(base));
    put_array(&w, n);
    for (uint32_t i = 0; i < n; i++) log_put(&w, entry(m, (uint32_t)(from + i)), false);
}

void log_seal(const uint8_t log_key[32], const uint8_t page[PAGE_BYTES], const uint8_t nonce[NONCE], uint8_t out[SEALED_PAGE])
{
    uint8_t context[DIGEST + NONCE], okm[29];
    span whole = {page, PAGE_BYTES};
    sha256(context, 1, &whole);
    memcpy(context + DIGEST, nonce, NONCE);
    kdf(log_key, LABEL_SALT, SPAN(context), out, 16);
    kdf(log_key, LABEL_PAGE, (span){out, 16}, okm, sizeof okm);
    ccm_seal(okm, okm + 16, NO_BYTES, whole, out + 16);
    erase(okm, sizeof okm);
}

const struct log_entry *log_newest(const struct lasting *m) { return m->oldest == 0 ? NULL : entry(m, m->sequence); }
