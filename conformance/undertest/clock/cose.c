#include "cose.h"

enum { SIG_STRUCTURE_MAX = POLICY_MAX + 64 };
#define U32 0xffffffffu

/* ---- keys ---- */

static int read_key(struct key *k, reader *r)
{
    uint8_t x[32];
    size_t n = cbor_map(r);
    cbor_uint(r, 1, 1);
    if (r->bad || cbor_peek(r) > CBOR_NINT) return R_MALFORMED;
    int64_t kty = cbor_int(r);
    if (r->bad || (kty != 1 && kty != 2)) return R_ALGORITHM;
    if (cbor_int(r) != -1 || r->bad || cbor_peek(r) > CBOR_NINT) return R_MALFORMED;
    int64_t crv = cbor_int(r);
    if (r->bad || crv != (kty == 1 ? 6 : 1)) return R_ALGORITHM;
    if (n != (kty == 1 ? 3u : 4u) || cbor_int(r) != -2) return R_MALFORMED;
    span s = cbor_bytes_of(r, 32);
    if (r->bad) return R_MALFORMED;
    memcpy(x, s.p, 32);
    if (kty == 1) return key_from_ed25519(k, x) ? R_NONE : R_MALFORMED;
    if (cbor_int(r) != -3) return R_MALFORMED;
    bool odd = cbor_bool(r);
    return !r->bad && key_from_p256(k, x, odd) ? R_NONE : R_MALFORMED;
}

int key_read(struct key *k, span cose_key)
{
    int why = cbor_check(cose_key);
    reader r = cbor_read(cose_key);
    return why != R_NONE ? why : read_key(k, &r);
}

int claims_set_read(struct key *k, span bytes)
{
    int why = cbor_check(bytes);
    if (why != R_NONE) return why;
    reader r = cbor_read(bytes);
    if (cbor_peek(&r) != CBOR_MAP || cbor_map(&r) != 1 || cbor_uint(&r, 8, 8) != 8) return R_MALFORMED;
    if (cbor_peek(&r) != CBOR_MAP || cbor_map(&r) != 1 || cbor_uint(&r, 1, 1) != 1 || cbor_peek(&r) != CBOR_MAP) return R_MALFORMED;
    return read_key(k, &r);
}

/* The input of the thumbprint, section 4.3: y stands in full. */
static void put_thumbprint_input(writer *w, const struct key *k)
{
    put_map(w, k->suite == 2 ? 4 : 3);
    put_int(w, 1);
    put_int(w, k->suite == 2 ? 2 : 1);
    put_int(w, -1);
    put_int(w, k->suite == 2 ? 1 : 6);
    put_int(w, -2);
    put_bytes(w, SPAN(k->x));
    if (k->suite != 2) return;
    put_int(w, -3);
    put_bytes(w, SPAN(k->y));
}

void key_id(const struct key *k, uint8_t id[KEY_ID])
{
    uint8_t b[96], h[DIGEST];
    writer w = cbor_write(b, sizeof b);
    put_thumbprint_input(&w, k);
    span s = written(&w);
    sha256(h, 1, &s);
    memcpy(id, h, KEY_ID);
}

bool same_key(const struct key *a, const struct key *b)
{
    return a->suite == b->suite && memcmp(a->x, b->x, 32) == 0 && (a->suite != 2 || memcmp(a->y, b->y, 32) == 0);
}

bool named(const struct object *o, const struct key *k)
{
    uint8_t id[KEY_ID];
    key_id(k, id);
    return same(o->kid, SPAN(id));
}

/* ---- parts of scopes; each answers R_NONE or a reason ---- */

static int read_schedule(struct schedule *s, reader *r)
{
    if (cbor_peek(r) != CBOR_ARRAY) return R_MALFORMED;
    size_t n = cbor_array(r);
    if (n < 1 || n > WINDOWS_MAX) return R_LIMIT;
    s->n = (uint8_t)n;
    for (size_t i = 0; i < n; i++) {
        if (cbor_array(r) != 3) return R_MALFORMED;
        s->w[i].days = (uint8_t)cbor_uint(r, 1, 127);
        s->w[i].from = (uint16_t)cbor_uint(r, 0, 1439);
        s->w[i].until = (uint16_t)cbor_uint(r, s->w[i].from + 1u, 1440);
        if (r->bad) return R_MALFORMED;
    }
    return R_NONE;
}

