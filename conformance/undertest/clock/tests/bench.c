/* A lock on the bench, whose inside a test can reach: for the vectors that begin behind or amid the exchange. One command a
 * line on standard input, one answer a line on standard output. - stands for nothing.
 *
 *   lock ID AREA CAPABILITIES COMPARTMENTS FLOOR    a lock from its factory
 *   root KEY / authority CERTIFICATE                what it was given; then
 *   owner KEY / reset KEY                           commissioned, or reset, by this bare key: its state
 *   sequence N                                      the log's newest number, all entries gone
 *   start CREDENTIAL NONCE                          a transaction whose step 6 has passed
 *   request SECONDS CLOCK OFFSET PERCENT MOTION POWER PLAINTEXT
 *                 status plaintext reason drives version floor sequence entry...
 *   identity SUITE PRIVATE CERTIFICATE SETUP        and a lock of suites by CAPABILITIES; OWNER by keyof
 *   keyof KEY                                       the owner, without an event
 *   hello HASH EPHEMERAL APDU                       HANDSHAKE-1 after SELECT: answer reason
 *   prove APDU                                      HANDSHAKE-2: answer reason request okm resumption commissioning log
 *   slot N SECRET LEFT / resume HASH APDU           a slot of the owner's, RESUME: answer reason
 *   derive SECRET NONCE HASH                        prk id okm next
 *   channel OKM / open HEX / seal HEX               the channel alone
 *   log LOCK BASE FIRST ENTRY...                    page of these entries, and the head after the last
 *   sealpage KEY NONCE PAGE                         the sealed page
 */
#include "log.h"
#include "trust.h"
#include "resume.h"

#include <stdio.h>
#include <stdlib.h>

static struct lock l;
static struct channel alone;
static uint8_t ephemeral[32];

static size_t unhex(const char *s, uint8_t *out, size_t most)
{
    size_t n = 0;
    unsigned v;
    if (s[0] == '-') return 0;
    for (; n < most && sscanf(s, "%2x", &v) == 1; s += 2) out[n++] = (uint8_t)v;
    return n;
}

static void hex(const uint8_t *p, size_t n)
{
    if (n == 0) printf("-");
    for (size_t i = 0; i < n; i++) printf("%02x", p[i]);
}

static void say(const uint8_t *p, size_t n)
{
    printf(" ");
    hex(p, n);
}

static void put_state(void) { printf("%u %u %u", l.mem.policy_version, l.mem.floor, l.mem.sequence); }

static void do_lock(char **a)
{
    memset(&l, 0, sizeof l);
    l.flash.file = -1;
    flash_blank(&l.flash);
    unhex(a[1], l.mem.lock_id, LOCK_ID);
    l.mem.n_area = (uint8_t)unhex(a[2], l.mem.area, AREA_MAX);
    l.mem.capabilities = (uint8_t)atoi(a[3]);
    l.mem.compartments = (uint8_t)atoi(a[4]);
    l.mem.floor = l.mem.least_floor = (uint32_t)strtoul(a[5], NULL, 10);
    l.world.percent = 100;
    state_commit(&l.flash, &l.mem);
    l.powered = true;
    lock_power(&l, false);
    lock_power(&l, true);
}

static bool bare(struct key *k, const char *cose)
{
    uint8_t b[64];
    size_t n = unhex(cose, b, sizeof b);
    return key_read(k, (span){b, n}) == R_NONE;
}

