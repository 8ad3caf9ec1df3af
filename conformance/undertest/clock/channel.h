/* The protected channel (section 6.7). */
#ifndef CLOCK_CHANNEL_H
#define CLOCK_CHANNEL_H

#include "crypto.h"

struct channel { uint8_t request_key[16], response_key[16], request_iv[13], response_iv[13]; uint32_t received, sent; };

/* From the 58 bytes of OKM. */
void channel_begin(struct channel *c, const uint8_t okm[58]);
/* Opens the next request into out, which has room for sealed.n bytes, and its length into n; false where it does not open. */
bool channel_open(struct channel *c, span sealed, uint8_t *out, size_t *n);
/* Seals the next response into out, which has room for plain.n + CCM_TAG bytes. */
size_t channel_seal(struct channel *c, span plain, uint8_t *out);

#endif
