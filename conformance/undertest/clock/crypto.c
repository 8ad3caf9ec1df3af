#include "crypto.h"

#include "cbor.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/objects.h>
#include <openssl/rand.h>
#include <stdlib.h>

/* The library fails only where the machine is out of memory: there is no answer to that but to stop. */
static void must(bool ok)
{
    if (!ok) abort();
}

void sha256(uint8_t out[32], int n, const span *parts)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    must(c != NULL && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1);
    for (int i = 0; i < n; i++) must(EVP_DigestUpdate(c, parts[i].p, parts[i].n) == 1);
    must(EVP_DigestFinal_ex(c, out, NULL) == 1);
    EVP_MD_CTX_free(c);
}

void hmac(uint8_t out[32], span key, span data)
{
    must(HMAC(EVP_sha256(), key.p, (int)key.n, data.p, data.n, out, NULL) != NULL);
}

void kdf(const uint8_t prk[32], uint16_t label, span context, uint8_t *out, size_t n)
{
    uint8_t block[32 + 2 * OBJECT_MAX + 256], t[32];
    writer w = cbor_write(block + 32, sizeof block - 33);
    put_uint(&w, label);
    put_bytes(&w, context);
    put_uint(&w, n);
    must(!w.full);
    for (uint8_t i = 1; n > 0; i++) {
        block[32 + w.n] = i;
        size_t from = i == 1 ? 32 : 0;
        hmac(t, (span){prk, 32}, (span){block + from, 32 - from + w.n + 1});
        memcpy(block, t, 32);
        size_t take = n < 32 ? n : 32;
        memcpy(out, t, take);
        out += take;
        n -= take;
    }
    erase(block, sizeof block);
    erase(t, sizeof t);
}

bool equal_constant_time(const void *a, const void *b, size_t n) { return CRYPTO_memcmp(a, b, n) == 0; }
void erase(void *p, size_t n) { OPENSSL_cleanse(p, n); }

static EVP_CIPHER_CTX *ccm(bool seal, const uint8_t key[16], const uint8_t nonce[13], void *tag, span ad, size_t n)
{
    int len;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    must(c != NULL && EVP_CipherInit_ex(c, EVP_aes_128_ccm(), NULL, NULL, NULL, seal) == 1);
    must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_CCM_SET_IVLEN, CCM_NONCE, NULL) == 1);
    must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_CCM_SET_TAG, CCM_TAG, tag) == 1);
    must(EVP_CipherInit_ex(c, NULL, NULL, key, nonce, seal) == 1);
    must(EVP_CipherUpdate(c, NULL, &len, NULL, (int)n) == 1);
    if (ad.n > 0) must(EVP_CipherUpdate(c, NULL, &len, ad.p, (int)ad.n) == 1);
    return c;
}

void ccm_seal(const uint8_t key[16], const uint8_t nonce[13], span ad, span plain, uint8_t *out)
{
    int len;
    EVP_CIPHER_CTX *c = ccm(true, key, nonce, NULL, ad, plain.n);
    must(EVP_CipherUpdate(c, out, &len, plain.p, (int)plain.n) == 1);
    must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_CCM_GET_TAG, CCM_TAG, out + plain.n) == 1);
    EVP_CIPHER_CTX_free(c);
}

bool ccm_open(const uint8_t key[16], const uint8_t nonce[13], span ad, span sealed, uint8_t *out)
{
    if (sealed.n < CCM_TAG) return false;
    int len;
    uint8_t tag[CCM_TAG];
    size_t n = sealed.n - CCM_TAG;
    memcpy(tag, sealed.p + n, CCM_TAG);
    EVP_CIPHER_CTX *c = ccm(false, key, nonce, tag, ad, n);
    bool ok = EVP_CipherUpdate(c, out, &len, sealed.p, (int)n) == 1;
    EVP_CIPHER_CTX_free(c);
    if (!ok) erase(out, n);
    return ok;
}

/* ---- Ed25519 ---- */

/* y of the points whose order divides 8, little endian: 0, 1, -1 and the two of order 8. */
static const uint8_t small_order[5][32] = {
    {0},
    {1},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
     0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
     0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
};