static int read_conditions(struct entry *e, reader *r)
{
    if (cbor_peek(r) != CBOR_MAP) return R_MALFORMED;
    size_t n = cbor_map(r);
    if (n < 1 || n > CONDITIONS_MAX) return R_LIMIT;
    for (size_t i = 0; i < n; i++) {
        uint64_t key = cbor_uint(r, 0, UINT64_MAX);
        if (r->bad) return R_MALFORMED;
        int why = R_NONE;
        switch (key) {
        case 1: why = read_schedule(&e->hours, r); break;
        case 2:
            if (cbor_array(r) != 2) return R_MALFORMED;
            e->count = (uint8_t)cbor_uint(r, 1, 255);
            e->starts = (uint8_t)cbor_uint(r, 1, 3);
            break;
        case 3: e->delegation = (uint8_t)cbor_uint(r, 1, 2); break;
        case 4: e->evidence = (uint8_t)cbor_uint(r, 1, 3); break;
        case 5: e->policy = (uint32_t)cbor_uint(r, 1, U32); break;
        case 6: e->resource = (uint8_t)cbor_uint(r, 1, 255); break;
        case 7: e->service = (uint32_t)cbor_uint(r, 1, U32); break;
        default: e->unknown = true; cbor_item(r);
        }
        if (why != R_NONE) return why;
        if (r->bad) return R_MALFORMED;
    }
    return R_NONE;
}

static int read_grant(struct object *o, reader *r)
{
    struct grant *g = &o->grant;
    size_t n = cbor_array(r);
    if (cbor_peek(r) == CBOR_BYTES) {
        static const uint8_t zero[DIGEST];
        g->parent = cbor_bytes_of(r, DIGEST);
        if (r->bad || memcmp(g->parent.p, zero, DIGEST) == 0) return R_MALFORMED;
        n--;
    }
    if (r->bad) return R_MALFORMED;
    if (n < 1 || n > ENTRIES_MAX) return R_LIMIT;
    g->n = (uint8_t)n;
    for (size_t i = 0; i < n; i++) {
        struct entry *e = &g->e[i];
        size_t elements = cbor_array(r);
        if (elements != 3 && elements != 4) return R_MALFORMED;
        e->kind = cbor_uint(r, 0, UINT64_MAX);
        e->target = e->kind == TARGET_LOCK ? cbor_bytes_of(r, LOCK_ID) : e->kind == TARGET_AREA ? cbor_bytes(r) : cbor_item(r);
        if (r->bad) return R_MALFORMED;
        if (e->kind == TARGET_AREA && (e->target.n < 1 || e->target.n > AREA_MAX)) return R_LIMIT;
        e->actions = (uint8_t)cbor_uint(r, 1, ACTIONS);
        if (r->bad) return R_MALFORMED;
        int why = elements == 4 ? read_conditions(e, r) : R_NONE;
        if (why != R_NONE) return why;
    }
    if (o->exp <= o->iat || (o->nbf != 0 && (o->nbf <= o->iat || o->exp <= o->nbf))) return R_MALFORMED;
    return R_NONE;
}

static int read_authority(struct object *o, reader *r)
{
    struct authority *a = &o->authority;
    if (cbor_array(r) != 3 || cbor_peek(r) != CBOR_ARRAY) return R_MALFORMED;
    size_t n = cbor_array(r);
    if (n > SERVICES_MAX) return R_LIMIT;
    a->n = (uint8_t)n;
    for (size_t i = 0; i < n; i++) {
        a->services[i] = (uint32_t)cbor_uint(r, 1, U32);
        if (r->bad || (i > 0 && a->services[i] <= a->services[i - 1])) return R_MALFORMED;
    }
    a->rights = (uint8_t)cbor_uint(r, 1, RIGHTS);
    a->longest = (uint32_t)cbor_uint(r, 0, U32);
    bool issues = a->rights & RIGHT_ISSUE;
    if (!r->bad && issues != (n > 0)) return R_LIMIT;
    return r->bad || issues != (a->longest > 0) || o->exp <= o->iat ? R_MALFORMED : R_NONE;
}

static int read_lock_certificate(struct object *o, reader *r)
{
    if (cbor_array(r) != 3) return R_MALFORMED;
    o->lock.id = cbor_bytes_of(r, LOCK_ID);
    o->lock.profile = (uint32_t)cbor_uint(r, 0, U32);
    o->lock.level = (uint32_t)cbor_uint(r, 0, U32);
    return r->bad ? R_MALFORMED : R_NONE;
}

