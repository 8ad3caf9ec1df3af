/* The algorithms of section 6.2 and chapter 04, on OpenSSL 3. Nothing here allocates for the caller. */
#ifndef CLOCK_CRYPTO_H
#define CLOCK_CRYPTO_H

#include "base.h"

enum { CCM_TAG = 8, CCM_KEY = 16, CCM_NONCE = 13 };

/* A public key. suite 0: x is Ed25519's encoding. suite 2: x and y of P-256. */
struct key { uint8_t suite, x[32], y[32]; };

void sha256(uint8_t out[32], int n, const span *parts);
void hmac(uint8_t out[32], span key, span data);
/* HKDF-Expand( prk, (label, context, length) ), section 6.7.1. n at most 8160, context within a message's bounds. */
void kdf(const uint8_t prk[32], uint16_t label, span context, uint8_t *out, size_t n);
bool equal_constant_time(const void *a, const void *b, size_t n);
void erase(void *p, size_t n);

/* out has room for plain.n + CCM_TAG. */
void ccm_seal(const uint8_t key[16], const uint8_t nonce[13], span ad, span plain, uint8_t *out);
/* out has room for sealed.n - CCM_TAG; false where the tag is wrong. */
bool ccm_open(const uint8_t key[16], const uint8_t nonce[13], span ad, span sealed, uint8_t *out);

/* Checks of section 4.2: a point, in its one encoding, not of small order. y is found from the sign. */
bool key_from_ed25519(struct key *k, const uint8_t x[32]);
bool key_from_p256(struct key *k, const uint8_t x[32], bool odd);
/* The public key of a private one; false where the private one is out of range. */
bool key_from_private(struct key *k, uint8_t suite, const uint8_t private_key[32]);

bool verify(const struct key *k, span message, span signature);
bool sign(uint8_t suite, const uint8_t private_key[32], span message, uint8_t signature[64]);

/* Ephemeral keys: share is G_X or G_Y. agree is false for what section 6.2 refuses. */
bool share_of(uint8_t suite, const uint8_t private_key[32], uint8_t share[32]);
bool share_good(uint8_t suite, const uint8_t share[32]);
bool agree(uint8_t suite, const uint8_t private_key[32], const uint8_t share[32], uint8_t out[32]);

/* 32 bytes of the machine's random source. */
bool machine_random(uint8_t out[32]);

#endif