/* x^2 = (y^2 - 1) / (d y^2 + 1) has a root modulo p = 2^255 - 19, by Euler: (u v)^((p-1)/2) is 1 for u/v. */
static bool on_curve_25519(const uint8_t y_le[32])
{
    BN_CTX *c = BN_CTX_new();
    must(c != NULL);
    BN_CTX_start(c);
    BIGNUM *p = BN_CTX_get(c), *y = BN_CTX_get(c), *u = BN_CTX_get(c), *v = BN_CTX_get(c), *d = BN_CTX_get(c), *e = BN_CTX_get(c);
    must(e != NULL);
    must(BN_hex2bn(&p, "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed") != 0);
    must(BN_hex2bn(&d, "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3") != 0);
    must(BN_lebin2bn(y_le, 32, y) != NULL);
    bool good = BN_cmp(y, p) < 0;
    if (good) {
        must(BN_mod_sqr(y, y, p, c) == 1);
        must(BN_sub(u, y, BN_value_one()) == 1 && BN_nnmod(u, u, p, c) == 1);
        must(BN_mod_mul(v, d, y, p, c) == 1 && BN_add_word(v, 1) == 1);
        must(BN_mod_mul(u, u, v, p, c) == 1);
        must(BN_copy(e, p) != NULL && BN_sub_word(e, 1) == 1 && BN_rshift1(e, e) == 1);
        must(BN_mod_exp(v, u, e, p, c) == 1);
        good = BN_is_zero(u) || BN_is_one(v);
    }
    BN_CTX_end(c);
    BN_CTX_free(c);
    return good;
}

bool key_from_ed25519(struct key *k, const uint8_t x[32])
{
    uint8_t y[32];
    memcpy(y, x, 32);
    y[31] &= 0x7f;
    for (size_t i = 0; i < 5; i++)
        if (memcmp(y, small_order[i], 32) == 0) return false;
    if (!on_curve_25519(y)) return false;
    memset(k, 0, sizeof *k);
    memcpy(k->x, x, 32);
    return true;
}

/* ---- P-256 ---- */

struct curve { EC_GROUP *g; BN_CTX *c; BIGNUM *p, *n; };

static struct curve curve_begin(void)
{
    struct curve v = {EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1), BN_CTX_secure_new(), NULL, NULL};
    must(v.g != NULL && v.c != NULL);
    BN_CTX_start(v.c);
    v.p = BN_CTX_get(v.c);
    v.n = BN_CTX_get(v.c);
    must(v.n != NULL && EC_GROUP_get_curve(v.g, v.p, NULL, NULL, v.c) == 1);
    must(BN_copy(v.n, EC_GROUP_get0_order(v.g)) != NULL);
    return v;
}

static void curve_end(struct curve *v)
{
    BN_CTX_end(v->c);
    BN_CTX_free(v->c);
    EC_GROUP_free(v->g);
}

static BIGNUM *number(struct curve *v, const uint8_t b[32])
{
    BIGNUM *n = BN_CTX_get(v->c);
    must(n != NULL && BN_bin2bn(b, 32, n) != NULL);
    return n;
}

static EC_POINT *point_of(struct curve *v, const uint8_t x[32], bool odd)
{
    EC_POINT *q = EC_POINT_new(v->g);
    must(q != NULL);
    BIGNUM *n = number(v, x);
    if (BN_cmp(n, v->p) >= 0 || EC_POINT_set_compressed_coordinates(v->g, q, n, odd, v->c) != 1) {
        EC_POINT_free(q);
        return NULL;
    }
    return q;
}

static void coordinates(struct curve *v, const EC_POINT *q, uint8_t x[32], uint8_t y[32])
{
    BIGNUM *bx = BN_CTX_get(v->c), *by = BN_CTX_get(v->c);
    must(by != NULL && EC_POINT_get_affine_coordinates(v->g, q, bx, by, v->c) == 1);
    must(BN_bn2binpad(bx, x, 32) == 32 && BN_bn2binpad(by, y, 32) == 32);
}

/* A private number from 1 to n - 1, or NULL. */
static BIGNUM *scalar(struct curve *v, const uint8_t d[32])
{
    BIGNUM *n = number(v, d);
    BN_set_flags(n, BN_FLG_CONSTTIME);
    return BN_is_zero(n) || BN_cmp(n, v->n) >= 0 ? NULL : n;
}

bool key_from_p256(struct key *k, const uint8_t x[32], bool odd)
{
    struct curve v = curve_begin();
    EC_POINT *q = point_of(&v, x, odd);
    if (q != NULL) {
        memset(k, 0, sizeof *k);
        k->suite = 2;
        coordinates(&v, q, k->x, k->y);
    }
    EC_POINT_free(q);
    curve_end(&v);
    return q != NULL;
}