static int read_admissions(struct policy *p, reader *r)
{
    if (cbor_peek(r) != CBOR_ARRAY) return R_MALFORMED;
    size_t n = cbor_array(r);
    if (n < 1 || n > ADMISSIONS_MAX) return R_LIMIT;
    p->n_admissions = (uint8_t)n;
    for (size_t i = 0; i < n; i++) {
        struct admission *a = &p->admissions[i];
        size_t elements = cbor_array(r);
        if (elements != 2 && elements != 4) return R_MALFORMED;
        a->service = (uint32_t)cbor_uint(r, 1, U32);
        a->actions = (uint8_t)cbor_uint(r, 1, ACTIONS);
        if (r->bad || (i > 0 && a->service <= a[-1].service)) return R_MALFORMED;
        if (elements == 2) continue;
        a->evidence = (uint8_t)cbor_uint(r, E_STATED, E_CLOCK);
        if (r->bad) return R_MALFORMED;
        int why = read_schedule(&a->hours, r);
        if (why != R_NONE) return why;
    }
    return R_NONE;
}

static int read_keys(struct key *keys, uint8_t *count, size_t most, reader *r)
{
    if (cbor_peek(r) != CBOR_ARRAY) return R_MALFORMED;
    size_t n = cbor_array(r);
    if (n < 1 || n > most) return R_LIMIT;
    *count = (uint8_t)n;
    for (size_t i = 0; i < n; i++) {
        if (cbor_peek(r) != CBOR_MAP) return R_MALFORMED;
        int why = read_key(&keys[i], r);
        if (why != R_NONE) return why;
        for (size_t j = 0; j < i; j++)
            if (same_key(&keys[i], &keys[j])) return R_MALFORMED;
    }
    return R_NONE;
}

static int read_denied(struct policy *p, reader *r)
{
    p->denied = cbor_bytes(r);
    if (r->bad) return R_MALFORMED;
    if (p->denied.n % TAG != 0) return R_MALFORMED;
    if (p->denied.n == 0 || p->denied.n > DENIED_MAX * TAG) return R_LIMIT;
    for (size_t i = TAG; i < p->denied.n; i += TAG)
        if (memcmp(p->denied.p + i - TAG, p->denied.p + i, TAG) >= 0) return R_MALFORMED;
    return R_NONE;
}

static int read_notice(struct notice *n, reader *r)
{
    if (cbor_array(r) != 5) return R_MALFORMED;
    n->kind = (uint8_t)cbor_uint(r, 1, 2);
    n->from = (uint32_t)cbor_uint(r, 0, U32);
    n->until = (uint32_t)cbor_uint(r, 0, U32);
    n->instruction = (uint8_t)cbor_uint(r, 0, 3);
    n->roles = (uint8_t)cbor_uint(r, 1, 3);
    return r->bad || (n->from != 0 && n->until != 0 && n->until <= n->from) ? R_MALFORMED : R_NONE;
}

static int read_policy(struct object *o, reader *r)
{
    struct policy *p = &o->policy;
    if (cbor_array(r) != 3) return R_MALFORMED;
    p->id = cbor_bytes_of(r, LOCK_ID);
    p->version = (uint32_t)cbor_uint(r, 1, U32);
    if (r->bad || cbor_peek(r) != CBOR_MAP) return R_MALFORMED;
    size_t n = cbor_map(r);
    for (size_t i = 0; i < n; i++) {
        int why = R_NONE;
        switch (cbor_uint(r, 1, 8)) {
        case 1: p->block = (uint8_t)cbor_uint(r, 1, 3); break;
        case 2: why = read_admissions(p, r); break;
        case 3: p->least = (uint32_t)cbor_uint(r, 1, U32); break;
        case 4: why = read_denied(p, r); break;
        case 5: why = read_keys(p->co_owners, &p->n_co_owners, CO_OWNERS_MAX, r); break;
        case 6: why = read_notice(&p->notice, r); break;
        case 7: why = read_keys(p->anchors, &p->n_anchors, ANCHORS_MAX, r); break;
        case 8: p->reset = cbor_bool(r); if (!p->reset) return R_MALFORMED; break;
        default: return R_MALFORMED;
        }
        if (why != R_NONE) return why;
        if (r->bad) return R_MALFORMED;
    }
    for (size_t i = 0; i < p->n_co_owners; i++)
        if (same_key(&p->co_owners[i], &o->cnf)) return R_MALFORMED;
    return R_NONE;
}

