/* Clock, a lock under test: over the stdio shim, or as a card of vsmartcard's vpcd. */
#define _DEFAULT_SOURCE
#include "reader.h"
#include "trust.h"
#include "../../shims/c/postern_shim.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct lock lock;
static struct shim shim;
static uint8_t capabilities = C_SUITE_2 | C_EXTENDED | C_RESUMPTION | C_LIVE_TIME | C_USES | C_COMPARTMENTS | C_CLOCK;

/* ---- provision ---- */

static bool get_identities(struct lasting *g)
{
    for (const char *p = shim_first(shim_get(&shim, "identities")); p != NULL; p = shim_after(p)) {
        if (g->n_identities == 2) return false;
        struct identity *id = &g->identities[g->n_identities++];
        long suite = (long)shim_integer(shim_member(p, "suite"), 0, 2, 1), n = shim_bytes(shim_member(p, "certificate"), id->certificate, OBJECT_MAX);
        if (suite == 1 || n < 1 || shim_bytes(shim_member(p, "private"), id->private_key, 32) != 32) return false;
        id->suite = (uint8_t)suite;
        id->n = (uint16_t)n;
    }
    return g->n_identities > 0;
}

static bool get_roots(struct lasting *g)
{
    uint8_t b[64];
    for (const char *p = shim_first(shim_get(&shim, "roots")); p != NULL; p = shim_after(p)) {
        long n = shim_bytes(p, b, sizeof b);
        if (g->n_roots == ROOTS_MAX || n < 1 || key_read(&g->roots[g->n_roots++], (span){b, (size_t)n}) != R_NONE) return false;
    }
    return g->n_roots > 0;
}

static bool get_authorities(struct lasting *g)
{
    size_t i = 0;
    for (const char *p = shim_first(shim_get(&shim, "authorities")); p != NULL; p = shim_after(p), i++) {
        if (i == AUTHORITIES) return false;
        long n = shim_bytes(p, g->given[i].bytes, OBJECT_MAX);
        if (n < 1) return false;
        g->given[i].n = (uint16_t)n;
    }
    return true;
}

/* NULL, or what is wrong. */
static const char *provision(void)
{
    static struct lasting g;
    memset(&g, 0, sizeof g);
    if (shim_bytes(shim_get(&shim, "lock"), g.lock_id, LOCK_ID) != LOCK_ID) return "lock: 8 bytes";
    if (shim_bytes(shim_get(&shim, "setup"), g.setup, SETUP) != SETUP) return "setup: 16 bytes";
    if (!get_identities(&g)) return "identities: 1 or 2 of suite 0 and 2";
    if (!get_roots(&g)) return "roots: 1 to 4 COSE_Keys";
    if (!get_authorities(&g)) return "authorities: 1 to 4 certificates";
    const char *area = shim_get(&shim, "area");
    long n = area == NULL ? 0 : shim_bytes(area, g.area, AREA_MAX);
    if (n < 0 || (area != NULL && n == 0)) return "area: 1 to 16 bytes";
    g.n_area = (uint8_t)n;
    g.compartments = (uint8_t)shim_integer(shim_get(&shim, "compartments"), 1, 255, 0);
    g.floor = (uint32_t)shim_integer(shim_get(&shim, "floor"), 0, 0xffffffffLL, 0);
    g.capabilities = capabilities;
    return lock_provision(&lock, &g) ? NULL : "a certificate does not fit its key, its root or the lock id";
}

/* ---- the verbs of level L2 ---- */

static void do_bolt(void)
{
    const char *comma = "";
    printf("{\"id\":%llu,\"ok\":{\"moves\":[", shim.id);
    for (int i = 0; i < 256; i++) {
        if (lock.world.moves[i] == 0) continue;
        printf("%s{\"resource\":%d,\"count\":%u}", comma, i, (unsigned)lock.world.moves[i]);
        comma = ",";
    }
    puts("]}}");
    fflush(stdout);
}

static void do_drive(void)
{
    const char *m = shim_get(&shim, "motion");
    lock.world.motion = shim_equals(m, "sticks") ? STICKS : shim_equals(m, "unseen") ? UNSEEN : MOVES;
    lock.world.percent = (uint8_t)shim_integer(shim_get(&shim, "percent"), 0, 100, 100);
    lock.world.wait = (uint32_t)shim_integer(shim_get(&shim, "wait"), 0, WAIT_MAX, 0);
    shim_ok(&shim);
}

static void do_clock(void)
{
    const char *unix_time = shim_get(&shim, "unix");
    lock.world.clock_known = unix_time != NULL;
    lock.world.clock = (uint64_t)shim_integer(unix_time, 0, 9007199254740992LL, 0);
    lock.world.offset = (int32_t)shim_integer(shim_get(&shim, "offset"), -840, 840, 0);
    shim_ok(&shim);
}

static void do_random(void)
{
    const char *s = shim_get(&shim, "source");
    lock.world.source = shim_equals(s, "fails") ? SOURCE_FAILS : shim_equals(s, "equal") ? SOURCE_EQUAL : SOURCE_GOOD;
    shim_ok(&shim);
}

