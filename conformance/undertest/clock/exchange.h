/* The lock's side of EDHOC (chapter 06): message_1, message_2 and message_3, and what is derived from them. */
#ifndef CLOCK_EXCHANGE_H
#define CLOCK_EXCHANGE_H

#include "cose.h"

struct exchange { uint8_t suite, prk[32], th_3[32], exporter[32]; };

/* message_1 by steps 1 to 5 of section 7.4. */
struct message_1 { uint8_t suite; span share; };
enum greeting { GREETING_GOOD, GREETING_OTHER_SUITE, GREETING_BAD };
enum greeting message_1_read(struct message_1 *m, span data, bool suite_2);

/* The EDHOC error message with the lock's suites. */
void put_suites_error(writer *w, bool suite_2);

/* Composes message_2 (section 6.5) with the lock's identity for the suite and a fresh private key. False where the
 * exchange of keys fails or message_2 does not fit. */
bool message_2_write(struct exchange *x, writer *out, span message_1, const struct message_1 *m, const uint8_t ephemeral[32],
                     const uint8_t private_key[32], span certificate, bool by_value);

/* The credential that message_3 brought: a bare key, or a grant. grant.raw points into plain. */
struct credential { bool bare; struct key key; struct object grant; };

/* PLAINTEXT_3 by steps 3 and 4 of section 7.5: R_NONE or the reason. The parts point into p. */
struct plaintext_3 { span id_cred, cred, signature; };
int plaintext_3_read(span p, struct plaintext_3 *m, struct credential *c);

/* Steps 2 to 6 of section 7.5, but for whose key it is: R_NONE or the reason. plain has room for COMMAND_MAX bytes.
 * own: the lock's key. */
int message_3_read(struct exchange *x, struct credential *c, span ciphertext, uint8_t *plain, const struct key *own);

/* EDHOC_Exporter with the SELECT hash as context. */
void export_secret(const struct exchange *x, uint16_t label, const uint8_t select_hash[32], uint8_t *out, size_t n);

enum { EXPORT_CHANNEL = 32768, EXPORT_RESUMPTION, EXPORT_COMMISSIONING, EXPORT_LOG };

#endif
