/* postern_shim.h: the shim protocol of `postern`, version 1, for C99 and later. One file, no dependency.
 *
 * A shim reads one request a line from standard input and writes one answer a line to standard output (see
 * conformance/shim/README.md). This file reads the lines, finds members in them and writes answers; what the verbs do
 * is yours. A lock at level L1 is this loop with three verbs:
 *
 *     struct shim s;
 *     shim_begin(&s);
 *     while (shim_next(&s)) {
 *         if (shim_is(&s, "hello"))           shim_hello(&s, "lock", "My lock", "1.0", "power transceive provision");
 *         else if (shim_is(&s, "power"))      { power(shim_true(shim_get(&s, "on"))); shim_ok(&s); }
 *         else if (shim_is(&s, "transceive")) { n = shim_bytes(shim_get(&s, "apdu"), in, sizeof in); ... shim_apdu(&s, out, m); }
 *         else if (shim_is(&s, "provision"))  { ... shim_ok(&s); }
 *         else                                shim_unsupported(&s);
 *     }
 *
 * A value is a pointer into the line; NULL is an absent one, and every function takes it. All lengths are checked.
 */
#ifndef POSTERN_SHIM_H
#define POSTERN_SHIM_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SHIM_LINE 16384

struct shim {
    char line[SHIM_LINE + 2];   /* the request */
    char verb[32];
    unsigned long long id;
};

/* ---- values ---- */

static inline const char *shim_space(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') p++;
    return p;
}

/* The end of a string that begins at p, NULL where it has none. */
static inline const char *shim_string_end(const char *p)
{
    for (p++; *p != '"'; p++) {
        if (*p == '\\' && p[1] != 0) p++;
        else if ((unsigned char)*p < 0x20) return NULL;
    }
    return p + 1;
}

/* The end of the value that begins at p, NULL where it is none. depth bounds the nesting. */
static inline const char *shim_end(const char *p, int depth)
{
    if (*p == '"') return shim_string_end(p);
    if (*p == '{' || *p == '[') {
        char close = *p == '{' ? '}' : ']';
        if (depth == 0) return NULL;
        const char *q = shim_space(p + 1);
        if (*q == close) return q + 1;
        for (;;) {
            if (close == '}') {
                if (*q != '"' || (q = shim_string_end(q)) == NULL) return NULL;
                q = shim_space(q);
                if (*q != ':') return NULL;
                q = shim_space(q + 1);
            }
            if ((q = shim_end(q, depth - 1)) == NULL) return NULL;
            q = shim_space(q);
            if (*q == close) return q + 1;
            if (*q != ',') return NULL;
            q = shim_space(q + 1);
        }
    }
    if (strncmp(p, "true", 4) == 0 || strncmp(p, "null", 4) == 0) return p + 4;
    if (strncmp(p, "false", 5) == 0) return p + 5;
    const char *q = p + (*p == '-');
    if (*q < '0' || *q > '9') return NULL;
    while (*q >= '0' && *q <= '9') q++;
    return q;
}

/* The value of a member of an object. */
static inline const char *shim_member(const char *object, const char *name)
{
    if (object == NULL || *object != '{') return NULL;
    size_t n = strlen(name);
    const char *p = shim_space(object + 1);
    while (*p == '"') {
        const char *end = shim_string_end(p);
        int found = end != NULL && (size_t)(end - p) == n + 2 && memcmp(p + 1, name, n) == 0;
        if (end == NULL) return NULL;
        p = shim_space(shim_space(end) + 1);
        if (found) return p;
        if ((end = shim_end(p, 16)) == NULL) return NULL;
        p = shim_space(end);
        if (*p != ',') return NULL;
        p = shim_space(p + 1);
    }
    return NULL;
}

/* The first element of an array, and the one after an element; NULL behind the last. */
static inline const char *shim_first(const char *array)
{
    if (array == NULL || *array != '[') return NULL;
    const char *p = shim_space(array + 1);
    return *p == ']' ? NULL : p;
}

static inline const char *shim_after(const char *element)
{
    const char *p = element == NULL ? NULL : shim_end(element, 16);
    if (p == NULL) return NULL;
    p = shim_space(p);
    return *p == ',' ? shim_space(p + 1) : NULL;
}

static inline int shim_true(const char *value) { return value != NULL && strncmp(value, "true", 4) == 0; }

/* An integer from least to most; fallback where it is absent or another thing. */
static inline long long shim_integer(const char *value, long long least, long long most, long long fallback)
{
    if (value == NULL) return fallback;
    int minus = *value == '-';
    const char *p = value + minus;
    long long v = 0;
    if (*p < '0' || *p > '9') return fallback;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (v > 9007199254740992LL) return fallback;
        v = v * 10 + (*p - '0');
    }
    if (minus) v = -v;
    return v < least || v > most ? fallback : v;
}

