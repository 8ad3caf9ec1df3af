#include "log.h"

enum { LABEL_BLIND = 3 };

size_t receipt_make(const struct lock *l, uint8_t *out, size_t most)
{
    const struct lasting *m = &l->mem;
    const struct identity *id = identity(l, l->tx.key.suite);
    const struct log_entry *newest = log_newest(m);
    uint8_t scope[160], payload[192], head[DIGEST] = {0}, kid[KEY_ID];
    struct object certificate;
    if (id == NULL || object_read(&certificate, (span){id->certificate, id->n}, T_LOCK_CERTIFICATE) != R_NONE) return 0;
    key_id(&certificate.cnf, kid);
    if (l->tx.bare) memcpy(head, m->head, DIGEST);
    else if (m->has_log_key) kdf(m->log_key, LABEL_BLIND, SPAN(m->head), head, DIGEST);

    writer s = cbor_write(scope, sizeof scope);
    put_array(&s, 5);
    put_bytes(&s, SPAN(m->lock_id));
    put_uint(&s, m->policy_version);
    put_bytes(&s, l->has_policy ? (span){l->policy.digest, TAG} : NO_BYTES);
    put_bytes(&s, SPAN(head));
    bool opening = newest != NULL && (newest->outcome == L_STARTED || newest->outcome == L_FAILED);
    if (newest != NULL && (l->tx.bare || (l->tx.driven && opening))) log_put(&s, newest, !l->tx.bare);
    else put_array(&s, 0);

    writer p = cbor_write(payload, sizeof payload);
    put_map(&p, 2);
    put_uint(&p, 6);
    put_uint(&p, m->floor);
    put_uint(&p, 9);
    put_bytes(&p, written(&s));
    writer w = cbor_write(out, most);
    if (s.full || p.full || !object_sign(&w, T_RECEIPT, id->suite, id->private_key, kid, written(&p))) return 0;
    return w.n;
}