static void do_cut(void)
{
    const char *after = shim_get(&shim, "after"), *torn = shim_get(&shim, "torn");
    lock.flash.cutting = after != NULL;
    lock.flash.cut = false;
    lock.flash.cut_after = (uint64_t)shim_integer(after, 0, 9007199254740992LL, 0);
    lock.flash.torn = shim_equals(torn, "before") ? TORN_BEFORE : shim_equals(torn, "half") ? TORN_HALF : TORN_AFTER;
    shim_ok(&shim);
}

static long ask_phone(void *self, const uint8_t *command, size_t n, uint8_t *out, size_t most)
{
    return shim_ask(self, command, n, out, most);
}

static void do_transceive(void)
{
    uint8_t in[2048], out[RESPONSE_MAX + 2];
    long n = shim_bytes(shim_get(&shim, "apdu"), in, sizeof in);
    if (n < 1) shim_error(&shim, "apdu: 1 to 2048 bytes");
    else shim_apdu(&shim, out, lock_answer(&lock, (span){in, (size_t)n}, out));
}

/* Carries out the request that was read. */
static void serve_request(void)
{
    static const char verbs[] = "power deselect transceive meet provision bolt drive button tamper advance random operations cut state refusal";
    static const char with_clock[] = "power deselect transceive meet provision bolt drive button tamper advance random operations cut state refusal clock";
    if (shim_is(&shim, "hello")) shim_hello(&shim, "lock", "Clock", "0.1", capabilities & C_CLOCK ? with_clock : verbs);
    else if (shim_is(&shim, "power")) { lock_power(&lock, shim_true(shim_get(&shim, "on"))); shim_ok(&shim); }
    else if (shim_is(&shim, "deselect")) { lock_deselect(&lock); shim_ok(&shim); }
    else if (shim_is(&shim, "transceive")) do_transceive();
    else if (shim_is(&shim, "meet")) { reader_meet(&lock, ask_phone, &shim); shim_ok(&shim); }
    else if (shim_is(&shim, "provision")) {
        const char *wrong = provision();
        if (wrong != NULL) shim_error(&shim, wrong);
        else shim_ok(&shim);
    }
    else if (shim_is(&shim, "bolt")) do_bolt();
    else if (shim_is(&shim, "drive")) do_drive();
    else if (shim_is(&shim, "button")) { lock.world.button = shim_true(shim_get(&shim, "pressed")); shim_ok(&shim); }
    else if (shim_is(&shim, "tamper")) { lock_tamper(&lock); shim_ok(&shim); }
    else if (shim_is(&shim, "clock") && (capabilities & C_CLOCK)) do_clock();
    else if (shim_is(&shim, "advance")) { lock.world.skipped_ms += (uint64_t)shim_integer(shim_get(&shim, "ms"), 0, 9007199254740992LL, 0); shim_ok(&shim); }
    else if (shim_is(&shim, "random")) do_random();
    else if (shim_is(&shim, "operations")) shim_answer(&shim, "\"ok\":{\"flash\":%llu,\"cut\":%s}", (unsigned long long)lock.flash.operations, lock.flash.cut ? "true" : "false");
    else if (shim_is(&shim, "cut")) do_cut();
    else if (shim_is(&shim, "state"))
        shim_answer(&shim, "\"ok\":{\"vacant\":%s,\"floor\":%u,\"policy\":%u,\"sequence\":%u}", vacant(&lock) ? "true" : "false",
                    (unsigned)lock.mem.floor, (unsigned)lock.mem.policy_version, (unsigned)lock.mem.sequence);
    else if (shim_is(&shim, "refusal")) shim_answer(&shim, "\"ok\":{\"reason\":%d}", lock.refusal);
    else shim_unsupported(&shim);
}

/* ---- vpcd ---- */

static bool read_all(int fd, uint8_t *p, size_t n)
{
    while (n > 0) {
        ssize_t got = read(fd, p, n);
        if (got <= 0) return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}

static bool write_frame(int fd, const uint8_t *p, size_t n)
{
    uint8_t b[2 + RESPONSE_MAX + 2] = {(uint8_t)(n >> 8), (uint8_t)n};
    if (n > sizeof b - 2) return false;
    memcpy(b + 2, p, n);
    return send(fd, b, n + 2, MSG_NOSIGNAL) == (ssize_t)(n + 2);
}

/* A socket that has connected to HOST:PORT, or that listens at PORT of this machine; -1 for none. */
static int reach(const char *address)
{
    char host[256] = "127.0.0.1";
    const char *colon = strrchr(address, ':');
    if (colon != NULL && (size_t)(colon - address) >= sizeof host) return -1;
    if (colon != NULL) snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list;
    if (getaddrinfo(host, colon != NULL ? colon + 1 : address, &hints, &list) != 0) return -1;
    int fd = -1, yes = 1;
    for (struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd < 0) continue;
        if (colon == NULL) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (colon != NULL ? connect(fd, a->ai_addr, a->ai_addrlen) == 0 : bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 1) == 0) continue;
        close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    return fd;
}