/* Is the value this string? */
static inline int shim_equals(const char *value, const char *text)
{
    size_t n = strlen(text);
    return value != NULL && *value == '"' && strncmp(value + 1, text, n) == 0 && value[n + 1] == '"';
}

static inline int shim_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes in lower-case hexadecimal into out; their number, -1 where they are absent, too many or not hexadecimal. */
static inline long shim_bytes(const char *value, uint8_t *out, size_t most)
{
    if (value == NULL || *value != '"') return -1;
    size_t n = 0;
    for (value++; *value != '"'; value += 2) {
        int high = shim_digit(value[0]), low = high < 0 ? -1 : shim_digit(value[1]);
        if (low < 0 || n == most) return -1;
        out[n++] = (uint8_t)(high << 4 | low);
    }
    return (long)n;
}

/* ---- requests ---- */

static inline void shim_begin(struct shim *s) { memset(s, 0, sizeof *s); }

/* Reads a line into the shim's buffer: 0 where standard input ended or the line is no object. */
static inline int shim_read_line(struct shim *s)
{
    if (fgets(s->line, sizeof s->line, stdin) == NULL) return 0;
    size_t n = strlen(s->line);
    if (n == 0 || s->line[n - 1] != '\n') return 0;
    const char *end = *s->line == '{' ? shim_end(s->line, 16) : NULL;
    return end != NULL && *shim_space(end) == 0;
}

/* The next request; 0 where there is none any more. */
static inline int shim_next(struct shim *s)
{
    if (!shim_read_line(s)) return 0;
    s->id = (unsigned long long)shim_integer(shim_member(s->line, "id"), 1, 9007199254740992LL, 0);
    const char *verb = shim_member(s->line, "verb");
    size_t n = 0;
    if (s->id == 0 || verb == NULL || *verb != '"') return 0;
    for (verb++; *verb != '"'; verb++) {
        if (n == sizeof s->verb - 1 || (unsigned char)*verb < 0x20) return 0;
        s->verb[n++] = *verb;
    }
    s->verb[n] = 0;
    return 1;
}

static inline int shim_is(const struct shim *s, const char *verb) { return strcmp(s->verb, verb) == 0; }
static inline const char *shim_get(const struct shim *s, const char *name) { return shim_member(s->line, name); }

/* ---- answers ---- */

/* One line: the id, then members of your own, by printf. */
static inline void shim_answer(const struct shim *s, const char *format, ...)
{
    va_list args;
    printf("{\"id\":%llu,", s->id);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    puts("}");
    fflush(stdout);
}

static inline void shim_ok(const struct shim *s) { shim_answer(s, "\"ok\":{}"); }
static inline void shim_unsupported(const struct shim *s) { shim_answer(s, "\"unsupported\":\"%s\"", s->verb); }
/* The rig failed; what the product refuses is no error. No quotes or backslashes in the sentence. */
static inline void shim_error(const struct shim *s, const char *sentence) { shim_answer(s, "\"error\":\"%s\"", sentence); }

/* verbs: their names, parted by spaces. */
static inline void shim_hello(const struct shim *s, const char *role, const char *product, const char *version, const char *verbs)
{
    printf("{\"id\":%llu,\"ok\":{\"protocol\":1,\"role\":\"%s\",\"product\":\"%s\",\"version\":\"%s\",\"verbs\":[\"", s->id, role, product, version);
    for (; *verbs != 0; verbs++) {
        if (*verbs == ' ') fputs("\",\"", stdout);
        else putchar(*verbs);
    }
    puts("\"]}}");
    fflush(stdout);
}

static inline void shim_put_bytes(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++) printf("%02x", p[i]);
}

/* The answer to transceive: the lock's bytes, none for a lock that stays silent. */
static inline void shim_apdu(const struct shim *s, const uint8_t *p, size_t n)
{
    if (n == 0) {
        shim_answer(s, "\"ok\":{\"silent\":true}");
        return;
    }
    printf("{\"id\":%llu,\"ok\":{\"apdu\":\"", s->id);
    shim_put_bytes(p, n);
    puts("\"}}");
    fflush(stdout);
}

/* ---- questions, during tap and meet ---- */

/* Asks the tool to carry a command: the bytes of its answer, -1 where the link is lost. The line of the request is gone
 * then: take what you need of it before. */
static inline long shim_ask(struct shim *s, const uint8_t *p, size_t n, uint8_t *out, size_t most)
{
    printf("{\"id\":%llu,\"transceive\":\"", s->id);
    shim_put_bytes(p, n);
    puts("\"}");
    fflush(stdout);
    if (!shim_read_line(s)) return -1;
    return shim_bytes(shim_member(s->line, "apdu"), out, most);
}

#endif