static uint16_t send(span plain, uint8_t *out, size_t *n)
{
    uint8_t sealed[COMMAND_MAX], nonce[13], back[RESPONSE_MAX];
    memcpy(nonce, l.tx.channel.request_iv, 13);
    for (int i = 0; i < 4; i++) nonce[12 - i] ^= (uint8_t)(l.tx.channel.received >> 8 * i);
    ccm_seal(l.tx.channel.request_key, nonce, NO_BYTES, plain, sealed);
    struct channel mine = l.tx.channel;
    size_t m = 0;
    uint16_t sw = decide_request(&l, (span){sealed, plain.n + CCM_TAG}, back, &m);
    *n = 0;
    if (sw != SW_OK) {
        end_transaction(&l);
        return sw;
    }
    memcpy(mine.request_key, mine.response_key, 16);
    memcpy(mine.request_iv, mine.response_iv, 13);
    mine.received = mine.sent;
    if (!channel_open(&mine, (span){back, m}, out, n)) abort();
    return sw;
}

static void begin(void)
{
    lock_power(&l, false);
    lock_power(&l, true);
    end_transaction(&l);
    l.tx.state = WAIT_3;
    l.now_ms = 1000000;
    l.tx.selected_ms = l.now_ms;
}

static void do_owner(const char *key)
{
    uint8_t secret[32], mac[32], b[64], out[RESPONSE_MAX];
    begin();
    l.world.button = true;
    l.tx.bare = true;
    if (!bare(&l.tx.key, key)) abort();
    export_secret(&l.tx.exchange, EXPORT_COMMISSIONING, l.tx.select_hash, secret, 32);
    hmac(mac, SPAN(l.mem.setup), SPAN(secret));
    writer w = cbor_write(b, sizeof b);
    put_map(&w, 2);
    put_uint(&w, 1);
    put_uint(&w, OP_CONFIGURE);
    put_uint(&w, 7);
    put_bytes(&w, (span){mac, SETUP});
    size_t n;
    send(written(&w), out, &n);
    l.world.button = false;
    put_state();
}

static void do_start(char **a)
{
    static uint8_t b[OBJECT_MAX];
    size_t n = unhex(a[1], b, sizeof b);
    begin();
    unhex(a[2], l.tx.nonce, NONCE);
    if (b[0] == 0xA1) {
        l.tx.bare = true;
        int why = claims_set_read(&l.tx.key, (span){b, n});
        bool known = why == R_NONE && (l.tx.owners = is_owner_key(&l, &l.tx.key));
        printf("%d", why != R_NONE ? why : known ? R_NONE : R_OWNER_UNKNOWN);
        return;
    }
    l.tx.n_links = 1;
    l.tx.n_raw[0] = (uint16_t)n;
    memcpy(l.tx.raw[0], b, n);
    int why = object_read(&l.tx.link[0], (span){l.tx.raw[0], n}, T_GRANT);
    if (why == R_NONE) l.tx.key = l.tx.link[0].cnf;
    printf("%d", why);
}

static void put_entries(uint32_t from)
{
    for (uint64_t i = (uint64_t)from + 1; i <= l.mem.sequence && l.mem.oldest != 0; i++) {
        uint8_t b[64];
        writer w = cbor_write(b, sizeof b);
        if (i < l.mem.oldest) continue;
        log_put(&w, &l.mem.log[i % LOG_ENTRIES], false);
        say(b, w.n);
    }
}

static void one_request(char **a, uint8_t *out, size_t *n, uint16_t *sw)
{
    uint8_t plain[COMMAND_MAX];
    size_t m = unhex(a[7], plain, sizeof plain);
    l.now_ms = l.tx.selected_ms + 1000 * strtoull(a[1], NULL, 10);
    l.world.clock_known = a[2][0] != '-';
    l.world.clock = strtoull(a[2], NULL, 10);
    l.world.offset = atoi(a[3]);
    l.world.percent = (uint8_t)atoi(a[4]);
    l.world.motion = a[5][0] == 's' ? STICKS : a[5][0] == 'u' ? UNSEEN : MOVES;
    memset(l.world.moves, 0, sizeof l.world.moves);
    l.refusal = R_NONE;
    *sw = send((span){plain, m}, out, n);
}

static int driven(void)
{
    for (int i = 0; i < 256; i++)
        if (l.world.moves[i] > 0) return i;
    return -1;
}

