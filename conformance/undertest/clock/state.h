/* Lasting memory: what a lock keeps (section 7.1), in pages of a flash of which each write can be the last.
 *
 * A commit writes the pages that changed to free places, then one root page that says where everything is and what its
 * digest is, and then erases the root before it. Until the new root is whole the old one holds, so a loss of power leaves
 * the one state or the other. A root that fades later has no older one behind it: the lock does not start, and nothing
 * falls back. */
#ifndef CLOCK_STATE_H
#define CLOCK_STATE_H

#include "cose.h"

struct identity { uint8_t suite, private_key[32]; uint16_t n; uint8_t certificate[OBJECT_MAX]; };

/* An authority certificate that verified, and the root or anchor under which it did. n 0: an empty place. */
struct held { uint16_t n; uint8_t bytes[OBJECT_MAX]; struct key root; uint32_t age; };

/* A revocation list; expiry and root are those of its signer's certificate, expiry 0 where a root or anchor signed. */
struct kept_list { uint16_t n; uint8_t bytes[OBJECT_MAX]; struct key signer, root; uint32_t expiry; };

/* A resumption slot. left 0: an empty place. Of a bare key: links 0. Of a grant: the links, the root's first. */
struct slot {
    uint8_t left, links, secret[32];
    uint16_t n[LINKS_MAX];
    uint8_t chain[OBJECT_MAX];
    struct key key;             /* the bare key, or the key that signed the root's grant */
    uint8_t by_owner;           /* an owner key signed the root's grant */
    uint32_t age;
};

/* A use record. used 0: an empty place. */
struct record { uint8_t tag[TAG], entry, used, starts, owners; uint32_t exp; };

struct log_entry {
    uint32_t sequence, time, service;
    uint8_t evidence, operation, outcome, reason, role, resource, n_who, n_reference, who[TAG], reference[REFERENCE];
};

enum { OWNERS, OPERATORS };     /* whose lost time */

struct lasting {
    /* from manufacture */
    uint8_t lock_id[LOCK_ID], setup[SETUP], n_area, area[AREA_MAX], n_roots, n_identities, compartments, capabilities;
    struct key roots[ROOTS_MAX];
    struct identity identities[2];
    struct held given[AUTHORITIES];
    uint32_t least_floor;
    /* the owner's */
    uint8_t has_owner, has_log_key, log_key[32], policy_gave_away;
    struct key owner;
    uint32_t since, policy_version, floor, ages;
    uint16_t n_policy;
    uint8_t policy[POLICY_MAX];
    /* learned */
    struct held learned[AUTHORITIES];
    struct slot slots[SLOTS];
    struct record records[USE_RECORDS];
    uint32_t lost[2];
    struct kept_list root_lists[ROOTS_MAX], lists[LISTS];
    /* the log: entries in a ring by their number, the head before the oldest and the head of all */
    uint32_t sequence, oldest;
    uint8_t base[DIGEST], head[DIGEST];
    struct log_entry log[LOG_ENTRIES];
};

enum { PAGE = 256, PAGES = (sizeof(struct lasting) + PAGE - 1) / PAGE, PLACES = 2 * PAGES };

enum torn { TORN_BEFORE, TORN_HALF, TORN_AFTER };

struct flash {
    uint8_t place[PLACES][PAGE];
    uint8_t root[2][PAGE];
    int file;                   /* -1: in working memory alone */
    uint64_t operations;
    bool cutting, cut, off;     /* a cut is to come; one came; there is no power */
    uint64_t cut_after;
    enum torn torn;
};

void flash_blank(struct flash *f);
/* Puts a file under the memory and reads what it holds; false where that cannot be done. */
bool flash_open(struct flash *f, const char *path);
/* The newest whole state; false where there is none. */
bool state_load(struct flash *f, struct lasting *out);
/* One commit; false where the power went, whatever became of it. */
bool state_commit(struct flash *f, const struct lasting *next);

#endif
