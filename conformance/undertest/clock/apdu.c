#include "apdu.h"

bool command_read(struct command *c, span b, bool extended)
{
    if (b.n < 4) return false;
    *c = (struct command){b.p[0], b.p[1], b.p[2], b.p[3], NO_BYTES, 0};
    if (b.n == 4) return true;
    size_t body = b.n - 4, lc = b.p[4];
    if (body == 1) {                                    /* Le */
        c->ne = lc == 0 ? 256 : lc;
        return true;
    }
    if (lc != 0) {                                      /* Lc, data, perhaps Le */
        if (body != 1 + lc && body != 2 + lc) return false;
        c->data = (span){b.p + 5, lc};
        if (body == 2 + lc) c->ne = b.p[5 + lc] == 0 ? 256 : b.p[5 + lc];
        return true;
    }
    if (!extended || body < 3) return false;            /* 00 begins extended fields of two bytes each */
    size_t two = (size_t)b.p[5] << 8 | b.p[6];
    if (body == 3) {
        c->ne = two == 0 ? 65536 : two;
        return true;
    }
    if (two == 0 || (body != 3 + two && body != 5 + two)) return false;
    c->data = (span){b.p + 7, two};
    if (body == 5 + two) {
        c->ne = (size_t)b.p[7 + two] << 8 | b.p[8 + two];
        if (c->ne == 0) c->ne = 65536;
    }
    return true;
}

void link_drop(struct link *l)
{
    l->open = false;
    l->n = l->at = l->end = 0;
}

static size_t status(uint8_t *out, size_t n, uint16_t sw)
{
    out[n] = (uint8_t)(sw >> 8);
    out[n + 1] = (uint8_t)sw;
    return n + 2;
}

/* A fault that ends the transaction. */
static size_t fault(struct link *l, uint8_t *out, uint16_t sw)
{
    link_drop(l);
    l->app.end(l->app.self);
    return status(out, 0, sw);
}

/* The next part of the answer, by rules 1 to 4 of section 5.5. */
static size_t part(struct link *l, size_t ne, uint8_t *out)
{
    size_t left = l->end - l->at, n = left < ne ? left : ne;
    memcpy(out, l->out + l->at, n);
    l->at += n;
    left -= n;
    return status(out, n, left == 0 ? l->status : (uint16_t)(SW_MORE | (left < 256 ? left : 0)));
}

static bool known(uint8_t cla, uint8_t ins)
{
    if (ins == INS_GET_RESPONSE) return cla != 0x90;
    if (ins == INS_SELECT) return cla == 0x00;
    return cla != 0x00 && (ins == INS_HANDSHAKE_1 || ins == INS_HANDSHAKE_2 || ins == INS_REQUEST || ins == INS_RESUME);
}

static size_t get_response(struct link *l, const struct command *c, uint8_t *out)
{
    if (c->data.n > 0 || c->ne == 0) return fault(l, out, SW_LENGTH);
    if (c->p1 != 0 || c->p2 != 0) return fault(l, out, SW_P1P2);
    if (l->at == l->end) return fault(l, out, SW_ORDER);
    return part(l, c->ne, out);
}

size_t link_answer(struct link *l, span bytes, uint8_t *out)
{
    struct command c;
    if (!command_read(&c, bytes, l->extended)) return fault(l, out, SW_LENGTH);
    if (c.cla != 0x00 && c.cla != 0x80 && c.cla != 0x90) return status(out, 0, SW_CLA);
    bool select = c.cla == 0x00 && c.ins == INS_SELECT;
    if (l->open && !select && (c.cla == 0x00 || c.ins != l->ins || c.p1 != l->p1 || c.p2 != l->p2)) return fault(l, out, SW_CHAIN);
    bool fetch = c.ins == INS_GET_RESPONSE && known(c.cla, c.ins);
    if (!fetch) l->at = l->end = 0;
    if (select) link_drop(l);
    if (!known(c.cla, c.ins)) return status(out, 0, SW_INS);
    if (fetch) return get_response(l, &c, out);

    bool last = c.cla != 0x90;
    if ((l->open || !last) && c.data.n == 0) return fault(l, out, SW_LENGTH);
    if (c.data.n > COMMAND_MAX - l->n) return fault(l, out, SW_LENGTH);
    if (c.data.n > 0) memcpy(l->data + l->n, c.data.p, c.data.n);
    l->n += c.data.n;
    if (!last) {
        l->open = true;
        l->ins = c.ins;
        l->p1 = c.p1;
        l->p2 = c.p2;
        return status(out, 0, SW_OK);
    }
    c.data = (span){l->data, l->n};
    link_drop(l);
    size_t n = 0;
    uint16_t sw = l->app.carry(l->app.self, &c, l->out, &n);
    if (sw != SW_OK || n > RESPONSE_MAX) n = 0;
    l->at = 0;
    l->end = n;
    l->status = sw;
    return part(l, c.ne, out);
}