static bool p256_multiply(const uint8_t d[32], const uint8_t *x, uint8_t out_x[32], uint8_t out_y[32])
{
    struct curve v = curve_begin();
    EC_POINT *q = x == NULL ? NULL : point_of(&v, x, false), *r = EC_POINT_new(v.g);
    BIGNUM *n = scalar(&v, d);
    must(r != NULL);
    bool ok = n != NULL && (x == NULL || q != NULL);
    if (ok) {
        must(EC_POINT_mul(v.g, r, x == NULL ? n : NULL, q, x == NULL ? NULL : n, v.c) == 1);
        coordinates(&v, r, out_x, out_y);
    }
    EC_POINT_free(q);
    EC_POINT_clear_free(r);
    curve_end(&v);
    return ok;
}

static bool p256_verify(const struct key *k, span message, const uint8_t signature[64])
{
    uint8_t h[32], x[32], y[32];
    sha256(h, 1, &message);
    struct curve v = curve_begin();
    BIGNUM *r = number(&v, signature), *s = number(&v, signature + 32), *z = number(&v, h);
    EC_POINT *q = point_of(&v, k->x, k->y[31] & 1), *sum = EC_POINT_new(v.g);
    must(sum != NULL);
    bool ok = q != NULL && !BN_is_zero(r) && !BN_is_zero(s) && BN_cmp(r, v.n) < 0 && BN_cmp(s, v.n) < 0;
    if (ok) {
        must(BN_mod_inverse(s, s, v.n, v.c) != NULL);
        must(BN_mod_mul(z, z, s, v.n, v.c) == 1 && BN_mod_mul(s, r, s, v.n, v.c) == 1);
        must(EC_POINT_mul(v.g, sum, z, q, s, v.c) == 1);
        ok = !EC_POINT_is_at_infinity(v.g, sum);
    }
    if (ok) {
        coordinates(&v, sum, x, y);
        BIGNUM *got = number(&v, x);
        must(BN_nnmod(got, got, v.n, v.c) == 1);
        ok = BN_cmp(got, r) == 0;
    }
    EC_POINT_free(q);
    EC_POINT_free(sum);
    curve_end(&v);
    return ok;
}

/* The secret number of RFC 6979, section 3.2: as many tries as it takes. */
struct drbg { uint8_t k[32], v[32]; };

static void drbg_mix(struct drbg *d, uint8_t mark, const uint8_t *seed, size_t n)
{
    uint8_t b[32 + 1 + 64];
    memcpy(b, d->v, 32);
    b[32] = mark;
    if (n > 0) memcpy(b + 33, seed, n);
    hmac(d->k, SPAN(d->k), (span){b, 33 + n});
    hmac(d->v, SPAN(d->k), SPAN(d->v));
    erase(b, sizeof b);
}

static bool p256_sign(const uint8_t d[32], span message, uint8_t signature[64])
{
    uint8_t h[32], seed[64], y[32];
    struct drbg g;
    sha256(h, 1, &message);
    struct curve v = curve_begin();
    BIGNUM *key = scalar(&v, d), *z = number(&v, h), *r = BN_CTX_get(v.c), *s = BN_CTX_get(v.c), *e = BN_CTX_get(v.c);
    must(e != NULL);
    must(BN_nnmod(z, z, v.n, v.c) == 1);
    memcpy(seed, d, 32);
    must(BN_bn2binpad(z, seed + 32, 32) == 32);
    memset(g.v, 1, 32);
    memset(g.k, 0, 32);
    drbg_mix(&g, 0, seed, 64);
    drbg_mix(&g, 1, seed, 64);
    EC_POINT *q = EC_POINT_new(v.g);
    must(q != NULL);
    bool done = false;
    while (key != NULL && !done) {
        hmac(g.v, SPAN(g.k), SPAN(g.v));
        BIGNUM *k = scalar(&v, g.v);
        if (k != NULL) {
            must(EC_POINT_mul(v.g, q, k, NULL, NULL, v.c) == 1);
            coordinates(&v, q, signature, y);
            must(BN_bin2bn(signature, 32, r) != NULL && BN_nnmod(r, r, v.n, v.c) == 1);
            /* 1/k by Fermat, in constant time */
            must(BN_copy(e, v.n) != NULL && BN_sub_word(e, 2) == 1);
            must(BN_mod_exp_mont_consttime(k, k, e, v.n, v.c, NULL) == 1);
            must(BN_mod_mul(s, r, key, v.n, v.c) == 1 && BN_mod_add(s, s, z, v.n, v.c) == 1 && BN_mod_mul(s, s, k, v.n, v.c) == 1);
            done = !BN_is_zero(r) && !BN_is_zero(s);
        }
        if (!done) drbg_mix(&g, 0, NULL, 0);
    }
    if (done) must(BN_bn2binpad(r, signature, 32) == 32 && BN_bn2binpad(s, signature + 32, 32) == 32);
    EC_POINT_clear_free(q);
    curve_end(&v);
    erase(&g, sizeof g);
    erase(seed, sizeof seed);
    return done;
}

