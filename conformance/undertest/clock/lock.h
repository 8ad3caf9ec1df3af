/* The lock: its memory, the world around it, and the transaction that it serves. */
#ifndef CLOCK_LOCK_H
#define CLOCK_LOCK_H

#include "apdu.h"
#include "channel.h"
#include "cose.h"
#include "exchange.h"
#include "state.h"

enum state { IDLE, SELECTED, WAIT_3, WAIT_CHAIN, JUDGED };
enum motion { MOVES, STICKS, UNSEEN };
enum source { SOURCE_GOOD, SOURCE_FAILS, SOURCE_EQUAL };

/* What the lock finds outside of itself. A tester sets it; it holds through a loss of power. */
struct world {
    enum motion motion;
    uint8_t percent;
    uint32_t wait;
    bool button, clock_known;
    uint64_t clock;
    int32_t offset;
    uint64_t skipped_ms;        /* by which the oscillator was advanced */
    enum source source;
    const uint8_t *draws;       /* what the random source gives, where it is fixed beforehand */
    size_t n_draws;
    uint32_t moves[256];
};

/* Who signed the root's grant: an owner key, or the key of an authority certificate. */
struct signer { bool owner, verified; struct key key; struct held held; struct object certificate; };

/* What the lock knows of the time (section 16.2). */
struct moment { uint8_t evidence; int64_t time; int32_t offset; uint32_t floor; };

struct transaction {
    enum state state;
    uint8_t select_hash[32], nonce[NONCE];
    uint64_t selected_ms;
    struct exchange exchange;
    struct channel channel;
    uint8_t requests;
    bool resumed, driven, searched;     /* searched: what the lock holds was looked through for the signer */
    size_t slot;
    /* the credential: a bare key, or a chain of grants, the root's first; until it is known the leaf alone */
    bool bare, owners;                  /* owners: the bare key was an owner key when it was proved */
    struct key key;
    struct signer signer;
    uint8_t n_links;
    uint16_t n_raw[LINKS_MAX];
    uint8_t raw[LINKS_MAX][OBJECT_MAX];
    struct object link[LINKS_MAX];
    /* the token that was taken last */
    bool token, live;
    uint32_t token_time;
    int32_t token_offset;
};

struct lock {
    struct flash flash;
    struct lasting mem, draft;
    struct object policy;       /* the one in force, where has_policy */
    bool powered, has_policy, tampered;
    struct world world;
    struct link link;
    struct transaction tx;
    uint64_t now_ms;            /* of the command that is carried out */
    uint32_t draws;
    int refusal;                /* reason of the last refusal since the power came */
};

/* ---- lock.c ---- */

/* As it leaves the factory: erases all and keeps given. False where given is not what section 2.4 asks for. */
bool lock_provision(struct lock *l, const struct lasting *given);
void lock_power(struct lock *l, bool on);
void lock_deselect(struct lock *l);
/* One command; 0 where the lock stays silent. out has room for RESPONSE_MAX + 2 bytes. */
size_t lock_answer(struct lock *l, span command, uint8_t *out);
/* The lock's own sensor for tampering fires. */
void lock_tamper(struct lock *l);
/* The same for binding R: SELECT hash over the other AID, and the command without class and length. */
size_t lock_select_r(struct lock *l, uint8_t *out);
uint16_t lock_turn(struct lock *l, span command, uint8_t *out, size_t *n);

/* Begins a change: the draft is what memory holds. Ends it: false where the power went. */
struct lasting *change(struct lock *l);
bool commit(struct lock *l);
/* Fresh random bytes by section 7.3; false where the source fails. */
bool draw(struct lock *l, uint8_t out[32]);
/* Notes why the lock refuses; returns 6982. */
uint16_t refuse(struct lock *l, int reason);
bool has(const struct lock *l, uint8_t capability);
const struct identity *identity(const struct lock *l, uint8_t suite);
void end_transaction(struct lock *l);

/* ---- decide.c: sections 7.5, 15.3 and 20.3; the content of commands ---- */

uint16_t decide_handshake_2(struct lock *l, span data, uint8_t *out, size_t *n);
uint16_t decide_request(struct lock *l, span data, uint8_t *out, size_t *n);
uint16_t decide_resume(struct lock *l, span data, uint8_t *out, size_t *n);

#endif
