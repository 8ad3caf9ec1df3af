/* What every file shares: a view of bytes, and the numbers of the registries. */
#ifndef CLOCK_BASE_H
#define CLOCK_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes that belong to somebody else. */
typedef struct { const uint8_t *p; size_t n; } span;

#define SPAN(array) ((span){(array), sizeof(array)})
#define NO_BYTES ((span){NULL, 0})

static inline bool same(span a, span b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }
static inline uint32_t later(uint32_t a, uint32_t b) { return a > b ? a : b; }

/* Registry limits. */
enum {
    KEY_ID = 8, LOCK_ID = 8, TAG = 8, NONCE = 16, REFERENCE = 8, SETUP = 16, DIGEST = 32, SIGNATURE = 64,
    OBJECT_MAX = 512, POLICY_MAX = 768, COMMAND_MAX = 1024, RESPONSE_MAX = 1024,
    CBOR_DEPTH = 8, CBOR_ITEMS = 32, AREA_MAX = 16,
    ENTRIES_MAX = 4, CONDITIONS_MAX = 8, SERVICES_MAX = 8, WINDOWS_MAX = 8, ADMISSIONS_MAX = 8,
    DENIED_MAX = 16, CO_OWNERS_MAX = 4, ANCHORS_MAX = 2, LIST_ENTRIES_MAX = 24,
    CHAIN_MAX = 4, DOCUMENTS_MAX = 4, LINKS_MAX = 3, REQUESTS_MAX = 64,
    ROOTS_MAX = 4, AUTHORITIES = 4, LISTS = 4, SLOTS = 8, SLOT_TAPS = 32, USE_RECORDS = 32,
    LOG_ENTRIES = 64, LOG_PAGES = 4, PAGE_ENTRIES = 16, PAGE_BYTES = 768, SEALED_PAGE = 792,
    VERSION_STEP = 65536, TOKEN_SECONDS = 600, LIVE_SECONDS = 60, WAIT_MAX = 10000
};

/* Registry reasons. */
enum {
    R_NONE, R_MALFORMED, R_LIMIT, R_OBJECT_TYPE, R_ALGORITHM, R_SIGNATURE, R_ISSUER_UNKNOWN, R_AUTHORITY_RIGHT,
    R_AUTHORITY_EXPIRED, R_GRANT_TOO_LONG, R_SERVICE, R_TARGET, R_ACTION, R_CONDITION_UNKNOWN, R_NOT_YET_VALID,
    R_EXPIRED, R_POLICY_VERSION, R_OPERATION_UNKNOWN, R_SEQUENCE, R_STATE, R_DRIVE, R_POSSESSION, R_CHANNEL,
    R_VERSION, R_SUITE, R_LOCK_IDENTITY, R_OWNER_UNKNOWN, R_LINK, R_BUSY, R_DOWNGRADE, R_STATUS_WORD, R_DENIED,
    R_BLOCKED, R_HOURS, R_USES_SPENT, R_EVIDENCE, R_RESUMPTION, R_DELEGATION, R_NOT_ADMITTED, R_RESOURCE,
    R_TABLE_FULL, R_SUPERSEDED
};

/* Registries object-types, algorithms, rights, targets, evidence, outcomes, operations, actions, flags, roles. */
enum { T_AUTHORITY = 65001, T_LOCK_CERTIFICATE, T_GRANT, T_POLICY, T_LIST, T_TOKEN, T_RECEIPT };
enum { ALG_ED25519 = -19, ALG_ESP256 = -9 };
enum { RIGHT_ISSUE = 1, RIGHT_REVOKE = 2, RIGHT_TIME = 4, RIGHT_LOCK = 8, RIGHTS = 15 };
enum { TARGET_LOCK = 1, TARGET_AREA = 2 };
enum { E_FLOOR, E_STATED, E_LIVE, E_CLOCK };
enum { O_DONE, O_OPENED, O_PENDING, O_UNCONFIRMED, O_REFUSED, O_FAILED };
enum { OP_STATUS, OP_OPEN, OP_DELIVER, OP_COLLECT, OP_RETURN, OP_SERVICE, OP_READ_LOG, OP_CONFIGURE };
enum { ACTIONS = 127 };
enum { F_RECEIPT = 1, F_RESUMPTION = 2, F_LOG = 4 };
enum { ROLE_NONE, ROLE_OWNER, ROLE_GUEST, ROLE_OPERATOR };
enum { BLOCK_SERVICES = 1, BLOCK_GUESTS = 2 };
enum { L_STARTED = 1, L_FAILED, L_COMMISSIONED, L_TRANSFERRED, L_RESET, L_TAMPER };

/* Registry capabilities. */
enum { C_SUITE_2 = 1, C_EXTENDED = 2, C_RESUMPTION = 4, C_LIVE_TIME = 8, C_USES = 16, C_COMPARTMENTS = 32, C_CLOCK = 64 };

/* Registry status-words. */
enum {
    SW_OK = 0x9000, SW_MORE = 0x6100, SW_LENGTH = 0x6700, SW_CHAIN = 0x6883, SW_REFUSED = 0x6982, SW_ORDER = 0x6985,
    SW_NOT_FOUND = 0x6A82, SW_P1P2 = 0x6A86, SW_INS = 0x6D00, SW_CLA = 0x6E00, SW_FAILURE = 0x6F00
};

/* Registry instructions. */
enum { INS_HANDSHAKE_1 = 0x10, INS_HANDSHAKE_2 = 0x12, INS_REQUEST = 0x14, INS_RESUME = 0x16, INS_TURN = 0x18, INS_SELECT = 0xA4, INS_GET_RESPONSE = 0xC0 };

#endif
