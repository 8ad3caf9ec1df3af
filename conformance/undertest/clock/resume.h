/* The line of secrets and what is derived from one of them (chapter 15). */
#ifndef CLOCK_RESUME_H
#define CLOCK_RESUME_H

#include "crypto.h"

void resume_next(const uint8_t secret[32], uint8_t next[32]);
/* The pseudorandom key of a tap; phone_nonce has 8 bytes. */
void resume_prk(const uint8_t secret[32], const uint8_t *phone_nonce, const uint8_t select_hash[32], uint8_t prk[32]);
void resume_id(const uint8_t prk[32], uint8_t id[8]);
void resume_okm(const uint8_t prk[32], uint8_t okm[58]);

#endif