static void do_request(char **a)
{
    static struct lock before;
    uint8_t out[RESPONSE_MAX];
    size_t n;
    uint16_t sw;
    uint32_t sequence = l.mem.sequence;
    before = l;
    l.flash.cutting = a[6][0] != '-';
    l.flash.cut_after = 0;
    l.flash.torn = TORN_BEFORE;
    one_request(a, out, &n, &sw);
    if (strcmp(a[6], "lost-after") == 0) {
        /* the first operation at which the power can go and the bolt was driven, else after all of them */
        for (uint64_t k = 1; driven() < 0 && k < 200; k++) {
            l = before;
            l.flash.cutting = true;
            l.flash.cut_after = k;
            l.flash.torn = TORN_BEFORE;
            one_request(a, out, &n, &sw);
        }
    }
    bool lost = l.flash.off || a[6][0] != '-';
    int door = driven();
    l.flash.cutting = false;
    if (lost) {
        int refusal = l.refusal;
        lock_power(&l, false);
        lock_power(&l, true);
        l.refusal = refusal;
        n = 0;
        sw = 0;
    }
    printf("%04x", sw);
    say(out, n);
    printf(" %d %d ", l.refusal, door);
    put_state();
    put_entries(sequence);
}

static void do_identity(char **a)
{
    struct identity *id = &l.mem.identities[l.mem.n_identities++];
    id->suite = (uint8_t)atoi(a[1]);
    unhex(a[2], id->private_key, 32);
    id->n = (uint16_t)unhex(a[3], id->certificate, OBJECT_MAX);
    unhex(a[4], l.mem.setup, SETUP);
}

static void answer_apdu(const char *apdu)
{
    static uint8_t in[COMMAND_MAX + 16], out[RESPONSE_MAX + 2];
    size_t n = unhex(apdu, in, sizeof in);
    l.refusal = R_NONE;
    n = lock_answer(&l, (span){in, n}, out);
    static uint8_t joined[RESPONSE_MAX + 2];
    size_t have = 0;
    static const uint8_t fetch[5] = {0x80, 0xC0, 0, 0, 0};
    while (n >= 2 && out[n - 2] == 0x61) {
        memcpy(joined + have, out, n - 2);
        have += n - 2;
        n = lock_answer(&l, SPAN(fetch), out);
    }
    memcpy(joined + have, out, n);
    hex(joined, have + n);
    printf(" %d", l.refusal);
}

/* HANDSHAKE-1 with the ephemeral key of the test: the layers below draw are those of the lock. */
static void do_hello(char **a)
{
    uint8_t hash[32], in[COMMAND_MAX + 16], out[RESPONSE_MAX];
    struct command c;
    struct message_1 m;
    unhex(a[1], hash, 32);
    size_t n = unhex(a[3], in, sizeof in);
    begin();
    l.tx.state = SELECTED;
    memcpy(l.tx.select_hash, hash, 32);
    if (a[2][0] == '-') {
        answer_apdu(a[3]);
        return;
    }
    unhex(a[2], ephemeral, 32);
    if (!command_read(&c, (span){in, n}, true)) abort();
    enum greeting g = message_1_read(&m, c.data, has(&l, C_SUITE_2));
    if (g != GREETING_GOOD) {
        answer_apdu(a[3]);
        return;
    }
    const struct identity *id = identity(&l, m.suite);
    writer w = cbor_write(out, sizeof out);
    if (!message_2_write(&l.tx.exchange, &w, c.data, &m, ephemeral, id->private_key, (span){id->certificate, id->n}, c.p1 == 1)) {
        printf("6982 1");
        return;
    }
    l.tx.state = WAIT_3;
    hex(out, w.n);
    printf("9000 0");
}