/* One frame: two bytes of length, and so many bytes. Of one byte it is a control: 0 off, 1 on, 2 reset, 4 asks for the ATR. */
static bool serve_frame(int fd)
{
    static const uint8_t atr[] = {0x3B, 0x80, 0x80, 0x01, 0x01};
    static uint8_t head[2], in[65535], out[RESPONSE_MAX + 2];
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof yes); /* vpcd writes the length apart, and waits for its acknowledgement */
    if (!read_all(fd, head, 2)) return false;
    size_t n = (size_t)head[0] << 8 | head[1];
    if (!read_all(fd, in, n)) return false;
    if (n == 1 && in[0] == 4) return write_frame(fd, atr, sizeof atr);
    if (n != 1 || in[0] > 2) {
        size_t m = lock_answer(&lock, (span){in, n}, out);
        return m > 0 && write_frame(fd, out, m); /* one that is silent leaves the reader, which would wait for ever */
    }
    if (in[0] != 1) lock_power(&lock, false);
    if (in[0] != 0) lock_power(&lock, true);
    return true;
}

/* A card of vpcd. Where it was provisioned it ends with its reader; else its makers control it by the shim, and it comes back
 * into the reader until standard input ends: before the old link ends, for pcscd loses a card that is away for less than it takes
 * to look. What the reader has sent goes before what the shim asks. */
static int serve_vpcd(const char *address, bool controlled)
{
    bool listens = strchr(address, ':') == NULL;
    int door = -1, link = -1;
    for (;;) {
        if (door < 0 && (door = reach(address)) < 0 && (listens || !controlled)) {
            fprintf(stderr, listens ? "clock: port %s is taken\n" : "clock: nobody listens at %s: start vpcd or the suite first\n", address);
            return 1;
        }
        if (!listens) link = door;
        struct pollfd wait[2] = {{.fd = link < 0 ? door : link, .events = POLLIN}, {.fd = controlled ? 0 : -1, .events = POLLIN}};
        if (poll(wait, 2, door < 0 ? 100 : -1) < 0) return 1;
        if (wait[0].revents != 0 && link < 0) link = accept(door, NULL, NULL);
        else if (wait[0].revents != 0 && !serve_frame(link)) {
            lock_power(&lock, false);
            if (!controlled) return 0;
            if (!listens) door = reach(address);
            close(link);
            link = -1;
        } else if (wait[0].revents == 0 && wait[1].revents != 0) {
            if (!shim_next(&shim)) return 0;
            serve_request();
        }
    }
}

/* ---- */

static int usage(void)
{
    fputs("usage: clock [--capabilities N] [--memory FILE] [--draws HEX] [--provision FILE] [--vpcd HOST:PORT|PORT]\n"
          "  it speaks the shim protocol on standard input and output\n"
          "  --vpcd          be a card of vpcd besides: where a reader listens, or listen for one; with --provision without the shim\n"
          "  --capabilities  mask of what the lock announces at the most, 127 by default\n"
          "  --memory        file for the lasting memory, else it ends with the program\n"
          "  --draws         what the random source gives, 32 bytes a draw: for worked examples alone\n"
          "  --provision     file with one line: the request provision of the shim protocol\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    static uint8_t draws[4096];
    const char *vpcd = NULL, *file = NULL;
    shim_begin(&shim);
    lock.flash.file = -1;
    flash_blank(&lock.flash);
    lock.world.percent = 100;
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc) return usage();
        const char *value = argv[i + 1];
        if (strcmp(argv[i], "--capabilities") == 0) capabilities = (uint8_t)shim_integer(value, 0, 127, 127);
        else if (strcmp(argv[i], "--memory") == 0) { if (!flash_open(&lock.flash, value)) return perror(value), 1; }
        else if (strcmp(argv[i], "--vpcd") == 0) vpcd = value;
        else if (strcmp(argv[i], "--provision") == 0) file = value;
        else if (strcmp(argv[i], "--draws") == 0) {
            char quoted[2 * sizeof draws + 3];
            if (snprintf(quoted, sizeof quoted, "\"%s\"", value) >= (int)sizeof quoted) return usage();
            long n = shim_bytes(quoted, draws, sizeof draws);
            if (n < 0) return usage();
            lock.world.draws = draws;
            lock.world.n_draws = (size_t)n;
        } else return usage();
    }
    if (file != NULL) {
        FILE *in = fopen(file, "r");
        bool got = in != NULL && fgets(shim.line, sizeof shim.line, in) != NULL && shim_end(shim.line, 16) != NULL;
        if (in != NULL) fclose(in);
        const char *wrong = got ? provision() : "not a line of the shim protocol";
        if (wrong != NULL) return fprintf(stderr, "clock: %s: %s\n", file, wrong), 1;
    }
    if (vpcd != NULL) return serve_vpcd(vpcd, file == NULL);
    while (shim_next(&shim)) serve_request();
    return 0;
}
