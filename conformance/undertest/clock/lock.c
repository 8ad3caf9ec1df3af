#define _POSIX_C_SOURCE 200809L
#include "log.h"

#include <time.h>

static const uint8_t aid_l[9] = {0xF0, 'P', 'O', 'S', 'T', 'E', 'R', 'N', 0x01};
static const uint8_t aid_r[9] = {0xF0, 'P', 'O', 'S', 'T', 'E', 'R', 'N', 0x81};

/* ---- memory ---- */

/* The policy in force, read from the bytes that memory holds. */
static void read_policy(struct lock *l)
{
    l->has_policy = l->mem.n_policy > 0 && object_read(&l->policy, (span){l->mem.policy, l->mem.n_policy}, T_POLICY) == R_NONE;
}

struct lasting *change(struct lock *l)
{
    l->draft = l->mem;
    return &l->draft;
}

bool commit(struct lock *l)
{
    if (!state_commit(&l->flash, &l->draft)) return false;
    l->mem = l->draft;
    read_policy(l);
    return true;
}

bool has(const struct lock *l, uint8_t capability) { return l->mem.capabilities & capability; }

const struct identity *identity(const struct lock *l, uint8_t suite)
{
    for (size_t i = 0; i < l->mem.n_identities; i++)
        if (l->mem.identities[i].suite == suite && (suite == 0 || has(l, C_SUITE_2))) return &l->mem.identities[i];
    return NULL;
}

/* ---- power and time ---- */

static uint64_t oscillator(const struct lock *l)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000 + l->world.skipped_ms;
}

void end_transaction(struct lock *l) { erase(&l->tx, sizeof l->tx); }

uint16_t refuse(struct lock *l, int reason)
{
    l->refusal = reason;
    return SW_REFUSED;
}

void lock_deselect(struct lock *l)
{
    end_transaction(l);
    link_drop(&l->link);
}

static uint16_t carry(void *self, const struct command *c, uint8_t out[RESPONSE_MAX], size_t *n);
static void ended(void *self) { end_transaction(self); }

void lock_power(struct lock *l, bool on)
{
    if (on == l->powered) return;
    lock_deselect(l);
    l->powered = false;
    l->tampered = false;
    l->draws = 0;
    l->refusal = R_NONE;
    l->flash.off = !on;
    if (!on) return;
    l->powered = state_load(&l->flash, &l->mem);
    read_policy(l);
    l->link.extended = has(l, C_EXTENDED);
    l->link.app = (struct application){l, carry, ended};
}

/* ---- manufacture ---- */

static bool check_identity(const struct identity *id, const uint8_t *lock_id, uint32_t *iat)
{
    struct object c;
    struct key k;
    if (object_read(&c, (span){id->certificate, id->n}, T_LOCK_CERTIFICATE) != R_NONE) return false;
    *iat = c.iat;
    return memcmp(c.lock.id.p, lock_id, LOCK_ID) == 0 && key_from_private(&k, id->suite, id->private_key) && same_key(&k, &c.cnf);
}

/* The floor that was given stands in floor; it rises to what section 2.4 asks for. */
bool lock_provision(struct lock *l, const struct lasting *given)
{
    lock_power(l, false);
    struct lasting *d = &l->draft;
    l->mem = *given;
    l->has_policy = false;
    uint32_t iat, floor = given->floor;
    bool suite_0 = false, suite_2 = false;
    for (size_t i = 0; i < given->n_identities; i++) {
        const struct identity *id = &given->identities[i];
        if (!check_identity(id, given->lock_id, &iat)) return false;
        floor = later(floor, iat);
        if (id->suite == 2) suite_2 = true;
        else suite_0 = true;
    }
    if (!suite_0 || given->n_roots == 0) return false;
    *d = *given;
    for (size_t i = 0; i < AUTHORITIES; i++) {
        struct signer s;
        if (given->given[i].n == 0) continue;
        if (certificate_verify(l, &s, (span){given->given[i].bytes, given->given[i].n}) != R_NONE) return false;
        d->given[i].root = s.held.root;
        floor = later(floor, s.certificate.iat);
    }
    d->floor = d->least_floor = floor;
    if (!suite_2) d->capabilities &= (uint8_t)~C_SUITE_2;
    if (d->compartments == 0) d->capabilities &= (uint8_t)~C_COMPARTMENTS;
    if (!(d->capabilities & C_COMPARTMENTS)) d->compartments = 0;
    const uint8_t *draws = l->world.draws;
    size_t n_draws = l->world.n_draws;
    memset(&l->world, 0, sizeof l->world);
    l->world.percent = 100;
    l->world.draws = draws;
    l->world.n_draws = n_draws;
    flash_blank(&l->flash);
    bool ok = state_commit(&l->flash, d);
    l->flash.operations = 0;
    l->flash.off = true;
    return ok;
}