/* HANDSHAKE-2 up to step 9, without judging: request and derived values, where it is good so far. */
static void do_prove(char **a)
{
    uint8_t in[COMMAND_MAX + 16], plain[COMMAND_MAX], request[COMMAND_MAX], okm[58], secret[32];
    struct command c;
    struct key own;
    struct credential cred;
    struct exchange x = l.tx.exchange;
    struct channel ch;
    size_t n = unhex(a[1], in, sizeof in), m = 0;
    uint8_t hash[32];
    memcpy(hash, l.tx.select_hash, 32);
    const struct identity *id = identity(&l, x.suite);
    if (id == NULL || !command_read(&c, (span){in, n}, true)) abort();
    size_t head = cbor_first(c.data);
    reader r = cbor_read((span){c.data.p, head});
    span ciphertext = head == 0 || c.data.p[0] >> 5 != CBOR_BYTES ? NO_BYTES : cbor_bytes(&r);
    key_from_private(&own, id->suite, id->private_key);
    bool good = ciphertext.n > 0 && message_3_read(&x, &cred, ciphertext, plain, &own) == R_NONE;
    if (good) {
        export_secret(&x, EXPORT_CHANNEL, hash, okm, 58);
        channel_begin(&ch, okm);
        if (!channel_open(&ch, (span){c.data.p + head, c.data.n - head}, request, &m)) m = 0;
    }
    answer_apdu(a[1]);
    say(request, m);
    if (m == 0) return;
    say(okm, 58);
    for (uint16_t label = EXPORT_RESUMPTION; label <= EXPORT_LOG; label++) {
        export_secret(&x, label, hash, secret, 32);
        say(secret, 32);
    }
}

static void do_slot(char **a)
{
    struct slot *s = &l.mem.slots[atoi(a[1])];
    unhex(a[2], s->secret, 32);
    s->left = (uint8_t)atoi(a[3]);
    s->key = l.mem.owner;
    s->links = 0;
}

static void do_resume(char **a)
{
    uint8_t hash[32];
    unhex(a[1], hash, 32);
    end_transaction(&l);
    l.tx.state = SELECTED;
    memcpy(l.tx.select_hash, hash, 32);
    answer_apdu(a[2]);
}

static void do_derive(char **a)
{
    uint8_t secret[32], nonce[8], hash[32], prk[32], id[8], okm[58], next[32];
    unhex(a[1], secret, 32);
    unhex(a[2], nonce, 8);
    unhex(a[3], hash, 32);
    resume_prk(secret, nonce, hash, prk);
    resume_id(prk, id);
    resume_okm(prk, okm);
    resume_next(secret, next);
    hex(prk, 32);
    say(id, 8);
    say(okm, 58);
    say(next, 32);
}

static void do_log(char **a, int n)
{
    static struct lasting d;
    memset(&d, 0, sizeof d);
    uint8_t b[64], page[PAGE_BYTES];
    unhex(a[1], d.lock_id, LOCK_ID);
    unhex(a[2], d.head, DIGEST);
    d.sequence = (uint32_t)strtoul(a[3], NULL, 10) - 1;
    for (int i = 4; i < n; i++) {
        struct log_entry e;
        memset(&e, 0, sizeof e);
        reader r = cbor_read((span){b, unhex(a[i], b, sizeof b)});
        cbor_array(&r);
        cbor_uint(&r, 0, UINT32_MAX);
        e.time = (uint32_t)cbor_uint(&r, 0, UINT32_MAX);
        e.evidence = (uint8_t)cbor_uint(&r, 0, 255);
        e.operation = (uint8_t)cbor_uint(&r, 0, 255);
        e.outcome = (uint8_t)cbor_uint(&r, 0, 255);
        e.reason = (uint8_t)cbor_uint(&r, 0, 255);
        e.role = (uint8_t)cbor_uint(&r, 0, 255);
        e.service = (uint32_t)cbor_uint(&r, 0, UINT32_MAX);
        span who = cbor_bytes(&r);
        e.n_who = (uint8_t)who.n;
        if (who.n <= TAG && who.n > 0) memcpy(e.who, who.p, who.n);
        e.resource = (uint8_t)cbor_uint(&r, 0, 255);
        span reference = cbor_bytes(&r);
        e.n_reference = (uint8_t)reference.n;
        if (reference.n <= REFERENCE && reference.n > 0) memcpy(e.reference, reference.p, reference.n);
        log_add(&d, e);
    }
    log_page(&d, 0, page);
    hex(page, sizeof page);
    say(d.head, DIGEST);
}

