#include "cbor.h"

/* Takes one head from the front. False where it is cut off, not in its shortest form, indefinite or reserved. */
static bool head(span *s, int *major, uint64_t *value)
{
    if (s->n == 0) return false;
    uint8_t first = s->p[0], info = first & 31;
    size_t more = info < 24 ? 0 : info == 24 ? 1 : info == 25 ? 2 : info == 26 ? 4 : info == 27 ? 8 : 99;
    if (more == 99 || s->n - 1 < more) return false;
    uint64_t v = more == 0 ? info : 0;
    for (size_t i = 0; i < more; i++) v = v << 8 | s->p[1 + i];
    *major = first >> 5;
    if (*major == CBOR_SIMPLE && more != 0) return false;
    static const uint64_t least[9] = {0, 24, 0x100, 0, 0x10000, 0, 0, 0, 0x100000000};
    if (v < least[more]) return false;
    *value = v;
    s->p += 1 + more;
    s->n -= 1 + more;
    return true;
}

/* Bytewise order of two encodings. */
static int order(span a, span b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = memcmp(a.p, b.p, n);
    return c != 0 ? c : a.n < b.n ? -1 : a.n > b.n;
}

/* Takes one item from the front, depth being that of an array or map that begins here. */
static int check(span *s, int depth)
{
    int major;
    uint64_t v;
    if (!head(s, &major, &v)) return R_MALFORMED;
    switch (major) {
    case CBOR_UINT:
    case CBOR_NINT:
        return R_NONE;
    case CBOR_SIMPLE:
        return v == 20 || v == 21 ? R_NONE : R_MALFORMED;
    case CBOR_BYTES:
        if (v > s->n) return R_MALFORMED;
        s->p += v;
        s->n -= (size_t)v;
        return R_NONE;
    case CBOR_ARRAY:
    case CBOR_MAP:
        break;
    default:
        return R_MALFORMED;
    }
    if (v > s->n || (major == CBOR_MAP && v > s->n / 2)) return R_MALFORMED;
    if (depth > CBOR_DEPTH || v > CBOR_ITEMS) return R_LIMIT;
    span last = NO_BYTES;
    for (uint64_t i = 0; i < v; i++) {
        span key = *s;
        int why = check(s, depth + 1);
        if (why != R_NONE) return why;
        if (major == CBOR_ARRAY) continue;
        key.n -= s->n;
        if (i > 0 && order(last, key) >= 0) return R_MALFORMED;
        last = key;
        if ((why = check(s, depth + 1)) != R_NONE) return why;
    }
    return R_NONE;
}

int cbor_check(span bytes)
{
    int why = check(&bytes, 1);
    return why != R_NONE ? why : bytes.n == 0 ? R_NONE : R_MALFORMED;
}

int cbor_check_sequence(span bytes)
{
    do {
        int why = check(&bytes, 1);
        if (why != R_NONE) return why;
    } while (bytes.n > 0);
    return R_NONE;
}

size_t cbor_first(span bytes)
{
    span rest = bytes;
    return check(&rest, 1) == R_NONE ? bytes.n - rest.n : 0;
}

reader cbor_read(span bytes) { return (reader){bytes, false}; }

int cbor_peek(const reader *r) { return r->bad || r->rest.n == 0 ? CBOR_END : r->rest.p[0] >> 5; }

/* The value of the next head, where it is of this type; else the reader is bad. */
static uint64_t expect(reader *r, int major)
{
    int got;
    uint64_t v;
    if (r->bad || !head(&r->rest, &got, &v) || got != major) {
        r->bad = true;
        return 0;
    }
    return v;
}

uint64_t cbor_uint(reader *r, uint64_t least, uint64_t most)
{
    uint64_t v = expect(r, CBOR_UINT);
    if (v < least || v > most) r->bad = true;
    return r->bad ? 0 : v;
}

int64_t cbor_int(reader *r)
{
    bool negative = cbor_peek(r) == CBOR_NINT;
    uint64_t v = expect(r, negative ? CBOR_NINT : CBOR_UINT);
    if (v > INT64_MAX) r->bad = true;
    if (r->bad) return 0;
    return negative ? -1 - (int64_t)v : (int64_t)v;
}

span cbor_bytes(reader *r)
{
    uint64_t n = expect(r, CBOR_BYTES);
    if (r->bad || n > r->rest.n) {
        r->bad = true;
        return NO_BYTES;
    }
    span s = {r->rest.p, (size_t)n};
    r->rest.p += n;
    r->rest.n -= (size_t)n;
    return s;
}

span cbor_bytes_of(reader *r, size_t n)
{
    span s = cbor_bytes(r);
    if (s.n == n) return s;
    r->bad = true;
    return NO_BYTES;
}

static size_t count(reader *r, int major)
{
    uint64_t n = expect(r, major);
    if (n > CBOR_ITEMS) r->bad = true;
    return r->bad ? 0 : (size_t)n;
}

size_t cbor_array(reader *r) { return count(r, CBOR_ARRAY); }
size_t cbor_map(reader *r) { return count(r, CBOR_MAP); }

bool cbor_bool(reader *r)
{
    uint64_t v = expect(r, CBOR_SIMPLE);
    if (v != 20 && v != 21) r->bad = true;
    return !r->bad && v == 21;
}

span cbor_item(reader *r)
{
    size_t n = r->bad ? 0 : cbor_first(r->rest);
    if (n == 0) {
        r->bad = true;
        return NO_BYTES;
    }
    span s = {r->rest.p, n};
    r->rest.p += n;
    r->rest.n -= n;
    return s;
}

bool cbor_done(const reader *r) { return !r->bad && r->rest.n == 0; }

writer cbor_write(uint8_t *p, size_t most) { return (writer){p, 0, most, false}; }

void put_raw(writer *w, span s)
{
    if (w->full || s.n > w->most - w->n) {
        w->full = true;
        return;
    }
    if (s.n > 0) memcpy(w->p + w->n, s.p, s.n);
    w->n += s.n;
}

static void put_head(writer *w, int major, uint64_t v)
{
    uint8_t b[9];
    size_t more = v < 24 ? 0 : v <= 0xff ? 1 : v <= 0xffff ? 2 : v <= 0xffffffff ? 4 : 8;
    uint8_t info = more == 0 ? (uint8_t)v : more == 1 ? 24 : more == 2 ? 25 : more == 4 ? 26 : 27;
    b[0] = (uint8_t)(major << 5 | info);
    for (size_t i = 0; i < more; i++) b[more - i] = (uint8_t)(v >> 8 * i);
    put_raw(w, (span){b, 1 + more});
}

void put_uint(writer *w, uint64_t v) { put_head(w, CBOR_UINT, v); }
void put_int(writer *w, int64_t v) { put_head(w, v < 0 ? CBOR_NINT : CBOR_UINT, v < 0 ? (uint64_t)(-1 - v) : (uint64_t)v); }
void put_bytes_head(writer *w, size_t n) { put_head(w, CBOR_BYTES, n); }
void put_array(writer *w, size_t n) { put_head(w, CBOR_ARRAY, n); }
void put_map(writer *w, size_t n) { put_head(w, CBOR_MAP, n); }

void put_bytes(writer *w, span s)
{
    put_bytes_head(w, s.n);
    put_raw(w, s);
}

span written(const writer *w) { return w->full ? NO_BYTES : (span){w->p, w->n}; }
