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

size_t channel_open(struct channel *c, span sealed, uint8_t *out)
{
    uint8_t n[13];
    nonce(n, c->request_iv, c->received);
    if (!ccm_open(c->request_key, n, NO_BYTES, sealed, out)) return 0;
    c->received++;
    return sealed.n - CCM_TAG;
}

size_t channel_seal(struct channel *c, span plain, uint8_t *out)
{
    uint8_t n[13];
    nonce(n, c->response_iv, c->sent++);
    ccm_seal(c->response_key, n, NO_BYTES, plain, out);
    return plain.n + CCM_TAG;
}