void lock_tamper(struct lock *l)
{
    const struct log_entry *newest = log_newest(&l->mem);
    if (!l->powered || l->flash.off || l->tampered || vacant(l) || (newest != NULL && newest->outcome == L_TAMPER)) return;
    struct moment now = moment_now(l, l->mem.floor);
    l->tampered = log_add(change(l), log_event(&now, OP_STATUS, L_TAMPER)) && commit(l);
}

/* ---- randomness ---- */

static bool source(struct lock *l, uint8_t out[32])
{
    if (l->world.source == SOURCE_FAILS) return false;
    memset(out, 0x5a, 32);
    if (l->world.draws != NULL) {
        if (l->world.n_draws < 32) return false;
        memcpy(out, l->world.draws, 32);
        l->world.draws += 32;
        l->world.n_draws -= 32;
    } else if (l->world.source == SOURCE_GOOD && !machine_random(out)) {
        return false;
    }
    size_t i = 1;
    while (i < 32 && out[i] == out[0]) i++;
    return i < 32;
}

static void put_32(uint8_t *to, uint32_t v)
{
    for (int i = 0; i < 4; i++) to[i] = (uint8_t)(v >> (24 - 8 * i));
}

bool draw(struct lock *l, uint8_t out[32])
{
    uint8_t raw[32], rest[12];
    if (!source(l, raw)) return false;
    put_32(rest, l->mem.sequence);
    put_32(rest + 4, l->mem.floor);
    put_32(rest + 8, ++l->draws);
    span parts[] = {SPAN(raw), SPAN(l->mem.lock_id), SPAN(rest)};
    sha256(out, 3, parts);
    erase(raw, sizeof raw);
    return true;
}

/* ---- commands ---- */

static uint16_t select_lock(struct lock *l, const uint8_t aid[9], uint8_t *out, size_t *n)
{
    uint8_t fresh[32], command[15] = {0x00, INS_SELECT, 0x04, 0x00, 9}, body[48];
    static const uint8_t ok[2] = {0x90, 0x00};
    end_transaction(l);
    if (!draw(l, fresh)) return SW_FAILURE;
    writer b = cbor_write(body, sizeof body), w = cbor_write(out, RESPONSE_MAX);
    put_array(&b, 4);
    put_uint(&b, 1);
    put_uint(&b, l->mem.capabilities);
    put_bytes(&b, SPAN(l->mem.lock_id));
    put_bytes(&b, (span){fresh, NONCE});
    uint8_t head[4] = {0x6F, (uint8_t)(b.n + 2), 0x85, (uint8_t)b.n};
    put_raw(&w, SPAN(head));
    put_raw(&w, written(&b));
    memcpy(command + 5, aid, 9);
    memcpy(l->tx.nonce, fresh, NONCE);
    span parts[] = {SPAN(command), written(&w), SPAN(ok)};
    sha256(l->tx.select_hash, 3, parts);
    l->tx.selected_ms = l->now_ms;
    l->tx.state = SELECTED;
    *n = w.n;
    return SW_OK;
}