static int read_list(struct object *o, reader *r)
{
    struct list *l = &o->list;
    if (cbor_array(r) != 3) return R_MALFORMED;
    l->version = (uint32_t)cbor_uint(r, 1, U32);
    l->least = (uint32_t)cbor_uint(r, 0, o->iat);
    if (r->bad || cbor_peek(r) != CBOR_ARRAY) return R_MALFORMED;
    size_t n = cbor_array(r);
    if (n > LIST_ENTRIES_MAX) return R_LIMIT;
    l->n = (uint8_t)n;
    for (size_t i = 0; i < n; i++) {
        if (cbor_array(r) != 2) return R_MALFORMED;
        l->tags[i] = cbor_bytes_of(r, TAG);
        l->exps[i] = (uint32_t)cbor_uint(r, 1, U32);
        if (r->bad || (i > 0 && memcmp(l->tags[i - 1].p, l->tags[i].p, TAG) >= 0)) return R_MALFORMED;
    }
    return R_NONE;
}

static int read_token(struct object *o, reader *r)
{
    size_t n = cbor_array(r);
    if ((n != 1 && n != 2) || cbor_peek(r) > CBOR_NINT) return R_MALFORMED;
    int64_t offset = cbor_int(r);
    if (r->bad || offset < -840 || offset > 840) return R_MALFORMED;
    o->token.offset = (int32_t)offset;
    if (n == 2) o->token.nonce = cbor_bytes_of(r, NONCE);
    return r->bad ? R_MALFORMED : R_NONE;
}

/* ---- the object ---- */

/* Claims of each kind: bit n for claim n. */
enum { EXP = 1 << 4, NBF = 1 << 5, IAT = 1 << 6, CNF = 1 << 8, SCOPE = 1 << 9 };

static const struct kind { int typ, must, may; int (*scope)(struct object *, reader *); } kinds[] = {
    {T_AUTHORITY, EXP | IAT | CNF | SCOPE, 0, read_authority},
    {T_LOCK_CERTIFICATE, IAT | CNF | SCOPE, 0, read_lock_certificate},
    {T_GRANT, EXP | IAT | CNF | SCOPE, NBF, read_grant},
    {T_POLICY, IAT | CNF | SCOPE, 0, read_policy},
    {T_LIST, IAT | SCOPE, 0, read_list},
    {T_TOKEN, IAT | SCOPE, 0, read_token},
};

/* The four elements, and the three labels of the header. */
static int read_frame(struct object *o, span raw)
{
    int why = cbor_check(raw);
    if (why != R_NONE) return why;
    reader r = cbor_read(raw);
    if (cbor_peek(&r) != CBOR_ARRAY || cbor_array(&r) != 4) return R_MALFORMED;
    o->raw = raw;
    o->protected_bytes = cbor_bytes(&r);
    if (r.bad || cbor_peek(&r) != CBOR_MAP || cbor_map(&r) != 0) return R_MALFORMED;
    o->payload = cbor_bytes(&r);
    o->signature = cbor_bytes_of(&r, SIGNATURE);
    if (!cbor_done(&r)) return R_MALFORMED;

    if ((why = cbor_check(o->protected_bytes)) != R_NONE) return why;
    r = cbor_read(o->protected_bytes);
    if (cbor_peek(&r) != CBOR_MAP || cbor_map(&r) != 3 || cbor_uint(&r, 1, 1) != 1 || cbor_peek(&r) > CBOR_NINT) return R_MALFORMED;
    int64_t alg = cbor_int(&r);
    o->alg = !r.bad && (alg == ALG_ED25519 || alg == ALG_ESP256) ? (int)alg : 0;
    if (r.bad) return R_ALGORITHM;
    cbor_uint(&r, 4, 4);
    o->kid = cbor_bytes_of(&r, KEY_ID);
    cbor_uint(&r, 16, 16);
    if (r.bad || cbor_peek(&r) > CBOR_NINT) return R_MALFORMED;
    int64_t typ = cbor_int(&r);
    o->typ = !r.bad && typ >= T_AUTHORITY && typ <= T_RECEIPT ? (int)typ : 0;
    return R_NONE;
}

