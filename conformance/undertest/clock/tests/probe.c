/* Lets the vectors reach parts of the lock. One command a line on standard input, one answer a line:
 *
 *   item HEX, sequence HEX       chapter 03: the diagnostic notation, or the reason by number
 *   command EXTENDED HEX         step 1 of section 5.6: cla ins p1 p2 data ne, or "wrong-length"
 *   link EXTENDED                begins a link layer anew
 *   apdu HEX ANSWER              a command to it, with what the application would answer; says carried, response, ends
 *   object TYP HEX               chapter 04: the digest, or the reason by number
 */
#include "apdu.h"
#include "cose.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static uint8_t *unhex(const char *s, size_t *n)
{
    *n = strlen(s) / 2;
    uint8_t *b = malloc(*n + 1);        /* as long as the bytes, so that the sanitizer sees what reads behind them */
    for (size_t i = 0; b != NULL && i < *n; i++) {
        unsigned v = 0;
        sscanf(s + 2 * i, "%2x", &v);
        b[i] = (uint8_t)v;
    }
    return b;
}

static void hex(span s)
{
    for (size_t i = 0; i < s.n; i++) printf("%02x", s.p[i]);
}

static void diagnose(reader *r)
{
    size_t n;
    uint8_t head;
    switch (cbor_peek(r)) {
    case CBOR_UINT: printf("%" PRIu64, cbor_uint(r, 0, UINT64_MAX)); break;
    case CBOR_NINT: {
        /* -2^64 does not fit any integer type of C: printed from the bytes */
        span s = cbor_item(r);
        uint64_t v = s.n == 1 ? s.p[0] & 31 : 0;
        for (size_t i = 1; i < s.n; i++) v = v << 8 | s.p[i];
        if (v == UINT64_MAX) printf("-18446744073709551616");
        else printf("-%" PRIu64, v + 1);
        break;
    }
    case CBOR_BYTES: printf("h'"); hex(cbor_bytes(r)); printf("'"); break;
    case CBOR_ARRAY:
    case CBOR_MAP:
        head = r->rest.p[0] >> 5;
        n = head == CBOR_ARRAY ? cbor_array(r) : cbor_map(r);
        printf(head == CBOR_ARRAY ? "[" : "{");
        for (size_t i = 0; i < n; i++) {
            if (i > 0) printf(", ");
            diagnose(r);
            if (head == CBOR_ARRAY) continue;
            printf(": ");
            diagnose(r);
        }
        printf(head == CBOR_ARRAY ? "]" : "}");
        break;
    default: printf(cbor_bool(r) ? "true" : "false");
    }
}

static void do_cbor(const char *data, bool sequence)
{
    size_t n;
    uint8_t *b = unhex(data, &n);
    span s = {b, n};
    int why = sequence ? cbor_check_sequence(s) : cbor_check(s);
    if (why != R_NONE) printf("%d\n", why);
    else {
        reader r = cbor_read(s);
        for (bool first = true; r.rest.n > 0; first = false) {
            if (!first) printf(", ");
            diagnose(&r);
        }
        printf("\n");
    }
    free(b);
}

static void do_command(bool extended, const char *data)
{
    size_t n;
    uint8_t *b = unhex(data, &n);
    struct command c;
    if (!command_read(&c, (span){b, n}, extended)) printf("wrong-length\n");
    else {
        printf("%02x %02x %02x %02x ", c.cla, c.ins, c.p1, c.p2);
        hex(c.data);
        printf(" %zu\n", c.ne);
    }
    free(b);
}

/* ---- the application that the vectors play ---- */

static uint8_t *answer;
static size_t n_answer;
static bool ended;

static uint16_t carry(void *self, const struct command *c, uint8_t out[RESPONSE_MAX], size_t *n)
{
    (void)self;
    printf("%02x%02x%02x%02x", c->cla, c->ins, c->p1, c->p2);
    hex(c->data);
    if (n_answer < 2) return SW_OK;
    *n = n_answer - 2;
    memcpy(out, answer, *n);
    return (uint16_t)(answer[n_answer - 2] << 8 | answer[n_answer - 1]);
}

static void end(void *self)
{
    (void)self;
    ended = true;
}

static void do_apdu(struct link *l, const char *data, const char *reply)
{
    size_t n;
    uint8_t *b = unhex(data, &n), out[RESPONSE_MAX + 2];
    answer = unhex(reply, &n_answer);
    ended = false;
    size_t m = link_answer(l, (span){b, n}, out);
    printf(" ");
    hex((span){out, m});
    printf(" %d\n", ended);
    free(b);
    free(answer);
}

static void do_object(int typ, const char *data)
{
    size_t n;
    uint8_t *b = unhex(data, &n);
    struct object o;
    int why = object_read(&o, (span){b, n}, typ);
    if (why != R_NONE) printf("%d\n", why);
    else {
        hex(SPAN(o.digest));
        printf("\n");
    }
    free(b);
}

int main(void)
{
    static char line[200000], verb[16], a[100000], b[100000];
    static struct link l;
    while (fgets(line, sizeof line, stdin) != NULL) {
        a[0] = b[0] = 0;
        if (sscanf(line, "%15s %99999s %99999s", verb, a, b) < 1) break;
        if (strcmp(verb, "item") == 0) do_cbor(a, false);
        else if (strcmp(verb, "sequence") == 0) do_cbor(a, true);
        else if (strcmp(verb, "command") == 0) do_command(a[0] == '1', b);
        else if (strcmp(verb, "object") == 0) do_object(atoi(a), b);
        else if (strcmp(verb, "apdu") == 0) do_apdu(&l, a, b);
        else {
            memset(&l, 0, sizeof l);
            l.extended = a[0] == '1';
            l.app = (struct application){NULL, carry, end};
            printf("ok\n");
        }
        fflush(stdout);
    }
    return 0;
}