static uint16_t handshake_1(struct lock *l, const struct command *c, uint8_t *out, size_t *n)
{
    struct message_1 m;
    uint8_t ephemeral[32], share[32];
    writer w = cbor_write(out, RESPONSE_MAX);
    switch (message_1_read(&m, c->data, has(l, C_SUITE_2))) {
    case GREETING_BAD: return refuse(l, R_MALFORMED);
    case GREETING_OTHER_SUITE:
        put_suites_error(&w, has(l, C_SUITE_2));
        *n = w.n;
        end_transaction(l);
        l->refusal = R_SUITE;
        return SW_OK;
    case GREETING_GOOD: break;
    }
    const struct identity *id = identity(l, m.suite);
    do {
        if (!draw(l, ephemeral)) return SW_FAILURE;
    } while (!share_of(m.suite, ephemeral, share));
    bool made = id != NULL
        && message_2_write(&l->tx.exchange, &w, c->data, &m, ephemeral, id->private_key, (span){id->certificate, id->n}, c->p1 == 1);
    erase(ephemeral, sizeof ephemeral);
    if (!made) return refuse(l, R_MALFORMED);
    l->tx.state = WAIT_3;
    *n = w.n;
    return SW_OK;
}

/* Steps 7 to 9 of section 5.6 for everything but SELECT. */
static uint16_t content(struct lock *l, const struct command *c, uint8_t *out, size_t *n)
{
    enum state s = l->tx.state;
    if (c->p2 != 0 || c->p1 > (c->ins == INS_HANDSHAKE_1 ? 1 : 0)) return SW_P1P2;
    switch (c->ins) {
    case INS_HANDSHAKE_1: return s == SELECTED ? handshake_1(l, c, out, n) : SW_ORDER;
    case INS_HANDSHAKE_2: return s == WAIT_3 ? decide_handshake_2(l, c->data, out, n) : SW_ORDER;
    case INS_REQUEST: return s == WAIT_CHAIN || s == JUDGED ? decide_request(l, c->data, out, n) : SW_ORDER;
    default: return s == SELECTED ? decide_resume(l, c->data, out, n) : SW_ORDER;
    }
}

static uint16_t carry(void *self, const struct command *c, uint8_t out[RESPONSE_MAX], size_t *n)
{
    struct lock *l = self;
    uint16_t sw;
    if (c->ins == INS_SELECT) {
        end_transaction(l);
        if (c->p1 != 4 || c->p2 != 0) sw = SW_P1P2;
        else if (!same(c->data, SPAN(aid_l))) sw = SW_NOT_FOUND;
        else sw = select_lock(l, aid_l, out, n);
    } else {
        sw = content(l, c, out, n);
    }
    if (sw == SW_ORDER) l->refusal = R_SEQUENCE;
    if (sw != SW_OK) end_transaction(l);
    return sw;
}

size_t lock_answer(struct lock *l, span command, uint8_t *out)
{
    if (!l->powered || l->flash.off) return 0;
    l->now_ms = oscillator(l);
    size_t n = link_answer(&l->link, command, out);
    return l->flash.off ? 0 : n;
}

/* ---- binding R ---- */

uint16_t lock_turn(struct lock *l, span command, uint8_t *out, size_t *n)
{
    *n = 0;
    l->now_ms = oscillator(l);
    struct command c = {0x80, command.p[0], command.p[1], 0, {command.p + 2, command.n - 2}, 65536};
    uint16_t sw;
    if (c.ins == INS_SELECT && c.p1 != 4) sw = SW_P1P2;
    else if (c.ins == INS_SELECT) sw = same(c.data, SPAN(aid_l)) ? select_lock(l, aid_r, out, n) : SW_NOT_FOUND;
    else if (c.ins != INS_HANDSHAKE_1 && c.ins != INS_HANDSHAKE_2 && c.ins != INS_REQUEST && c.ins != INS_RESUME) return SW_INS;
    else sw = content(l, &c, out, n);
    if (sw != SW_OK) {
        *n = 0;
        end_transaction(l);
    }
    return sw;
}

size_t lock_select_r(struct lock *l, uint8_t *out)
{
    size_t n = 0;
    l->now_ms = oscillator(l);
    return select_lock(l, aid_r, out, &n) == SW_OK ? n : 0;
}