int object_typ(span raw)
{
    struct object o;
    return read_frame(&o, raw) == R_NONE ? o.typ : 0;
}

int object_read(struct object *o, span raw, int typ)
{
    memset(o, 0, sizeof *o);
    if (raw.n > (typ == T_POLICY ? POLICY_MAX : OBJECT_MAX)) return R_LIMIT;
    int why = read_frame(o, raw);
    if (why != R_NONE) return why;
    if (o->typ != typ) return R_OBJECT_TYPE;
    if (o->alg == 0) return R_ALGORITHM;
    const struct kind *k = kinds;
    while (k->typ != typ) k++;

    if ((why = cbor_check(o->payload)) != R_NONE) return why;
    reader r = cbor_read(o->payload);
    if (cbor_peek(&r) != CBOR_MAP) return R_MALFORMED;
    size_t n = cbor_map(&r);
    span scope = NO_BYTES;
    int seen = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t claim = cbor_uint(&r, 0, 9);
        if (r.bad) return R_MALFORMED;
        seen |= 1 << claim;
        switch (claim) {
        case 4: o->exp = (uint32_t)cbor_uint(&r, 1, U32); break;
        case 5: o->nbf = (uint32_t)cbor_uint(&r, 1, U32); break;
        case 6: o->iat = (uint32_t)cbor_uint(&r, 1, U32); break;
        case 8:
            if (cbor_map(&r) != 1 || cbor_uint(&r, 1, 1) != 1 || cbor_peek(&r) != CBOR_MAP) return R_MALFORMED;
            if ((why = read_key(&o->cnf, &r)) != R_NONE) return why;
            break;
        case 9: scope = cbor_bytes(&r); break;
        default: return R_MALFORMED;
        }
        if (r.bad) return R_MALFORMED;
    }
    if (!cbor_done(&r) || (seen & k->must) != k->must || (seen & ~(k->must | k->may)) != 0) return R_MALFORMED;

    if ((why = cbor_check(scope)) != R_NONE) return why;
    r = cbor_read(scope);
    if (cbor_peek(&r) != CBOR_ARRAY) return R_MALFORMED;
    if ((why = k->scope(o, &r)) != R_NONE) return why;
    if (!cbor_done(&r)) return R_MALFORMED;

    uint8_t b[SIG_STRUCTURE_MAX];
    writer w = cbor_write(b, sizeof b);
    put_sig_structure(&w, o->protected_bytes, NO_BYTES, o->payload);
    span s = written(&w);
    sha256(o->digest, 1, &s);
    return w.full ? R_LIMIT : R_NONE;
}

void put_sig_structure(writer *w, span protected_bytes, span external, span payload)
{
    put_raw(w, (span){(const uint8_t *)"\x84\x6aSignature1", 12});
    put_bytes(w, protected_bytes);
    put_bytes(w, external);
    put_bytes(w, payload);
}

int object_verify(const struct object *o, const struct key *k)
{
    if (o->alg != (k->suite == 2 ? ALG_ESP256 : ALG_ED25519)) return R_ALGORITHM;
    uint8_t b[SIG_STRUCTURE_MAX];
    writer w = cbor_write(b, sizeof b);
    put_sig_structure(&w, o->protected_bytes, NO_BYTES, o->payload);
    return !w.full && verify(k, written(&w), o->signature) ? R_NONE : R_SIGNATURE;
}

bool object_sign(writer *w, int typ, uint8_t suite, const uint8_t private_key[32], const uint8_t kid[KEY_ID], span payload)
{
    uint8_t header[24], b[SIG_STRUCTURE_MAX], signature[SIGNATURE];
    writer h = cbor_write(header, sizeof header), s = cbor_write(b, sizeof b);
    put_map(&h, 3);
    put_uint(&h, 1);
    put_int(&h, suite == 2 ? ALG_ESP256 : ALG_ED25519);
    put_uint(&h, 4);
    put_bytes(&h, (span){kid, KEY_ID});
    put_uint(&h, 16);
    put_uint(&h, (uint64_t)typ);
    put_sig_structure(&s, written(&h), NO_BYTES, payload);
    if (s.full || !sign(suite, private_key, written(&s), signature)) return false;
    put_array(w, 4);
    put_bytes(w, written(&h));
    put_map(w, 0);
    put_bytes(w, payload);
    put_bytes(w, SPAN(signature));
    return !w->full;
}