/* ---- both suites ---- */

static bool raw_public(int type, const uint8_t private_key[32], uint8_t out[32])
{
    size_t n = 32;
    EVP_PKEY *k = EVP_PKEY_new_raw_private_key(type, NULL, private_key, 32);
    must(k != NULL && EVP_PKEY_get_raw_public_key(k, out, &n) == 1 && n == 32);
    EVP_PKEY_free(k);
    return true;
}

bool key_from_private(struct key *k, uint8_t suite, const uint8_t private_key[32])
{
    memset(k, 0, sizeof *k);
    k->suite = suite;
    if (suite == 2) return p256_multiply(private_key, NULL, k->x, k->y);
    return raw_public(EVP_PKEY_ED25519, private_key, k->x);
}

bool verify(const struct key *k, span message, span signature)
{
    if (signature.n != SIGNATURE) return false;
    if (k->suite == 2) return p256_verify(k, message, signature.p);
    /* The library checks S < L and compares [S]B - [k]A with R byte by byte; A was checked when the key was read. */
    EVP_PKEY *pk = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, k->x, 32);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    must(pk != NULL && c != NULL && EVP_DigestVerifyInit(c, NULL, NULL, NULL, pk) == 1);
    bool ok = EVP_DigestVerify(c, signature.p, signature.n, message.p, message.n) == 1;
    EVP_MD_CTX_free(c);
    EVP_PKEY_free(pk);
    return ok;
}

bool sign(uint8_t suite, const uint8_t private_key[32], span message, uint8_t signature[64])
{
    if (suite == 2) return p256_sign(private_key, message, signature);
    size_t n = SIGNATURE;
    EVP_PKEY *pk = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private_key, 32);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    must(pk != NULL && c != NULL && EVP_DigestSignInit(c, NULL, NULL, NULL, pk) == 1);
    bool ok = EVP_DigestSign(c, signature, &n, message.p, message.n) == 1 && n == SIGNATURE;
    EVP_MD_CTX_free(c);
    EVP_PKEY_free(pk);
    return ok;
}

bool share_of(uint8_t suite, const uint8_t private_key[32], uint8_t share[32])
{
    uint8_t y[32];
    return suite == 2 ? p256_multiply(private_key, NULL, share, y) : raw_public(EVP_PKEY_X25519, private_key, share);
}

bool share_good(uint8_t suite, const uint8_t share[32])
{
    struct key k;
    return suite != 2 || key_from_p256(&k, share, false);
}

bool agree(uint8_t suite, const uint8_t private_key[32], const uint8_t share[32], uint8_t out[32])
{
    uint8_t y[32], none = 0;
    if (suite == 2) return p256_multiply(private_key, share, out, y);
    size_t n = 32;
    EVP_PKEY *mine = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private_key, 32);
    EVP_PKEY *theirs = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, share, 32);
    EVP_PKEY_CTX *c = mine == NULL ? NULL : EVP_PKEY_CTX_new(mine, NULL);
    must(c != NULL && theirs != NULL && EVP_PKEY_derive_init(c) == 1 && EVP_PKEY_derive_set_peer(c, theirs) == 1);
    bool ok = EVP_PKEY_derive(c, out, &n) == 1 && n == 32;
    EVP_PKEY_CTX_free(c);
    EVP_PKEY_free(mine);
    EVP_PKEY_free(theirs);
    for (size_t i = 0; ok && i < 32; i++) none |= out[i];
    return ok && none != 0;
}

bool machine_random(uint8_t out[32]) { return RAND_bytes(out, 32) == 1; }
