#include "request.h"

/* An array of 1 to most arrays. */
static bool read_objects(reader *r, span *out, uint8_t *n, size_t most)
{
    if (cbor_peek(r) != CBOR_ARRAY) return false;
    size_t count = cbor_array(r);
    if (count < 1 || count > most) return false;
    for (size_t i = 0; i < count; i++) {
        if (cbor_peek(r) != CBOR_ARRAY) return false;
        out[i] = cbor_item(r);
    }
    *n = (uint8_t)count;
    return !r->bad;
}

bool request_read(struct request *q, span plain)
{
    memset(q, 0, sizeof *q);
    if (cbor_check(plain) != R_NONE) return false;
    reader r = cbor_read(plain);
    if (cbor_peek(&r) != CBOR_MAP) return false;
    static const uint8_t zero[REFERENCE];
    bool operation = false;
    for (size_t n = cbor_map(&r); n > 0; n--) {
        switch (cbor_uint(&r, 0, UINT64_MAX)) {
        case 1: q->operation = cbor_uint(&r, 0, UINT64_MAX); operation = true; break;
        case 2: q->resource = (uint8_t)cbor_uint(&r, 1, 255); break;
        case 3: if (!read_objects(&r, q->chain, &q->n_chain, CHAIN_MAX)) return false; break;
        case 4: if (!read_objects(&r, q->documents, &q->n_documents, DOCUMENTS_MAX)) return false; break;
        case 5: q->flags = cbor_uint(&r, 1, UINT64_MAX); break;
        case 6:
            q->reference = cbor_bytes_of(&r, REFERENCE);
            if (r.bad || memcmp(q->reference.p, zero, REFERENCE) == 0) return false;
            break;
        case 7: q->proof = cbor_bytes_of(&r, SETUP); break;
        case 8: q->page = (uint8_t)cbor_uint(&r, 0, LOG_PAGES - 1); q->has_page = true; break;
        default: q->unknown = true; cbor_item(&r);
        }
        if (r.bad) return false;
    }
    return operation && cbor_done(&r);
}

bool request_implemented(const struct lock *l, const struct request *q)
{
    uint64_t flags = F_RECEIPT | F_LOG | (has(l, C_RESUMPTION) ? F_RESUMPTION : 0);
    bool log = q->flags & F_LOG;
    return !q->unknown && q->operation <= OP_CONFIGURE && (q->flags & ~flags) == 0 && q->proof.n == 0
        && (!log || (q->operation == OP_STATUS && !(q->flags & F_RECEIPT)))
        && (!q->has_page || q->operation == OP_READ_LOG || (q->operation == OP_STATUS && log));
}

bool answer_write(const struct lock *l, const struct answer *a, writer *w)
{
    bool reason = a->outcome == O_REFUSED || a->outcome == O_FAILED, state = a->outcome != O_REFUSED;
    put_map(w, 1u + reason + state + a->charge + a->notice + (a->n_receipt > 0) + (a->resumption > 0) + (a->n_documents > 0) + (a->n_log > 0));
    put_uint(w, 1);
    put_uint(w, a->outcome);
    if (reason) {
        put_uint(w, 2);
        put_uint(w, (uint64_t)a->reason);
    }
    if (state) {
        put_uint(w, 3);
        put_array(w, 3);
        put_uint(w, l->mem.policy_version);
        put_uint(w, l->mem.floor);
        put_uint(w, l->tx.owners ? l->mem.sequence : 0);
    }
    if (a->charge) {
        put_uint(w, 5);
        put_array(w, 2);
        put_uint(w, l->world.percent);
        put_uint(w, l->world.wait);
    }
    if (a->notice) {
        const struct notice *n = &l->policy.policy.notice;
        put_uint(w, 6);
        put_array(w, 4);
        put_uint(w, n->kind);
        put_uint(w, n->from);
        put_uint(w, n->until);
        put_uint(w, n->instruction);
    }
    if (a->n_receipt > 0) {
        put_uint(w, 7);
        put_raw(w, (span){a->receipt, a->n_receipt});
    }
    if (a->resumption > 0) {
        put_uint(w, 8);
        put_uint(w, a->resumption);
    }
    if (a->n_documents > 0) {
        put_uint(w, 9);
        put_array(w, a->n_documents);
        for (size_t i = 0; i < a->n_documents; i++) put_uint(w, a->documents[i]);
    }
    if (a->n_log > 0) {
        put_uint(w, 10);
        put_bytes(w, (span){a->log, a->n_log});
    }
    return !w->full;
}

void missing_write(span key_id, writer *w)
{
    put_map(w, 1);
    put_uint(w, 4);
    put_array(w, 1);
    put_bytes(w, key_id);
}
