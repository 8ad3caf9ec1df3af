/* Lets the vectors reach parts of the lock. One command a line on standard input, one answer a line:
 *
 *   item HEX, sequence HEX       chapter 03: the diagnostic notation, or the reason by number
 *   command EXTENDED HEX         step 1 of section 5.6: cla ins p1 p2 data ne, or "wrong-length"
 *   link EXTENDED                begins a link layer anew
 *   apdu HEX ANSWER              a command to it, with what the application would answer; says carried, response, ends
 *   object TYP HEX ALG X ODD     chapter 04, and the signature of this key: the digest, or the reason by number
 *   claims HEX                   a claims set: the reason by number
 *   signature ALG X ODD MESSAGE SIGNATURE      section 4.4: the reason by number
 *   message KIND HEX SUITE_2     chapters 06 and 15: what was read, or the reason by number
 */
#include "apdu.h"
#include "cose.h"
#include "request.h"

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

static span bytes_of(const char *data)
{
    size_t n = 0;
    uint8_t *b = unhex(data[0] == '-' ? "" : data, &n);
    return (span){b, n};
}

static void release(span s) { free((void *)(uintptr_t)s.p); }

static bool key_of(struct key *k, const char *alg, const char *x, const char *odd)
{
    span s = bytes_of(x);
    bool ok = s.n == 32 && (alg[2] == '2' ? key_from_ed25519(k, s.p) : key_from_p256(k, s.p, odd[0] == '1'));
    release(s);
    return ok;
}

static int object_reason(struct object *o, span s, int typ, const struct key *k)
{
    int why = object_read(o, s, typ);
    if (why != R_NONE) return why;
    return named(o, k) ? object_verify(o, k) : R_ISSUER_UNKNOWN;
}

static void do_object(char **a)
{
    struct object o;
    struct key k;
    span s = bytes_of(a[2]);
    if (!key_of(&k, a[3], a[4], a[5])) abort();
    int why = object_reason(&o, s, atoi(a[1]), &k);
    if (why != R_NONE) printf("%d", why);
    else hex(SPAN(o.digest));
    printf("\n");
    release(s);
}

static void do_claims(char **a)
{
    struct key k;
    span s = bytes_of(a[1]);
    printf("%d\n", claims_set_read(&k, s));
    release(s);
}

static void do_signature(char **a)
{
    struct key k;
    span m = bytes_of(a[4]), s = bytes_of(a[5]);
    int why = !key_of(&k, a[1], a[2], a[3]) ? R_MALFORMED : verify(&k, m, s) ? R_NONE : R_SIGNATURE;
    printf("%d\n", why);
    release(m);
    release(s);
}

static void say(span s)
{
    printf(" ");
    if (s.n == 0) printf("-");
    hex(s);
}

static void say_all(const span *s, size_t n)
{
    if (n == 0) printf(" -");
    for (size_t i = 0; i < n; i++) {
        printf(i == 0 ? " " : ",");
        hex(s[i]);
    }
}

static bool do_request(span s)
{
    struct request q;
    struct lock *l = calloc(1, sizeof *l);
    if (l == NULL || !request_read(&q, s)) {
        free(l);
        return false;
    }
    l->mem.capabilities = 127;
    bool known = q.operation <= OP_CONFIGURE && !q.unknown && (q.flags & ~7ull) == 0;
    free(l);
    printf("%" PRIu64 " %u %" PRIu64 " %u", q.operation, q.resource, q.flags, q.page);
    say(q.reference);
    say(q.proof);
    say_all(q.chain, q.n_chain);
    say_all(q.documents, q.n_documents);
    printf(" %d", !known);
    return true;
}

static void do_message(char **a)
{
    span s = bytes_of(a[2]);
    bool good = false;
    if (strcmp(a[1], "message-1") == 0) {
        struct message_1 m;
        enum greeting g = message_1_read(&m, s, a[3][0] == '1');
        good = g != GREETING_BAD;
        if (g == GREETING_OTHER_SUITE) printf("%d", R_SUITE);
        if (g == GREETING_GOOD) {
            printf("%d ", m.suite);
            hex(m.share);
        }
    } else if (strcmp(a[1], "plaintext-3") == 0) {
        struct plaintext_3 m;
        struct credential c;
        good = plaintext_3_read(s, &m, &c) == R_NONE;
        if (good) {
            if (c.bare) printf("bare ");
            else { hex(c.grant.raw); printf(" "); }
            hex(m.signature);
        }
    } else if (strcmp(a[1], "handshake-2") == 0) {
        size_t head = cbor_first(s);
        good = head > 0 && s.p[0] >> 5 == CBOR_BYTES && s.n - head > CCM_TAG;
        if (good) {
            hex((span){s.p, head});
            say((span){s.p + head, s.n - head});
        }
    } else if (strcmp(a[1], "resume") == 0) {
        good = s.n > 24;
        if (good) {
            hex((span){s.p, 8});
            say((span){s.p + 8, 8});
            say((span){s.p + 16, s.n - 16});
        }
    } else {
        good = do_request(s);
    }
    if (!good) printf("1");
    printf("\n");
    release(s);
}

int main(void)
{
    static char line[400000], *a[16];
    static struct link l;
    while (fgets(line, sizeof line, stdin) != NULL) {
        int n = 0;
        for (char *p = strtok(line, " \n"); p != NULL && n < 15; p = strtok(NULL, " \n")) a[n++] = p;
        if (n == 0) break;
        for (int i = n; i < 16; i++) a[i] = "";
        if (strcmp(a[0], "item") == 0) do_cbor(a[1], false);
        else if (strcmp(a[0], "sequence") == 0) do_cbor(a[1], true);
        else if (strcmp(a[0], "command") == 0) do_command(a[1][0] == '1', a[2]);
        else if (strcmp(a[0], "object") == 0) do_object(a);
        else if (strcmp(a[0], "claims") == 0) do_claims(a);
        else if (strcmp(a[0], "signature") == 0) do_signature(a);
        else if (strcmp(a[0], "message") == 0) do_message(a);
        else if (strcmp(a[0], "apdu") == 0) do_apdu(&l, a[1], a[2]);
        else {
            memset(&l, 0, sizeof l);
            l.extended = a[1][0] == '1';
            l.app = (struct application){NULL, carry, end};
            printf("ok\n");
        }
        fflush(stdout);
    }
    return 0;
}