int main(void)
{
    static char line[400000], *a[64];
    static uint8_t x[4096], y[4096];
    while (fgets(line, sizeof line, stdin) != NULL) {
        int n = 0;
        for (char *p = strtok(line, " \n"); p != NULL && n < 63; p = strtok(NULL, " \n")) a[n++] = p;
        a[n] = NULL;
        if (n == 0) break;
        if (strcmp(a[0], "lock") == 0) do_lock(a);
        else if (strcmp(a[0], "root") == 0) { if (!bare(&l.mem.roots[l.mem.n_roots++], a[1])) abort(); }
        else if (strcmp(a[0], "authority") == 0) {
            struct signer s;
            size_t i = 0, m = unhex(a[1], x, sizeof x);
            while (l.mem.given[i].n > 0) i++;
            int why = certificate_verify(&l, &s, (span){x, m});
            printf("%d", why);
            l.mem.given[i] = s.held;
        }
        else if (strcmp(a[0], "owner") == 0 || strcmp(a[0], "reset") == 0) {
            uint32_t before = l.mem.sequence;
            change(&l);
            commit(&l);
            do_owner(a[1]);
            put_entries(before);
        }
        else if (strcmp(a[0], "keyof") == 0) { if (!bare(&l.mem.owner, a[1])) abort(); l.mem.has_owner = 1; l.mem.sequence = 1; change(&l); commit(&l); }
        else if (strcmp(a[0], "vacant") == 0) { change(&l); commit(&l); }
        else if (strcmp(a[0], "sequence") == 0) { change(&l)->sequence = (uint32_t)strtoul(a[1], NULL, 10); l.draft.oldest = 0; commit(&l); }
        else if (strcmp(a[0], "start") == 0) do_start(a);
        else if (strcmp(a[0], "request") == 0) do_request(a);
        else if (strcmp(a[0], "identity") == 0) do_identity(a);
        else if (strcmp(a[0], "hello") == 0) do_hello(a);
        else if (strcmp(a[0], "prove") == 0) do_prove(a);
        else if (strcmp(a[0], "slot") == 0) do_slot(a);
        else if (strcmp(a[0], "slots") == 0) { change(&l); commit(&l); }
        else if (strcmp(a[0], "resume") == 0) do_resume(a);
        else if (strcmp(a[0], "derive") == 0) do_derive(a);
        else if (strcmp(a[0], "channel") == 0) { unhex(a[1], x, 58); channel_begin(&alone, x); }
        else if (strcmp(a[0], "open") == 0) { size_t m = unhex(a[1], x, sizeof x); if (channel_open(&alone, (span){x, m}, y, &m)) hex(y, m); else printf("shut"); }
        else if (strcmp(a[0], "seal") == 0) { size_t m = unhex(a[1], x, sizeof x); hex(y, channel_seal(&alone, (span){x, m}, y)); }
        else if (strcmp(a[0], "log") == 0) do_log(a, n);
        else if (strcmp(a[0], "sealpage") == 0) {
            uint8_t key[32], nonce[NONCE];
            unhex(a[1], key, 32);
            unhex(a[2], nonce, NONCE);
            unhex(a[3], x, PAGE_BYTES);
            log_seal(key, x, nonce, y);
            hex(y, SEALED_PAGE);
        }
        printf("\n");
        fflush(stdout);
    }
    return 0;
}
