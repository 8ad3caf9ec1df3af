/* Whom the lock believes: roots and anchors, owner keys, certificates, and what lists deny. */
#ifndef CLOCK_TRUST_H
#define CLOCK_TRUST_H

#include "request.h"

bool vacant(const struct lock *l);                                /* section 20.1 */
bool policy_lost(const struct lock *l);                           /* section 18.3 */
const struct key *trusted(const struct lock *l, size_t i);        /* roots, then anchors; NULL behind the last */
bool is_trusted(const struct lock *l, const struct key *k);
bool is_root(const struct lock *l, const struct key *k);          /* from manufacture */
const struct key *owner_key(const struct lock *l, size_t i);      /* the owner's, then co-owners'; NULL behind the last */
bool is_owner_key(const struct lock *l, const struct key *k);

/* Verifies an authority certificate by section 4.6 from its bytes; s has it and the root then. */
int certificate_verify(const struct lock *l, struct signer *s, span raw);
bool certificate_denied(const struct lock *l, const struct object *certificate, const struct key *root);
/* Does a list of this authority deny a link? */
bool link_denied(const struct lock *l, const struct key *authority, const struct object *link);

/* The service in whose name an entry grants under a certificate, 0 where it has none (section 4.8.1). */
uint32_t entry_service(const struct authority *a, const struct entry *e);
/* Sections 4.8.1 and 4.8.2. */
int grant_good(const struct signer *s, const struct object *grant);
/* The floor as the root's grant raises it (section 7.6). */
uint32_t floor_with(const struct lock *l, const struct signer *s, const struct object *grant);

/* Section 7.5.1: looks among what the lock holds. */
bool signer_held(const struct lock *l, struct signer *s, const struct object *grant);
/* The same in the chain of a request: 1 found (and not verified), 0 not found, -1 one does not read. */
int signer_in_chain(const struct request *q, struct signer *s, const struct object *grant, int *why);
/* Section 7.10.1, with the certificate verified: R_NONE or a reason. */
int document_signer(const struct lock *l, const struct request *q, struct signer *s, const struct object *document, uint8_t right);

/* A copy that stands by itself. */
void signer_copy(struct signer *to, const struct signer *from);

#endif
