#include "channel.h"

void channel_begin(struct channel *c, const uint8_t okm[58])
{
    memcpy(c->request_key, okm, 16);
    memcpy(c->response_key, okm + 16, 16);
    memcpy(c->request_iv, okm + 32, 13);
    memcpy(c->response_iv, okm + 45, 13);
    c->received = c->sent = 0;
}

static void nonce(uint8_t out[13], const uint8_t iv[13], uint32_t counter)
{
    memcpy(out, iv, 13);
    for (int i = 0; i < 4; i++) out[12 - i] ^= (uint8_t)(counter >> 8 * i);
}

bool channel_open(struct channel *c, span sealed, uint8_t *out, size_t *n)
{
    uint8_t iv[13];
    nonce(iv, c->request_iv, c->received);
    if (!ccm_open(c->request_key, iv, NO_BYTES, sealed, out)) return false;
    c->received++;
    *n = sealed.n - CCM_TAG;
    return true;
}

size_t channel_seal(struct channel *c, span plain, uint8_t *out)
{
    uint8_t n[13];
    nonce(n, c->response_iv, c->sent++);
    ccm_seal(c->response_key, n, NO_BYTES, plain, out);
    return plain.n + CCM_TAG;
}
