#include "exchange.h"

enum { PLAINTEXT_MAX = OBJECT_MAX + 96, CONTEXT_MAX = 2 * OBJECT_MAX + 128 };

static bool ours(int64_t suite, bool suite_2) { return suite == 0 || (suite == 2 && suite_2); }

/* Step 3: the suites of SUITES_I into s; their number, 0 where it has another form. */
static size_t read_suites(reader *r, int64_t s[CBOR_ITEMS])
{
    bool one = cbor_peek(r) != CBOR_ARRAY;
    size_t n = one ? 1 : cbor_array(r);
    if (!one && n < 2) return 0;
    for (size_t i = 0; i < n; i++) {
        s[i] = cbor_peek(r) <= CBOR_NINT ? cbor_int(r) : INT64_MAX;
        if (r->bad || s[i] < -65536 || s[i] > 65535) return 0;
        for (size_t j = 0; j < i; j++)
            if (s[i] == s[j]) return 0;
    }
    return n;
}

enum greeting message_1_read(struct message_1 *m, span data, bool suite_2)
{
    int64_t s[CBOR_ITEMS], c_i = 0;
    if (cbor_check_sequence(data) != R_NONE) return GREETING_BAD;
    reader r = cbor_read(data);
    if (cbor_peek(&r) > CBOR_NINT) return GREETING_BAD;
    int64_t method = cbor_int(&r);
    bool method_good = !r.bad && method == 0;
    r.bad = false;
    int major = cbor_peek(&r);
    if (major != CBOR_UINT && major != CBOR_NINT && major != CBOR_ARRAY) return GREETING_BAD;
    span suites = cbor_item(&r);
    m->share = cbor_bytes(&r);
    bool named_by_bytes = cbor_peek(&r) == CBOR_BYTES;
    if (named_by_bytes) cbor_bytes(&r);
    else if (cbor_peek(&r) <= CBOR_NINT) c_i = cbor_int(&r);
    else return GREETING_BAD;
    if (!cbor_done(&r) || c_i < -24 || c_i > 23 || !method_good) return GREETING_BAD;
    r = cbor_read(suites);
    size_t n = read_suites(&r, s);
    if (n == 0) return GREETING_BAD;
    for (size_t i = 0; i + 1 < n; i++)
        if (ours(s[i], suite_2)) return GREETING_OTHER_SUITE;
    if (!ours(s[n - 1], suite_2)) return GREETING_OTHER_SUITE;
    m->suite = (uint8_t)s[n - 1];
    return m->share.n == 32 && !named_by_bytes && share_good(m->suite, m->share.p) ? GREETING_GOOD : GREETING_BAD;
}

void put_suites_error(writer *w, bool suite_2)
{
    put_uint(w, 2);
    if (suite_2) put_array(w, 2);
    put_uint(w, 0);
    if (suite_2) put_uint(w, 2);
}

/* H( CBOR of the hash before, then what follows ). */
static void transcript(uint8_t out[32], const uint8_t before[32], span a, span b)
{
    static const uint8_t head[2] = {0x58, 0x20};
    span parts[] = {SPAN(head), {before, 32}, a, b};
    sha256(out, 4, parts);
}

/* MAC over << extra, id_cred, th, cred >>, then the bytes to be signed with it. */
static void signed_bytes(writer *w, const uint8_t prk[32], uint16_t label, span extra, span id_cred, const uint8_t th[32], span cred)
{
    uint8_t b[CONTEXT_MAX], mac[32];
    writer c = cbor_write(b, sizeof b);
    put_raw(&c, extra);
    put_raw(&c, id_cred);
    put_bytes(&c, (span){th, 32});
    put_raw(&c, cred);
    kdf(prk, label, written(&c), mac, 32);
    c.n = 0;
    put_bytes(&c, (span){th, 32});
    put_raw(&c, cred);
    put_sig_structure(w, id_cred, written(&c), SPAN(mac));
    if (c.full) w->full = true;
}

