#include "documents.h"
#include "resume.h"

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

/* ---- steps 10 to 12: the chain ---- */

enum found { FOUND, MISSING, FAULT };

/* Is a delegated link good under the one above it (section 17.2, steps 5 and 6)? */
static int link_good(const struct object *link, const struct object *above)
{
    if (link->iat < above->iat || link->iat > above->exp) return R_DELEGATION;
    for (size_t i = 0; i < link->grant.n; i++)
        if (link->grant.e[i].service != 0) return R_SERVICE;
    return R_NONE;
}

/* Step 12 for the leaf. */
static int leaf_good(const struct transaction *t)
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

/* Steps 10 and 11, and what step 12 says of the links above the leaf. why: the reason, where it is not FOUND. */
static enum found find_chain(struct lock *l, const struct request *q, uint8_t missing[KEY_ID], int *why)
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

/* ---- section 7.8 ---- */

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

static bool slot_is_of(const struct slot *s, const struct transaction *t)
{
    if (s->left == 0 || (s->links == 0) != t->bare) return false;
    if (t->bare) return same_key(&s->key, &t->key);
    if (s->links != t->n_links) return false;
    size_t at = 0;
    struct object leaf;
    for (size_t i = 0; i + 1 < s->links; i++) at += s->n[i];
    return object_read(&leaf, (span){s->chain + at, s->n[s->links - 1]}, T_GRANT) == R_NONE
        && memcmp(leaf.digest, t->link[t->n_links - 1].digest, DIGEST) == 0;
}

/* What becomes of slots by an opening (section 15.2); returns the openings of a new one. */
static uint8_t slot_change(const struct lock *l, struct lasting *d, bool wanted)
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

/* Steps 1 to 4; the draft already has the use records. */
static void open_door(struct lock *l, const struct request *q, const struct moment *now, const struct judgement *j, struct answer *a)
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

/* ---- section 20.3 ---- */

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

static void agree_log_key(const struct lock *l, struct lasting *d)
{
    export_secret(&l->tx.exchange, EXPORT_LOG, l->tx.select_hash, d->log_key, 32);
    d->has_log_key = 1;
}

static void receipt_for(const struct lock *l, const struct request *q, struct answer *a)
{
    bool due = a->outcome == O_DONE || a->outcome == O_OPENED || a->outcome == O_UNCONFIRMED || (a->outcome == O_FAILED && a->reason == R_DRIVE);
    if (due && (q->flags & F_RECEIPT)) a->n_receipt = receipt_make(l, a->receipt, sizeof a->receipt);
}

static uint16_t become_owner(struct lock *l, const struct request *q, uint8_t *out, size_t *n)
{
    if (q->operation != OP_CONFIGURE || q->unknown || (q->flags & ~(uint64_t)(F_RECEIPT | F_RESUMPTION | F_LOG)) != 0) return refuse(l, R_OWNER_UNKNOWN);
    if ((!vacant(l) && !l->world.button) || l->tx.resumed) return refuse(l, R_OWNER_UNKNOWN);
    if (!proof_right(l, q)) return refuse(l, R_OWNER_UNKNOWN);
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
    struct answer a;
    memset(&a, 0, sizeof a);
    if (log_add(d, e) && commit(l)) {
        l->tx.owners = true;
    } else {
        a.outcome = O_FAILED;
        a.reason = R_STATE;
    }
    receipt_for(l, q, &a);
    return send_answer(l, &a, out, n);
}

/* ---- steps 12 to 20 ---- */

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
    if (t->bare && !t->owners) return become_owner(l, &q, out, n);
    if (!t->bare && t->state != JUDGED) {
        enum found f = find_chain(l, &q, missing, &why);
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

/* Step 4 of section 15.3: the credential of the slot, where the lock still takes it. */
static bool slot_taken(struct lock *l, const struct slot *s)
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
