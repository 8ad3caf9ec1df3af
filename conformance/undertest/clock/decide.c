#include "chain.h"
#include "documents.h"
#include "open.h"
#include "owner.h"
#include "resume.h"
#include "slots.h"

/* ---- answers ---- */

static uint16_t send(struct lock *l, const writer *plain, uint8_t *out, size_t *n)
{
    if (plain->full || plain->n + CCM_TAG > RESPONSE_MAX) {
        end_transaction(l);
        return SW_FAILURE;
    }
    *n = channel_seal(&l->tx.channel, written(plain), out);
    return SW_OK;
}

static uint16_t send_missing(struct lock *l, span key_id, uint8_t *out, size_t *n)
{
    uint8_t b[16];
    writer w = cbor_write(b, sizeof b);
    missing_write(key_id, &w);
    l->tx.state = WAIT_CHAIN;
    return send(l, &w, out, n);
}

static uint16_t send_answer(struct lock *l, const struct answer *a, uint8_t *out, size_t *n)
{
    uint8_t b[RESPONSE_MAX];
    writer w = cbor_write(b, sizeof b);
    l->tx.state = JUDGED;
    if (a->outcome == O_REFUSED) l->refusal = a->reason;
    answer_write(l, a, &w);
    return send(l, &w, out, n);
}

static uint16_t send_refused(struct lock *l, struct answer *a, int reason, uint8_t *out, size_t *n)
{
    a->outcome = O_REFUSED;
    a->reason = reason;
    return send_answer(l, a, out, n);
}

/* ---- steps 12 to 20 ---- */

static void receipt_for(const struct lock *l, const struct request *q, struct answer *a)
{
    bool due = a->outcome == O_DONE || a->outcome == O_OPENED || a->outcome == O_UNCONFIRMED || (a->outcome == O_FAILED && a->reason == R_DRIVE);
    if (due && (q->flags & F_RECEIPT)) a->n_receipt = receipt_make(l, a->receipt, sizeof a->receipt);
}

/* Step 14. */
static bool still_taken(const struct lock *l)
{
    const struct transaction *t = &l->tx;
    if (t->bare) return is_owner_key(l, &t->key);
    return t->signer.owner ? is_owner_key(l, &t->signer.key) : is_trusted(l, &t->signer.held.root);
}

/* Commits a floor that rose by a grant and no other commit holds. */
static bool commit_floor(struct lock *l, uint32_t floor)
{
    if (floor == l->mem.floor) return true;
    change(l)->floor = floor;
    return commit(l);
}

/* Step 17: R_NONE or the reason. */
static int allowed(const struct lock *l, const struct request *q, const struct moment *now, struct judgement *j)
{
    if (l->tx.bare) return q->operation == OP_CONFIGURE && !same_key(&l->tx.key, &l->mem.owner) ? R_ACTION : R_NONE;
    *j = judge(l, q, now);
    return j->reason != R_NONE ? j->reason : q->operation == OP_CONFIGURE ? R_ACTION : R_NONE;
}

/* Step 18. */
static uint16_t carry_out(struct lock *l, const struct request *q, const struct moment *now, struct answer *a, uint8_t *out, size_t *n)
{
    bool good = true;
    if (q->operation == OP_CONFIGURE) {
        if (l->tx.resumed) return send_refused(l, a, R_OPERATION_UNKNOWN, out, n);
        agree_log_key(l, change(l));
        good = commit(l);
    } else {
        good = commit_floor(l, now->floor);
    }
    a->outcome = good ? O_DONE : O_FAILED;
    a->reason = good ? R_NONE : R_STATE;
    if (good && q->operation == OP_READ_LOG) {
        log_page(&l->mem, q->page, a->log);
        a->n_log = PAGE_BYTES;
    }
    if (good && (q->flags & F_LOG) && l->mem.has_log_key) {
        uint8_t page[PAGE_BYTES];
        log_page(&l->mem, q->page, page);
        log_seal(l->mem.log_key, page, l->tx.nonce, a->log);
        a->n_log = SEALED_PAGE;
    }
    receipt_for(l, q, a);
    return send_answer(l, a, out, n);
}

static uint16_t from_12(struct lock *l, const struct request *q, uint8_t *out, size_t *n)
{
    struct transaction *t = &l->tx;
    struct answer a;
    struct judgement j = {R_NONE, false, {0}, 0};
    memset(&a, 0, sizeof a);
    int why = t->bare ? R_NONE : leaf_good(t);
    a.n_documents = q->n_documents;
    documents_take(l, q, a.documents);
    if (why != R_NONE) return send_refused(l, &a, why, out, n);
    if (!still_taken(l)) return send_refused(l, &a, R_DENIED, out, n);
    uint32_t floor = t->bare ? l->mem.floor : floor_with(l, &t->signer, &t->link[0]);
    struct moment now = moment_now(l, floor);
    why = !request_implemented(l, q) ? R_OPERATION_UNKNOWN : q->resource > l->mem.compartments ? R_RESOURCE : R_NONE;
    if (why == R_NONE) {
        why = allowed(l, q, &now, &j);
        a.notice = notice_due(l, &j);
    }
    if (why == R_NONE && (q->operation == OP_STATUS || q->operation >= OP_READ_LOG)) return carry_out(l, q, &now, &a, out, n);
    if (why == R_NONE && t->driven) {
        end_transaction(l);
        l->refusal = R_SEQUENCE;
        return SW_ORDER;
    }
    if (why == R_NONE && !t->bare) why = use_begin(l, change(l), &j, floor);
    else if (why == R_NONE) change(l);
    if (why != R_NONE) {
        commit_floor(l, floor);
        return send_refused(l, &a, why, out, n);
    }
    if (l->world.percent < 100) {
        a.outcome = O_PENDING;
        a.charge = true;
        return send_answer(l, &a, out, n);
    }
    open_door(l, q, &now, &j, &a);
    receipt_for(l, q, &a);
    return send_answer(l, &a, out, n);
}

