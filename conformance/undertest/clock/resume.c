#include "resume.h"

enum { LABEL_ID = 1, LABEL_CHANNEL, LABEL_NEXT };

void resume_next(const uint8_t secret[32], uint8_t next[32]) { kdf(secret, LABEL_NEXT, NO_BYTES, next, 32); }

void resume_prk(const uint8_t secret[32], const uint8_t *phone_nonce, const uint8_t select_hash[32], uint8_t prk[32])
{
    uint8_t salt[40];
    memcpy(salt, phone_nonce, 8);
    memcpy(salt + 8, select_hash, 32);
    hmac(prk, SPAN(salt), (span){secret, 32});
}

void resume_id(const uint8_t prk[32], uint8_t id[8]) { kdf(prk, LABEL_ID, NO_BYTES, id, 8); }
void resume_okm(const uint8_t prk[32], uint8_t okm[58]) { kdf(prk, LABEL_CHANNEL, NO_BYTES, okm, 58); }
