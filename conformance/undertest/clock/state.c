#define _POSIX_C_SOURCE 200809L
#include "state.h"

#include <fcntl.h>
#include <unistd.h>

/* What a root page says. check is over all before it; image over the pages, in their order. */
struct root { uint32_t number; uint16_t at[PAGES]; uint8_t image[DIGEST], check[DIGEST]; };

_Static_assert(sizeof(struct root) <= sizeof((struct flash *)0)->root[0], "a root fits its page");
_Static_assert(PLACES < 0xffff, "places have 16 bits");

static void keep(struct flash *f, const uint8_t *p, size_t n)
{
    if (f->file < 0) return;
    off_t at = (off_t)(p - &f->place[0][0]);
    if (p >= f->root[0] && p < f->root[0] + sizeof f->root) at = (off_t)sizeof f->place + (off_t)(p - f->root[0]);
    if (pwrite(f->file, p, n, at) != (ssize_t)n) f->off = true;
}

/* Erases and writes one page: one operation, at which the power can go. */
static bool program(struct flash *f, uint8_t *to, const uint8_t *from, size_t n)
{
    if (f->off) return false;
    bool last = f->cutting && f->cut_after == 0;
    f->operations++;
    if (f->cutting) f->cut_after--;
    if (last) {
        f->cutting = false;
        f->cut = f->off = true;
        if (f->torn == TORN_BEFORE) return false;
        if (f->torn == TORN_HALF) {
            memset(to, 0xff, n);
            n /= 2;
        }
    }
    memcpy(to, from, n);
    bool powered = !f->off;
    keep(f, to, n);
    return powered && !f->off;
}

void flash_blank(struct flash *f)
{
    int file = f->file;
    memset(f, 0, sizeof *f);
    memset(f->place, 0xff, sizeof f->place);
    memset(f->root, 0xff, sizeof f->root);
    f->file = file;
    keep(f, &f->place[0][0], sizeof f->place);
    keep(f, f->root[0], sizeof f->root);
}

bool flash_open(struct flash *f, const char *path)
{
    f->file = open(path, O_RDWR | O_CREAT, 0600);
    if (f->file < 0) return false;
    ssize_t a = pread(f->file, f->place, sizeof f->place, 0);
    ssize_t b = pread(f->file, f->root, sizeof f->root, (off_t)sizeof f->place);
    if (a != (ssize_t)sizeof f->place || b != (ssize_t)sizeof f->root) flash_blank(f);
    return !f->off;
}

static void root_check(const struct root *r, uint8_t out[DIGEST])
{
    span s = {(const uint8_t *)r, offsetof(struct root, check)};
    sha256(out, 1, &s);
}

static void image_digest(const uint8_t *image, uint8_t out[DIGEST])
{
    span s = {image, (size_t)PAGES * PAGE};
    sha256(out, 1, &s);
}

/* The newest whole root, -1 where there is none. */
static int newest(const struct flash *f, struct root *out)
{
    int best = -1;
    for (int i = 0; i < 2; i++) {
        struct root r;
        uint8_t check[DIGEST];
        memcpy(&r, f->root[i], sizeof r);
        root_check(&r, check);
        if (memcmp(check, r.check, DIGEST) != 0 || (best >= 0 && r.number < out->number)) continue;
        best = i;
        *out = r;
    }
    return best;
}

/* Ends what a commit leaves behind: the root before it. */
static bool erase_root(struct flash *f, int which)
{
    uint8_t page[sizeof f->root[0]];
    memset(page, 0xff, sizeof page);
    if (memcmp(page, f->root[which], sizeof page) == 0) return true;
    return program(f, f->root[which], page, sizeof page);
}

bool state_load(struct flash *f, struct lasting *out)
{
    static uint8_t image[PAGES * PAGE];
    uint8_t digest[DIGEST];
    struct root r;
    int at = newest(f, &r);
    if (at < 0 || !erase_root(f, 1 - at)) return false;
    for (size_t i = 0; i < PAGES; i++) {
        if (r.at[i] >= PLACES) return false;
        memcpy(image + i * PAGE, f->place[r.at[i]], PAGE);
    }
    image_digest(image, digest);
    /* A whole root over pages that are not: a commit was lost that was whole, and the lock refuses to start. */
    if (memcmp(digest, r.image, DIGEST) != 0) return false;
    memcpy(out, image, sizeof *out);
    return true;
}

bool state_commit(struct flash *f, const struct lasting *next)
{
    static uint8_t image[PAGES * PAGE];
    bool taken[PLACES] = {false};
    struct root r;
    memset(image, 0, sizeof image);
    memcpy(image, next, sizeof *next);
    int old = newest(f, &r);
    if (old < 0) memset(&r, 0, sizeof r);
    else for (size_t i = 0; i < PAGES; i++) taken[r.at[i]] = true;
    size_t free_place = 0;
    for (size_t i = 0; i < PAGES; i++) {
        if (old >= 0 && memcmp(f->place[r.at[i]], image + i * PAGE, PAGE) == 0) continue;
        while (taken[free_place]) free_place++;
        if (!program(f, f->place[free_place], image + i * PAGE, PAGE)) return false;
        r.at[i] = (uint16_t)free_place++;
    }
    r.number++;
    image_digest(image, r.image);
    root_check(&r, r.check);
    uint8_t page[sizeof f->root[0]];
    memset(page, 0, sizeof page);
    memcpy(page, &r, sizeof r);
    int at = old == 0 ? 1 : 0;
    return program(f, f->root[at], page, sizeof page) && erase_root(f, 1 - at);
}