/* ---- the commands ---- */

/* Steps 7 to 9: opens and reads the sealed request. Its bytes stay in plain. */
static int read_sealed(struct lock *l, span sealed, uint8_t plain[COMMAND_MAX], struct request *q)
{
    if (l->tx.requests >= REQUESTS_MAX) return R_LIMIT;
    l->tx.requests++;
    size_t n;
    if (!channel_open(&l->tx.channel, sealed, plain, &n)) return R_CHANNEL;
    return request_read(q, (span){plain, n}) ? R_NONE : R_MALFORMED;
}

uint16_t decide_request(struct lock *l, span data, uint8_t *out, size_t *n)
{
    struct transaction *t = &l->tx;
    struct request q;
    uint8_t plain[COMMAND_MAX], missing[KEY_ID];
    int why = read_sealed(l, data, plain, &q);
    if (why != R_NONE) return refuse(l, why);
    if (t->bare && !t->owners) {
        struct answer a;
        memset(&a, 0, sizeof a);
        if ((why = become_owner(l, &q, &a)) != R_NONE) return refuse(l, why);
        receipt_for(l, &q, &a);
        return send_answer(l, &a, out, n);
    }
    if (!t->bare && t->state != JUDGED) {
        enum found f = chain_find(l, &q, missing, &why);
        if (f == FAULT) return refuse(l, why);
        if (f == MISSING) {
            l->refusal = why;
            return send_missing(l, SPAN(missing), out, n);
        }
    }
    return from_12(l, &q, out, n);
}

uint16_t decide_handshake_2(struct lock *l, span data, uint8_t *out, size_t *n)
{
    struct transaction *t = &l->tx;
    size_t head = cbor_first(data);
    struct credential c;
    struct key own;
    uint8_t plain[COMMAND_MAX], okm[58];
    const struct identity *id = identity(l, t->exchange.suite);
    if (head == 0 || data.p[0] >> 5 != CBOR_BYTES || data.n - head < CCM_TAG + 1) return refuse(l, R_MALFORMED);
    reader r = cbor_read((span){data.p, head});
    span ciphertext = cbor_bytes(&r);
    if (id == NULL || !key_from_private(&own, id->suite, id->private_key)) return refuse(l, R_STATE);
    int why = message_3_read(&t->exchange, &c, ciphertext, plain, &own);
    if (why != R_NONE) return refuse(l, why);
    if (c.bare && !is_owner_key(l, &c.key) && !vacant(l) && !l->world.button) return refuse(l, R_OWNER_UNKNOWN);
    t->bare = c.bare;
    t->owners = c.bare && is_owner_key(l, &c.key);
    t->key = c.key;
    if (!c.bare) {
        t->n_links = 1;
        t->n_raw[0] = (uint16_t)c.grant.raw.n;
        memcpy(t->raw[0], c.grant.raw.p, c.grant.raw.n);
        if (object_read(&t->link[0], (span){t->raw[0], t->n_raw[0]}, T_GRANT) != R_NONE) return refuse(l, R_MALFORMED);
    }
    export_secret(&t->exchange, EXPORT_CHANNEL, t->select_hash, okm, sizeof okm);
    channel_begin(&t->channel, okm);
    erase(okm, sizeof okm);
    return decide_request(l, (span){data.p + head, data.n - head}, out, n);
}

uint16_t decide_resume(struct lock *l, span data, uint8_t *out, size_t *n)
{
    struct transaction *t = &l->tx;
    struct request q;
    uint8_t plain[COMMAND_MAX], prk[32], id[8], okm[58];
    bool found = false;
    if (data.n <= 24) return refuse(l, R_MALFORMED);
    if (!has(l, C_RESUMPTION)) return refuse(l, R_RESUMPTION);
    for (size_t i = 0; i < SLOTS; i++) {
        const struct slot *s = &l->mem.slots[i];
        resume_prk(s->secret, data.p, t->select_hash, prk);
        resume_id(prk, id);
        if (!equal_constant_time(id, data.p + 8, 8) || s->left == 0 || found) continue;
        found = true;
        t->slot = i;
        resume_okm(prk, okm);
        channel_begin(&t->channel, okm);
    }
    erase(prk, sizeof prk);
    if (!found) return refuse(l, R_RESUMPTION);
    erase(okm, sizeof okm);
    t->resumed = true;
    int why = read_sealed(l, (span){data.p + 16, data.n - 16}, plain, &q);
    if (why != R_NONE && why != R_MALFORMED) return refuse(l, why);
    if (!slot_taken(l, &l->mem.slots[t->slot])) return refuse(l, R_RESUMPTION);
    if (why != R_NONE) return refuse(l, why);
    return from_12(l, &q, out, n);
}
