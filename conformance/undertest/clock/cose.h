/* Signed objects: what they share, and the scope of each kind (chapters 04, 16, 17 and 18).
 *
 * An object that was read points into the bytes that it was read from; they have to stay. */
#ifndef CLOCK_COSE_H
#define CLOCK_COSE_H

#include "cbor.h"
#include "crypto.h"

struct window { uint8_t days; uint16_t from, until; };
struct schedule { uint8_t n; struct window w[WINDOWS_MAX]; };

/* One entry of a grant's scope. What is absent is 0. */
struct entry {
    uint64_t kind;
    span target;
    uint8_t actions, evidence, delegation, resource, count, starts;
    bool unknown;               /* has a condition that this version does not know */
    uint32_t policy, service;
    struct schedule hours;
};

struct grant { span parent; uint8_t n; struct entry e[ENTRIES_MAX]; };
struct authority { uint8_t n, rights; uint32_t services[SERVICES_MAX], longest; };
struct lock_certificate { span id; uint32_t profile, level; };
struct admission { uint32_t service; uint8_t actions, evidence; struct schedule hours; };
struct notice { uint8_t kind, instruction, roles; uint32_t from, until; };

struct policy {
    span id, denied;
    uint32_t version, least;
    uint8_t block, n_admissions, n_co_owners, n_anchors;
    bool reset;
    struct admission admissions[ADMISSIONS_MAX];
    struct key co_owners[CO_OWNERS_MAX], anchors[ANCHORS_MAX];
    struct notice notice;       /* kind 0: none */
};

struct list { uint32_t version, least; uint8_t n; span tags[LIST_ENTRIES_MAX]; uint32_t exps[LIST_ENTRIES_MAX]; };
struct token { int32_t offset; span nonce; };

struct object {
    span raw, protected_bytes, payload, signature, kid;
    int alg, typ;
    uint32_t exp, nbf, iat;
    struct key cnf;
    uint8_t digest[DIGEST];
    union {
        struct grant grant;
        struct authority authority;
        struct lock_certificate lock;
        struct policy policy;
        struct list list;
        struct token token;
    };
};

/* Reads an object of this kind by section 4.5: R_NONE, or the reason of its fault. */
int object_read(struct object *o, span raw, int typ);
/* The typ that the bytes claim, 0 where they have none that can be found. */
int object_typ(span raw);
/* The signature, under a key of the right algorithm: R_NONE, R_ALGORITHM or R_SIGNATURE. */
int object_verify(const struct object *o, const struct key *k);
/* Is k the key that the object's kid may mean? */
bool named(const struct object *o, const struct key *k);

int key_read(struct key *k, span cose_key);
int claims_set_read(struct key *k, span bytes);           /* CRED_I of an owner, section 6.3 */
void key_id(const struct key *k, uint8_t id[KEY_ID]);
bool same_key(const struct key *a, const struct key *b);
/* Sig_structure of section 4.4, into the writer. */
void put_sig_structure(writer *w, span protected_bytes, span external, span payload);
/* Signs an object with this payload; false where it does not fit. */
bool object_sign(writer *w, int typ, uint8_t suite, const uint8_t private_key[32], const uint8_t kid[KEY_ID], span payload);

#endif