bool message_2_write(struct exchange *x, writer *out, span message_1, const struct message_1 *m, const uint8_t ephemeral[32],
                     const uint8_t private_key[32], span certificate, bool by_value)
{
    uint8_t shared[32], share[32], h_1[32], th_2[32], id_cred[OBJECT_MAX + 8], m_2[2 * CONTEXT_MAX], signature[SIGNATURE];
    uint8_t plain[PLAINTEXT_MAX], stream[PLAINTEXT_MAX];
    static const uint8_t c_r = 0, head[2] = {0x58, 0x20};
    struct object cert;
    uint8_t kid[KEY_ID];
    if (!agree(m->suite, ephemeral, m->share.p, shared) || !share_of(m->suite, ephemeral, share)) return false;
    if (object_read(&cert, certificate, T_LOCK_CERTIFICATE) != R_NONE) return false;
    key_id(&cert.cnf, kid);
    sha256(h_1, 1, &message_1);
    span parts[] = {SPAN(head), SPAN(share), SPAN(head), SPAN(h_1)};
    sha256(th_2, 4, parts);
    x->suite = m->suite;
    hmac(x->prk, SPAN(th_2), SPAN(shared));
    erase(shared, sizeof shared);

    writer id = cbor_write(id_cred, sizeof id_cred);
    put_map(&id, 1);
    put_uint(&id, by_value ? 13 : 4);
    if (by_value) put_raw(&id, certificate);
    else put_bytes(&id, SPAN(kid));
    writer s = cbor_write(m_2, sizeof m_2);
    signed_bytes(&s, x->prk, 2, (span){&c_r, 1}, written(&id), th_2, certificate);
    if (s.full || id.full || !sign(m->suite, private_key, written(&s), signature)) return false;

    writer p = cbor_write(plain, sizeof plain);
    put_uint(&p, c_r);
    if (by_value) put_raw(&p, written(&id));
    else put_bytes(&p, SPAN(kid));
    put_bytes(&p, SPAN(signature));
    if (p.full) return false;
    transcript(x->th_3, th_2, written(&p), certificate);
    kdf(x->prk, 0, SPAN(th_2), stream, p.n);
    for (size_t i = 0; i < p.n; i++) plain[i] ^= stream[i];
    put_bytes_head(out, 32 + p.n);
    put_raw(out, SPAN(share));
    put_raw(out, written(&p));
    return !out->full;
}

int plaintext_3_read(span p, struct plaintext_3 *m, struct credential *c)
{
    memset(c, 0, sizeof *c);
    if (cbor_check_sequence(p) != R_NONE) return R_POSSESSION;
    reader r = cbor_read(p);
    m->id_cred = cbor_item(&r);
    m->signature = cbor_bytes_of(&r, SIGNATURE);
    if (!cbor_done(&r)) return R_POSSESSION;
    r = cbor_read(m->id_cred);
    if (cbor_peek(&r) != CBOR_MAP || cbor_map(&r) != 1) return R_MALFORMED;
    c->bare = cbor_uint(&r, 13, 14) == 14;
    m->cred = cbor_item(&r);
    if (!cbor_done(&r)) return R_MALFORMED;
    if (c->bare) return claims_set_read(&c->key, m->cred);
    int why = object_read(&c->grant, m->cred, T_GRANT);
    c->key = c->grant.cnf;
    return why;
}

int message_3_read(struct exchange *x, struct credential *c, span ciphertext, uint8_t *plain, const struct key *own)
{
    uint8_t k_3[16], iv_3[13], a_3[64], m_3[2 * CONTEXT_MAX], th_4[32], prk_out[32];
    struct plaintext_3 m;
    kdf(x->prk, 3, SPAN(x->th_3), k_3, sizeof k_3);
    kdf(x->prk, 4, SPAN(x->th_3), iv_3, sizeof iv_3);
    writer a = cbor_write(a_3, sizeof a_3);
    put_raw(&a, (span){(const uint8_t *)"\x83\x68" "Encrypt0\x40", 11});
    put_bytes(&a, SPAN(x->th_3));
    bool opened = ciphertext.n <= COMMAND_MAX && ccm_open(k_3, iv_3, written(&a), ciphertext, plain);
    erase(k_3, sizeof k_3);
    if (!opened) return R_POSSESSION;
    span p = {plain, ciphertext.n - CCM_TAG};
    int why = plaintext_3_read(p, &m, c);
    if (why != R_NONE) return why;
    if (c->key.suite != x->suite || same_key(&c->key, own)) return R_POSSESSION;
    writer s = cbor_write(m_3, sizeof m_3);
    signed_bytes(&s, x->prk, 6, NO_BYTES, m.id_cred, x->th_3, m.cred);
    if (s.full || !verify(&c->key, written(&s), m.signature)) return R_POSSESSION;
    transcript(th_4, x->th_3, p, m.cred);
    kdf(x->prk, 7, SPAN(th_4), prk_out, sizeof prk_out);
    kdf(prk_out, 10, NO_BYTES, x->exporter, sizeof x->exporter);
    erase(prk_out, sizeof prk_out);
    erase(x->prk, sizeof x->prk);
    return R_NONE;
}

void export_secret(const struct exchange *x, uint16_t label, const uint8_t select_hash[32], uint8_t *out, size_t n)
{
    kdf(x->exporter, label, (span){select_hash, 32}, out, n);
}
